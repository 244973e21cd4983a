"""The legs of a contact, told from its facts in order: when each joined, how it left, and what happened in service.

 1. A leg exists from its first fact that names its queue, of the types queued, offered, offer_ended, answered,
    left_queue, held, resumed, transferred, ended. Facts of a leg unknown so far without a queue say nothing.
 2. It joins at `queued`; else at a deciding fact minus its reported wait; else at its first fact, its wait unknown. A
    later deciding fact with a reported wait moves a join that no `queued` told. Later `queued` of that leg say nothing.
 3. When a leg joins, every other waiting leg of the contact left at that instant (not before its own join) with
    `unknown_exit`; so it does when the contact ends (`ended` without leg_id), which also ends every leg in service.
 4. Deciding facts that contradict: lost_unknown < unknown_exit < any other; the last of the highest rank stands, with
    its own time, agent and reported wait. `ended`: lost_unknown < any other, likewise.
 5. `ended` of a leg that waits, or left as lost_unknown or unknown_exit (and the end is not lost_unknown), says that it
    was answered: at ended - reported talk, else at ended with talk and wait unknown. Not before a join that was told
    or reported; one that is only the first fact's instant moves back with it.
 6. Talk: reported, else ended - answered; none after lost_unknown, nor hold. Hold: reported when not 0, else held to
    resumed summed, an open hold ending with the leg; only of legs with a hold. Both are the agent's who answered, else
    who is named by `ended`, and stand at `ended`. A leg that was not answered counts neither.
 7. The first `transferred` of a leg counts, for `from_agent`, else `agent_id`. An offer is named by `offer_id`, else by
    its agent; its last end counts, for the agent an end of it names.
 8. Durations below 0 are 0. Waiting scores are joins, ringing: the oldest open offer of a waiting leg, in service: the
    answer.
 9. What a leg is (direction, reason and entry point) is what the fact says that opened it, its reason only if that was
    a `queued`. A leg opened by a transfer came by the kind of the latest `transferred` before it in order; of two of
    one instant, by that of the leg that joined first.
10. Wrap-up is of the leg its fact names, else of the last leg (in the order they joined) that is answered by then. The
    last `wrapup_ended` stands, with its length: reported, else since the last `wrapup_started` before it. Its agent is
    the fact's, else the one who answered the leg.
"""

from typing import Any

from floorpulse.batch.telling import Event

VERBS = ("queued", "offered", "offer_ended", "answered", "left_queue", "held", "resumed", "transferred", "ended")
WRAPUPS = ("wrapup_started", "wrapup_ended")

Leg = dict[str, Any]
Legs = dict[str, Leg]


def tell_leg(legs: Legs, event: Event) -> None:
    """Take in the next fact of the contact, one of `VERBS` or `WRAPUPS`."""
    name = event.fields.get("leg_id")
    if event.verb in WRAPUPS:
        _wrapup(legs, name, event)
        return
    if name is None:
        _contact_ends(legs, event)
        return
    if name not in legs:
        if event.fields.get("queue_id") is None:
            return
        legs[name] = _new_leg(event, legs)
    _TELL[event.verb](legs[name], event)


def _new_leg(event: Event, legs: Legs) -> Leg:
    """Rules 1 to 3 and 9: when it joined, who left because it did, and what it is."""
    fact, verb = event.fields, event.verb
    joined, known_by = event.time, "queued" if verb == "queued" else None
    wait, talk = event.reported("wait_ms"), event.reported("talk_ms")
    if verb == "ended" and talk is not None:
        joined -= talk
    if wait is not None and (verb in ("answered", "left_queue") or (verb == "ended" and talk is not None)):
        joined, known_by = joined - wait, "reported"
    for other in legs.values():
        if other["outcome"] is None:
            _decide(other, max(joined, other["joined"]), "unknown_exit", None, None)
    moved = [leg["transfer"] for leg in legs.values() if leg["transfer"] is not None]
    return {
        "queue": fact["queue_id"], "channel": fact["channel"], "joined": joined, "known_by": known_by,
        "outcome": None, "left": None, "wait": None, "agent": None, "talk_unknown": False, "offers": {}, "held": 0,
        "held_since": None, "had_hold": False, "transfer": None, "ended": None, "ended_by": None, "on_hold": False,
        "is_first": not legs, "is_outbound": fact.get("direction") == "outbound", "is_orphan": verb != "queued",
        "reason": fact.get("reason") if verb == "queued" else None, "entry": fact.get("entry_point"),
        "came_by": _kind(max(moved, key=lambda one: one.time)) if moved else "unknown",
        "wrapup_began": None, "wrapup": None,
    }  # fmt: skip


def _kind(transferred: Event) -> str:
    return str(transferred.fields.get("kind", "unknown"))


def _decide(leg: Leg, time: int, outcome: str, agent: str | None, wait: int | None) -> None:
    """Rule 4: the leg left the queue this way, unless something that knows more was told before."""
    knows = {"lost_unknown": 0, "unknown_exit": 1}
    if leg["outcome"] is not None and knows.get(outcome, 2) < knows.get(leg["outcome"], 2):
        return
    if wait is not None and leg["known_by"] != "queued":
        leg["joined"], leg["known_by"] = time - wait, "reported"
    if wait is None and leg["known_by"] is not None:
        wait = max(time - leg["joined"], 0)
    if leg["known_by"] is None:
        leg["joined"] = min(leg["joined"], time)
    leg.update(left=time, outcome=outcome, agent=agent, wait=wait, talk_unknown=False)


def _contact_ends(legs: Legs, event: Event) -> None:
    """Rule 3: an `ended` that names no leg."""
    if event.verb != "ended":
        return
    for leg in legs.values():
        if leg["outcome"] is None:
            _decide(leg, max(event.time, leg["joined"]), "unknown_exit", None, None)
        elif leg["outcome"] == "answered" and leg["ended"] is None:
            _ended(leg, event)


def _queued(leg: Leg, event: Event) -> None:
    pass


def _offer(leg: Leg, event: Event) -> dict[str, Any]:
    fact = event.fields
    name = ("offer", fact["offer_id"]) if "offer_id" in fact else ("agent", fact.get("agent_id"))
    offer: dict[str, Any] = leg["offers"].setdefault(name, {"since": None, "ended": None, "result": "", "agent": None})
    return offer


def _offered(leg: Leg, event: Event) -> None:
    offer = _offer(leg, event)
    if offer["since"] is None:
        offer["since"] = event.time


def _offer_ended(leg: Leg, event: Event) -> None:
    offer = _offer(leg, event)
    agent = event.fields.get("agent_id") or offer["agent"]
    offer.update(ended=event.time, result=event.fields["result"], agent=agent)


def _answered(leg: Leg, event: Event) -> None:
    _decide(leg, event.time, "answered", event.fields.get("agent_id"), event.reported("wait_ms"))


def _left_queue(leg: Leg, event: Event) -> None:
    _decide(leg, event.time, event.fields["reason"], None, event.reported("wait_ms"))


def _held(leg: Leg, event: Event) -> None:
    leg["had_hold"] = True
    if leg["held_since"] is None:
        leg["held_since"] = event.time


def _resumed(leg: Leg, event: Event) -> None:
    if leg["held_since"] is not None:
        leg["held"] += event.time - leg["held_since"]
        leg["held_since"] = None


def _transferred(leg: Leg, event: Event) -> None:
    if leg["transfer"] is None:
        leg["transfer"] = event


def _ended(leg: Leg, event: Event) -> None:
    """Rules 4 to 6."""
    lost = event.fields.get("ended_by") == "lost_unknown"
    if leg["outcome"] is None or (leg["outcome"] in ("lost_unknown", "unknown_exit") and not lost):
        _answered_before_its_end(leg, event)
    if leg["ended"] is not None and lost and not leg["lost"]:
        return
    said_hold = event.reported("hold_ms")
    told_hold = event.fields.get("reported", {}).get("hold_ms")
    open_hold = 0 if leg["held_since"] is None else event.time - leg["held_since"]
    hold = max(leg["held"] + open_hold, 0) if told_hold is None else said_hold
    leg.update(
        ended=event.time,
        ended_by=event.fields.get("ended_by"),
        on_hold=leg["held_since"] is not None,
        lost=lost,
        talk=event.reported("talk_ms"),
        hold=None if lost or not (leg["had_hold"] or told_hold) else hold,
        server=leg["agent"] or event.fields.get("agent_id"),
    )


def _answered_before_its_end(leg: Leg, event: Event) -> None:
    """Rule 5."""
    talk, agent = event.reported("talk_ms"), event.fields.get("agent_id")
    if talk is not None:
        answered = event.time - talk
        if leg["known_by"] is not None:
            answered = max(answered, leg["joined"])
        _decide(leg, answered, "answered", agent, event.reported("wait_ms"))
        return
    _decide(leg, event.time, "answered", agent, None)
    leg.update(wait=None, talk_unknown=True)


def _wrapup(legs: Legs, name: str | None, event: Event) -> None:
    """Rule 10."""
    if name is None:
        leg = next((leg for leg in reversed(legs.values()) if leg["outcome"] == "answered"), None)
    else:
        leg = legs.get(name)
    if leg is None:
        return
    if event.verb == "wrapup_started":
        leg["wrapup_began"] = event.time
        return
    length = event.reported("acw_ms")
    if length is None and leg["wrapup_began"] is not None:
        length = event.time - leg["wrapup_began"]
    leg["wrapup"] = event.time, length, event.fields.get("agent_id")


_TELL = {
    "queued": _queued, "offered": _offered, "offer_ended": _offer_ended, "answered": _answered, "held": _held,
    "left_queue": _left_queue, "resumed": _resumed, "transferred": _transferred, "ended": _ended,
}  # fmt: skip
