"""The messages of a contact: turns, the first response, and chats that nobody answered.

1. Only public messages by customer and agent on the channels chat, message and social are heard. A message stands in
   the queue and channel of the last message (itself included) that named a queue; before any did, it counts nowhere,
   but opens and closes turns all the same.
2. A turn opens with the first customer message after an agent's, and closes with the agent's next.
3. The first response is the first agent message of all. It starts at the latest join by a bot's hand-off that is not
   after it in time, else at the first customer message, which must be before it in order. An agent who began by
   herself responds to nobody, and so does a contact whose first leg is outbound.
4. A chat leg was missed when no agent had written to the contact at all by the instant it was abandoned, or ended by
   customer or inactivity; one whose first agent message has that very instant was not.
5. A chat leg was reassigned in silence when it was answered, ended by a transfer or was transferred, and no agent
   message that names it came by its end.
6. Unanswered is the newest (in the order they joined) open leg that is not outbound, since the open turn began.
"""

from dataclasses import dataclass, field

from floorpulse.batch.leg import Leg, Legs
from floorpulse.batch.telling import CHATS, Counts, Event, Live, whole_up
from kpi.keys import live_member


@dataclass
class Thread:
    """What the messages said. `reply`: the first agent message, with its place; `replies`: the first one by leg."""

    place: tuple[str, str] | None = None
    asked: int | None = None
    turn_since: int | None = None
    reply: tuple[int, tuple[str, str] | None, int | None] | None = None
    replies: dict[str, int] = field(default_factory=dict)


def listen(thread: Thread, event: Event, counts: Counts) -> None:
    """Take in the next message of the contact, and count the turn it closes."""
    fact = event.fields
    if fact["channel"] not in CHATS or fact["author"] not in ("customer", "agent"):
        return
    if fact.get("visibility") == "private":
        return
    if "queue_id" in fact:
        thread.place = fact["queue_id"], fact["channel"]
    if fact["author"] == "customer":
        thread.asked = event.time if thread.asked is None else thread.asked
        thread.turn_since = event.time if thread.turn_since is None else thread.turn_since
        return
    if thread.turn_since is not None and thread.place is not None:
        _count_length("response", event.time, event.time - thread.turn_since, thread.place, counts)
        if "agent_id" in fact:
            counts[event.time, *thread.place, f"~response.{fact['agent_id']}"] += 1
            counts[event.time, *thread.place, f"~response_ms.{fact['agent_id']}"] += event.time - thread.turn_since
    thread.turn_since = None
    if thread.reply is None:
        thread.reply = event.time, thread.place, thread.asked
    if "leg_id" in fact:
        thread.replies.setdefault(fact["leg_id"], event.time)


def _count_length(name: str, time: int, ms: int, place: tuple[str, str], counts: Counts) -> None:
    counts[time, *place, f"{name}.{whole_up(ms)}"] += 1
    counts[time, *place, f"{name}_ms"] += ms


def count_chat(thread: Thread, legs: Legs, counts: Counts) -> None:
    """What needs messages and legs."""
    _count_first_response(thread, legs, counts)
    for name, leg in legs.items():
        if leg["channel"] in CHATS and not leg["is_outbound"]:
            _count_silence(thread, name, leg, counts)


def _count_first_response(thread: Thread, legs: Legs, counts: Counts) -> None:
    """Rule 3."""
    if thread.reply is None or any(leg["is_first"] and leg["is_outbound"] for leg in legs.values()):
        return
    time, place, asked = thread.reply
    handed = [leg["joined"] for leg in legs.values() if leg["reason"] == "bot_handoff" and leg["joined"] <= time]
    start = max(handed) if handed else asked
    if place is None or start is None:
        return
    for name in ("first_response", "handoff") if handed else ("first_response",):
        _count_length(name, time, time - start, place, counts)


def _count_silence(thread: Thread, name: str, leg: Leg, counts: Counts) -> None:
    """Rules 4 and 5."""
    ended = leg["ended"] if leg["outcome"] == "answered" else None
    gone = leg["left"] if leg["outcome"] == "abandoned" else None
    if ended is not None and leg["ended_by"] in ("customer", "inactivity"):
        gone = ended
    if gone is not None and (thread.reply is None or thread.reply[0] > gone):
        counts[gone, leg["queue"], leg["channel"], "missed"] += 1
    was_moved = leg["transfer"] is not None or leg["ended_by"] == "transfer"
    if ended is not None and was_moved and thread.replies.get(name, ended + 1) > ended:
        counts[ended, leg["queue"], leg["channel"], "reassigned_silent"] += 1


def unanswered(thread: Thread, contact: str, legs: Legs) -> Live:
    """Rule 6."""
    if thread.turn_since is None:
        return {}
    for name, leg in reversed(legs.items()):
        is_open = leg["outcome"] is None or (leg["outcome"] == "answered" and leg["ended"] is None)
        if is_open and not leg["is_outbound"]:
            return {("unanswered", leg["queue"], leg["channel"], live_member(contact, name)): thread.turn_since}
    return {}
