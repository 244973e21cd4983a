"""One contact: its legs, its messages, and what is said of it as a whole.

1. Legs are told as `floorpulse.batch.leg` says, messages as `floorpulse.batch.chat`.
2. What is said of the whole contact stands at its own instant in the queue its fact names, else in that of its leg as
   far as known by then, else in that of the first leg; in that leg's channel, else its own. Without a queue it counts
   nowhere, and is not remembered either.
3. Blocked: the first per queue. A rating counts always. A reason (else the topic) counts once per contact and text.
4. The first `callback_requested` with a place is the promise, and its place that of all attempts. It is due when a
   request said so last, else when it was made. The first `callback_completed` ends it, even one before the promise.
5. A contact is open while a leg waits or is in service, or a callback is promised.
"""

from collections import defaultdict
from typing import Any

from floorpulse.batch.chat import Thread, count_chat, listen, unanswered
from floorpulse.batch.leg import VERBS, WRAPUPS, Leg, Legs, tell_leg
from floorpulse.batch.leg_counts import TEXT_KEPT, count_leg
from floorpulse.batch.telling import Counts, Effect, Event, Live
from kpi.events import parse_time
from kpi.keys import live_member

REACHED = (None, "reached", "answered", "completed", "connected", "success")
CALLBACKS = ("callback_requested", "callback_attempted", "callback_completed")

Place = tuple[str, str]


def contact_effect(contact: str, facts: list[Event]) -> Effect:
    """What one contact counts and where it stands, from its facts in order."""
    counts: Counts = defaultdict(int)
    legs: Legs = {}
    thread = Thread()
    said: dict[str, Any] = {"promise": None, "due": 0, "completed": False, "once": set()}
    for event in facts:
        if event.verb in VERBS or event.verb in WRAPUPS:
            tell_leg(legs, event)
        elif event.verb == "message":
            listen(thread, event, counts)
        elif event.verb in CALLBACKS:
            _callback(said, event, _place_of(event, legs), counts)
        else:
            _matter(said, event, _place_of(event, legs), counts)
    live: Live = {}
    for name, leg in legs.items():
        count_leg(leg, counts)
        _place_leg(leg, live_member(contact, name), live)
    count_chat(thread, legs, counts)
    live.update(unanswered(thread, contact, legs))
    if said["promise"] is not None and not said["completed"]:
        live["callbacks", *said["promise"], contact] = said["due"]
    is_open = any(kind in ("waiting", "in_service", "outbound", "callbacks") for kind, *_ in live)
    return Effect(counts, live, is_open)


def _place_of(event: Event, legs: Legs) -> Place | None:
    """Rule 2."""
    leg = legs.get(event.fields.get("leg_id", "")) or next(iter(legs.values()), None)
    queue = event.fields.get("queue_id") or (None if leg is None else leg["queue"])
    return None if queue is None else (queue, event.fields["channel"] if leg is None else leg["channel"])


def _matter(said: dict[str, Any], event: Event, place: Place | None, counts: Counts) -> None:
    """Rule 3."""
    fact = event.fields
    if place is None:
        return
    if event.verb == "rated":
        name = f"{fact.get('kind', 'csat')}/{fact.get('scale', 0):g}/{fact['score']:g}"
        counts[event.time, *place, f"rating.{name}"] += 1
    elif event.verb == "blocked" and ("blocked", place[0]) not in said["once"]:
        said["once"].add(("blocked", place[0]))
        counts[event.time, *place, f"blocked.{fact.get('reason', 'unknown')}"] += 1
    elif event.verb == "updated":
        attrs = fact.get("attrs", {})
        text = attrs.get("reason") or attrs.get("topic")
        if text and isinstance(text, str) and ("reason", text[:TEXT_KEPT]) not in said["once"]:
            said["once"].add(("reason", text[:TEXT_KEPT]))
            counts[event.time, *place, f"reason.{text[:TEXT_KEPT]}"] += 1


def _callback(said: dict[str, Any], event: Event, place: Place | None, counts: Counts) -> None:
    """Rule 4."""
    name = event.verb
    if name == "callback_requested":
        if said["promise"] is None and place is not None:
            said.update(promise=place, due=event.time)
            counts[event.time, *place, name] += 1
        if said["promise"] is not None and "due_at" in event.fields:
            said["due"] = parse_time(event.fields["due_at"])
        return
    place = said["promise"] or place
    if name == "callback_completed":
        if said["completed"]:
            return
        said["completed"] = True
        name = "callback_reached" if event.fields.get("result") in REACHED else "callback_failed"
    if place is not None:
        counts[event.time, *place, name] += 1


def _place_leg(leg: Leg, member: str, live: Live) -> None:
    """Which live sets the leg is in."""
    queue, channel, is_served = leg["queue"], leg["channel"], leg["outcome"] == "answered"
    if leg["outcome"] is not None and not (is_served and leg["ended"] is None):
        return
    if leg["is_outbound"]:
        live["outbound", queue, channel, member] = leg["joined"]
    elif is_served:
        live["in_service", queue, channel, member] = leg["left"]
    else:
        live["waiting", queue, channel, member] = leg["joined"]
        open_offers = [o["since"] for o in leg["offers"].values() if o["since"] is not None and o["ended"] is None]
        if open_offers:
            live["ringing", queue, channel, member] = min(open_offers)
