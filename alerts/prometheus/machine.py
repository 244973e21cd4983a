"""The state machine of `alerts.policy` in PromQL: recording rules that ask for what they recorded themselves. Pure.

Prometheus has `for` and `keep_firing_for`, but as constants of a rule; floor.toml wants them, and a value to leave at,
per queue. So every limit that is passed has series of its own, and no other one has any:

- `past`: the value, where it is past the limit to enter at (`at="enter"`), and for what is bad or fires already, past
  the one to leave at (`at="exit"`);
- `bad`: either, while it counts (opening hours, alerts that are on) or is not known to be over;
- `firing`: from when on it is good (Unix seconds; while it is bad, the next evaluation), from its `for` on until it was
  good for its `keep`;
- `since`: when it became bad (Unix seconds), while it is bad or fires.

A series that a rule asks for before it is recorded is that of the evaluation before. All have the labels queue,
channel, severity and measure; `firing` also the group of the queue when it began, so that an alert never becomes
another one. As in the policy, what is between exit and enter begins no alert, ends none, and starts the wait for the
end anew.

While the numbers are not known (stale, made anew, nobody serves them) nothing fires and nothing ends; a wait for `for`
that is interrupted for longer than HOLD_SECONDS begins anew. `known` is when they were known last. What is judged every
second ("now") and what is judged with the windows ("windows") have series of their own, so that neither waits; so has
the rule about teams (`alerts.prometheus.teams`). What they share stands in `alerts.prometheus.states`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from alerts.prometheus.rule import QC, QueueRule
from alerts.prometheus.states import States

QCM = "(queue, channel, measure)"
# The engine posts something every 5 s; it is silent when it has not for this long. Gaps of a few scrapes are bridged.
SILENT_SECONDS = 30
ENGINE_IS_ALIVE = f"(time() - max(max_over_time(cc_alert_last_post_timestamp_seconds[1m])) < {SILENT_SECONDS})"


@dataclass(frozen=True, slots=True)
class Machine(States):
    """The series of one kind of queue rules, and the recording rules that make them."""

    labels: tuple[str, ...] = ("queue", "channel", "severity", "measure")

    def past_of(self, rule: QueueRule) -> tuple[str, str, str]:
        """(record, expr, measure): who is past a limit of this rule."""
        measure, low = rule.rule.measure, rule.rule.low_is_bad
        by, largest = "by (queue, channel, severity)", "max" if low else "min"
        value = f"({rule.value})"
        if rule.minimum:
            own = f'max by {QC} (cc_queue_alert_minimum_contacts{{measure="{measure}"}})'
            default = f'max(cc_alert_minimum_contacts{{measure="{measure}"}})'
            least = f"({own} or on {QC} 0 * {rule.minimum} + on () group_left () {default})"
            value += f"\n  and on {QC} {rule.minimum} >= on {QC} {least}"
        known_bad = f'on (queue, channel, severity) {self.since}{{measure="{measure}"}}'
        exits, limits = (f"{largest} {by} ({family})" for family in (rule.exits, rule.limits))
        expr = (
            f"(\n  {value}\n) {'<' if low else '>='} on {QC} group_right () (\n"
            f'  label_replace({limits}, "at", "enter", "", "")\n'
            f'  or label_replace({exits} and {known_bad}, "at", "exit", "", "")\n)'
        )
        return self.past, expr, measure

    def records(self) -> Iterator[tuple[str, str]]:
        """(record, expr) of the rest, in the order in which they stand after all `past`."""
        past, bad, firing = f"max by {self.key} ({self.past})", self.bad, self.firing
        shut = (
            f"max by {QCM} ({past}) and on {QC} max by {QC} (cc_queue_open) == 0\n"
            f"  and on {QCM} {setting('only_open', past)} == 1"
        )
        yield self.bad_rule(
            f"{past}\nunless on {QCM} (\n  {shut}\n)\nunless on {QCM} max by {QCM} (cc_queue_alert_off) == 1"
        )
        goes_on = self.goes_on(f"on {QCM} group_left ()\n      {setting('keep_seconds', firing)}")
        begins = self.begins(f"on {QCM} group_left ()\n        {setting('for_seconds', bad)}")
        info = "topk by (queue, channel) (1, cc_queue_info)"
        yield (
            firing,
            (
                f"(\n  {goes_on}\n"
                # It begins: with the group of its queue, where it is in one.
                f"  or on {self.key} {begins} * on {QC} group_left (group) {info}\n"
                f"  or on {self.key} {begins}\n"
                f") unless on {QC} max by {QC} (cc_queue_quiet) == 1"
            ),
        )
        yield self.since_rule()

    def alert_expr(self, rule: QueueRule) -> str:
        """What fires: of a twin only while the engine is silent."""
        firing = f'max without (measure) ({self.firing}{{measure="{rule.rule.measure}"}})'
        return f"{firing}\nunless on () {ENGINE_IS_ALIVE}" if rule.is_twin else firing


def setting(what: str, over: str) -> str:
    """What floor.toml says of each of `over`: of the queue, else of [defaults]."""
    return (
        f"(max by {QCM} (cc_queue_alert_{what})"
        f" or on {QCM} 0 * max by {QCM} ({over}) + on (measure) group_left () max by (measure) (cc_alert_{what}))"
    )


NOW = Machine("now", 1, "cc_queue_contacts_waiting")
WINDOWS = Machine("windows", 5, 'cc_queue_window_offered_contacts{window="30m"}')


def machine_of(rule: QueueRule) -> Machine:
    """Where the state of a rule is kept."""
    return NOW if rule.is_twin else WINDOWS
