"""A number from measures, and what one line of evidence adds to it: by the very functions that make the number.

`with_waiting(window_counts(tally))` of a single contact's tally gives its part. Counts, sums, and numerators and
denominators of ratios and means are additive: those of the whole are the sums of those of the lines. Not additive are
percentiles, maxima, `sl_needed` and `max_waiting`: for the first two a line has its own length, for `sl_needed` its
part of `sl_event`, and the lines of `max_waiting` are those who waited when the queue was longest.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from kpi.evidence.pieces import Piece
from kpi.groups import Group, group_of
from kpi.lengths import waiting_over
from kpi.live_state import FLOW_MINUTES
from kpi.measures import counted, with_waiting
from kpi.ratios import Measures
from kpi.service_level import Terms, service_level_parts, terms
from kpi.snapshot import JUDGED_VARIANT, QueueSettings, window_counts
from kpi.tally import Tally

Number = int | float | None
RANKS = ("p50", "p90", "p95", "max")
# What a window says of something that was never counted in it.
_NOTHING = counted([Group(Tally({"nothing": 1}))], within_seconds=(), whole=True)


class Shown(NamedTuple):
    """A number, and what it is divided from; numerator and denominator are None where there is none."""

    value: Number
    numerator: Number = None
    denominator: Number = None


class Frame(NamedTuple):
    """What a line of evidence is seen under. `ended_ms`: the end of a window that is over, else None.

    `waiting`: members of the live set `waiting`, None to go by the records themselves.
    """

    config: QueueSettings
    now_ms: int
    ended_ms: int | None = None
    waiting: Mapping[str, int] | None = None


def measures_of(piece: Piece, frame: Frame, *, whole: bool = False) -> Measures:
    """The measures of one line, as if there were no other contact; `whole`: with those that were not counted for it."""
    tally, over = Tally(piece.fields), None
    counts = window_counts(tally, frame.config)
    if whole:
        counts = {**counted([group_of(tally, frame.config)], within_seconds=(), whole=True), **counts}
    if frame.ended_ms is not None:
        waits = piece.waited_at(frame.ended_ms)
    else:
        waits, over = waiting_of(piece, frame)
    return with_waiting(counts, open_legs=waits, max_waiting=None, waiting_over_target=over)


def part_of(piece: Piece, frame: Frame, path: str) -> Shown:
    """What one line adds to a number. The service level, which is asked for most, without all the other measures."""
    head, _, variant = path.partition(".")
    if head != "service_level":
        # A conversation belongs to what ratings speak for, though it was not rated itself.
        return share_of(measures_of(piece, frame, whole=path == "rating_response"), path)
    waits, over = (piece.waited_at(frame.ended_ms), None) if frame.ended_ms is not None else waiting_of(piece, frame)
    parts = service_level_parts(variant, terms_of(piece.fields, frame.config, waits, over))
    return Shown(None) if parts is None else _ratio_of(*parts)


def waiting_of(piece: Piece, frame: Frame) -> tuple[int, int]:
    """1 and 1 for who waits now, and past target; 0 for others."""
    since = piece.joined_ms if piece.waits else None
    if frame.waiting is not None:
        since = frame.waiting.get(piece.member)
    return (0, 0) if since is None else (1, waiting_over([since], frame.now_ms, frame.config.target_seconds))


def share_of(measures: Measures, path: str) -> Shown:
    """What one line adds to a number."""
    head, _, last = path.rpartition(".")
    if last in RANKS and (whole := _at(measures, head)) is not None and "count" in whole:
        return Shown(whole["max"], whole["max"], whole["count"])
    found = shown(measures, path)
    if path.startswith("flow.") and path != "flow.drain_seconds":
        return found._replace(denominator=None)
    return found


def shown(measures: Measures, path: str) -> Shown:
    """A number of a window's measures, with its numerator and denominator.

    Of a theme that was never counted in the window there is nothing in the measures: its counts are 0.
    """
    made = _MADE.get(path)
    if made is not None:
        return made(measures)
    if path.partition(".")[0] not in measures:
        measures = _NOTHING
    if path.startswith("abandon_hazard."):
        return _hazard(measures, path.rpartition(".")[2])
    head, _, last = path.rpartition(".")
    whole = _at(measures, head) if last in (*RANKS, "mean") else None
    if isinstance(whole, dict) and "count" in whole:
        return Shown(whole[last], whole["sum"] if last == "mean" else None, whole["count"])
    return _plain(_at(measures, path), path)


def _plain(found: Any, path: str) -> Shown:
    if isinstance(found, dict):
        if "denominator" in found:
            return Shown(found["value"], found["numerator"], found["denominator"])
        if "mean" in found:
            return Shown(found["mean"], found["sum"], found["count"])
        count = found["rated"] if "rated" in found else _added(found)
        return Shown(count, count)
    if found is None and path.startswith(("service_level.", "sl_", "max_", "target")):
        return Shown(None)
    return Shown(0, 0) if found is None else Shown(found, found)


def _added(found: Mapping[str, Any]) -> int:
    return sum(_added(each) if isinstance(each, dict) else each for each in found.values())


def _at(measures: Any, path: str) -> Any:
    """What stands at a path; names may hold dots themselves. None when there is nothing."""
    if not isinstance(measures, dict):
        return None
    if path in measures:
        return measures[path]
    place = path.find(".")
    while place >= 0:
        if path[:place] in measures:
            found = _at(measures[path[:place]], path[place + 1 :])
            if found is not None:
                return found
        place = path.find(".", place + 1)
    return None


def _hazard(measures: Measures, step: str) -> Shown:
    for one in measures["abandon_hazard"]:
        if str(one["from_seconds"]) == step:
            return Shown(one["value"], one["abandoned"], one["at_risk"])
    return Shown(None, 0, 0)


def _ratio_of(numerator: int | float, denominator: int | float) -> Shown:
    return Shown(numerator / denominator if denominator else None, numerator, denominator)


def _needed(measures: Measures) -> Shown:
    level = shown(measures, f"service_level.{JUDGED_VARIANT}")
    return level._replace(value=measures["sl_needed"])


def _first_reply(measures: Measures) -> Shown:
    cases = measures.get("cases") or {"first_reply_seconds": 0, "first_replies": 0}
    return _ratio_of(cases["first_reply_seconds"], cases["first_replies"])


def _joins(measures: Measures) -> Shown:
    return Shown(measures["offered"] / FLOW_MINUTES, measures["offered"], FLOW_MINUTES)


def _leaves(measures: Measures) -> Shown:
    return Shown(measures["decided"] / FLOW_MINUTES, measures["decided"], FLOW_MINUTES)


def _net(measures: Measures) -> Shown:
    net = measures["offered"] - measures["decided"]
    return Shown(net / FLOW_MINUTES, net, FLOW_MINUTES)


def _drain(measures: Measures) -> Shown:
    more = measures["decided"] - measures["offered"]
    return Shown(measures["open"] / more * FLOW_MINUTES * 60 if more > 0 else None, measures["open"], more)


def _case_net(measures: Measures) -> Shown:
    cases = measures.get("cases") or {"opened": 0, "reopened": 0, "resolved": 0}
    net = cases["opened"] + cases["reopened"] - cases["resolved"]
    return Shown(net, net)


_MADE = {
    "sl_needed": _needed,
    "cases.first_reply": _first_reply,
    "flow.in_per_minute": _joins,
    "flow.out_per_minute": _leaves,
    "flow.net_per_minute": _net,
    "flow.drain_seconds": _drain,
    "backlog.net_per_hour": _case_net,
}


def terms_of(total: Mapping[str, int], config: QueueSettings, open_legs: int, over_target: int | None) -> Terms:
    """The terms of the whole, who waits included."""
    found = terms(group_of(Tally(total), config, waiting_over_target=over_target))
    return found._replace(open=open_legs)


def peak(found: Sequence[Piece], from_ms: int, to_ms: int) -> tuple[int, list[tuple[Piece, int]]]:
    """The largest number waiting after any whole second of a window, and who made it up when it was first reached.

    With each piece 1; -1 for one that was told to leave before it joined, for that is how it counts.
    """
    first, last = from_ms // 1000, -(-to_ms // 1000) - 1
    legs = [piece.leg for piece in found if piece.leg is not None and not piece.leg.is_outbound]
    joins = sorted(leg.joined // 1000 for leg in legs)
    leaves = sorted(leg.left // 1000 for leg in legs if leg.outcome is not None)
    # Lengths grow at joins alone, but for those who were carried in.
    seconds = sorted({first, *(at for at in joins if first < at <= last)})
    lengths = [bisect_left(joins, at + 1) - bisect_left(leaves, at + 1) for at in seconds]
    most = max(lengths, default=0)
    if most <= 0:
        return 0, []
    after_ms = (seconds[lengths.index(most)] + 1) * 1000
    return most, [(piece, there) for piece in found if (there := piece.waited_at(after_ms))]
