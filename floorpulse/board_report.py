"""The report as the board hands it out: the same as the command's, its errors as answers."""

import json
import logging
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from board.web.reports import ReportMaker, ReportQuery, ReportRefusedError
from floorpulse.errors import WRONG_USE, UserError
from floorpulse.report import PARTS, QUEUE_PARTS, build_report, whole_span
from floorpulse.report_csv import as_csv
from kpi import keys

log = logging.getLogger("floorpulse.board")

# A Redis that stands still keeps one of the few places for so long, and whoever asked; beside this a second to connect.
READ_SECONDS = 3
MAX_SPAN_MS = 35 * 86_400_000


def report_maker(redis_url: str, ns: str) -> ReportMaker:
    """What makes the reports of a namespace; every report has a connection of its own, in the thread it is made in."""

    def make(query: ReportQuery) -> bytes:
        try:
            with _connect(redis_url) as client:
                found = _report(client, ns, query)
        except redis.RedisError as error:
            log.warning("no report: %s", error)
            raise ReportRefusedError(503, "Redis does not answer") from None
        except UserError as error:
            raise ReportRefusedError(400 if error.exit_code == WRONG_USE else 503, error.message) from None
        return (as_csv(found) if query.csv else json.dumps(found, ensure_ascii=False, separators=(",", ":"))).encode()

    return make


def _connect(url: str) -> redis.Redis:
    """A client that waits once: whoever wants a report may ask again himself."""
    patience = Retry(NoBackoff(), 0)
    return redis.Redis.from_url(url, retry=patience, socket_timeout=READ_SECONDS, socket_connect_timeout=1)


def _report(client: redis.Redis, ns: str, query: ReportQuery) -> dict[str, Any]:
    # Today is the centre's own day, in whatever zone its hours are told.
    day = query.floor.defaults
    known_from, known_to = whole_span(client, ns, day.zone, query.now_ms, day.reset_minutes)
    from_ms = known_from if query.from_ms is None else query.from_ms
    to_ms = known_to if query.to_ms is None else query.to_ms
    if from_ms >= to_ms:
        raise UserError("from, to: the span is empty; wanted a time and a later one", WRONG_USE)
    if to_ms - from_ms > MAX_SPAN_MS:
        raise UserError("from, to: the span is too long; wanted at most 35 days", WRONG_USE)
    parts = query.by
    if parts is None:
        parts = tuple(part for part in (PARTS if query.queue is None else QUEUE_PARTS) if part != "minute")
    return build_report(
        client,
        ns,
        span_from_ms=from_ms,
        span_to_ms=to_ms,
        basis=query.basis,
        by=parts,
        zone=query.zone,
        floor=query.floor,
        queue=query.queue,
        until_newest=query.to_ms is None and ns == keys.LIVE,
    )
