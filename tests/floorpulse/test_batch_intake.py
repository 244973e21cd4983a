"""Which records of a log count for the plain batch program: refused, late, folded, known, copied, forgotten."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from floorpulse.batch import Batch, Limits
from kpi.envelope import Event, make_event
from tests.builders import SOURCE, T0, event
from tests.floorpulse.stored import EVERLASTING, batch_of
from tests.floorpulse.told import agent, counts, live, message, pane

DAY = 86_400_000
LIVE = Limits(earliest=0, lateness=7 * DAY, live=True, expires=True)


def test_the_worked_example_gives_its_ledger_and_who_waits(data_dir: Callable[[str], Path]) -> None:
    lines = (data_dir("tiny") / "events.jsonl").read_bytes().splitlines()
    calls = [line for line in lines if b'"voice"' in line]

    found = batch_of("calls.events", map(Event.from_json, calls)).result()

    assert found.ledger == {"applied": 33, "duplicate": 1}
    assert live(found) == {"waiting:support:voice": {"c6|c6/1": 120.0}}
    assert counts(found, "offered", "contacts", "orphan", "answered", "abandoned", "exit", "ended_by") == {
        "abandoned": 3, "answered": 3, "contacts": 8, "ended_by.agent": 1, "ended_by.customer": 2, "exit.timeout": 1,
        "offered": 8, "orphan": 1,
    }  # fmt: skip
    assert counts(found, "join", "contacts", "transfer_in", "orphan", queue="billing") == {
        "contacts": 2, "join.transfer": 1, "orphan": 1, "transfer_in.blind": 1,
    }  # fmt: skip


def test_the_order_of_arrival_changes_nothing(data_dir: Callable[[str], Path]) -> None:
    events = [Event.from_json(line) for line in (data_dir("tiny") / "events.jsonl").read_bytes().splitlines()]
    shuffled = events.copy()
    random.Random(7).shuffle(shuffled)

    one, other = batch_of("calls.events", events).result(), batch_of("calls.events", shuffled).result()

    assert (one.panes, one.live, one.records) == (other.panes, other.live, other.records)


def test_the_smaller_of_two_bodies_of_one_id_wins_whichever_came_first() -> None:
    joined = event("contact.queued", 0)
    bodies = [event("contact.answered", 5, id="same", agent_id=name) for name in ("ana", "bo")]

    for some in (bodies, bodies[::-1]):
        found = batch_of("calls.events", [joined, *some]).result()

        assert pane(found, 5)["~answered.ana"] == 1
        assert found.ledger == {"applied": 2, "conflict": 1}


def test_what_changes_no_number_makes_no_other_body() -> None:
    queued = event("contact.queued", 0, id="same")
    again = [
        event("contact.queued", 0, id="same", direction="inbound"), event("contact.queued", 0, id="same", unknown=1),
        event("contact.queued", 0, id="same", source="/other"),
    ]  # fmt: skip

    assert batch_of("calls.events", [queued, *again]).result().ledger == {"applied": 1, "duplicate": 3}
    beats = [agent("heartbeat", 0, id="b", source=source) for source in ("/one", "/two")]
    assert batch_of("agents.events", beats).result().ledger == {"applied": 1, "conflict": 1}


def test_an_event_older_than_the_lateness_is_dropped_and_one_just_as_old_is_not() -> None:
    newest = event("contact.queued", 7 * 86_400, contact_id="new")
    edge, late = (event("contact.queued", at, contact_id=f"c{at}") for at in (0, -0.001))

    found = batch_of("calls.events", [newest, edge, late], LIVE).result()

    assert found.ledger == {"applied": 2, "late_dropped": 1}


def test_an_old_record_is_begun_anew_and_what_it_counted_stays() -> None:
    visit = [event("contact.queued", 0, id="join"), event("contact.left_queue", 5, id="exit", reason="abandoned")]
    later = event("contact.queued", 15 * 86_400, id="other", contact_id="c2")
    again = event("contact.queued", 15 * 86_400 + 1, id="again")

    found = batch_of("calls.events", [*visit, later, again]).result()

    assert found.records["c:c1"] == {"again"}
    assert pane(found, 0)["offered"] == 1


@pytest.mark.parametrize(
    ("topic", "make", "fold"),
    [
        pytest.param("chats.events", lambda at: message("agent", at, id=""), 600, id="messages of a contact"),
        pytest.param("agents.events", lambda at: agent("heartbeat", at), 3_600, id="an agent"),
        pytest.param(
            "floor.events", lambda at: event("queue.snapshot", at, id=f"s{at}", queue_id="q"), 60, id="a queue"
        ),
    ],
)
def test_what_is_folded_is_refused_and_its_id_forgotten(topic: str, make: Callable[[float], Event], fold: int) -> None:
    first, at_the_edge, late, next_ = make(0), make(0.001), make(0.0005), make(fold + 0.001)
    assert late.time_ms == T0

    found = batch_of(topic, [first, make(fold), next_, at_the_edge, first, late]).result()

    assert found.ledger == {"applied": 4, "late_dropped": 2}
    (ids,) = found.records.values()
    assert ids == {make(fold).id, next_.id, at_the_edge.id}


def test_a_folded_message_still_counts_and_its_id_may_come_again() -> None:
    asked, reply = message("customer", 0, queue_id="help"), message("agent", 30)
    again = make_event("contact.message", source=SOURCE, id=asked.id, time_ms=T0 + 900_000, data=asked.data)

    found = batch_of("chats.events", [asked, reply, message("bot", 900), again]).result()

    assert found.ledger == {"applied": 4}
    assert counts(found, "response", queue="help", channel="chat") == {"response.30": 1, "response_ms": 30_000}


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"not json", id="no JSON"),
        pytest.param(b"\xff", id="no UTF-8"),
        pytest.param(b"[]", id="no object"),
        pytest.param(None, id="nothing"),
        pytest.param(event("contact.queued", 0).to_json().replace(b'"voice"', b'"pigeon"'), id="a wrong field"),
        pytest.param(event("contact.queued", 0).to_json().replace(b".v1", b".v2"), id="another version"),
        pytest.param(event("contact.queued", -(10**9)).to_json(), id="seconds for milliseconds"),
    ],
)
def test_what_the_contract_does_not_allow_is_dead_lettered(raw: bytes | None) -> None:
    batch = Batch("calls.events", LIVE._replace(earliest=631_152_000_000 * 2))

    batch.take(raw, 2**52)

    assert batch.result().ledger == {"dead_lettered": 1}
    assert batch.result().watermark == 0


@pytest.mark.parametrize("topic", ["calls.events", "agents.events"])
def test_a_time_more_than_a_minute_ahead_is_dead_lettered_in_live_only(topic: str) -> None:
    ahead = event("contact.answered", 60.001, agent_id="ana").to_json()
    kept = "copies" if topic == "agents.events" else "applied"

    for limits, ledger in ((LIVE, {"dead_lettered": 1}), (EVERLASTING, {kept: 1})):
        batch = Batch(topic, limits)
        batch.take(ahead, T0)

        assert batch.result().ledger == ledger


def test_copies_and_ticks_are_ledgered_apart_and_move_the_watermark() -> None:
    copy = event("contact.message", 5, agent_id="ana", author="agent")
    tick = make_event("tick", source=SOURCE, id="t", time_ms=T0 + 9_000, data={})

    found = batch_of("agents.events", [copy, tick]).result()

    assert found.ledger == {"copies": 1, "ticks": 1}
    assert (found.watermark, found.tick) == (T0 + 9_000, T0 + 9_000)
    assert (found.panes, found.live, found.records) == ({}, {}, {})


def test_a_copy_is_a_fact_of_whom_the_key_names_else_of_its_agent() -> None:
    answered = event("contact.answered", 5, agent_id="ana").to_json()
    batch = Batch("agents.events", EVERLASTING)

    for key in (b"ana", b"c1", None):
        batch.take(answered, 2**52, key)
    batch.take(event("contact.answered", 6).to_json(), 2**52, b"bo")

    found = batch.result()
    assert found.ledger == {"copies": 4}
    assert [*found.records] == ["a:ana"]


def test_a_copy_that_is_too_old_or_folded_changes_nothing_but_the_ledger() -> None:
    now = agent("logged_in", 8 * 86_400)
    too_old = event("contact.answered", 0, agent_id="ana")
    folded = event("contact.answered", 8 * 86_400 - 3_601, agent_id="ana")

    found = batch_of("agents.events", [now, too_old, folded]).result()

    assert found.ledger == {"applied": 1, "copies": 2}
    assert found.records == {"a:ana": {now.id}}
    assert (found.watermark - T0) / 1000 == 8 * 86_400


def test_the_newest_time_of_a_source_is_that_of_its_native_facts_and_never_goes_back() -> None:
    def heard(topic: str, *events: Event) -> dict[str, float]:
        return {name: (at - T0) / 1000 for name, at in batch_of(topic, events).result().live["source::"].items()}

    tick = make_event("tick", source="/clock", id="t", time_ms=T0 + 99_000, data={})
    copy = event("contact.answered", 50, source="/copied", agent_id="ana")

    other = event("contact.answered", 20, source="/two", agent_id="bo")
    assert heard("calls.events", event("contact.queued", 8), other, event("contact.queued", 3, id="x"), tick) == {
        SOURCE: 8.0, "/two": 20.0,
    }  # fmt: skip
    assert heard("agents.events", agent("heartbeat", 7), copy) == {SOURCE: 7.0}


def test_what_stood_by_a_forgotten_record_is_fading() -> None:
    lost = event("contact.left_queue", 0, reason="abandoned", customer_key="u1")
    later = event("contact.queued", 8 * 86_400 + 1, contact_id="c9", leg_id="c9/1", customer_key="u2")

    before = batch_of("customers.events", [lost]).result()
    after = batch_of("customers.events", [lost, later]).result()

    assert live(before) == {"lost:support:voice": {"c1|c1/1": 0.0}}
    assert live(after) == {}
    assert after.fading == {"lost:support:voice": {"c1|c1/1"}}
    assert after.absent == {"u:u1"}
    assert [*after.records] == ["u:u2"]


def test_a_record_that_is_open_is_never_forgotten() -> None:
    def stays(topic: str, *events: Event) -> bool:
        tick = make_event("tick", source="/clock", id="t", time_ms=T0 + 40 * DAY, data={})
        return not batch_of(topic, [*events, tick]).result().absent

    case: dict[str, Any] = {"case_id": "k1", "channel": "email", "queue_id": "mail"}
    promised = event("contact.callback_requested", 1, due_at="2027-01-01T00:00:00Z")
    ended = event("contact.ended", 2)
    assert stays("calls.events", event("contact.queued", 0))
    assert stays("calls.events", event("contact.answered", 0, direction="outbound"))
    assert stays("calls.events", event("contact.queued", 0), promised, ended)
    assert not stays("calls.events", event("contact.queued", 0), ended)
    assert stays("cases.events", event("case.opened", 0, **case))
    assert not stays("cases.events", event("case.opened", 0, **case), event("case.resolved", 1, **case))
    assert stays("agents.events", agent("logged_in", 0))
    assert not stays("agents.events", agent("logged_in", 0), agent("logged_out", 1))
