"""How a test says what a panel must show: exactly the snapshot's number, or a number in a range with the reason why."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from kpi.floor_snapshot import FloorSnapshot
from kpi.snapshot import QueueSnapshot
from tests.observability.shown import Queue, Value

Number = Callable[[QueueSnapshot], float | None]


@dataclass(frozen=True)
class Seen:
    """What was true at one instant: `at` in Unix seconds, and nothing that counts changed around it."""

    at: float
    snapshots: Mapping[Queue, QueueSnapshot]
    people: FloorSnapshot
    report: Mapping[str, Any]

    def of(self, channels: Sequence[str] | None) -> dict[Queue, QueueSnapshot]:
        """The queues of some channels, or all."""
        return {key: each for key, each in self.snapshots.items() if channels is None or key[1] in channels}


# What one query of a panel must give.
Expect = Callable[[Seen, list[Value]], None]
# A panel: its queries' letters -> what each must give; several letters together: "ABC".
Panel = Mapping[str, Expect]
VOICE, CHAT = ("voice", "video", "callback"), ("chat", "message", "social")


def exactly(found: Mapping[Any, float], expected: Mapping[Any, float | None], within: float = 1e-6) -> None:
    """The same keys with the same numbers; None stands for no result."""
    wanted = {key: number for key, number in expected.items() if number is not None}
    assert found == pytest.approx(wanted, abs=within, nan_ok=True)


def by(*labels: str) -> Callable[[Value], tuple[str, ...]]:
    """What tells the results of a query apart; a label that is not there is empty, as in Prometheus."""
    return lambda value: tuple(value.labels.get(label, "") for label in labels)


def unique(values: list[Value], key: Callable[[Value], Any]) -> dict[Any, float]:
    """Results by their key; each key once."""
    found = {key(value): value.number for value in values}
    assert len(found) == len(values), values
    return found


def per_queue(number: Number, channels: Sequence[str] | None = None, within: float = 1e-6) -> Expect:
    """One result for each queue that has the number, and no other."""

    def check(seen: Seen, values: list[Value]) -> None:
        exactly(
            unique(values, lambda value: value.queue),
            {queue: number(each) for queue, each in seen.of(channels).items()},
            within,
        )

    return check


def per_queue_at(number: Callable[[QueueSnapshot, float], float | None]) -> Expect:
    """The same of a number that grows with the clock; equal to 2 ms, for instants are whole milliseconds."""

    def check(seen: Seen, values: list[Value]) -> None:
        per_queue(lambda each: number(each, seen.at), within=0.002)(seen, values)

    return check


def each_of(
    labels: Sequence[str], numbers: Callable[[Seen], Mapping[Any, float | None]], within: float = 1e-6
) -> Expect:
    """One result for each set of labels."""
    return lambda seen, values: exactly(unique(values, by(*labels)), numbers(seen), within)


def total(number: Callable[[Seen], float | None], within: float = 1e-6) -> Expect:
    """One result without labels that matter; none where the number is None."""

    def check(seen: Seen, values: list[Value]) -> None:
        wanted = number(seen)
        assert [value.number for value in values] == (
            [] if wanted is None else [pytest.approx(wanted, abs=within, nan_ok=True)]
        )

    return check


def coloured(
    number: Callable[[QueueSnapshot, float], float | None],
    severity: Callable[[QueueSnapshot], int],
    channels: Sequence[str] | None = None,
) -> Expect:
    """Queries A, B, C of severity 2, 1, 0 and D for no traffic: each queue in exactly the one of its severity."""

    def check(seen: Seen, values: list[Value]) -> None:
        expected = {}
        for queue, each in seen.of(channels).items():
            shown = number(each, seen.at)
            letter = "D" if shown is None else "CBA"[severity(each)]
            expected[queue] = (letter, math.nan if shown is None else shown)
        assert {value.queue: value.ref for value in values} == {queue: ref for queue, (ref, _) in expected.items()}
        exactly(unique(values, lambda value: value.queue), {q: shown for q, (_, shown) in expected.items()}, 0.002)

    return check


def worst(measure: str) -> Callable[[QueueSnapshot], int]:
    """How bad a queue is by one measure."""
    return lambda each: each.severity_by.get(measure, 0)


def coloured_total(
    number: Callable[[Seen, Sequence[QueueSnapshot]], float | None], measure: str, channels: Sequence[str] | None = None
) -> Expect:
    """The same of all queues together, in the colour of the worst of them by one measure."""

    def check(seen: Seen, values: list[Value]) -> None:
        queues = list(seen.of(channels).values())
        wanted = number(seen, queues)
        letter = "D" if wanted is None else "CBA"[max(worst(measure)(each) for each in queues)]
        assert [value.ref for value in values] == [letter]
        assert values[0].number == pytest.approx(math.nan if wanted is None else wanted, abs=0.002, nan_ok=True)

    return check


def between(low: float, high: float, why: str, *, least: int = 1, labels: Sequence[str] = ()) -> Expect:
    """At least so many results, all within the range; NaN only beside numbers. `why` it cannot be said exactly."""
    assert len(why) > 10

    def check(seen: Seen, values: list[Value]) -> None:
        numbers = [value.number for value in values if not math.isnan(value.number)]
        assert len(numbers) >= least, values
        assert [number for number in numbers if not low <= number <= high] == []
        for value in values:
            assert set(labels) <= value.labels.keys(), value

    return check


def moved(low: float, high: float, why: str, *, labels: Sequence[str] = ()) -> Expect:
    """Results from 0 up to `high`, of which one at least is no less than `low`. `why` it cannot be said exactly."""
    in_range = between(0, high, why, labels=labels)

    def check(seen: Seen, values: list[Value]) -> None:
        in_range(seen, values)
        assert any(value.number >= low for value in values), values

    return check


def nothing(why: str) -> Expect:
    """No result here and now."""
    assert len(why) > 10

    def check(seen: Seen, values: list[Value]) -> None:
        assert values == []

    return check


def share(parts: Sequence[Mapping[str, Any]]) -> float | None:
    """Sum over sum of ratios with their parts."""
    below = sum(part["denominator"] for part in parts)
    return sum(part["numerator"] for part in parts) / below if below else None
