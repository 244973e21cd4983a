"""What comes long after: cases reopened weeks later, news that is too late, a worker that was away all weekend."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kpi.envelope import Event
from tests.builders import T0, event
from tests.traps.worker import Worker

HOUR, DAY = 3_600, 86_400
CASE = {"case_id": "k1", "channel": "email", "queue_id": "mail"}


def case(verb: str, at: float, **more: Any) -> Event:
    return event(f"case.{verb}", at, **{**CASE, **more})


def test_a_case_resolved_on_monday_and_reopened_20_days_later_is_the_same_case() -> None:
    worker = Worker("cases.events")
    worker.take(case("opened", 0, due_at="2026-11-20T11:00:00Z"), case("resolved", HOUR, agent_id="ana"))
    assert worker.members("open_cases") == {}
    for day in range(1, 21):
        worker.tick(T0 + day * DAY * 1000, 3)
    worker.take(case("reopened", 20 * DAY, due_at="2026-12-11T10:00:00Z"))
    assert worker.members("open_cases") == worker.members("case_open") == {"k1": T0}
    assert worker.members("due_resolution") == {"k1": T0 + 21 * DAY * 1000}
    total = worker.total(900)
    assert (total["case_opened"], total["case_resolved"], total["case_reopened"]) == (1, 1, 1)
    worker.restart()
    worker.take(case("resolved", 20 * DAY + 60, agent_id="bo"))
    total = worker.total(900)
    assert (total["case_resolved"], total["case_contacts"], total["case_agents"]) == (2, 1 + 2, 1 + 2)
    assert (total["case_met.resolution"], total.get("case_missed.resolution")) == (2, None)


def test_a_case_reopened_after_its_horizon_is_a_new_one() -> None:
    worker = Worker("cases.events")
    worker.take(case("opened", 0), case("resolved", HOUR))
    worker.tick(T0 + 36 * DAY * 1000, 5)
    assert "k:k1" not in worker.blobs
    worker.take(case("reopened", 36 * DAY))
    assert worker.members("open_cases") == {"k1": T0 + 36 * DAY * 1000}
    assert "case_reopened" not in worker.total(900)


def call(number: int, at: float, *, ends: bool = True) -> Iterator[Event]:
    """A call that waits ten seconds and is talked on for a minute, or for as long as nobody tells its end."""
    name = {"contact_id": f"c{number}", "leg_id": f"c{number}/1"}
    yield event("contact.queued", at, **name)
    yield event("contact.answered", at + 10, agent_id="ana", **name)
    if ends:
        yield event("contact.ended", at + 70, agent_id="ana", **name)


@pytest.mark.parametrize("keeps_all", [False, True])
@pytest.mark.parametrize("swept", [False, True])
def test_a_fact_that_comes_too_late_changes_nothing_before_and_after_its_record_is_swept(
    keeps_all: bool, swept: bool
) -> None:
    worker = Worker(keeps_all=keeps_all)
    worker.take(*call(1, 0))
    worker.tick(T0 + (7 * DAY + 71) * 1000, 1)
    if swept:
        worker.tick(T0 + (7 * DAY + 71) * 1000, 5)
    assert ("c:c1" in worker.blobs) is not swept
    before = worker.state()
    late = event("contact.left_queue", 5, contact_id="c1", leg_id="c1/1", reason="abandoned")
    unknown = event("contact.queued", 5, contact_id="c2", leg_id="c2/1")
    assert worker.take(late, unknown, late) == {"late_dropped": 3, "reason:late": 3}
    worker.tick(T0 + (7 * DAY + 71) * 1000, 3)
    assert worker.state() == before
    assert "c:c2" not in worker.blobs


@pytest.mark.parametrize(("topic", "make", "fold_seconds"), [
    ("agents.events", lambda at: event("agent.logged_in" if at < 0 else "agent.logged_out", at, agent_id="ana"), HOUR),
    ("chats.events", lambda at: event("contact.message", at, channel="chat", author="customer" if at < 0 else "agent"),
     600),
])  # fmt: skip
@pytest.mark.parametrize("beyond", [False, True])
def test_a_fact_behind_its_records_fold_point_changes_nothing(
    topic: str, make: Callable[[float], Event], fold_seconds: int, beyond: bool
) -> None:
    worker = Worker(topic)
    newest = make(0)
    if topic == "agents.events":
        worker.take(make(-1.0))
    else:
        worker.take(event("contact.queued", -1.0, channel="chat"))
    worker.take(newest)
    before = worker.state()
    late = make(-fold_seconds - (0.001 if beyond else 0.0))
    word = worker.take(late)
    assert word == ({"late_dropped": 1, "reason:folded": 1} if beyond else {"applied": 1})
    assert (worker.state() == before) is beyond or topic == "agents.events"
    if beyond:
        worker.restart()
        assert worker.take(late) == {"late_dropped": 1, "reason:folded": 1}
        assert worker.state() == before


def test_a_late_copy_is_counted_and_changes_nothing() -> None:
    worker = Worker("agents.events")
    worker.take(event("agent.logged_in", 0, agent_id="ana"))
    worker.tick(T0 + 8 * DAY * 1000)
    before = worker.state()
    assert worker.take(event("contact.answered", 5, agent_id="ana")) == {"copies": 1}
    assert worker.state() == before


def friday_to_monday() -> list[Event]:
    """Friday's calls, two of them open when the line goes quiet; Monday's calls, and the ends of Friday's."""
    found = [told for number in range(5) for told in call(number, number * 30)]
    found += [*call(5, 400, ends=False), event("contact.queued", 420, contact_id="c6", leg_id="c6/1")]
    ticks = [event("tick", hours * HOUR) for hours in range(1, 64)]
    monday = 64 * HOUR
    found += ticks
    found += [event("contact.ended", monday, contact_id="c5", leg_id="c5/1", agent_id="ana")]
    found += [event("contact.left_queue", monday + 1, contact_id="c6", leg_id="c6/1", reason="withdrawn")]
    return found + [told for number in range(7, 9) for told in call(number, monday + number)]


@pytest.mark.parametrize("keeps_all", [False, True])
def test_a_worker_that_was_away_all_weekend_comes_to_what_it_would_have_counted_all_along(keeps_all: bool) -> None:
    events = friday_to_monday()
    ever, away = Worker(keeps_all=keeps_all), Worker(keeps_all=keeps_all)
    for one in events:
        ever.take(one)
    friday = 18
    for one in events[:friday]:
        away.take(one)
    assert set(away.members("in_service")) == {"c5|c5/1"} and set(away.members("waiting")) == {"c6|c6/1"}
    away.restart()
    for start in range(friday, len(events), 50):
        away.take(*events[start : start + 50])
    for worker in (ever, away):
        worker.tick(T0 + 65 * HOUR * 1000, 5)
    assert away.total(900) == ever.total(900)
    assert away.state() == ever.state()
    assert away.members("waiting") == away.members("in_service") == {}
    # The call that nobody ended on Friday was talked on until Monday, as far as anybody knows.
    assert away.total(900)["talk_ms"] == (64 * HOUR - 410) * 1000 + 7 * 60_000
    assert away.total(900)["exit.withdrawn"] == 1
