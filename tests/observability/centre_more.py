"""What else happens in the small contact centre, so that no panel is empty: people, callbacks, transfers, doubts.

Nothing of this touches the queue `support`, whose numbers the tests know by heart.
"""

import asyncio

from kpi.envelope import Event
from kpi.instants import format_time
from sources.publish import Publisher
from tests.observability.centre import MINUTE, Centre

DAY = 86_400.0


def more(centre: Centre) -> None:
    """Everything that came before now."""
    _people(centre)
    _billing(centre)
    _chats(centre)
    _cases(centre)


def _people(centre: Centre) -> None:
    centre.agent("dan", 15 * MINUTE, "idle", "billing", 1, team="back")
    centre.agent("eve", 15 * MINUTE, "idle", "billing", 1, team="back")
    centre.agent("fay", 15 * MINUTE, "idle", "chats", 3, team="back")
    centre.agent("gus", 15 * MINUTE, "error", "sales", 1, team="back")
    # Of the source that tells who lives, eve has not stirred for six minutes: a phantom.
    for name, ago in (("bo", 5), ("cleo", 6), ("eve", 6 * MINUTE)):
        centre.say("agent.heartbeat", ago, name, agent_id=name)


def _billing(centre: Centre) -> None:
    for number in range(6):
        leg = centre.contact("billing", 17 * MINUTE + 20 * number, answered=8, talk=40, agent="dan")
        if number < 2:
            centre.say("contact.transferred", 17 * MINUTE + 20 * number - 48, leg["contact_id"], **leg, kind="blind")
    # One with dan now, one whose talk is over and whose wrap-up is not, one that rang out at eve and rings again.
    centre.contact("billing", 3 * MINUTE, answered=9, agent="dan")
    leg = centre.contact("billing", 4 * MINUTE - 20, answered=5, talk=60, agent="eve")
    centre.say("contact.wrapup_started", 2 * MINUTE, leg["contact_id"], **leg, agent_id="eve")
    leg = centre.contact("billing", 15)
    for ago, verb, more_data in ((12, "offered", {}), (9, "offer_ended", {"result": "no_answer"})):
        said = {"offer_id": "rang-out", "agent_id": "gus", **more_data}
        centre.say(f"contact.{verb}", ago, leg["contact_id"], **leg, **said, sequence=5)
    # Promised: for later, due, overdue.
    for number, due_in in enumerate((1800, -60, -1200)):
        contact = f"back{number}"
        same = {"contact_id": contact, "leg_id": f"{contact}/1", "channel": "voice", "queue_id": "billing"}
        due = format_time(centre.now_ms + due_in * 1000)
        centre.say("contact.queued", 25 * MINUTE, contact, **same)
        centre.say("contact.left_queue", 25 * MINUTE - 6, contact, **same, reason="callback_requested", sequence=1)
        centre.say("contact.callback_requested", 25 * MINUTE - 6, contact, **same, due_at=due, sequence=2)
    # Somebody who gave up and is to be called back.
    gone = {"contact_id": "gone", "leg_id": "gone/1", "channel": "voice", "queue_id": "billing", "customer_key": "k1"}
    centre.say("contact.queued", 6 * MINUTE, "gone", **gone)
    centre.say("contact.left_queue", 6 * MINUTE - 25, "gone", **gone, reason="abandoned", sequence=1)
    # A call that the centre made, and one whose join nobody told.
    out = {"contact_id": "out", "leg_id": "out/1", "channel": "voice", "queue_id": "billing", "direction": "outbound"}
    centre.say("contact.queued", 50, "out", **out)
    centre.say("contact.answered", 40, "out", **out, agent_id="hal")
    lost = {"contact_id": "orphan", "leg_id": "orphan/1", "channel": "voice", "queue_id": "billing"}
    centre.say("contact.answered", 11 * MINUTE, "orphan", **lost, agent_id="dan")
    centre.say("contact.ended", 10 * MINUTE, "orphan", **lost, agent_id="dan", sequence=1)
    # The source's list lacks whom we have, and has one whom we lack.
    centre.list_waiting("billing", 10, ["nobody-knows-me"])


def _chats(centre: Centre) -> None:
    # Answered after 30 s; left without any answer; one with fay, whose customer waits for a reply.
    centre.contact("chats", 8 * MINUTE, channel="chat", answered=12, talk=200, agent="fay")
    centre.message(8 * MINUTE, "customer")
    centre.message(8 * MINUTE - 30, "agent")
    centre.contact("chats", 9 * MINUTE, channel="chat", left=(40, "abandoned"))
    centre.message(9 * MINUTE, "customer")
    centre.contact("chats", 3 * MINUTE, channel="chat", answered=10, agent="fay")
    centre.message(2 * MINUTE, "customer")


def _cases(centre: Centre) -> None:
    same = {"channel": "email", "queue_id": "mail"}
    for place, (clock, due_in) in enumerate((("first_response", -30), ("next_response", 900), ("resolution", 7200))):
        due, ago = format_time(centre.now_ms + due_in * 1000), 11 * MINUTE - place
        centre.say("case.sla_set", ago, "late", **same, case_id="late", clock=clock, due_at=due, sequence=3)
    centre.case("today", 13 * MINUTE, due_in=1500)
    centre.say("case.assigned", 11 * MINUTE, "later", **same, case_id="later", agent_id="dan", sequence=2)
    centre.say("case.waiting_customer", 10 * MINUTE, "soon", **same, case_id="soon", sequence=2)


def trickle(now_ms: int, name: str) -> list[Event]:
    """A few contacts of the queue `general` that come and go at once: counters move, and no number of now does."""
    centre = Centre(now_ms, prefix=name)
    centre.contact("general", 9, answered=2, talk=4, agent="ida")
    centre.contact("general", 8, left=(6, "abandoned"))
    centre.contact("general", 8, left=(1, "abandoned"))
    centre.contact("general", 7, left=(3, "timeout"))
    leg = centre.contact("general", 6, answered=2, agent="ida")
    rang = {**leg, "offer_id": f"{name}-rang", "agent_id": "jon"}
    centre.say("contact.offered", 5.5, leg["contact_id"], **rang, sequence=1)
    centre.say("contact.offer_ended", 5, leg["contact_id"], **rang, result="no_answer", sequence=2)
    centre.say("contact.transferred", 2, leg["contact_id"], **leg, agent_id="ida", kind="blind", sequence=4)
    centre.say("contact.ended", 2, leg["contact_id"], **leg, agent_id="ida", ended_by="transfer", sequence=5)
    centre.contact("small-talk", 9, channel="chat", answered=1, talk=6, agent="ida")
    centre.message(8.5, "customer")
    centre.message(5, "agent")
    # An agent who comes and goes: the time in a state is counted when the state ends.
    centre.agent("kim", 9, "idle", "general", 1, team="back")
    centre.say("agent.state_changed", 4, "kim", agent_id="kim", team="back", state="break")
    centre.say("agent.logged_out", 1, "kim", agent_id="kim", team="back")
    return sorted(centre.events, key=lambda event: event.time_ms)


async def send_doubts(publisher: Publisher, now_ms: int, name: str) -> None:
    """What is refused, repeated, late, or taken back later."""
    centre = Centre(now_ms, prefix=f"{name}-doubt")
    leg = centre.contact("general", 5, answered=1, agent="ida")
    [queued, answered] = centre.events
    await publisher.send_many([queued, answered, queued])
    # The answer is taken back: it turns out that the customer had left before.
    centre.say("contact.left_queue", 4.5, leg["contact_id"], **leg, reason="abandoned", sequence=9)
    centre.say("contact.ended", 3, leg["contact_id"], **leg, agent_id="ida", sequence=10)
    old = Centre(now_ms, prefix=f"{name}-old")
    old.contact("general", 8 * DAY)
    await publisher.send_many([*centre.events[2:], *old.events])
    await publisher.send_raw("calls.events", b"nonsense", b"{}")


def write_trickle(kafka: str, now_ms: int, name: str) -> None:
    """Send a trickle and its doubts; returns once Kafka has acknowledged all of it."""

    async def send() -> None:
        async with Publisher(kafka, "live") as publisher:
            await publisher.send_many(trickle(now_ms, name))
            await send_doubts(publisher, now_ms, name)

    asyncio.run(send())
