"""Trouble on demand: a spike is red within a minute, stays where it was ordered, and passes."""

from collections import Counter

import pytest

from kpi.events import Event, parse_time
from kpi.floor import parse_floor
from sources.simulator import Simulation, default_profile
from sources.simulator.spikes import Cause

START_MS = parse_time("2026-01-05T10:00:00+08:00")
BUSY = default_profile("busy")
AT_MS = START_MS + 900_000
FLOOR = parse_floor("")


def before_trouble(seed: int) -> Simulation:
    simulation = Simulation(BUSY, seed, START_MS)
    advance(simulation, AT_MS)
    return simulation


def advance(simulation: Simulation, until_ms: int) -> list[Event]:
    return list(simulation.run_until(until_ms))


def longest_wait(simulation: Simulation, queue: str, now_ms: int) -> float:
    waiting = simulation.world.queues[queue].waiting.values()
    return max((now_ms - contact.queued_ms for contact in waiting), default=0) / 1000


def seconds_until_longest_wait(simulation: Simulation, wanted: float, within: int) -> int | None:
    for second in range(1, within):
        now_ms = AT_MS + second * 1000
        advance(simulation, now_ms)
        if longest_wait(simulation, "support", now_ms) >= wanted:
            return second
    return None


@pytest.mark.parametrize("seed", range(8))
def test_when_agents_leave_the_longest_wait_is_amber_within_75_seconds(seed: int) -> None:
    simulation = before_trouble(seed)
    simulation.spike("support", 6, AT_MS, 300_000, "staff")

    assert seconds_until_longest_wait(simulation, 60, 75) is not None


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("cause", ["volume", "staff"])
def test_a_spike_drives_the_longest_wait_over_the_critical_threshold_in_the_end(cause: Cause, seed: int) -> None:
    simulation = before_trouble(seed)
    simulation.spike("support", 8, AT_MS, 300_000, cause)

    assert seconds_until_longest_wait(simulation, 180, 600) is not None


@pytest.mark.parametrize("seed", range(6))
def test_a_crowd_fills_the_queue_past_the_warning_within_a_minute(seed: int) -> None:
    simulation = before_trouble(seed)
    calm = len(simulation.world.queues["support"].waiting)
    simulation.spike("support", 8, AT_MS, 300_000)

    most = 0
    for second in range(1, 61):
        advance(simulation, AT_MS + second * 1000)
        most = max(most, len(simulation.world.queues["support"].waiting))
    assert most >= calm + FLOOR.queue("support", "voice").thresholds[("waiting", "warning")]


def test_what_was_ordered_for_one_queue_is_not_felt_by_the_arrivals_of_another() -> None:
    calm, troubled = before_trouble(1), before_trouble(1)
    troubled.spike("support", 8, AT_MS, 300_000)
    counts = [
        Counter(
            event.data["queue_id"]
            for event in advance(simulation, AT_MS + 300_000)
            if event.noun_verb == "contact.queued" and event.data["reason"] == "initial"
        )
        for simulation in (calm, troubled)
    ]

    assert counts[1]["support"] > 3 * counts[0]["support"]
    assert sum(counts[1].values()) - counts[1]["support"] < 1.5 * (sum(counts[0].values()) - counts[0]["support"])


def test_a_spike_passes_and_the_queue_recovers() -> None:
    simulation = before_trouble(2)
    simulation.spike("support", 6, AT_MS, 120_000, "staff")
    advance(simulation, AT_MS + 110_000)
    troubled = longest_wait(simulation, "support", AT_MS + 110_000)
    advance(simulation, AT_MS + 600_000)

    assert troubled > 60
    assert longest_wait(simulation, "support", AT_MS + 600_000) < 60


def test_agents_who_leave_say_so_and_come_back() -> None:
    simulation = before_trouble(3)
    simulation.spike("support", 6, AT_MS, 120_000, "staff")
    events = advance(simulation, AT_MS + 130_000)
    paused = [event for event in events if event.noun_verb == "agent.membership_changed"]

    gone = {event.data["agent_id"] for event in paused if event.data["reason"] == "site_outage"}
    back = {event.data["agent_id"] for event in paused if event.data["reason"] == "site_back"}
    assert len(gone) > 20
    assert gone == back
    assert any(event.noun_verb == "contact.ended" and event.data["ended_by"] == "system" for event in events)


def test_a_crowd_too_large_for_the_queue_is_refused_at_the_door_and_never_joins() -> None:
    simulation = before_trouble(4)
    simulation.spike("support", 40, AT_MS, 300_000)
    events = advance(simulation, AT_MS + 300_000)
    blocked = {event.data["contact_id"] for event in events if event.noun_verb == "contact.blocked"}
    joined = {event.data["contact_id"] for event in events if event.noun_verb == "contact.queued"}

    assert len(blocked) > 100
    assert not blocked & joined
    assert len(simulation.world.queues["support"].waiting) <= simulation.world.queues["support"].profile.limit


def test_two_spikes_may_overlap_and_end_one_after_the_other() -> None:
    simulation = before_trouble(5)
    queue = simulation.world.queues["billing"]
    simulation.spike("billing", 3, AT_MS, 100_000)
    simulation.spike("billing", 5, AT_MS + 50_000, 100_000)
    factors = []
    for second in (10, 60, 110, 160):
        advance(simulation, AT_MS + second * 1000)
        factors.append(queue.factor)

    assert factors == [3, 5, 5, 1]


def test_without_a_name_the_default_queue_is_meant_and_a_wrong_name_lists_the_right_ones() -> None:
    simulation = before_trouble(6)

    assert simulation.spike(None, 6, AT_MS, 1000) == BUSY.default_spike
    with pytest.raises(KeyError, match="no queue 'nowhere'; there are support, billing"):
        simulation.spike("nowhere", 6, AT_MS, 1000)
