"""How long a contact that joins a queue now will probably wait; no answer where the numbers do not allow one. Pure.

The predictor is the queue length with the share of agents and the customers' patience in it (domain research 1.3: the
corrected queue length of Genesys' Stat Server, and the textbook's Markov form, exact for M/M/s+M):

    EWT = sum over i = 0..n of 1 / (r + i * theta)

    n      who must be served before him: waiting, less those being rung, less the agents (of chats: slots) free now.
           Below 0 somebody is free for him: 0 s.
    r      contacts of this queue that end per second: those with an agent (or being rung) / mean talk. Only the agents
           who work for this queue now are in it, so agents who serve several queues are not counted twice; wrap-up is
           left out above and below, for in a steady state an agent comes free as often as a talk ends.
    theta  patience: abandoned / all seconds waited (the usual estimate for patience without memory).
"""

from math import log1p

from kpi.facts import CHAT_CHANNELS
from kpi.live_state import Now
from kpi.ratios import Measures
from kpi.snapshot import QueueSnapshot

# Where nobody waits in the sense of this word: a case is worked when its turn comes.
_CASES = frozenset({"email", "ticket"})
# The shorter window that saw enough contacts end; a mean of fewer says nothing.
WINDOWS = ("30m", "1h")
LEAST_ENDED = 10
# An agent is offered the next contact within seconds. Who waits longer beside somebody free waits for another reason.
TAKEN_SECONDS = 20
# Nothing here is known from more than an hour, and nothing is foretold for longer.
LONGEST_SECONDS = 3_600
# So many steps are summed up, the rest by an integral: the difference is under 0.01 %.
_STEPS = 32


def expected_wait(snapshot: QueueSnapshot) -> float | None:
    """Seconds a contact joining now will wait until it is answered; None where that cannot be said.

    None: the state is not fresh, the queue is closed or of cases, fewer than 10 contacts ended within the hour, nobody
    serves, somebody waits though agents are free, nobody waits and no source told of agents, it were more than an hour.
    """
    now = snapshot.now
    if snapshot.state != "fresh" or not now.open or snapshot.channel in _CASES:
        return None
    free = max(now.available, now.free_slots) if snapshot.channel in CHAT_CHANNELS else now.available
    ahead = now.waiting - min(now.ringing, now.waiting) - free
    if ahead < 0:
        return None if _stands_still(now) else 0.0
    if not now.agents and not ahead:
        # Agents nobody told of: one of them may be free.
        return None
    window = next((found for name in WINDOWS if (found := _telling(snapshot, name)) is not None), None)
    serving = now.in_service + now.ringing
    if window is None or not serving:
        return None
    waited = window["wait_seconds"]["all"]["sum"]
    patience = window["abandoned"] / waited if waited else 0.0
    seconds = predicted(ahead, serving / window["talk_seconds"]["mean"], patience)
    return seconds if seconds <= LONGEST_SECONDS else None


def predicted(ahead: int, ends_per_second: float, patience: float) -> float:
    """The sum above: `ahead` = n, from 0; `ends_per_second` = r, above 0; `patience` = theta, 0: nobody gives up."""
    if not patience:
        return (ahead + 1) / ends_per_second
    steps = min(ahead + 1, _STEPS)
    seconds = sum(1 / (ends_per_second + i * patience) for i in range(steps))
    if steps <= ahead:
        first = ends_per_second + (steps - 0.5) * patience
        seconds += log1p((ahead + 1 - steps) * patience / first) / patience
    return seconds


def _stands_still(now: Now) -> bool:
    """Whether somebody who is not being rung has waited long beside free agents."""
    return now.waiting > now.ringing and (now.oldest_wait_seconds or 0) > TAKEN_SECONDS


def _telling(snapshot: QueueSnapshot, name: str) -> Measures | None:
    """The window, if enough contacts ended in it to know how long they take."""
    window = snapshot.windows.get(name)
    return (
        window if window and window["talk_seconds"]["count"] >= LEAST_ENDED and window["talk_seconds"]["sum"] else None
    )
