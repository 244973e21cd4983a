"""/api/backlog: what is not resolved, queue by queue, and all of it together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from starlette.responses import Response

from board.web.answers import answer
from board.web.asked import CHANNEL, GROUP
from board.web.csv_answers import FORMAT, csv_answer, wants_csv
from board.web.paging import LIMIT, OFFSET, page_of
from board.web.params import check_known
from board.web.parts import Parts
from kpi.backlog import AGES, CLOCKS, MORE, SOON, STATUSES
from kpi.live_state import Backlog
from kpi.snapshot import QueueSnapshot

PARAMS = (GROUP, CHANNEL, LIMIT, OFFSET, FORMAT)
NAMES = ("queue", "channel", "display_name", "group")
NUMBERS = (
    "open", "overdue", "due_within_1h", "oldest_age_seconds", "unassigned", "actionable", "oldest_actionable_seconds",
    "net_per_hour", "clear_seconds",
)  # fmt: skip
SUMMED = ("open", "overdue", "due_within_1h", "unassigned", "actionable")
_BUCKETS = ("overdue", *SOON)
COLUMNS = (
    *NAMES,
    *NUMBERS,
    *(f"status.{name}" for name in STATUSES),
    *(f"age.{name}" for name in (*AGES, MORE)),
    *(f"clocks.{clock}.{bucket}" for clock in CLOCKS for bucket in _BUCKETS),
)


def add(app: FastAPI, parts: Parts) -> None:
    """Add the routes to `app`."""

    @app.get("/api/backlog")
    async def backlog(request: Request) -> Response:
        query = request.query_params
        check_known(query, PARAMS)
        page, table = page_of(request), wants_csv(request)
        group, channel, latest = GROUP.of(query), CHANNEL.of(query), parts.publisher.latest
        found = sorted(
            (
                entry.snapshot
                for entry in latest.entries.values()
                if group in (None, entry.snapshot.group) and channel in (None, entry.snapshot.channel)
                if has_cases(entry.snapshot)
            ),
            key=_most_urgent,
        )
        shown = page.of(found)
        if table:
            return csv_answer("backlog", COLUMNS, [_row(snapshot) for snapshot in shown])
        return answer(
            {
                "namespace": parts.namespace,
                "state": latest.verdict.state,
                "reason": latest.verdict.reason,
                "true_at_ms": latest.verdict.true_at_ms,
                "sum": summed([snapshot.backlog for snapshot in found]),
                **page.told(request, len(found)),
                "backlog": [_told(snapshot) for snapshot in shown],
            }
        )


def has_cases(snapshot: QueueSnapshot) -> bool:
    """Whether the queue has cases open, or had some come or go in the last hour."""
    return bool(snapshot.backlog.open or snapshot.backlog.net_per_hour or "cases" in snapshot.windows["1h"])


def summed(parts: Sequence[Backlog]) -> dict[str, Any]:
    """Several backlogs as one: sums, and the oldest case of all. Without cases there is no oldest."""
    oldest = [part.oldest_opened_at_ms for part in parts if part.oldest_opened_at_ms is not None]
    return {
        **{name: sum(getattr(part, name) for part in parts) for name in SUMMED},
        "oldest_opened_at_ms": min(oldest, default=None),
        "status": _added(part.status for part in parts),
        "age": _added(part.age for part in parts),
        "clocks": {
            clock: counts for clock in CLOCKS if (counts := _added(part.clocks.get(clock, {}) for part in parts))
        },
    }


def _added(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in parts:
        for name, count in part.items():
            found[name] = found.get(name, 0) + count
    return found


def _most_urgent(snapshot: QueueSnapshot) -> tuple[int, int, float, str, str]:
    told = snapshot.backlog
    return -told.overdue, -told.due_within_1h, -(told.oldest_age_seconds or 0), snapshot.queue, snapshot.channel


def _told(snapshot: QueueSnapshot) -> dict[str, Any]:
    names = {name: getattr(snapshot, name) for name in NAMES}
    return {**names, **msgspec.structs.asdict(snapshot.backlog)}


def _row(snapshot: QueueSnapshot) -> list[Any]:
    told = snapshot.backlog
    return [
        *(getattr(snapshot, name) for name in NAMES),
        *(getattr(told, name) for name in NUMBERS),
        *(told.status.get(name, 0) for name in STATUSES),
        *(told.age.get(name, 0) for name in (*AGES, MORE)),
        *(told.clocks.get(clock, {}).get(bucket, 0) for clock in CLOCKS for bucket in _BUCKETS),
    ]
