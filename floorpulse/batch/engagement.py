"""What contacts keep an agent busy: one engagement per leg, told by copies of contacts' facts.

1. Ringing since the first offer without an end; talking since the first answer; held while talking; then wrap-up.
2. An `ended`, `wrapup_started` or `wrapup_ended` that names no leg is about all engagements of its contact,
   `wrapup_started` only about those talking; if there are none, the contact itself is what is worked up.
3. `wrapup_started` of a leg that nothing is known of begins the work all the same.
4. An answer on a channel that is no chat ends the work after every contact. A logout after which the agent is logged in
   nowhere ends all offers and all work, no conversation.
"""

from collections.abc import Callable
from typing import Any

from floorpulse.batch.telling import CHATS, Event

Agent = dict[str, Any]


def phase_of(one: dict[str, Any]) -> tuple[str, int]:
    """(phase, since) of an engagement."""
    if one["talking"] is not None:
        return ("talking", one["talking"]) if one["hold"] is None else ("hold", one["hold"])
    return ("acw", one["acw"]) if one["acw"] is not None else ("ringing", one["ringing"])


def _engagement(now: Agent, event: Event) -> dict[str, Any]:
    fact = event.fields
    name = fact["contact_id"], fact.get("leg_id")
    fresh = {
        "queue": fact.get("queue_id", ""), "channel": fact["channel"], "ringing": None, "talking": None, "hold": None,
        "acw": None,
    }  # fmt: skip
    found: dict[str, Any] = now["engaged"].setdefault(name, fresh)
    return found


def _meant(now: Agent, event: Event) -> list[dict[str, Any]]:
    contact, leg = event.fields["contact_id"], event.fields.get("leg_id")
    of_contact = {name[1]: one for name, one in now["engaged"].items() if name[0] == contact}
    return [one for name, one in of_contact.items() if leg is None or name == leg]


def _forget_idle(now: Agent) -> None:
    kept = {
        name: one
        for name, one in now["engaged"].items()
        if any(one[phase] is not None for phase in ("ringing", "talking", "acw"))
    }
    now["engaged"] = kept


def offered(now: Agent, event: Event) -> None:
    """An offer rings."""
    one = _engagement(now, event)
    one["ringing"] = event.time if one["ringing"] is None else one["ringing"]


def answered(now: Agent, event: Event) -> None:
    """It is talked on."""
    one = _engagement(now, event)
    one.update(ringing=None, talking=event.time if one["talking"] is None else one["talking"])
    if event.fields["channel"] not in CHATS:
        _end_all(now, "acw")


def gone_home(now: Agent) -> None:
    """The agent has logged out everywhere."""
    _end_all(now, "ringing", "acw")


def _end_all(now: Agent, *phases: str) -> None:
    for one in now["engaged"].values():
        one.update(dict.fromkeys(phases))
    _forget_idle(now)


def held(now: Agent, event: Event) -> None:
    """The customer is on hold."""
    for one in _meant(now, event):
        if one["talking"] is not None and one["hold"] is None:
            one["hold"] = event.time


def wrapup_started(now: Agent, event: Event) -> None:
    """The conversation is over, the work after it is not."""
    talking = [one for one in _meant(now, event) if one["talking"] is not None]
    for one in talking or [_engagement(now, event)]:
        one.update(talking=None, hold=None, acw=event.time if one["acw"] is None else one["acw"])


def over(*phases: str) -> Callable[[Agent, Event], None]:
    """These phases are over for whom the fact means."""

    def tell(now: Agent, event: Event) -> None:
        for one in _meant(now, event):
            one.update(dict.fromkeys(phases))
        _forget_idle(now)

    return tell
