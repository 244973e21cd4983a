"""One customer: arrivals, repeats, and abandonments that were or were not made good.

1. A contact arrives at its first fact, in that fact's queue; at one that names none it arrives uncounted. A contact is
   forgotten, and arrives anew, more than 24 h after its last fact, or more than 8 days when it was not over; it is over
   after `ended`, or `left_queue` with no fact since.
2. It repeats within 1 h, 24 h, 7 d when the customer's last fact before it in order is no older than that.
3. An abandonment is of one leg. A later `answered` of that leg withdraws it, with all that it counted; of another leg
   it recovers it, once. A second one of the leg changes nothing while the first is remembered.
4. The first contact of another id that arrives later returns it, once. Recovered minutes and returned hours are
   rounded up and stand at the abandonment. It is forgotten when a fact comes more than 7 days later.
5. Lost is what was neither recovered nor withdrawn, until forgotten.
6. Of contacts over, contacts under way, abandonments lost, recovered, and not yet returned only the newest 200 each
   are remembered: a key may stand for thousands of anonymous callers.
"""

from collections import defaultdict
from typing import Any

from floorpulse.batch.telling import DAY, HOUR, MINUTE, Counts, Effect, Event, Live, whole_up
from kpi.keys import live_member

REPEATS = {"1h": HOUR, "24h": DAY, "7d": 7 * DAY}
FORGOTTEN = 7 * DAY
REMEMBERED = 200

Abandonment = dict[str, Any]


def customer_effect(customer: str, facts: list[Event]) -> Effect:
    """What one customer counts and is in, from the facts of all contacts in order. Never open."""
    counts: Counts = defaultdict(int)
    contacts: dict[str, tuple[int, bool]] = {}
    lost: list[Abandonment] = []
    recovered: list[Abandonment] = []
    away: list[Abandonment] = []
    latest: int | None = None
    for event in facts:
        contact = event.fields["contact_id"]
        leg = live_member(contact, event.fields.get("leg_id", ""))
        contacts = _remembered(contacts, event.time)
        lost, recovered = ([one for one in some if event.time - one["time"] <= FORGOTTEN] for some in (lost, recovered))
        if contact not in contacts:
            if "queue_id" in event.fields:
                _arrive(event, latest, counts)
            _return(event, contact, [one for one in away if one in lost or one in recovered], counts)
            away = [one for one in away if one["contact"] == contact]
        # The newest stands last.
        contacts.pop(contact, None)
        contacts[contact] = event.time, event.verb in ("ended", "left_queue")
        latest = event.time
        if event.verb == "answered":
            lost, recovered = _answer(event, leg, lost, recovered, counts)
        elif event.fields.get("reason") == "abandoned" and all(one["leg"] != leg for one in lost + recovered):
            place = event.fields["queue_id"], event.fields["channel"]
            lost.append({"time": event.time, "leg": leg, "contact": contact, "place": place, "counted": []})
            _count(lost[-1], "cust_abandoned", counts)
            lost, away = lost[-REMEMBERED:], [*away, lost[-1]][-REMEMBERED:]
    live: Live = {("lost", *one["place"], one["leg"]): one["time"] for one in lost}
    return Effect(counts, live, False)


def _remembered(contacts: dict[str, tuple[int, bool]], now: int) -> dict[str, tuple[int, bool]]:
    """Rules 1 and 6: the contacts that are known at `now`, the newest last."""
    fresh = {name: one for name, one in contacts.items() if now - one[0] <= (DAY if one[1] else 8 * DAY)}
    over, under_way = ([name for name, one in fresh.items() if one[1] is is_over] for is_over in (True, False))
    kept = {*over[-REMEMBERED:], *under_way[-REMEMBERED:]}
    return {name: one for name, one in fresh.items() if name in kept}


def _arrive(event: Event, latest: int | None, counts: Counts) -> None:
    """Rules 1 and 2."""
    place = event.fields["queue_id"], event.fields["channel"]
    counts[event.time, *place, "cust_arrived"] += 1
    for name, within in REPEATS.items():
        if latest is not None and event.time - latest <= within:
            counts[event.time, *place, f"repeat.{name}"] += 1


def _return(event: Event, contact: str, abandoned: list[Abandonment], counts: Counts) -> None:
    """Rule 4."""
    for one in abandoned:
        if one["contact"] != contact:
            _count(one, f"returned.{whole_up(event.time - one['time'], HOUR)}", counts)


def _answer(
    event: Event, leg: str, lost: list[Abandonment], recovered: list[Abandonment], counts: Counts
) -> tuple[list[Abandonment], list[Abandonment]]:
    """Rule 3: what is lost and what is recovered after an answer."""
    for one in lost + recovered:
        if one["leg"] == leg:
            for name in one["counted"]:
                counts[one["time"], *one["place"], name] -= 1
    made_good = [one for one in lost if one["leg"] != leg]
    for one in made_good:
        _count(one, f"recovered.{whole_up(event.time - one['time'], MINUTE)}", counts)
    return [], ([one for one in recovered if one["leg"] != leg] + made_good)[-REMEMBERED:]


def _count(one: Abandonment, name: str, counts: Counts) -> None:
    one["counted"].append(name)
    counts[one["time"], *one["place"], name] += 1
