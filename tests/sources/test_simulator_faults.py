"""Damage on the way is bounded, counted and reproducible."""

from collections import Counter

import pytest

from kpi.events import Event, parse_time
from sources.simulator import Simulation, default_profile
from sources.simulator.faults import Faults

START_MS = parse_time("2026-01-05T10:00:00+08:00")
END_MS = START_MS + 900_000


@pytest.fixture(scope="module")
def events() -> list[Event]:
    return list(Simulation(default_profile("busy"), 1, START_MS).run_until(END_MS))


def delivered(faults: Faults, events: list[Event]) -> list[Event]:
    return [*faults.deliver(events, END_MS), *faults.drain()]


def test_without_faults_the_stream_is_as_it_was(events: list[Event]) -> None:
    assert delivered(Faults(1), events) == events


def test_lost_events_are_missing_and_counted(events: list[Event]) -> None:
    faults = Faults(1, loss=0.05)
    arrived = delivered(faults, events)

    assert faults.lost == len(events) - len(arrived)
    assert 0.03 < faults.lost / len(events) < 0.07
    assert {event.id for event in arrived} < {event.id for event in events}


def test_a_repeated_event_keeps_its_id_and_its_body(events: list[Event]) -> None:
    faults = Faults(1, duplicate=0.1, disorder_ms=30_000)
    arrived = delivered(faults, events)
    bodies: dict[str, set[bytes]] = {}
    for event in arrived:
        bodies.setdefault(event.id, set()).add(event.to_json())

    assert faults.duplicated == len(arrived) - len(events) > 100
    assert set(Counter(event.id for event in arrived).values()) == {1, 2}
    assert all(len(body) == 1 for body in bodies.values())


def test_disorder_is_real_and_stays_within_its_bound(events: list[Event]) -> None:
    arrived = delivered(Faults(1, duplicate=0.02, disorder_ms=20_000), events)
    newest, behind = 0, []
    for event in arrived:
        newest = max(newest, event.time_ms)
        behind.append(newest - event.time_ms)

    assert 10_000 < max(behind) <= 20_000
    assert {event.id for event in arrived} == {event.id for event in events}


def test_nothing_is_delivered_before_it_happened(events: list[Event]) -> None:
    faults = Faults(1, disorder_ms=20_000)
    for until_ms in range(START_MS, END_MS, 7_000):
        due = [event for event in events if until_ms - 7_000 <= event.time_ms < until_ms]

        assert all(event.time_ms < until_ms for event in faults.deliver(due, until_ms))


def test_how_the_time_is_cut_into_calls_changes_no_delivery(events: list[Event]) -> None:
    whole = delivered(Faults(9, loss=0.02, duplicate=0.05, disorder_ms=45_000), events)
    faults = Faults(9, loss=0.02, duplicate=0.05, disorder_ms=45_000)
    pieces: list[Event] = []
    for until_ms in range(START_MS, END_MS + 60_000, 11_000):
        pieces += faults.deliver([e for e in events if until_ms - 11_000 <= e.time_ms < until_ms], until_ms)

    assert [event.id for event in pieces] == [event.id for event in whole]


def test_the_same_seed_does_the_same_damage_and_another_seed_another(events: list[Event]) -> None:
    one, same, other = (
        [event.id for event in delivered(Faults(seed, loss=0.1, disorder_ms=5_000), events)] for seed in (3, 3, 4)
    )

    assert one == same
    assert one != other
