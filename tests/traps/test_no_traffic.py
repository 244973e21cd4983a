"""No traffic is a dash, never 0 % and never 100 %; and ratios of sums are sums first, divided last."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from board.health import Verdict
from board.queue_view import QueueView
from board.snapshots import Assembler
from board.view import window_ranges
from floorpulse.commands.top import COLUMNS, DASH
from kpi.floor import parse_floor
from kpi.measures import Group, summary_of
from kpi.snapshot import QueueSnapshot
from kpi.tally import Tally
from tests.builders import T0

FLOOR = parse_floor("")


def ratios(part: Any, where: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every ratio of some measures, by its path."""
    if isinstance(part, Mapping):
        if {"numerator", "denominator", "value"} <= part.keys():
            yield where, part
        else:
            for key, inner in part.items():
                yield from ratios(inner, f"{where}/{key}")


def values(part: Any, names: tuple[str, ...]) -> Iterator[Any]:
    if isinstance(part, Mapping):
        for key, inner in part.items():
            if key in names:
                yield inner
            yield from values(inner, names)


def nothing() -> Any:
    return summary_of([Group(Tally())], within_seconds=(5, 20), open_legs=0, max_waiting=0)


def test_of_nothing_every_ratio_and_every_mean_is_no_value() -> None:
    found = dict(ratios(nothing()))
    assert len(found) > 20
    assert {where: one["value"] for where, one in found.items()} == dict.fromkeys(found)
    assert all(one["denominator"] == 0 for one in found.values())
    assert set(values(nothing(), ("mean", "p50", "p90", "p95", "max", "sl_needed"))) == {None}
    assert nothing()["abandon_hazard"] == []


def quiet() -> QueueSnapshot:
    """The snapshot of a queue in which nothing ever happened."""
    view = QueueView("support", "voice")
    view.advance(window_ranges(T0, "UTC", 0))
    return Assembler(view, FLOOR.queue("support", "voice")).snapshot("live", Verdict("fresh", None, T0, T0), T0)


def test_a_quiet_queue_shows_no_value_in_any_window() -> None:
    shown = msgspec.json.decode(quiet().to_json())
    assert {one["value"] for _, one in ratios(shown["windows"])} == {None}
    assert shown["now"]["oldest_wait_seconds"] is None
    assert shown["flow"]["drain_seconds"] is None
    assert shown["severity"] == 0


def test_what_has_no_value_is_shown_as_a_dash() -> None:
    cells = {column.name: column.text(quiet()) for column in COLUMNS}
    assert {cells[name] for name in ("longest", "SL 30m", "lost 30m")} == {DASH}
    assert not [cell for cell in cells.values() if "%" in cell]


def test_a_ratio_of_two_queues_is_a_sum_over_a_sum_not_a_mean_of_ratios() -> None:
    busy = Tally({"offered": 100, "answered": 90, "abandoned": 10, "wait.answered.10": 45, "wait.answered.40": 45,
                  "wait.abandoned.30": 10})  # fmt: skip
    quiet = Tally({"offered": 1, "abandoned": 1, "wait.abandoned.30": 1})
    both = summary_of([Group(busy, 20), Group(quiet, 20)], within_seconds=(20,), open_legs=0, max_waiting=0)
    apart = [summary_of([Group(one, 20)], within_seconds=(20,), open_legs=0, max_waiting=0) for one in (busy, quiet)]
    for where, one in ratios(both):
        parts = [dict(ratios(each))[where] for each in apart]
        assert one["numerator"] == sum(part["numerator"] for part in parts), where
        assert one["denominator"] == sum(part["denominator"] for part in parts), where
    assert both["access_rate"] == {"numerator": 90, "denominator": 101, "value": 90 / 101}
