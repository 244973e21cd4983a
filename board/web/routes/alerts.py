"""/api/alerts: what fires, and who has taken it. To acknowledge is to silence it in Alertmanager for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from board.alerts import Alert, is_of, labels_of
from board.alerts_manager import Alertmanager, RefusedError, UnreachableError
from board.alerts_silences import matchers_of, silences_alone
from board.door.audit import audit
from board.door.slashes import name_of
from board.load import REDIS_ERRORS
from board.web.answers import answer
from board.web.asked import QUEUE, check_queue, log_now_ms
from board.web.authors import author_of, cleaned
from board.web.json_body import read_body
from board.web.paging import MAX_LIMIT, OFFSET, limit_param, page_of
from board.web.params import check_known, choice
from board.web.parts import Parts
from board.web.until import end_of
from kpi.floor import SEVERITIES
from kpi.quiet import Quiet

REASON_CHARS = 200
# Whoever needs longer plans a silence in Alertmanager, or quiet.
LONGEST_MS = 86_400_000
EXAMPLE = '{"author": "Ana", "reason": "two more are on their way", "minutes": 30}'
STATES = ("firing", "pending", "resolved", "acknowledged")
SEVERITY = choice("severity", "Only alerts of this severity.", SEVERITIES)
STATE = choice("state", "Only alerts that are so; one that is good again for less than its keep still fires.", STATES)
LIMIT = limit_param(MAX_LIMIT)
PARAMS = (QUEUE, SEVERITY, STATE, LIMIT, OFFSET)
NONE_SET = "no Alertmanager is named, so nothing can be silenced; set FLOORPULSE_ALERTMANAGER"


class ShownAlert(Alert, frozen=True, kw_only=True):
    """An alert, and the planned quiet that is in force for its queue."""

    quiet: Quiet | None = None


class NewAcknowledgement(msgspec.Struct, forbid_unknown_fields=True):
    """What is sent to take an alert: why, and until when: `minutes`, `until` (ISO 8601) or `until_ms`."""

    reason: str
    author: str | None = None
    minutes: int | None = None
    until: str | None = None
    until_ms: int | None = None


def add(app: FastAPI, parts: Parts) -> None:
    """Add the routes to `app`."""

    @app.get("/api/alerts")
    async def alerts(request: Request) -> Response:
        query = request.query_params
        check_known(query, PARAMS)
        page, queue = page_of(request, LIMIT), QUEUE.of(query)
        severity, state = SEVERITY.of(query), STATE.of(query)
        await _look(parts)
        if not parts.alerts.was_read:
            raise HTTPException(503, "Redis does not answer, and the alerts were never read")
        check_queue(parts, queue)
        found = [each for each in parts.alerts.latest if is_of(each, queue=queue, severity=severity, state=state)]
        shown = [_shown(parts, each) for each in page.of(found)]
        return answer({**page.told(request, len(found)), "alerts": shown, "delivery": parts.alerts.delivery})

    @app.post("/api/alerts/{alert}/acknowledge")
    async def acknowledge(request: Request, alert: str) -> Response:
        check_known(request.query_params, ())
        sent = await read_body(request, NewAcknowledgement, EXAMPLE)
        reason, author = cleaned("reason", sent.reason, REASON_CHARS), author_of(request, "author", sent.author)
        now_ms = parts.wall_ms()
        until_ms = end_of(
            "until", text=sent.until, ms=sent.until_ms, minutes=sent.minutes, from_ms=now_ms, now_ms=now_ms,
            most_ms=LONGEST_MS,
        )  # fmt: skip
        found, manager = await _alert(parts, alert), _manager(parts)
        labels = labels_of(found, parts.alerts.told, parts.namespace)
        known = silences_alone(labels, parts.alerts.silences, parts.namespace, now_ms)
        with _refusals():
            silence = await manager.silence(
                matchers_of(labels, parts.namespace), now_ms, until_ms, author, reason, known[0].id if known else ""
            )
        made: dict[str, Any] = {"silence": silence, "reason": reason, "until_ms": until_ms}
        audit(request, "alert_acknowledged", alert=found.id, author=author, **made)
        await _look_again(parts, manager)
        return answer({"id": found.id, "by": author, **made}, 201)

    @app.delete("/api/alerts/{alert}/acknowledge")
    async def end(request: Request, alert: str) -> Response:
        check_known(request.query_params, ())
        await _alert(parts, alert, over=True)
        manager = _manager(parts)
        await _look_again(parts, manager)
        found = await _alert(parts, alert, over=True)
        labels = labels_of(found, parts.alerts.told, parts.namespace)
        known = silences_alone(labels, parts.alerts.silences, parts.namespace, parts.wall_ms())
        if not known and found.acknowledged is not None and not found.acknowledged.alone:
            raise HTTPException(409, "its silence is about more than this alert; end it in Alertmanager")
        if not known:
            raise HTTPException(404, "nobody has acknowledged this alert")
        with _refusals():
            for each in known:
                await manager.expire(each.id)
        ended = [each.id for each in known]
        audit(request, "acknowledgement_ended", alert=found.id, silences=" ".join(ended))
        await _look_again(parts, manager)
        return answer({"id": found.id, "silences": ended})


async def _look(parts: Parts) -> None:
    """Another moment may have passed; if Redis is away, what we know is what there is."""
    if not parts.health.redis_down_since_ms:
        with suppress(*REDIS_ERRORS):
            await parts.alerts.refresh(parts.redis, parts.namespace, parts.wall_ms())


async def _look_again(parts: Parts, manager: Alertmanager) -> None:
    """What was just ordered is to be seen at once."""
    await parts.alerts.ask(manager)
    parts.alerts.sum_up(parts.namespace, parts.wall_ms())


async def _alert(parts: Parts, part: str, *, over: bool = False) -> Alert:
    """The alert that a part of the path names; HTTPException 404 without one, 409 for one that ended, unless `over`."""
    await _look(parts)
    found = parts.alerts.find(name_of(part))
    if found is None:
        raise HTTPException(404, "no such alert")
    if found.phase == "resolved" and not over:
        raise HTTPException(409, "this alert is over")
    return found


def _manager(parts: Parts) -> Alertmanager:
    if parts.alertmanager is None:
        raise HTTPException(409, NONE_SET)
    return parts.alertmanager


@contextmanager
def _refusals() -> Iterator[None]:
    """What keeps Alertmanager from doing it, as an answer."""
    try:
        yield
    except UnreachableError as error:
        raise HTTPException(503, str(error)) from None
    except RefusedError as error:
        raise HTTPException(409, str(error)) from None


def _shown(parts: Parts, alert: Alert) -> ShownAlert:
    """The alert as answered. Prometheus tells no numbers: they are those of the queue's snapshot."""
    fields = msgspec.structs.asdict(alert)
    entry = parts.publisher.latest.entries.get(alert.key)
    if entry is None:
        return ShownAlert(**fields)
    snapshot = entry.snapshot
    if alert.source != "stream" and alert.measure:
        fields["value"] = snapshot.judged.get(alert.measure)
        fields["threshold"] = snapshot.thresholds.get(alert.measure, {}).get(alert.severity)
    quiet = parts.quiets.at(
        parts.config.floor, snapshot.queue, snapshot.channel, snapshot.group, log_now_ms(parts)
    )  # fmt: skip
    return ShownAlert(**fields, quiet=quiet)
