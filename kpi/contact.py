"""One contact: what its facts say, told by `step` one fact at a time.

A contact is the set of its facts. `step` tells them in their order; the effect of a contact is the sum of the counts
its steps gave, plus the memberships of its last state. A leg is counted in parts (`kpi.leg_counts`), each a pure
function of the leg: a step that adds a part counts that part; a step that changes the story of a leg (a later end that
contradicts an earlier one) takes the whole leg back and counts it anew. What is said of the contact as a whole
(callbacks, ratings, reasons) is in `kpi.matters`, messages in `kpi.thread`, what needs both in `kpi.chat`.
"""

from collections.abc import Callable

from kpi.chat import chat_counts
from kpi.facts import (
    ANSWERED,
    CHAT_CHANNELS,
    ENDED,
    HELD,
    LEFT_QUEUE,
    MESSAGE,
    OFFER_ENDED,
    OFFERED,
    QUEUED,
    RESUMED,
    TEXT_KEPT,
    TRANSFERRED,
    WRAPUP_ENDED,
    WRAPUP_STARTED,
    Count,
    Fact,
    Memberships,
)
from kpi.keys import live_member
from kpi.leg import Leg
from kpi.leg_counts import (
    count_all,
    count_join,
    count_leave,
    count_offer,
    count_service,
    count_transfer,
    count_wrapup,
)
from kpi.matters import MATTERS, Matters
from kpi.thread import Thread
from kpi.thread import tell as tell_message

Tell = Callable[[Leg, Fact, list[Count]], None]

_DECIDING = frozenset({ANSWERED, LEFT_QUEUE, ENDED})
# Contradicting ends: a later end wins unless it knows less (design: lost_unknown < unknown_exit < any other).
_KNOWS = {"lost_unknown": 0, "unknown_exit": 1}
_UNANSWERED = frozenset({"no_answer", "rejected", "busy", "agent_unavailable"})


class Contact:
    """The story so far of one contact: its legs by id, in the order they joined; its messages; what else was said.

    `chat_told`: what thread and legs together have counted so far, None for a contact that is no chat.
    """

    __slots__ = ("chat_told", "legs", "matters", "thread")

    def __init__(self, thread: Thread | None = None) -> None:
        self.legs: dict[str, Leg] = {}
        self.thread = thread
        self.matters: Matters | None = None
        self.chat_told: list[Count] | None = None if thread is None else chat_counts((), thread)

    @property
    def is_open(self) -> bool:
        """True while a leg waits or is in service, or a callback is promised."""
        if self.matters is not None and self.matters.callback_pending:
            return True
        return any(leg.is_open for leg in self.legs.values())


def step(state: Contact, fact: Fact) -> tuple[Contact, list[Count]]:
    """The state after `fact`, and what it adds to the panes. The given state is used up.

    `fact` must sort after every fact the state has seen; facts of other types change nothing.
    """
    counts: list[Count] = []
    if (tell := _STEPS.get(fact.rank)) is not None:
        _step_leg(state, fact, tell, counts)
    elif fact.rank == MESSAGE:
        if state.thread is None:
            state.thread = Thread()
        if tell_message(state.thread, fact, counts):
            _tell_chat(state, counts)
    elif fact.rank in (WRAPUP_STARTED, WRAPUP_ENDED):
        _wrap_up(state, fact, counts)
    elif (matter := MATTERS.get(fact.rank)) is not None:
        if state.matters is None:
            state.matters = Matters()
        named = state.legs.get(fact.leg or "") or next(iter(state.legs.values()), None)
        matter(state.matters, fact, named, counts)
    return state, counts


def _step_leg(state: Contact, fact: Fact, tell: Tell, counts: list[Count]) -> None:
    if fact.leg is None:
        if fact.rank == ENDED:
            _end_contact(state, fact, counts)
    else:
        leg = state.legs.get(fact.leg) or _join(state, fact, counts)
        if leg is not None:
            tell(leg, fact, counts)
    if state.chat_told is not None or fact.channel in CHAT_CHANNELS:
        _tell_chat(state, counts)


def memberships(contact_id: str, state: Contact) -> Memberships:
    """The live sets this contact is in.

    waiting, outbound (since it joined), ringing (since offered), in_service (since answered), unanswered (since the
    customer wrote and got no answer), callbacks (score: when due).
    """
    found: Memberships = {}
    newest: Leg | None = None
    for leg in state.legs.values():
        if not leg.is_open:
            continue
        member = live_member(contact_id, leg.id)
        if leg.is_outbound:
            found["outbound", leg.queue, leg.channel, member] = leg.joined
            continue
        newest = leg
        if leg.waiting:
            found["waiting", leg.queue, leg.channel, member] = leg.joined
            ringing = [offer.since for offer in leg.offers.values() if offer.since is not None and offer.ended is None]
            if ringing:
                found["ringing", leg.queue, leg.channel, member] = min(ringing)
        else:
            found["in_service", leg.queue, leg.channel, member] = leg.left or 0
    if newest is not None and state.thread is not None and state.thread.turn_since is not None:
        member = live_member(contact_id, newest.id)
        found["unanswered", newest.queue, newest.channel, member] = state.thread.turn_since
    if state.matters is not None and state.matters.callback_pending:
        queue, channel, due = state.matters.callback_promise
        found["callbacks", queue, channel, contact_id] = due
    return found


def _join(state: Contact, fact: Fact, counts: list[Count]) -> Leg | None:
    """A leg nobody knew joins by this fact; every other leg of the contact that waits has left by then."""
    if fact.queue is None or fact.leg is None:
        return None
    joined, by = fact.time, "fact"
    if fact.rank == QUEUED:
        by = "queued"
    elif fact.rank in _DECIDING:
        # An `ended` whose talk is reported speaks for the `answered` that never came.
        joined -= _clamp(fact.talk) if fact.rank == ENDED else 0
        if fact.wait is not None and (fact.rank != ENDED or fact.talk is not None):
            joined, by = joined - _clamp(fact.wait), "reported"
    for other in state.legs.values():
        if other.waiting:
            _leave(other, max(joined, other.joined), "unknown_exit", None, None, counts)
    leg = Leg(fact.leg, fact.queue, fact.channel or "voice", joined, by)
    more = fact.more or {}
    leg.is_outbound = more.get("direction") == "outbound"
    leg.is_first = not state.legs
    if leg.is_first and more.get("entry_point"):
        leg.entry = more["entry_point"][:TEXT_KEPT]
    if by == "queued" and fact.what not in (None, "initial"):
        leg.reason = fact.what
        if fact.what == "transfer":
            leg.transfer_in = _last_transfer(state)
    state.legs[fact.leg] = leg
    count_join(leg, 1, counts)
    return leg


def _last_transfer(state: Contact) -> str:
    """The kind of the latest transfer that this contact has seen."""
    moved = [leg for leg in state.legs.values() if leg.transferred is not None]
    return max(moved, key=lambda leg: leg.transferred or 0).transfer_kind if moved else "unknown"


def _leave(
    leg: Leg, time: int, outcome: str, agent: str | None, wait: int | None, counts: list[Count], unknown: bool = False
) -> None:
    """The leg leaves the queue, or leaves it another way than was thought.

    `wait` is what was reported; `unknown`: when it left is not known, so its wait is not either.
    """
    if leg.outcome is not None and _KNOWS.get(outcome, 2) < _KNOWS.get(leg.outcome, 2):
        return
    # A join nobody told is the first fact's instant; an answer told by its end may turn out to be earlier.
    rejoins = min(leg.joined, time) if leg.joined_by == "fact" else leg.joined
    if wait is not None and leg.joined_by != "queued":
        rejoins, leg.joined_by = time - _clamp(wait), "reported"
    # The work after a leg may stand under the name of who answered it.
    retold = leg.outcome is not None or rejoins != leg.joined or leg.wrapup_ended is not None
    if retold:
        count_all(leg, -1, counts)
    leg.joined, leg.left, leg.outcome, leg.agent, leg.talk_unknown = rejoins, time, outcome, agent, False
    if wait is not None:
        leg.wait = _clamp(wait)
    else:
        leg.wait = None if unknown or leg.joined_by == "fact" else max(time - leg.joined, 0)
    if retold:
        count_all(leg, 1, counts)
    else:
        count_leave(leg, 1, counts)


def _answer_by_end(leg: Leg, fact: Fact, counts: list[Count]) -> None:
    """The `answered` of a leg never came, but its `ended` did: it was answered before that."""
    if fact.talk is None:
        _leave(leg, fact.time, "answered", fact.agent, None, counts, unknown=True)
        leg.talk_unknown = True
    else:
        answered = fact.time - _clamp(fact.talk)
        if leg.joined_by != "fact":
            answered = max(answered, leg.joined)
        _leave(leg, answered, "answered", fact.agent, fact.wait, counts)


def _clamp(duration: int | None) -> int:
    """A duration as it counts: never negative, whatever a broken clock measured."""
    return max(duration or 0, 0)


def _queued(leg: Leg, fact: Fact, counts: list[Count]) -> None:
    """The first `queued` opened the leg; another source telling the same thing adds nothing."""


def _offered(leg: Leg, fact: Fact, counts: list[Count]) -> None:
    offer = leg.offer(fact)
    if offer.since is None:
        offer.since = fact.time


def _offer_ended(leg: Leg, fact: Fact, counts: list[Count]) -> None:
    offer = leg.offer(fact)
    if offer.ended is not None:
        count_offer(leg, offer, -1, counts)
    offer.ended, offer.unanswered = fact.time, fact.what in _UNANSWERED
    offer.agent = fact.agent or offer.agent
    count_offer(leg, offer, 1, counts)


def _answered(leg: Leg, fact: Fact, counts: list[Count]) -> None:
    _leave(leg, fact.time, "answered", fact.agent, fact.wait, counts)


def _left_queue(leg: Leg, fact: Fact, counts: list[Count]) -> None:
    _leave(leg, fact.time, fact.what or "unknown_exit", None, fact.wait, counts)


def _held(leg: Leg, fact: Fact, counts: list[Count]) -> None:
    leg.had_hold = True
    if leg.held_since is None:
        leg.held_since = fact.time


def _resumed(leg: Leg, fact: Fact, counts: list[Count]) -> None:
    if leg.held_since is not None:
        leg.held += fact.time - leg.held_since
        leg.held_since = None


def _transferred(leg: Leg, fact: Fact, counts: list[Count]) -> None:
    if leg.transferred is None:
        leg.transferred, leg.transferred_by, leg.transfer_kind = fact.time, fact.agent, fact.what or "unknown"
        count_transfer(leg, 1, counts)


def _ended(leg: Leg, fact: Fact, counts: list[Count]) -> None:
    """The conversation closes; a later end corrects an earlier one, unless it knows less."""
    lost = fact.what == "lost_unknown"
    if leg.outcome is None or (leg.outcome in _KNOWS and not lost):
        _answer_by_end(leg, fact, counts)
    if leg.ended is not None and lost and not leg.ended_lost:
        return
    count_service(leg, -1, counts)
    leg.ended, leg.ended_lost, leg.talk_reported = fact.time, lost, fact.talk
    leg.ended_by, leg.hold_open = fact.what or "unknown", leg.held_since is not None
    leg.served_by = leg.agent or fact.agent
    held = leg.held + (0 if leg.held_since is None else fact.time - leg.held_since)
    leg.hold = _clamp(held if fact.hold is None else fact.hold) if leg.had_hold or fact.hold else None
    leg.hold = None if lost else leg.hold
    count_service(leg, 1, counts)


def _end_contact(state: Contact, fact: Fact, counts: list[Count]) -> None:
    """The whole contact ends: who is served has been, who waits has left in a way nobody told."""
    for leg in state.legs.values():
        if leg.waiting:
            _leave(leg, max(fact.time, leg.joined), "unknown_exit", None, None, counts)
        elif leg.in_service:
            _ended(leg, fact, counts)


def _wrap_up(state: Contact, fact: Fact, counts: list[Count]) -> None:
    """Work after the conversation: of the leg that is named, else of the last one that was answered."""
    if fact.leg is not None:
        leg = state.legs.get(fact.leg)
    else:
        leg = next((leg for leg in reversed(state.legs.values()) if leg.outcome == "answered"), None)
    if leg is None:
        return
    if fact.rank == WRAPUP_STARTED:
        leg.wrapup_since = fact.time
        return
    count_wrapup(leg, -1, counts)
    reported = (fact.more or {}).get("reported")
    length = None if reported is None else reported[1]
    if length is None and leg.wrapup_since is not None:
        length = fact.time - leg.wrapup_since
    leg.wrapup_ended, leg.wrapup_by = fact.time, fact.agent
    leg.wrapup = None if length is None else _clamp(length)
    count_wrapup(leg, 1, counts)


def _tell_chat(state: Contact, counts: list[Count]) -> None:
    """Count what thread and legs say together, less what they said before."""
    told = chat_counts(state.legs.values(), state.thread or _NO_MESSAGES)
    before = state.chat_told or []
    if told != before:
        counts += told
        counts += [(*count[:4], -count[4]) for count in before]
    state.chat_told = told


_NO_MESSAGES = Thread()


_STEPS: dict[int, Tell] = {
    QUEUED: _queued,
    OFFERED: _offered,
    OFFER_ENDED: _offer_ended,
    ANSWERED: _answered,
    LEFT_QUEUE: _left_queue,
    HELD: _held,
    RESUMED: _resumed,
    TRANSFERRED: _transferred,
    ENDED: _ended,
}
