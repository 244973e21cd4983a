"""How many joined a queue in half an hour, against the same half-hour a week before: what no snapshot knows.

As Prometheus asks with `offset 1w`: the number that the board showed at the same second a week ago. Over time it is a
row of steps; only those are kept that somebody will ask for, twelve bytes each.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import NamedTuple

from alerts.rulebook import RULES, limits_of
from kpi.alerting import Behaviour
from kpi.floor import CHANNELS, Floor
from kpi.judged import JUDGED_WINDOW
from kpi.panes import FINE_MS, WINDOWS, pane_ceiling

WEEK_MS = 7 * 86_400_000
HIGH, LOW = "volume_high_ratio", "volume_low_ratio"
MEASURES = frozenset({HIGH, LOW})
# So many steps that nobody asks for any more are dropped at once.
_DROPPED = 4096


class Past(NamedTuple):
    """Of which ticks the week before is known: [first_ms, last_ms], none where the first is later than the last."""

    first_ms: int
    last_ms: int

    @property
    def is_known(self) -> bool:
        """Whether there is such a tick."""
        return self.first_ms <= self.last_ms


def past_of(known_from_ms: int, looks_from_ms: int, to_ms: int) -> Past:
    """Of a history that is known in full from an instant on, as far as it is looked at in [looks_from, to].

    The window a week before must lie in it from its beginning: half of one would be a quiet half-hour.
    """
    length = WINDOWS[JUDGED_WINDOW] or 0
    return Past(max(looks_from_ms, pane_ceiling(known_from_ms, FINE_MS) + length + WEEK_MS), to_ms)


def rules_of_week(floor: Floor) -> tuple[str, ...]:
    """The rules that compare with the week before and have a limit of any queue, in the order of the rulebook."""
    places = [(each.id, channel) for each in floor.configured for channel in CHANNELS]
    configs = [floor.queue(*place) for place in (*places, *(("", channel) for channel in CHANNELS))]
    asked = {limit.rule.name for config in configs for limit in limits_of(config) if limit.rule.measure in MEASURES}
    return tuple(rule.name for rule in RULES if rule.name in asked)


class Volume:
    """The numbers of one queue. Ticks, in ms UTC, come in order."""

    def __init__(self, past: Past) -> None:
        self._past = past
        self._ticks, self._counts = array("q"), array("i")
        self._at = -1  # the step that holds a week before the last question

    def count(self, now_ms: int, joined: int) -> None:
        """At `now_ms` the window of half an hour holds so many; the last word about a tick holds."""
        if now_ms > self._past.last_ms - WEEK_MS or (self._counts and self._counts[-1] == joined):
            return
        if self._ticks and self._ticks[-1] == now_ms:
            self._counts[-1] = joined
            return
        self._ticks.append(now_ms)
        self._counts.append(joined)

    def before(self, now_ms: int) -> int | None:
        """How many it held a week before `now_ms`; None when nobody knows."""
        if now_ms < self._past.first_ms:
            return None
        self._go_to(now_ms - WEEK_MS)
        return self._counts[self._at] if self._at >= 0 else 0

    def changes_after(self, now_ms: int) -> int | None:
        """The first tick after `now_ms` at which what was a week before is otherwise; None: there is none."""
        if now_ms < self._past.first_ms:
            return self._past.first_ms if self._past.is_known else None
        self._go_to(now_ms - WEEK_MS)
        following = self._at + 1
        return self._ticks[following] + WEEK_MS if following < len(self._ticks) else None

    def values(self, now_ms: int, joined: int, alerting: Mapping[str, Behaviour]) -> dict[str, float | None]:
        """Measure -> its value at `now_ms`, while the window holds `joined`.

        Too few now are no high volume, and too few a week before no low one: no call at all is what a dead trunk
        looks like.
        """
        before = self.before(now_ms)
        ratio = joined / before if before else None
        return {
            HIGH: ratio if joined >= alerting[HIGH].minimum else None,
            LOW: ratio if (before or 0) >= alerting[LOW].minimum else None,
        }

    def _go_to(self, tick: int) -> None:
        while self._at + 1 < len(self._ticks) and self._ticks[self._at + 1] <= tick:
            self._at += 1
        if self._at >= _DROPPED:
            del self._ticks[: self._at], self._counts[: self._at]
            self._at = 0
