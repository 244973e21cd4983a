"""What a back-test goes over, and the span it is asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from floorpulse.backtest.spool import SECOND_MS, Spool, second_after
from floorpulse.errors import WRONG_USE, UserError
from kpi.instants import format_time

# The longest window that a limit looks at; whatever began in it has fired by its end.
WINDOW_MS = 3_600_000
# So long before a span the limits begin to look: windows are full, and what is on is known.
WARM_MS = 2 * WINDOW_MS


@dataclass(slots=True)
class History:
    """Events in order of time. `refused`: lines that are no event, or older than any can be; `zone`: of its times.

    `remarks`: for people. Of a log: `newest_ms`, the tick that all partitions have reached, and `begins_ms`, where it
    begins, None when it holds everything that was ever counted.
    """

    spool: Spool = field(default_factory=Spool)
    refused: int = 0
    zone: str | None = None
    remarks: Sequence[str] = ()
    newest_ms: int | None = None
    begins_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Whole seconds, both counted in: the limits look from `looks_from_ms`, alerts are told of [from_ms, to_ms].

    `notes`: what is less than what was asked for.
    """

    looks_from_ms: int
    from_ms: int
    to_ms: int
    notes: Sequence[str] = ()


def span_of(history: History, from_ms: int | None, to_ms: int | None) -> Span:
    """The span in a history that holds at least one event. Raises UserError when there is nothing in it."""
    first_ms, last_ms = history.spool.first_ms, history.spool.last_ms
    if first_ms is None or last_ms is None:
        raise UserError("nothing was counted in this time; wanted a span with events in it")
    begins, ends = second_after(first_ms), second_after(last_ms)
    if history.newest_ms is not None:
        # Time went on in a log though nothing happened.
        ends = max(begins, history.newest_ms // SECOND_MS * SECOND_MS)
    notes = []
    start = begins if from_ms is None else second_after(from_ms)
    end = ends if to_ms is None else to_ms // SECOND_MS * SECOND_MS
    if start < begins:
        notes.append(f"there is nothing before {format_time(first_ms)}: looked at from there on")
        start = begins
    if end > ends:
        notes.append(f"there is nothing after {format_time(ends)}: looked at until then")
        end = ends
    if start >= end and (from_ms, to_ms) != (None, None):
        raise UserError(
            f"--from and --to: no time between {format_time(start)} and {format_time(end)}; events are there from "
            f"{format_time(first_ms)} to {format_time(last_ms)}",
            WRONG_USE,
        )
    if history.begins_ms is not None and start < history.begins_ms + WINDOW_MS:
        notes.append(
            f"Kafka's log begins at {format_time(history.begins_ms)}: contacts that waited then and ratios of the hour "
            "after it are not known in full"
        )
    return Span(max(begins, start - WARM_MS), start, max(start, end), tuple(notes))
