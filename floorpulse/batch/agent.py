"""One agent: what sources declare, what contacts keep the agent busy, and the one state that follows, over time.

What a source says
1. Logged in there as last told by logged_in and logged_out (`state_changed` to offline tells it too, and to
   anything else after a logout); when never told, by having a queue, if there ever was one; else by having declared any
   state.
2. What `state_changed` declares without a queue is for all queues: a break pauses each with its reason, anything else
   ends all pauses. With a queue it is about that one: a break pauses it, anything else ends its pause, and a declared
   break turns into idle. A login declares idle unless another state stands; a logout declares nothing any more.
3. `membership_changed` with `paused` pauses (its reason, else "paused") or not, without it leaves a pause as it is. Who
   leaves the last queue of a source that never told a login declares nothing there any more.
4. Its state is break when all its queues are paused, with the reason of the latest pause, unless what is declared goes
   before; otherwise what is declared, else idle.

What follows (engagements: `floorpulse.batch.engagement`)
5. The state is the first of `PRECEDENCE` that a source says or an engagement means. Its reason is that of the
   alphabetically first source that says it, "" if none does. It lasts since state or reason changed last, fact by fact.
6. Slots: what all sources where the agent is logged in have room for, none in a break, an error or offline.
7. Card: a queue is open when it is open at any source, else paused as the last source in the alphabet has it. Room is
   summed over sources. Team and site: the latest told that is not empty.
8. The heartbeat is the newest since the agent was last logged in nowhere.
9. Team and site are known as long as the agent is, offline too, unless both are empty: since one of them changed last.
"""

import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from floorpulse.batch.engagement import answered, gone_home, held, offered, over, phase_of, wrapup_started
from floorpulse.batch.telling import CHATS, Counts, Effect, Event, Live

PRECEDENCE = ("error", "busy", "acw", "ringing", "break", "has_capacity", "idle", "offline")
CLOSED = ("break", "error", "offline")

Agent = dict[str, Any]


def agent_effect(agent: str, facts: list[Event]) -> Effect:
    """What one agent's levels count and which card stands, from native facts and copies in order."""
    counts: Counts = defaultdict(int)
    now: Agent = {"sources": {}, "engaged": {}, "heartbeat": None, "team": "", "site": "", "moved": 0}
    before: dict[str, int] = {}
    shown, since = ("offline", ""), 0
    for event in facts:
        _TELL[event.noun_verb or ""](now, event)
        if not any(_is_in(source) for source in now["sources"].values()):
            now["heartbeat"] = None
        if _state(now) != shown:
            shown, since = _state(now), event.time
        levels = _levels(now, shown[0])
        for level in before.keys() | levels.keys():
            change = levels.get(level, 0) - before.get(level, 0)
            counts[event.time, "", "agents", f"step.{level}.{agent}"] += change
        before = levels
    live: Live = {}
    if now["team"] or now["site"]:
        live["agent_team", "", "", _json([agent, now["team"], now["site"]])] = now["moved"]
    if shown[0] == "offline":
        return Effect(counts, live, False)
    live["agents", "", "", _card(agent, now, *shown)] = since
    if now["heartbeat"] is not None:
        live["agent_heartbeat", "", "", agent] = now["heartbeat"]
    return Effect(counts, live, True)


# What sources say.


def _source(now: Agent, event: Event) -> dict[str, Any]:
    fact = event.fields
    for name in ("team", "site"):
        if fact.get(name) and fact[name] != now[name]:
            now[name], now["moved"] = fact[name], event.time
    fresh: dict[str, Any] = {"login": None, "state": None, "reason": "", "pauses": {}, "was_member": False, "room": {}}
    found: dict[str, Any] = now["sources"].setdefault(event.source, fresh)
    if "capacity" in fact:
        found["room"] = fact["capacity"]
    return found


def _logged_in(now: Agent, event: Event) -> None:
    source = _source(now, event)
    source["login"] = True
    if source["state"] in (None, "offline"):
        source.update(state="idle", reason="")


def _logged_out(now: Agent, event: Event) -> None:
    _source(now, event).update(login=False, state="offline", reason="")
    if not any(_is_in(source) for source in now["sources"].values()):
        gone_home(now)


def _state_changed(now: Agent, event: Event) -> None:
    source, state, reason = _source(now, event), event.fields["state"], event.fields.get("reason", "")
    queue = event.fields.get("queue_id")
    if queue is None:
        if state == "offline" or source["login"] is False:
            source["login"] = state != "offline"
        source.update(state=state, reason=reason)
        for name in source["pauses"]:
            source["pauses"][name] = (reason, event.order) if state == "break" else None
        return
    source["was_member"] = True
    source["pauses"][queue] = (reason, event.order) if state == "break" else None
    if state != "break" and source["state"] == "break":
        source.update(state="idle", reason="")


def _membership_changed(now: Agent, event: Event) -> None:
    source, queue, paused = _source(now, event), event.fields["queue_id"], event.fields.get("paused")
    if event.fields.get("member") is False:
        source["pauses"].pop(queue, None)
        if source["login"] is None and source["was_member"] and not source["pauses"]:
            source.update(state=None, reason="")
        return
    source["was_member"] = True
    if paused is None:
        source["pauses"].setdefault(queue, None)
    else:
        source["pauses"][queue] = (event.fields.get("reason") or "paused", event.order) if paused else None


def _heartbeat(now: Agent, event: Event) -> None:
    _source(now, event)
    now["heartbeat"] = event.time


def _is_in(source: dict[str, Any]) -> bool:
    """Rule 1."""
    if source["login"] is not None:
        return bool(source["login"])
    return bool(source["pauses"]) if source["was_member"] else source["state"] is not None


def _said(source: dict[str, Any]) -> tuple[str, str]:
    """Rule 4: (state, reason) at a source where the agent is logged in."""
    state = "idle" if source["state"] in (None, "offline") else source["state"]
    pauses = list(source["pauses"].values())
    if pauses and None not in pauses and PRECEDENCE.index(state) > PRECEDENCE.index("break"):
        return "break", max(pauses, key=lambda pause: pause[1])[0]
    return state, source["reason"]


_TELL: dict[str, Callable[[Agent, Event], None]] = {
    "agent.logged_in": _logged_in, "agent.logged_out": _logged_out, "agent.state_changed": _state_changed,
    "agent.membership_changed": _membership_changed, "agent.heartbeat": _heartbeat,
    "contact.offered": offered, "contact.answered": answered, "contact.held": held,
    "contact.offer_ended": over("ringing"), "contact.left_queue": over("ringing"), "contact.resumed": over("hold"),
    "contact.ended": over("ringing", "talking", "hold"), "contact.wrapup_started": wrapup_started,
    "contact.wrapup_ended": over("talking", "hold", "acw"),
}  # fmt: skip


# What follows.


def _state(now: Agent) -> tuple[str, str]:
    """Rule 5: (state, reason)."""
    said = [_said(now["sources"][name]) for name in sorted(now["sources"]) if _is_in(now["sources"][name])]
    doing = [
        {"talking": "busy", "hold": "busy"}.get(phase_of(one)[0], phase_of(one)[0]) for one in now["engaged"].values()
    ]
    state = min([*(state for state, _ in said), *doing, "offline"], key=PRECEDENCE.index)
    return state, next((reason for told, reason in said if told == state), "")


def _levels(now: Agent, state: str) -> dict[str, int]:
    """Rule 6: every level that is not 0."""
    chats = sum(one["talking"] is not None and one["channel"] in CHATS for one in now["engaged"].values())
    room = [source["room"] for source in now["sources"].values() if _is_in(source)]
    slots = sum(most for one in room for channel, most in one.items() if channel in CHATS)
    levels = {"chats": chats, "chatting": min(chats, 1), "slots": 0 if state in CLOSED else slots}
    if state != "offline":
        levels[state] = 1
    return levels


def _card(agent: str, now: Agent, state: str, reason: str) -> str:
    """Rule 7."""
    queues: dict[str, str | None] = {}
    room: dict[str, int] = defaultdict(int)
    for name in sorted(now["sources"]):
        source = now["sources"][name]
        for queue, pause in source["pauses"].items() if _is_in(source) else ():
            is_open = pause is None or queues.get(queue, "") is None
            queues[queue] = None if is_open else pause[0]
        for channel, most in source["room"].items() if _is_in(source) else ():
            room[channel] += most
    engaged = sorted([one["queue"], one["channel"], *phase_of(one)] for one in now["engaged"].values())
    return _json(
        [agent, state, reason, now["team"], now["site"], sorted(queues.items()), dict(sorted(room.items())), engaged]
    )


def _json(what: list[Any]) -> str:
    return json.dumps(what, separators=(",", ":"), ensure_ascii=False)
