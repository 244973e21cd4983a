"""The kinds of records: what each does with its facts, how long it is kept, and which facts fold."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import msgspec

from kpi import agent, case, contact, customer, watch
from kpi.facts import MESSAGE, Count, Fact, Memberships
from kpi.thread import Thread
from kpi.thread import tell as tell_message

DAY_MS = 86_400_000
MESSAGE_FOLD_MS = 600_000
AGENT_FOLD_MS = 3_600_000
CUSTOMER_FOLD_MS = 3_600_000
FLOOR_FOLD_MS = 60_000


class Folding(NamedTuple):
    """Which facts fold into a base, and when.

    `after_ms`: facts older than the record's newest by more than this are folded, and refused from then on.
    `rank`: only facts of this rank fold, or None for all. `base`: the type of what they fold into.
    `take` puts one fact, in order, into a base and gives it back.
    """

    after_ms: int
    rank: int | None
    base: type[Any]
    take: Callable[[Any, Fact], Any]


class Kind(NamedTuple):
    """What a kind of record does with its facts. `new` makes the state that a base (or None) tells; times in ms.

    `horizon_ms`: how long after its newest fact a record that is not open still counts as there.
    """

    new: Callable[[Any], Any]
    step: Callable[[Any, Fact], tuple[Any, list[Count]]]
    memberships: Callable[[str, Any], Memberships]
    is_open: Callable[[Any], bool]
    horizon_ms: int
    folding: Folding | None = None

    def fold(self, base: Any, facts: Iterable[Fact]) -> tuple[Any, list[Count]]:
        """The left fold of `step` over facts in their order: the last state and all counts. `base` stays as it is."""
        state, counts = self.new(copied(base)), []
        for fact in facts:
            state, more = self.step(state, fact)
            counts += more
        return state, counts


def copied(base: Any) -> Any:
    """A deep copy of a base."""
    return None if base is None else msgspec.msgpack.decode(msgspec.msgpack.encode(base), type=type(base))


def _message(thread: Thread, fact: Fact) -> Thread:
    tell_message(thread, fact, [])
    return thread


def _by_step(step: Callable[[Any, Fact], tuple[Any, list[Count]]], after_ms: int, base: type[Any]) -> Folding:
    return Folding(after_ms, None, base, lambda state, fact: step(state, fact)[0])


KINDS: dict[str, Kind] = {
    "c": Kind(
        contact.Contact, contact.step, contact.memberships, lambda state: state.is_open, 7 * DAY_MS,
        Folding(MESSAGE_FOLD_MS, MESSAGE, Thread, _message),
    ),
    "k": Kind(lambda _: case.Case(), case.step, case.memberships, lambda state: state.is_open, 35 * DAY_MS),
    "a": Kind(
        lambda base: base or agent.Agent(), agent.step, agent.memberships, agent.is_open, 8 * DAY_MS,
        _by_step(agent.step, AGENT_FOLD_MS, agent.Agent),
    ),
    "u": Kind(
        lambda base: base or customer.Customer(), customer.step, customer.memberships, lambda state: False, 8 * DAY_MS,
        _by_step(customer.step, CUSTOMER_FOLD_MS, customer.Customer),
    ),
    "f": Kind(
        lambda base: base or watch.Watch(), watch.step, watch.memberships, lambda state: False, 8 * DAY_MS,
        _by_step(watch.step, FLOOR_FOLD_MS, watch.Watch),
    ),
}  # fmt: skip
