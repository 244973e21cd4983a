"""Alerts that go on: new numbers every few seconds, and those of one incident from one look."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.evaluate import REFRESH_MS, Evaluator
from kpi.alert_state import Held
from kpi.floor import QueueConfig, parse_floor
from kpi.snapshot import QueueSnapshot
from tests.alerts.evaluating import T0, evaluator, look, looked
from tests.alerts.published import snapshot


def test_an_alert_that_goes_on_is_written_with_new_numbers_once_every_few_seconds() -> None:
    one = evaluator()
    look(one, 0, 75)

    waits = {at: 75 + at / 1000 for at in range(250, 4 * REFRESH_MS + 1, 250)}
    written = {at: changes.stored for at, wait in waits.items() if (changes := look(one, at, wait))}

    assert len(written) == 4
    assert {after - before for before, after in itertools.pairwise(written)} == {REFRESH_MS}
    for at, stored in written.items():
        (held,) = stored.values()
        value = waits[at]
        assert (held.value, held.peak, held.annotations["summary"]) == (value, value, f"support {value}")


def test_a_clock_that_was_put_back_stops_no_new_numbers() -> None:
    one = evaluator()
    look(one, 0, 75)

    early = [look(one, at, 80, wall=at - 3_600_000) for at in range(250, 2 * REFRESH_MS, 250)]

    assert 2 <= sum(map(bool, early)) <= 3


def test_incidents_do_not_all_have_their_turn_at_one_moment() -> None:
    one, queues = evaluator(), [f"q{number}" for number in range(40)]
    looked(one, *(snapshot((75,), at_ms=T0, queue=queue) for queue in queues))

    rounds = range(250, REFRESH_MS + 1, 250)
    written = [
        len(looked(one, *(snapshot((80,), at_ms=T0 + at, queue=queue) for queue in queues)).stored) for at in rounds
    ]

    assert sum(written) == len(queues)
    assert max(written) <= len(queues) // 4


def when(held: Held, snapshot: QueueSnapshot | None, config: QueueConfig) -> dict[str, str]:
    assert snapshot is not None
    return {"summary": snapshot.true_at}


@settings(max_examples=60)
@given(
    begins=st.lists(st.integers(0, 2 * REFRESH_MS), min_size=3, max_size=3),
    pauses=st.lists(st.integers(1, 1_500), min_size=1, max_size=60),
)
def test_lines_of_one_incident_are_numbers_of_one_look_once_they_were_renewed(
    begins: list[int], pauses: list[int]
) -> None:
    floor = parse_floor("".join(f'[queue.{queue}]\ngroup = "G"\n' for queue in "abc"))
    one, writes, told_at = Evaluator(floor, when), dict.fromkeys("abc", 0), dict[str, int]()
    at = 0
    for pause in pauses:
        at += pause
        # Who is late has waited for 70 s from its own beginning on.
        waits = {
            queue: (70 + (at - begin) / 1000,) if at >= begin else ()
            for queue, begin in zip("abc", begins, strict=True)
        }
        changes = looked(one, *(snapshot(waits[each], at_ms=T0 + at, queue=each, floor=floor) for each in waits))
        told_at |= {held.queue: at for held in changes.told}
        for held in changes.stored.values():
            writes[held.queue] += held.queue in told_at and told_at[held.queue] != at
        renewed = [held for held in one.active() if writes[held.queue]]
        assert len({held.incident for held in one.active()}) <= 1
        assert len({held.annotations["summary"] for held in renewed}) <= 1
    for queue, began in told_at.items():
        assert writes[queue] <= (at - began) // REFRESH_MS + 1, "no more often than each on its own"
