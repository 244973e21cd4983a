"""The values that limits are compared with: one formula per measure, for colours, alerts, explanations and back-tests.

Every value comes from what a snapshot says of its queue. None is no value: nothing happened, too little did, or nobody
told; it is never bad. What a snapshot cannot tell (last week, whole teams) is not in FORMULAS and always None.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from kpi.alerting import BUILT_IN, Behaviour
from kpi.live_state import BACKLOG_WINDOW, FLOW_WINDOW, Backlog, Now
from kpi.ratios import Measures

# The window whose ratios are compared with limits, and the live service level of domain research 1.4.
JUDGED_WINDOW = "30m"
JUDGED_VARIANT = "sl_event"
# A service level must be low in this window, too: what is over already wakes nobody.
RECENT_WINDOW = "5m"
# Averages are of a quarter of an hour.
MEAN_WINDOW = "15m"
# A queue grows when at least so many wait: with fewer the next answer turns it round.
GROWS_FROM = 5


class Seen(NamedTuple):
    """What a snapshot says of one queue. `agents_known`: a source tells who serves it."""

    now: Now
    windows: Mapping[str, Measures]
    backlog: Backlog
    agents_known: bool = False


Formula = Callable[[Seen, int], float | None]
"""The value of a measure; the number is the fewest counted contacts that it is made of."""


class Judge:
    """Works out the values of `measures` of one queue, the minimum counts being those of `alerting`.

    What is made of windows alone is kept while they are the very same: most queues have no news most of the time.
    """

    def __init__(self, measures: Collection[str], alerting: Mapping[str, Behaviour] = BUILT_IN) -> None:
        self._of_windows = [(name, FORMULAS[name], alerting[name].minimum) for name in measures if name in _OF_WINDOWS]
        self._of_now = [
            (name, FORMULAS[name], alerting[name].minimum)
            for name in measures
            if name in FORMULAS and name not in _OF_WINDOWS
        ]
        self._kept: dict[str, float | None] = dict.fromkeys(measures)
        self._windows: Mapping[str, Measures] | None = None

    def values(self, seen: Seen) -> dict[str, float | None]:
        """The value of each, in the order of the measures."""
        if seen.windows is not self._windows:
            self._windows = seen.windows
            for name, formula, minimum in self._of_windows:
                self._kept[name] = formula(seen, minimum)
        found = self._kept.copy()
        for name, formula, minimum in self._of_now:
            found[name] = formula(seen, minimum)
        return found


def judged_values(
    measures: Collection[str], seen: Seen, alerting: Mapping[str, Behaviour] = BUILT_IN
) -> dict[str, float | None]:
    """The value of each of `measures` at one instant."""
    return Judge(measures, alerting).values(seen)


def _longest_wait(seen: Seen, _: int) -> float | None:
    """How long the one waits who waits for longest."""
    return seen.now.oldest_wait_seconds


def _waiting(seen: Seen, _: int) -> float | None:
    """How many wait."""
    return seen.now.waiting


def _unattended(seen: Seen, _: int) -> float | None:
    """How many wait for nobody: no agent of the queue is at work in it."""
    if not seen.agents_known:
        return None
    return 0 if seen.now.serving else seen.now.waiting


def _closed_wait(seen: Seen, _: int) -> float | None:
    """The longest wait outside opening hours."""
    return None if seen.now.open else seen.now.oldest_wait_seconds


def _abandonment(seen: Seen, minimum: int) -> float | None:
    """(B - B_s) / (decided - B_s) of 30 min: who hung up at once neither came nor was lost (Cisco's short calls).

    `minimum` is of the same contacts: without those, none of whom can move it.
    """
    window = seen.windows.get(JUDGED_WINDOW)
    if not window:
        return None
    short: int = window["short_abandoned"]
    stayed = window["decided"] - short
    return (window["abandoned"] - short) / stayed if stayed >= max(minimum, 1) else None


def _service_level(seen: Seen, minimum: int) -> float | None:
    """The better one of 30 min and of 5 min, so that both are low when it is; None when either is not known."""
    window, recent = seen.windows.get(JUDGED_WINDOW), seen.windows.get(RECENT_WINDOW)
    if not window or not recent or window["offered"] < minimum:
        return None
    long_one, short_one = (each["service_level"][JUDGED_VARIANT]["value"] for each in (window, recent))
    return None if long_one is None or short_one is None else max(long_one, short_one)


def _growth(seen: Seen, minimum: int) -> float | None:
    """(Joins - leaves) / joins of 5 min while at least GROWS_FROM wait; 0 while it does not grow."""
    window = seen.windows.get(FLOW_WINDOW)
    if not window or not window["offered"] or window["offered"] < minimum:
        return None
    net = window["offered"] - window["decided"]
    return net / window["offered"] if net > 0 and seen.now.waiting >= GROWS_FROM else 0.0


def _ready_agents(seen: Seen, _: int) -> float | None:
    """How many agents could take a contact at once, while one waits."""
    return seen.now.available if seen.now.waiting and seen.agents_known else None


def _answer_speed(seen: Seen, minimum: int) -> float | None:
    """The mean wait of those answered in 15 min."""
    return _mean(seen.windows.get(MEAN_WINDOW), lambda window: window["wait_seconds"]["answered"], minimum)


def _first_response(seen: Seen, minimum: int) -> float | None:
    """Nine of ten chats of 30 min got their first reply within so many seconds."""
    window = seen.windows.get(JUDGED_WINDOW)
    replies = window.get("first_response_seconds") if window else None
    if not replies or replies["count"] < max(minimum, 1):
        return None
    value: float | None = replies["p90"]
    return value


def _handle_time(seen: Seen, minimum: int) -> float | None:
    """Mean handling time of 15 min / that of the rest of the hour; both of at least `minimum` contacts."""
    recent, hour = (_handled(seen.windows.get(name)) for name in (MEAN_WINDOW, BACKLOG_WINDOW))
    least = max(minimum, 1)
    if recent is None or hour is None or recent[0] < least or hour[0] - recent[0] < least:
        return None
    before = (hour[1] - recent[1]) / (hour[0] - recent[0])
    return recent[1] / recent[0] / before if before > 0 else None


def _wrapup(seen: Seen, minimum: int) -> float | None:
    """Wrap-up / handling time (talk, which includes hold, and wrap-up) of 30 min."""
    window = seen.windows.get(JUDGED_WINDOW)
    handled = _handled(window)
    if not window or handled is None or handled[0] < max(minimum, 1) or handled[1] <= 0:
        return None
    value: float = window["wrapup_seconds"]["sum"] / handled[1]
    return value


def _paused(seen: Seen, _: int) -> float | None:
    """Agents of the queue on a break / agents of the queue who are logged in."""
    logged_in = sum(seen.now.agents.values())
    return seen.now.agents.get("break", 0) / logged_in if logged_in else None


def _unanswered_offers(seen: Seen, minimum: int) -> float | None:
    """Offers that no agent took / all offers of 15 min."""
    window = seen.windows.get(MEAN_WINDOW)
    if not window:
        return None
    offers = window["offers_unanswered"] + window["answered"]
    return window["offers_unanswered"] / offers if offers and offers >= minimum else None


def _overdue(seen: Seen, _: int) -> float | None:
    """Open cases past their due time."""
    return seen.backlog.overdue


def _overdue_callbacks(seen: Seen, _: int) -> float | None:
    """Callbacks that are late by a quarter of an hour."""
    return seen.now.callbacks.overdue


def _mean(window: Measures | None, part: Callable[[Measures], Measures], minimum: int) -> float | None:
    if not window:
        return None
    found = part(window)
    return found["mean"] if found["count"] >= minimum else None


def _handled(window: Measures | None) -> tuple[int, float] | None:
    """(Contacts, seconds) of handling time."""
    found = window.get("handle_seconds") if window else None
    return (found["count"], found["sum"]) if found else None


FORMULAS: Mapping[str, Formula] = {
    "longest_wait_seconds": _longest_wait,
    "waiting": _waiting,
    "unattended_contacts": _unattended,
    "closed_wait_seconds": _closed_wait,
    "abandonment_ratio": _abandonment,
    "service_level_ratio": _service_level,
    "growth_ratio": _growth,
    "ready_agents": _ready_agents,
    "answer_speed_seconds": _answer_speed,
    "first_response_seconds": _first_response,
    "handle_time_ratio": _handle_time,
    "wrapup_ratio": _wrapup,
    "paused_ratio": _paused,
    "unanswered_offers_ratio": _unanswered_offers,
    "overdue_contacts": _overdue,
    "overdue_callbacks": _overdue_callbacks,
}
_OF_WINDOWS = frozenset(
    {
        "abandonment_ratio", "service_level_ratio", "answer_speed_seconds", "first_response_seconds",
        "handle_time_ratio", "wrapup_ratio", "unanswered_offers_ratio",
    }
)  # fmt: skip
