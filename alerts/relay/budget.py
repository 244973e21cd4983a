"""How often a robot may speak: a pure function of time.

It is a token bucket, kept as one number (the generic cell rate algorithm): a quarter of what a minute allows may leave
at once, the rest one by one, so that neither a burst is held back nor a later alert waits for the whole minute to pass.
In any 60 seconds at most `per_minute` leave, both ends counted.
"""

from __future__ import annotations

from dataclasses import dataclass

#: A second more than a minute: a message that is slow on its way may reach the platform close to the next one.
MINUTE_MS = 61_000
MOST_AT_ONCE = 5
#: Feishu allows 5 a second; nobody can read faster anyway.
SPACING_MS = 250


@dataclass(frozen=True, slots=True)
class Spent:
    """What was sent. `until_ms`: until when the bucket is paid for; `last_ms`: the last message. ms of one clock."""

    until_ms: int = 0
    last_ms: int = -SPACING_MS


@dataclass(frozen=True, slots=True)
class Budget:
    """At most `per_minute` (>= 1) messages in any minute."""

    per_minute: int

    @property
    def at_once(self) -> int:
        """How many may leave without a pause, after a minute of silence."""
        return max(1, min(self.per_minute // 4, MOST_AT_ONCE))

    @property
    def interval_ms(self) -> int:
        """After how long one more may leave."""
        rest = self.per_minute - self.at_once
        return -(-MINUTE_MS // rest) if rest else MINUTE_MS

    def ready_ms(self, spent: Spent, now_ms: int) -> int:
        """From when on the next message may leave, at the earliest `now_ms`."""
        spent = self._sane(spent, now_ms)
        return max(now_ms, spent.until_ms - (self.at_once - 1) * self.interval_ms, spent.last_ms + SPACING_MS)

    def free(self, spent: Spent, now_ms: int) -> int:
        """How many may leave now, one after the other."""
        ahead = max(self._sane(spent, now_ms).until_ms - now_ms, 0)
        return max(self.at_once - -(-ahead // self.interval_ms), 0)

    def spend(self, spent: Spent, now_ms: int) -> Spent:
        """After a message that left at `now_ms`; the caller has waited for `ready_ms`."""
        spent = self._sane(spent, now_ms)
        return Spent(max(spent.until_ms, now_ms) + self.interval_ms, now_ms)

    def _sane(self, spent: Spent, now_ms: int) -> Spent:
        """A clock that was set back does not silence the robot for longer than a full bucket takes."""
        return Spent(min(spent.until_ms, now_ms + self.at_once * self.interval_ms), min(spent.last_ms, now_ms))
