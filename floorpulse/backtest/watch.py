"""One limit of one queue, or of one team, over the time of a back-test: its state, and the alerts that come of it."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from alerts.policy import CALM, State, step
from alerts.rulebook import Limit, Look
from floorpulse.backtest.outcome import Alert, Place

_NOTHING = Look(None)


@dataclass(slots=True)
class Watch:
    """One limit: its state, the last look, and the alert that is on; `alerts` takes every one that fires."""

    limit: Limit
    place: Place
    alerts: list[Alert]
    state: State = CALM
    seen: Look = _NOTHING
    alert: Alert | None = None

    @property
    def is_bad(self) -> bool:
        """Whether the last value is past the limit to enter at, open or closed."""
        return self.is_past(self.seen.value, self.limit.enter)

    def is_past(self, value: float | None, bound: float) -> bool:
        """Whether a value is as bad as a bound."""
        if value is None:
            return False
        return value < bound if self.limit.rule.low_is_bad else value >= bound

    def look(self, now_ms: int, look: Look) -> None:
        """Take a look at `now_ms`."""
        self.seen = look
        if self.state.phase == "ok" and not self.is_bad:
            self.state = State(looked_ms=now_ms)  # as a step would, of which this is nearly all
        else:
            self._move(step(self.limit, self.state, look, now_ms).state)

    def rest(self, at_ms: int, look: Look | None = None) -> None:
        """The looks up to `at_ms` were left out, for each saw the same; `look`: the last of them, where it did not."""
        rested = msgspec.structs.replace(self.state, looked_ms=at_ms)
        if look is not None and self.state.phase != "ok":
            rested = step(self.limit, rested, look, at_ms).state
        self._move(rested)

    def _move(self, state: State) -> None:
        before, self.state = self.state, state
        if state.is_on and not before.is_on:
            rule = self.limit.rule.name
            self.alert = Alert(rule, self.limit.severity, *self.place, state.since_ms, state.fired_ms)
            self.alerts.append(self.alert)
        if self.alert is None:
            return
        self.alert.peak = state.peak
        if not state.is_on:
            self.alert.to_ms, self.alert = state.looked_ms, None
