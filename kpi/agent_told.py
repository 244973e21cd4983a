"""What each fact says of an agent: of his own events, and of copies of the contacts' events that name him.

Every function brings the state up to date and says whether the exclusive state or a level may have changed by it.
"""

from collections.abc import Callable

from kpi.agent_state import OFFLINE, Agent, Declared, Engagement
from kpi.events import RANKS
from kpi.facts import (
    ANSWERED,
    CHAT_CHANNELS,
    ENDED,
    HELD,
    LEFT_QUEUE,
    OFFER_ENDED,
    OFFERED,
    RESUMED,
    WRAPUP_ENDED,
    WRAPUP_STARTED,
    Fact,
)

# --- The agent's own events --------------------------------------------------------------------------


def _source(state: Agent, fact: Fact) -> Declared:
    source = state.sources.get(fact.source)
    if source is None:
        source = state.sources[fact.source] = Declared()
    more = fact.more
    if more is not None:
        team, site = more.get("team") or state.team, more.get("site") or state.site
        if team != state.team or site != state.site:
            state.team, state.site, state.moved = team, site, fact.time
        if (capacity := more.get("capacity")) is not None:
            source.capacity = dict(capacity)
    return source


def _logged_in(state: Agent, fact: Fact) -> bool:
    source = _source(state, fact)
    source.login = True
    if source.state is None or source.state == OFFLINE:
        source.declare("idle")
    state.sum_up()
    return True


def _logged_out(state: Agent, fact: Fact) -> bool:
    """Who logs out of the last system has gone home: only a conversation can go on without him being there."""
    source = _source(state, fact)
    source.login = False
    source.declare(OFFLINE)
    state.sum_up()
    if not state.logged_in:
        state.clear(rings=True)
    return True


def _state_changed(state: Agent, fact: Fact) -> bool:
    source, what = _source(state, fact), fact.what or "idle"
    reason = (fact.more or {}).get("reason") or ""
    if fact.queue is None:
        _declares(source, what, reason)
    elif what == "break":
        source.pause(fact.queue, reason)
    else:
        source.unpause(fact.queue)
        if source.state == "break":
            source.declare("idle")
    state.sum_up()
    return True


def _declares(source: Declared, what: str, reason: str) -> None:
    source.declare(what, reason)
    if what == OFFLINE:
        source.login = False
    elif source.login is False:
        source.login = True
    pause = reason if what == "break" else None
    for queue in source.queues:
        source.queues[queue] = pause


def _membership_changed(state: Agent, fact: Fact) -> bool:
    source, queue, more = _source(state, fact), fact.queue or "", fact.more or {}
    if more.get("member") is False:
        source.leave(queue)
    elif more.get("paused") is None:
        source.join(queue)
    elif more["paused"]:
        source.pause(queue, fact.what or "paused")
    else:
        source.unpause(queue)
    state.sum_up()
    return True


def _heartbeat(state: Agent, fact: Fact) -> bool:
    _source(state, fact)
    if state.logged_in:
        state.heartbeat = fact.time
    return False


# --- Copies of contact events ------------------------------------------------------------------------


def _begin(state: Agent, fact: Fact) -> Engagement:
    leg = fact.leg or ""
    found = state.engaged.get(leg)
    if found is None:
        found = state.engaged[leg] = Engagement(fact.queue or "", fact.channel or "voice")
    return found


def _meant(state: Agent, fact: Fact) -> list[str]:
    """The engagements a fact speaks of: that of its leg, without one all of its contact."""
    leg = fact.leg or ""
    if leg.endswith("|"):
        return [name for name in state.engaged if name.startswith(leg)]
    return [leg] if leg in state.engaged else []


def _offered(state: Agent, fact: Fact) -> bool:
    one = _begin(state, fact)
    if one.ring is None:
        one.ring = fact.time
    return True


def _offer_over(state: Agent, fact: Fact) -> bool:
    one = state.engaged.get(fact.leg or "")
    if one is None or one.ring is None:
        return False
    one.ring = None
    if one.is_over:
        del state.engaged[fact.leg or ""]
    return True


def _answered(state: Agent, fact: Fact) -> bool:
    """Who takes the next call has done with the last contact; a chat is taken beside the work after others."""
    one = _begin(state, fact)
    one.ring = None
    if one.talk is None:
        one.talk = fact.time
    if fact.channel not in CHAT_CHANNELS:
        state.clear(rings=False)
    return True


def _held(state: Agent, fact: Fact) -> bool:
    one = state.engaged.get(fact.leg or "")
    if one is not None and one.talk is not None and one.held is None:
        one.held = fact.time
    return False


def _resumed(state: Agent, fact: Fact) -> bool:
    one = state.engaged.get(fact.leg or "")
    if one is not None:
        one.held = None
    return False


def _ended(state: Agent, fact: Fact) -> bool:
    return _close(state, fact, lambda one: setattr(one, "ring", None))


def _wrapup_ended(state: Agent, fact: Fact) -> bool:
    return _close(state, fact, lambda one: setattr(one, "acw", None))


def _close(state: Agent, fact: Fact, also: Callable[[Engagement], None]) -> bool:
    meant = _meant(state, fact)
    for leg in meant:
        one = state.engaged[leg]
        one.hang_up()
        also(one)
        if one.is_over:
            del state.engaged[leg]
    return bool(meant)


def _wrapup_started(state: Agent, fact: Fact) -> bool:
    """Without a leg: of what he talks on in this contact, else of the contact as such."""
    talking = [state.engaged[leg] for leg in _meant(state, fact) if state.engaged[leg].talk is not None]
    for one in talking or [_begin(state, fact)]:
        one.hang_up()
        if one.acw is None:
            one.acw = fact.time
    return True


TELL: dict[int, Callable[[Agent, Fact], bool]] = {
    RANKS["agent.logged_in"]: _logged_in,
    RANKS["agent.logged_out"]: _logged_out,
    RANKS["agent.state_changed"]: _state_changed,
    RANKS["agent.membership_changed"]: _membership_changed,
    RANKS["agent.heartbeat"]: _heartbeat,
    OFFERED: _offered,
    OFFER_ENDED: _offer_over,
    LEFT_QUEUE: _offer_over,
    ANSWERED: _answered,
    HELD: _held,
    RESUMED: _resumed,
    ENDED: _ended,
    WRAPUP_STARTED: _wrapup_started,
    WRAPUP_ENDED: _wrapup_ended,
}
