"""What a back-test goes over, and the span it is asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from floorpulse.backtest.spool import SECOND_MS, Spool, second_after
from floorpulse.errors import WRONG_USE, UserError
from kpi.instants import format_time, parse_time
from streams.decode import FUTURE_MS

# The longest window that a limit looks at; whatever began in it has fired by its end.
WINDOW_MS = 3_600_000
# So long before a span the limits begin to look: windows are full, and what is on is known.
WARM_MS = 2 * WINDOW_MS
# No event is later; most that are have microseconds where milliseconds belong, or a broken clock.
LATEST_MS = parse_time("2200-01-01T00:00:00Z")
# Centres close over a weekend and over a holiday, not for this long.
GAP_MS = 7 * 86_400_000


def is_plausible(time_ms: int, recorded_ms: int | None, earliest_ms: int) -> bool:
    """Whether something can have happened at `time_ms`: neither too early nor late, nor after it was recorded.

    The last is what live workers ask too; `recorded_ms` None: nobody knows.
    """
    if not earliest_ms <= time_ms <= LATEST_MS:
        return False
    return recorded_ms is None or time_ms - FUTURE_MS <= recorded_ms <= LATEST_MS


@dataclass(slots=True)
class History:
    """Events in order of time. `refused`: lines that are no event, or not of a time that can be; `zone`: of its times.

    `queues`: the ids that events name; `remarks`: for people. Of a log (`is_log`): `newest_ms`, the tick that all
    partitions have reached; `begins_ms`, where it begins, None when it holds everything that was ever counted; and
    `oldest_ms`, its oldest event, be it in the spool or not.
    """

    spool: Spool = field(default_factory=Spool)
    refused: int = 0
    zone: str | None = None
    remarks: Sequence[str] = ()
    queues: set[str] = field(default_factory=set)
    is_log: bool = False
    newest_ms: int | None = None
    begins_ms: int | None = None
    oldest_ms: int | None = None

    def name(self, queue: object) -> None:
        """An event names this queue; what is no text names none."""
        if isinstance(queue, str):
            self.queues.add(queue)


@dataclass(frozen=True, slots=True)
class Span:
    """Whole seconds, both counted in: the limits look from `looks_from_ms`, alerts are told of [from_ms, to_ms].

    `known_from_ms`: since when everything that happened is known. `notes`: what is less than what was asked for.
    """

    known_from_ms: int
    looks_from_ms: int
    from_ms: int
    to_ms: int
    notes: Sequence[str] = ()


def span_of(history: History, from_ms: int | None, to_ms: int | None) -> Span:
    """The span in a history that holds at least one event. Raises UserError when there is nothing in it.

    After the last event of files nothing happened until `to_ms`; of a log nobody knows what comes after its newest.
    """
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
    if end > ends and history.is_log:
        notes.append(f"there is nothing after {format_time(ends)}: looked at until then")
        end = ends
    elif end > ends:
        notes.append(
            f"there is nothing after {format_time(ends)}: whoever waits then waits on until {format_time(end)}"
        )
    if (start >= end or start > ends) and (from_ms, to_ms) != (None, None):
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
    notes += _gaps(history, start, end)
    oldest_ms = first_ms if history.oldest_ms is None else history.oldest_ms
    known_from_ms = max(oldest_ms, history.begins_ms or 0)
    return Span(known_from_ms, max(begins, start - WARM_MS), start, max(start, end), tuple(notes))


def _gaps(history: History, from_ms: int, to_ms: int) -> list[str]:
    """What there is to say about a long time without any event, which may be the work of one broken clock."""
    found = [gap for gap in history.spool.gaps(GAP_MS) if gap[0] < to_ms and gap[1] > from_ms]
    if not found:
        return []
    before_ms, after_ms = max(found, key=lambda gap: gap[1] - gap[0])
    days = (after_ms - before_ms) // 86_400_000
    more = f", nor in {len(found) - 1} more gaps like this" if len(found) > 1 else ""
    gap = f"nothing happened for {days} days, from {format_time(before_ms)} to {format_time(after_ms)}{more}"
    return [f"{gap}: is a clock wrong? These days count in the number a day; --from and --to leave them out"]
