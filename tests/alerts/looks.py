"""Short makers of limits and looks, and whole stories told to the policy."""

from collections.abc import Iterable, Sequence

from alerts.policy import CALM, Reason, State, step
from alerts.rulebook import Limit, Look, Rule
from kpi.alerting import Behaviour

HIGH = Rule("QueueLengthHigh", "waiting", "stream")
LOW = Rule("AgentsReadyLow", "ready_agents", "stream", low_is_bad=True)
T0 = 1_795_168_800_000

Moment = tuple[int, Look]
"""(ms after T0, what is seen then)."""


def limit(
    enter: float = 10,
    leave: float | None = None,
    *,
    for_s: int = 0,
    keep_s: int = 30,
    only_open: bool = True,
    rule: Rule = HIGH,
) -> Limit:
    """A limit of the queue's length, unless another rule is given."""
    behaviour = Behaviour(alert=True, for_seconds=for_s, keep_seconds=keep_s, minimum=0, only_open=only_open)
    return Limit(rule, "warning", enter, enter if leave is None else leave, behaviour)


def told(rule: Limit, moments: Iterable[Moment], state: State = CALM) -> list[tuple[State, Reason]]:
    """The states and reasons after each moment."""
    out = []
    for at, look in moments:
        state, reason = step(rule, state, look, T0 + at)
        out.append((state, reason))
    return out


def every(ms: int, values: Sequence[float | None], start: int = 0) -> list[Moment]:
    """One look every so many ms, with these values."""
    return [(start + ms * number, Look(value)) for number, value in enumerate(values)]


def turns(rule: Limit, moments: Sequence[Moment], state: State = CALM) -> list[tuple[int, str]]:
    """(ms, "on" or "off"): what people hear of."""
    out = []
    for (at, _), (after, _) in zip(moments, told(rule, moments, state), strict=True):
        if after.is_on != state.is_on:
            out.append((at, "on" if after.is_on else "off"))
        state = after
    return out
