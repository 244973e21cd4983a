"""/api/queues/{queue}/contacts: who waits, is served, was lost; and how long people waited."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from board.claims import Claim, claims_of
from board.evidence.explainer import Explainer
from board.evidence.lines import Lines, returned_of
from board.evidence.picture import Picture, picture_of
from board.evidence.unknown import UnknownCallers
from board.publish import Publication
from board.web.answers import answer
from board.web.asked import CHANNEL, entries_of
from board.web.csv_answers import FORMAT, csv_answer, wants_csv
from board.web.paging import LIMIT, OFFSET, Page, page_of
from board.web.params import check_known, choice, one_of
from board.web.parts import Parts
from board.web.routes.explain import answered, check_place
from kpi.evidence.bins import wait_bins
from kpi.evidence.lines import ContactLine, customer_key
from kpi.evidence.live import behind
from kpi.panes import WINDOWS
from kpi.snapshot import JUDGED_WINDOW

# Each list, and the number that it is behind.
LISTS: Mapping[str, str] = {
    "waiting": "now.waiting", "in_service": "now.in_service", "lost": "now.lost", "unanswered": "now.unanswered",
    "callbacks": "now.callbacks", "open_cases": "backlog.open", "overdue": "backlog.overdue",
}  # fmt: skip
LIST = choice("list", "Which contacts.", tuple(LISTS), "waiting")
WINDOW = choice("window", "Of which window.", tuple(WINDOWS), JUDGED_WINDOW)
PARAMS = (CHANNEL, LIST, LIMIT, OFFSET, FORMAT)
DISTRIBUTION_PARAMS = (CHANNEL, WINDOW, FORMAT)


class Listed(ContactLine, frozen=True, kw_only=True):
    """A contact in a list. `position`: 1 is next, of those waiting; `since_ms`: what the list is ordered by.

    `claim`: who calls back a lost caller or keeps a callback. `answered_since`, `returned`: of a lost caller, whether
    an agent answered another contact of the same customer since (then the caller is lost no more), and whether the
    customer came again at all; None where nobody can say. `known_customer`: of a lost caller, whether the source names
    the customer; where it does not, whoever gave up is listed, and nobody can say what became of it.
    """

    position: int | None = None
    since_ms: int | None = None
    claim: Claim | None = None
    answered_since: bool | None = None
    returned: bool | None = None
    known_customer: bool | None = None


class Part(NamedTuple):
    """The part of a list that was asked for. `total`: the whole list; `unknown`: of it without a known customer."""

    picture: Picture
    total: int
    unknown: int
    items: list[Listed]


COLUMNS = (*(name for name in Listed.__struct_fields__ if name != "claim"), "claimed_by", "claimed_at_ms")
BINS = ("from_seconds", "to_seconds", "answered", "abandoned", "other")


def add(app: FastAPI, parts: Parts) -> None:
    """Add the routes to `app`."""
    # Apart from that of the explanations: looking at a queue takes no turns from them.
    unknown = UnknownCallers(Explainer(parts.redis, parts.namespace, parts.publisher))

    @app.get("/api/queues/{queue}/contacts")
    async def contacts(request: Request, queue: str) -> Response:
        query = request.query_params
        check_known(query, PARAMS)
        table, page = wants_csv(request), page_of(request)
        place, wanted = _place(parts, queue, CHANNEL.of(query)), LIST.of(query) or "waiting"
        found = await answered(_listed(parts, unknown, place, wanted, page))
        if table:
            return csv_answer(wanted, COLUMNS, [_row(item) for item in found.items])
        return answer(
            {
                "queue": place[0],
                "channel": place[1],
                "list": wanted,
                "at_ms": found.picture.now_ms,
                "state": found.picture.state,
                "unknown_customers": found.unknown,
                **page.told(request, found.total),
                "items": found.items,
            }
        )

    @app.get("/api/queues/{queue}/distribution")
    async def distribution(request: Request, queue: str) -> Response:
        query = request.query_params
        check_known(query, DISTRIBUTION_PARAMS)
        table = wants_csv(request)
        place, window = _place(parts, queue, CHANNEL.of(query)), WINDOW.of(query) or JUDGED_WINDOW
        bins = wait_bins(parts.publisher.view.queues[place].windows[window].tally)
        if table:
            return csv_answer("waits", BINS, [[each[name] for name in BINS] for each in bins])
        return answer({**_about(parts.publisher.latest, place, window), "step_seconds": 20, "bins": bins})


def _about(latest: Publication, place: tuple[str, str], window: str) -> dict[str, Any]:
    return {
        "queue": place[0],
        "channel": place[1],
        "window": window,
        "at_ms": latest.verdict.now_ms,
        "state": latest.verdict.state,
        "target_seconds": latest.entries[place].config.target_seconds,
    }


def _place(parts: Parts, queue: str, channel: str | None) -> tuple[str, str]:
    """The queue and channel that are meant; without a channel the only one of the queue."""
    entries = entries_of(parts, queue)
    channels = [entry.snapshot.channel for entry in entries]
    if channel is None and len(channels) > 1:
        raise HTTPException(400, f"channel: not given; wanted {one_of(sorted(channels))}")
    place = entries[0].snapshot.queue, channel or channels[0]
    check_place(parts, place)
    return place


async def _listed(parts: Parts, unknown: UnknownCallers, place: tuple[str, str], wanted: str, page: Page) -> Part:
    """The part of a list that was asked for."""
    picture = await picture_of(parts.publisher, place, None)
    who = behind(LISTS[wanted], picture.sets(), picture.now_ms, picture.config)
    members, nameless = who.members, set[str]()
    if wanted == "lost":
        known = {member for member, _ in members}
        more = [each for each in await unknown.of(picture) if each[0] not in known]
        nameless = {member for member, _ in more}
        # Callers who were just lost are the likeliest to be reached.
        members = sorted([*members, *more], key=lambda each: (each[1], each[0]), reverse=True)
    shown = page.of(members)
    desk = Lines(parts.redis, parts.namespace, parts.config, place, picture.now_ms, parts.publisher.view.partitions)
    lines = await desk.of_members([member for member, _ in shown], is_case=who.cases)
    found = []
    for at, (line, (_, score)) in enumerate(zip(lines, shown, strict=True)):
        position = page.offset + at + 1 if wanted == "waiting" else None
        found.append(Listed(**msgspec.structs.asdict(line), position=position, since_ms=score))
    if wanted in ("lost", "callbacks"):
        found = await _with_claims(parts, found, picture.now_ms)
    if wanted == "lost":
        found = await _with_returns(desk, [member for member, _ in shown], found, nameless)
    return Part(picture, len(members), len(nameless), found)


async def _with_claims(parts: Parts, found: Sequence[Listed], now_ms: int) -> list[Listed]:
    claims = await claims_of(parts.redis, parts.namespace, now_ms)
    return [msgspec.structs.replace(item, claim=claims.get(item.contact)) for item in found]


async def _with_returns(
    desk: Lines, members: Sequence[str], found: Sequence[Listed], nameless: Collection[str]
) -> list[Listed]:
    """Whether those who were lost came again: their customers' records know, whose keys stay here."""
    told = await desk.told(members)
    keys = {key for each in told.values() if (key := customer_key(each.facts)) is not None}
    returned = returned_of(told, await desk.customers(keys))
    return [
        msgspec.structs.replace(
            item,
            answered_since=None if member in nameless else False,
            returned=None if member in nameless else returned.get(member),
            known_customer=member not in nameless,
        )
        for item, member in zip(found, members, strict=True)
    ]


def _row(item: Listed) -> list[Any]:
    plain = [getattr(item, name) for name in COLUMNS[:-2]]
    return [*plain, *((item.claim.by, item.claim.at_ms) if item.claim is not None else (None, None))]
