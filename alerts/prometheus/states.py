"""What the state machines of queues and of teams share: recording rules of what is bad, of what fires, and since when.

They say it as `alerts.policy` does; `alerts.prometheus.machine` describes the series. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

# As `alerts.policy.SILENCE_MS`: two looks this far apart are believed about the time between them.
HOLD_SECONDS = 15


@dataclass(frozen=True, slots=True)
class States:
    """The series of one kind of rules. `labels`: those that tell one limit from another."""

    kind: str
    seconds: int
    # Is there as long as the numbers are.
    sign_of_life: str
    labels: tuple[str, ...]

    @property
    def interval(self) -> str:
        """How often its rules are evaluated."""
        return f"{self.seconds}s"

    @property
    def key(self) -> str:
        """The labels in brackets, for `on` and `by`."""
        return f"({', '.join(self.labels)})"

    @property
    def past(self) -> str:
        return self._name("past")

    @property
    def bad(self) -> str:
        return self._name("bad")

    @property
    def firing(self) -> str:
        return self._name("firing")

    @property
    def since(self) -> str:
        return self._name("since")

    @property
    def known(self) -> str:
        return f"site:cc_alert_{self.kind}:known"

    def _name(self, what: str) -> str:
        return f"{'_'.join(self.labels)}:cc_alert_{self.kind}:{what}"

    def known_rule(self) -> tuple[str, str]:
        """(record, expr) of `known`, which stands first."""
        return self.known, f"0 * count({self.sign_of_life}) + time()\nor {self.known}"

    def bad_rule(self, counted: str) -> tuple[str, str]:
        """(record, expr) of `bad`. `counted`: what is past a limit at a time that counts."""
        return self.bad, (
            f"{counted}\n"
            # Not known: what waits for its time is believed for a while; what fires stays by itself.
            f"or on {self.key} (\n  {self.bad} and on () {self.known} < time()"
            f" and on () {self.known} >= time() - {HOLD_SECONDS}\n)"
        )

    def goes_on(self, keep: str) -> str:
        """What fires already, and keeps its labels: not known; or bad; or good for less than `keep`."""
        now = f"0 * {self.firing} + time() + {self.seconds}"
        return (
            f"{now} and on () {self.known} < time()\n"
            f"  or on {self.key} {now} and on {self.key} {self.bad}\n"
            f"  or on {self.key} {self.firing} and on {self.key} (\n"
            f"    time() - {self.firing} < {keep}\n  )"
        )

    def begins(self, wait: str) -> str:
        """What is bad for at least `wait`, while it is known."""
        began = f"{self.since} or on {self.key} 0 * {self.bad} + time()"
        return (
            f"(\n    0 * {self.bad} + time() + {self.seconds} and on {self.key} (\n"
            f"      time() - ({began}) >= {wait}\n    )\n"
            f"    and on () {self.known} == time()\n  )"
        )

    def since_rule(self) -> tuple[str, str]:
        """(record, expr) of `since`, which stands last."""
        key, since, bad = self.key, self.since, self.bad
        return since, f"{since} and on {key} ({bad} or on {key} {self.firing})\nor on {key} 0 * {bad} + time()"
