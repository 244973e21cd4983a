"""A chat of ten thousand messages, and one that never ends: the record stays small, and the numbers stay right."""

import random
from typing import Any

import pytest

from kpi.envelope import Event
from kpi.kinds import KINDS
from kpi.record import Record
from streams.decode import decode
from tests.builders import T0, event
from tests.traps.worker import LIMITS, Worker

DAY = 86_400
BYTES = 60_000


def chat(verb: str, at: float, **more: Any) -> Event:
    return event(f"contact.{verb}", at, channel="chat", **more)


def messages(count: int, every: float, agents: tuple[str, ...] = ("ana",)) -> list[Event]:
    """Customer and agent in turn, now and then two messages in a row, bots and notes between."""
    chance, found = random.Random(count), []
    for number in range(count):
        author = chance.choice(("customer", "customer", "agent", "agent", "agent", "bot")) if number else "customer"
        more: dict[str, Any] = {"author": author, "sequence": number, "message_id": f"m{number}"}
        if author == "agent":
            more |= {"agent_id": chance.choice(agents), "visibility": chance.choice(("public", "public", "private"))}
        found.append(chat("message", 10 + number * every, **more))
    return found


def small(worker: Worker) -> int:
    return len(worker.blobs["c:c1"])


def by_facts(worker: Worker, events: list[Event]) -> dict[str, int]:
    """The totals that all the events together give when nothing is ever folded."""
    facts = {}
    for one in events:
        told = decode(one.to_json(), "chats.events", 2**52, LIMITS)
        assert told.fact is not None
        facts[told.fact.id] = told.fact
    _, counts = KINDS["c"].fold(None, sorted(facts.values()))
    found: dict[str, int] = {}
    for _, _, _, name, n in counts:
        found[name] = found.get(name, 0) + n
    return {name: n for name, n in sorted(found.items()) if n and not name.startswith("net.")}


@pytest.mark.parametrize("chunk", [1, 40])
def test_a_chat_of_ten_thousand_messages_keeps_a_small_record_and_its_numbers(chunk: int) -> None:
    worker = Worker("chats.events", keeps_all=True)
    told = [chat("queued", 0, reason="initial"), *messages(10_000, 3.0), chat("ended", 40_000, agent_id="ana")]
    told.insert(3, chat("answered", 12, agent_id="ana"))
    largest = 0
    for start in range(0, len(told), chunk):
        worker.take(*told[start : start + chunk])
        largest = max(largest, small(worker))
    assert largest < BYTES
    assert worker.total() == by_facts(worker, told)
    assert worker.total()["first_response_ms"] > 0


def test_messages_out_of_order_fold_to_the_same_numbers() -> None:
    told = [chat("queued", 0), chat("answered", 12, agent_id="ana"), *messages(3_000, 3.0)]
    chance = random.Random(1)
    late = sorted(told, key=lambda one: one.time_ms + chance.randrange(600_000))
    one, other = Worker("chats.events", keeps_all=True), Worker("chats.events", keeps_all=True)
    for number, event_ in enumerate(told):
        one.take(event_)
        if number % 500 == 0:
            one.restart()
    for number in range(0, len(late), 7):
        other.take(*late[number : number + 7])
        if number % 300 == 0:
            other.restart()
    assert one.total() == other.total() == by_facts(one, told)
    assert one.members("unanswered") == other.members("unanswered")


def test_a_chat_that_goes_on_day_and_night_for_five_weeks_keeps_a_small_record() -> None:
    worker = Worker("chats.events")
    worker.take(chat("queued", 0), chat("answered", 5, agent_id="ana"))
    sizes = []
    for day in range(35):
        told = [
            chat("message", day * DAY + hour * 600 + 10, author=author, sequence=hour, message_id=f"{day}/{hour}")
            for hour in range(144)
            for author in (("customer",) if hour % 2 else ("agent",))
        ]
        for start in range(0, len(told), 20):
            worker.take(*told[start : start + 20])
        sizes.append(small(worker))
    assert max(sizes) < BYTES
    assert max(sizes[-5:]) < 1.2 * max(sizes[:5])
    assert worker.members("in_service") == {"c1|c1/1": T0 + 5_000}


def test_an_agent_and_a_customer_who_never_rest_keep_small_records() -> None:
    agents, customers = Worker("agents.events"), Worker("customers.events")
    agents.take(event("agent.logged_in", 0, agent_id="ana"))
    for number in range(4_000):
        at, more = number * 60, {"contact_id": f"c{number}", "leg_id": f"c{number}/1"}
        agents.take(event("contact.answered", at, agent_id="ana", **more),
                    event("contact.ended", at + 30, agent_id="ana", **more))  # fmt: skip
        if number % 5 == 0:
            more["customer_key"] = "k"
            customers.take(event("contact.queued", at, **more))
            customers.take(event("contact.left_queue", at + 20, reason="abandoned", **more))
    assert len(agents.blobs["a:ana"]) < BYTES
    assert len(customers.blobs["u:k"]) < 10 * BYTES
    assert agents.total(900)["step.idle.ana"] == 1
    again = Record.unpack("a:ana", agents.blobs["a:ana"])
    assert again.is_open
