"""Agents who are in two systems at once: one state, by precedence, and one person at every level."""

import json
from typing import Any

import pytest

from kpi.envelope import Event
from tests.builders import T0, event
from tests.traps.worker import Worker

PHONES, DESK = "/acd/a", "/desk/b"


def said(verb: str, at: float, source: str = PHONES, **more: Any) -> Event:
    return event(f"agent.{verb}", at, source=source, agent_id="ana", **more)


def told(verb: str, at: float, **more: Any) -> Event:
    return event(f"contact.{verb}", at, agent_id="ana", **more)


def state(worker: Worker) -> tuple[str, str, int]:
    """(state, reason, since in seconds after T0) of the one agent there is."""
    [(card, since)] = worker.members("agents").items()
    return json.loads(card)[1], json.loads(card)[2], (since - T0) // 1000


def test_an_agent_who_talks_in_one_system_and_is_free_in_the_other_is_busy_once() -> None:
    worker = Worker("agents.events")
    worker.take(said("logged_in", 0, PHONES), said("logged_in", 1, DESK))
    worker.take(said("state_changed", 2, PHONES, state="idle"), said("state_changed", 3, DESK, state="has_capacity"))
    assert state(worker) == ("has_capacity", "", 3)
    worker.take(told("offered", 10), told("answered", 12))
    assert state(worker) == ("busy", "", 12)
    assert {name: n for name, n in worker.total().items() if n} == {"step.busy.ana": 1}
    worker.take(said("state_changed", 20, DESK, state="idle"))
    assert state(worker) == ("busy", "", 12)
    worker.take(told("ended", 30), told("wrapup_started", 30), told("wrapup_ended", 45))
    assert state(worker) == ("idle", "", 45)


def test_an_error_in_one_system_hides_a_conversation_in_the_other() -> None:
    worker = Worker("agents.events")
    worker.take(said("logged_in", 0, PHONES), said("logged_in", 0, DESK), told("answered", 5))
    worker.take(said("state_changed", 6, DESK, state="error", reason="headset"))
    assert state(worker) == ("error", "headset", 6)
    worker.take(said("state_changed", 9, DESK, state="idle"))
    assert state(worker) == ("busy", "", 9)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_break_in_one_system_goes_before_idleness_in_the_other(order: tuple[int, int]) -> None:
    worker = Worker("agents.events")
    worker.take(said("logged_in", 0, PHONES), said("logged_in", 0, DESK))
    events = [said("state_changed", 5, PHONES, state="break", reason="lunch"),
              said("state_changed", 5, DESK, state="idle", sequence=1)]  # fmt: skip
    worker.take(events[order[0]])
    worker.take(events[order[1]])
    assert state(worker) == ("break", "lunch", 5)


def test_a_member_of_four_queues_is_one_person_and_on_a_break_only_when_paused_in_all() -> None:
    worker = Worker("agents.events")
    queues = ("one", "two", "three", "four")
    for queue in queues:
        worker.take(said("membership_changed", 0, queue_id=queue, member=True))
    assert len(worker.members("agents")) == 1
    for number, queue in enumerate(queues):
        assert state(worker)[0] == "idle"
        worker.take(said("state_changed", 10 + number, queue_id=queue, state="break", reason=queue))
    assert state(worker) == ("break", "four", 13)
    worker.take(said("state_changed", 20, queue_id="two", state="idle"))
    assert state(worker)[0] == "idle"
    for queue in queues:
        worker.take(said("membership_changed", 30, queue_id=queue, member=False))
    assert worker.members("agents") == {}
    assert worker.total() == {}


def test_a_break_of_two_weeks_costs_two_writes() -> None:
    worker = Worker("agents.events")
    worker.take(said("logged_in", 0), said("state_changed", 60, state="break", reason="leave"))
    panes = len(worker.panes)
    for day in range(1, 7):
        worker.tick(T0 + day * 86_400_000)
    assert len(worker.panes) <= panes
    later = T0 + 14 * 86_400_000
    for day in range(7, 15):
        worker.tick(T0 + day * 86_400_000, 3)
    worker.take(said("state_changed", 14 * 86_400, state="idle"))
    assert state(worker)[0] == "idle"
    steps = {
        int(name.split(":")[1]): n
        for name, fields in worker.panes.items()
        if name.startswith("900:")
        for field, n in fields.items()
        if field == "step.break.ana"
    }
    assert steps == {T0: 1, later: -1}
