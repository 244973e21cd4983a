"""Contacts that do what nobody thinks of: they leave and come back at once, or two systems tell of them."""

import itertools

import pytest

from tests.builders import T0, event
from tests.traps.worker import Worker, in_turn


@pytest.mark.parametrize("gap", [0.0, 0.4])
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_contact_that_leaves_and_comes_back_within_a_second_is_two_visits_and_one_waits(
    gap: float, order: tuple[int, ...]
) -> None:
    events = [
        event("contact.queued", 10.2, sequence=1),
        event("contact.left_queue", 10.5, sequence=2, reason="timeout"),
        event("contact.queued", 10.5 + gap, sequence=3, leg_id="c1/2", reason="requeue"),
    ]
    worker = Worker()
    in_turn(worker, [events[index] for index in order])
    total = worker.total()
    assert (total["offered"], total["exit.timeout"], total["join.requeue"], total["contacts"]) == (2, 1, 1, 1)
    assert "orphan" not in total
    assert worker.members("waiting") == {"c1|c1/2": T0 + 10_500 + round(gap * 1000)}
    [fine] = [fields for name, fields in worker.panes.items() if name.startswith("10:")]
    assert fine["net.0"] == 1  # after that second one waits, not two and not none


def test_a_visit_that_begins_and_ends_within_a_second_never_shows_in_the_length_of_the_queue() -> None:
    worker = Worker()
    worker.take(event("contact.queued", 0.1), event("contact.left_queue", 0.9, reason="abandoned"))
    [fine] = [fields for name, fields in worker.panes.items() if name.startswith("10:")]
    assert "net.0" not in fine
    assert (worker.total()["offered"], worker.total()["abandoned"]) == (1, 1)


@pytest.mark.parametrize("first", [0, 1])
def test_an_answer_told_by_two_sources_a_second_apart_is_one_answer(first: int) -> None:
    answers = [
        event("contact.answered", 20.0, source="/acd/log", agent_id="ana"),
        event("contact.answered", 21.0, source="/acd/manager", agent_id="ana"),
    ]
    worker = Worker()
    in_turn(worker, [event("contact.queued", 5), answers[first], answers[1 - first]])
    assert {name: n for name, n in worker.total().items() if name[0] not in "@~"} == {
        "answered": 1, "contacts": 1, "offered": 1, "wait.answered.16": 1, "wait_ms.answered": 16_000
    }  # fmt: skip
    assert worker.total()["~answered.ana"] == 1
    assert worker.members("in_service") == {"c1|c1/1": T0 + 21_000}
    worker.take(event("contact.ended", 31, agent_id="ana"))
    assert worker.total()["talk_ms"] == 10_000
    assert worker.members("in_service") == worker.members("waiting") == {}


def test_an_agent_told_of_by_two_sources_is_busy_once() -> None:
    worker = Worker("agents.events")
    worker.take(event("agent.logged_in", 0, agent_id="ana"))
    for at, source in ((20.0, "/acd/log"), (21.0, "/acd/manager")):
        worker.take(event("contact.answered", at, source=source, agent_id="ana"))
    assert worker.total()["step.busy.ana"] == 1
    worker.take(event("contact.ended", 40, agent_id="ana"))
    assert "step.busy.ana" not in worker.total()


def ring_all() -> list[list[object]]:
    return [[f"o{number}", agent] for number, agent in enumerate(("ana", "bo", "chen"))]


def test_of_an_offer_to_all_with_one_winner_nobody_failed_to_answer() -> None:
    worker = Worker()
    worker.take(event("contact.queued", 0))
    for offer, agent in ring_all():
        worker.take(event("contact.offered", 2, offer_id=offer, agent_id=agent, mode="parallel"))
    assert worker.members("ringing") == {"c1|c1/1": T0 + 2_000}
    worker.take(event("contact.answered", 6, offer_id="o1", agent_id="bo"))
    for offer, agent in ring_all():
        result = "answered" if agent == "bo" else "lost_race"
        worker.take(event("contact.offer_ended", 6, offer_id=offer, agent_id=agent, result=result))
    total = worker.total()
    assert (total["offered"], total["answered"], total["~answered.bo"]) == (1, 1, 1)
    assert not [field for field in total if "unanswered" in field or field in ("~answered.ana", "~answered.chen")]
    assert worker.members("ringing") == {}


def test_of_an_offer_to_all_the_winner_is_busy_and_the_others_are_free_again() -> None:
    states = {}
    for offer, agent in ring_all():
        worker = Worker("agents.events")
        worker.take(event("agent.logged_in", 0, agent_id=agent))
        worker.take(event("contact.offered", 2, offer_id=offer, agent_id=agent, mode="parallel"))
        assert worker.total()[f"step.ringing.{agent}"] == 1
        if agent == "bo":
            worker.take(event("contact.answered", 6, offer_id=offer, agent_id=agent))
        result = "answered" if agent == "bo" else "lost_race"
        worker.take(event("contact.offer_ended", 6, offer_id=offer, agent_id=agent, result=result))
        states[agent] = [name for name, n in worker.total().items() if n == 1]
    assert states == {"ana": ["step.idle.ana"], "bo": ["step.busy.bo"], "chen": ["step.idle.chen"]}
