"""A queue as one line of a table: what people take into a spreadsheet of a snapshot's several hundred numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kpi.snapshot import JUDGED_VARIANT, QueueSnapshot

SHOWN_WINDOWS = ("15m", "30m", "1h", "day")
NAMES = ("queue", "channel", "display_name", "group", "state", "true_at", "severity")
NOW = (
    "waiting", "oldest_wait_seconds", "in_service", "at_risk", "unanswered", "lost", "available", "staffed", "open",
)  # fmt: skip
BACKLOG = ("open", "overdue", "due_within_1h", "unassigned", "oldest_age_seconds")
COUNTS = ("offered", "answered", "abandoned", "short_abandoned")
RATIOS: dict[str, Callable[[Any], Any]] = {
    "abandonment": lambda window: window["abandonment"],
    f"service_level.{JUDGED_VARIANT}": lambda window: window["service_level"][JUDGED_VARIANT],
}
PARTS = ("numerator", "denominator", "value")
COLUMNS = (
    *NAMES,
    "target.percent",
    "target.seconds",
    *(f"now.{name}" for name in NOW),
    *(f"backlog.{name}" for name in BACKLOG),
    *(
        f"{window}.{name}"
        for window in SHOWN_WINDOWS
        for name in (
            *COUNTS,
            "wait_seconds.answered.mean",
            "wait_seconds.answered.p90",
            *(f"{ratio}.{part}" for ratio in RATIOS for part in PARTS),
        )
    ),
)


def row_of(snapshot: QueueSnapshot) -> list[Any]:
    """The cells of a queue under COLUMNS; None where there is no value."""
    cells: list[Any] = [getattr(snapshot, name) for name in NAMES]
    cells += [snapshot.target.percent, snapshot.target.seconds]
    cells += [getattr(snapshot.now, name) for name in NOW]
    cells += [getattr(snapshot.backlog, name) for name in BACKLOG]
    for name in SHOWN_WINDOWS:
        window = snapshot.windows[name]
        waits = window["wait_seconds"]["answered"]
        cells += [window[count] for count in COUNTS]
        cells += [waits["mean"], waits["p90"]]
        cells += [of(window)[part] for of in RATIOS.values() for part in PARTS]
    return cells
