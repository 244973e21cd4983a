"""The queue rules that Prometheus evaluates: how each measure is worked out of the exported series. Pure data.

Names, measures and who sends are those of `alerts.rulebook`; limits and behaviour come from the metrics that floor.toml
makes. Of two boards the larger number counts (max by), never their sum. A measure that cannot be said has no series,
which is never bad. Every text here is PromQL that Prometheus 2.42 understands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alerts.rulebook import BY_NAME, Rule
from kpi.alerting import BY_MEASURE

QC = "(queue, channel)"
# Where the limits of a measure stand. The four oldest have families of their own; so has the limit of teams.
_OWN_LIMITS = {
    "longest_wait_seconds": "cc_queue_longest_wait_threshold_seconds",
    "waiting": "cc_queue_waiting_threshold_contacts",
    "service_level_ratio": "cc_queue_service_level_threshold_ratio",
    "abandonment_ratio": "cc_queue_abandonment_threshold_ratio",
}


@dataclass(frozen=True, slots=True)
class QueueRule:
    """One rule over queues. `value`: PromQL of its measure by queue, channel; `minimum`: what there must be enough of.

    `lines`: which lines its description has, beside what, now, limit, since and what to do (`alerts.prometheus.texts`).
    """

    rule: Rule
    value: str
    minimum: str = ""
    lines: str = "waiting"

    @property
    def is_twin(self) -> bool:
        """Whether our own engine sends this alert, so that Prometheus speaks only while that is silent."""
        return self.rule.engine == "stream"

    @property
    def limits(self) -> str:
        """The series of its limits, by queue, channel and severity."""
        measure = self.rule.measure
        own = _OWN_LIMITS.get(measure)
        return own or f'cc_queue_limit_{BY_MEASURE[measure].unit}{{measure="{measure}"}}'

    @property
    def exits(self) -> str:
        """The series of the values at which it ends, where those are others."""
        measure = self.rule.measure
        return f'cc_queue_exit_limit_{BY_MEASURE[measure].unit}{{measure="{measure}"}}'


def largest(family: str, matchers: str = "") -> str:
    """A gauge by queue and channel, the larger one of two boards."""
    return f"max by {QC} ({family}{{{matchers}}})" if matchers else f"max by {QC} ({family})"


def window(name: str, length: str, matchers: str = "") -> str:
    """A sum of one window of events."""
    more = f",{matchers}" if matchers else ""
    return largest(f"cc_queue_window_{name}", f'window="{length}"{more}')


def other_exits(length: str) -> str:
    """Who left otherwise: every reason has a series of its own, and there may be none."""
    family = f'cc_queue_window_other_exit_contacts{{window="{length}"}}'
    return f"(sum by {QC} (max by (queue, channel, reason) ({family})) or 0 * {window('answered_contacts', length)})"


def decided(length: str) -> str:
    """Who is no longer waiting: answered, gave up, left otherwise."""
    return f"({window('answered_contacts', length)} + {window('abandoned_contacts', length)} + {other_exits(length)})"


def service_level(length: str) -> str:
    """The live service level of a window, as in recording.yml."""
    judged = (
        f"{decided(length)} - {window('other_exit_in_target_contacts', length)}"
        f" + {window('missed_target_contacts', length)}"
    )
    return f"{window('answered_in_target_contacts', length)} / (({judged}) > 0)"


def handled(length: str) -> str:
    """Seconds of handling: talk, which holds are part of, and wrap-up."""
    phases = 'phase=~"talk|wrapup"'
    family = f'cc_queue_window_handle_seconds{{window="{length}",{phases}}}'
    return f"sum by {QC} (max by (queue, channel, phase) ({family}))"


def since_joined() -> str:
    """How long the first in line has waited."""
    return f"clamp_min(time() - min by {QC} (cc_queue_oldest_contact_enqueued_timestamp_seconds), 0)"


def in_week(expr: str) -> str:
    """`expr` as it was a week ago."""
    return f"{expr.removesuffix(')')} offset 1w)"


def _growth() -> str:
    offered, waiting = window("offered_contacts", "5m"), largest("cc_queue_contacts_waiting")
    grows = f"({offered} - {decided('5m')}) / ({offered} > 0)"
    return f"(({grows}) > 0 and on {QC} {waiting} >= 5) or on {QC} 0 * ({offered} > 0)"


def _handle_time() -> str:
    now, hour = handled("15m"), handled("1h")
    done, done_hour = window("completed_contacts", "15m"), window("completed_contacts", "1h")
    return f"({now} / ({done} > 0)) / ((({hour} - {now}) / (({done_hour} - {done}) > 0)) > 0)"


def _handled_least() -> str:
    """The smaller count of the two that are compared."""
    done, hour = window("completed_contacts", "15m"), window("completed_contacts", "1h")
    return f"({done} <= on {QC} ({hour} - {done}) or on {QC} ({hour} - {done}))"


def _first_response() -> str:
    buckets = "sum by (queue, le) (rate(cc_chat_first_response_duration_seconds_bucket[30m]))"
    replied = window("first_responses_contacts", "30m")
    return f"0 * {replied} + on (queue) group_left () histogram_quantile(0.9, {buckets})"


def _wrapup() -> str:
    phase = window("handle_seconds", "30m", 'phase="wrapup"')
    return f"{phase} / ({handled('30m')} > 0)"


def _paused() -> str:
    family = "cc_queue_agents_serving"
    paused = f'sum by {QC} (max by (queue, channel, state) ({family}{{state="break"}}))'
    everybody = f"sum by {QC} (max by (queue, channel, state) ({family}))"
    return f"({paused} or 0 * {everybody}) / ({everybody} > 0)"


def _unanswered() -> str:
    missed = f"sum by {QC} (increase(cc_offers_unanswered_total[15m]))"
    return f"{missed} / ({_offers()} > 0)"


def _offers() -> str:
    return (
        f"(sum by {QC} (increase(cc_offers_unanswered_total[15m]))"
        f" + sum by {QC} (increase(cc_contacts_answered_total[15m])))"
    )


def _volume() -> str:
    offered = window("offered_contacts", "30m")
    return f"{offered} / ({in_week(offered)} > 0)"


_SERVICE_30 = "queue_channel:cc_queue_service_level:ratio30m"
_OFFERED_30 = window("offered_contacts", "30m")
# Who left, without those who gave up at once.
_STAYED_30 = "queue_channel:cc_queue_stayed_contacts:sum30m"
# A week ago and now: too few of either say nothing, and no call at all is what a dead trunk looks like.
_VOLUME_30 = in_week(_OFFERED_30)
_READY = f"{largest('cc_queue_agents_available')} and on {QC} {largest('cc_queue_contacts_waiting')} > 0"

#: (name, PromQL of the measure, PromQL of what must be enough, lines of the description)
_TABLE: tuple[tuple[str, str, str, str], ...] = (
    ("QueueLongestWaitHigh", since_joined(), "", "waiting"),
    ("QueueLengthHigh", largest("cc_queue_contacts_waiting"), "", "waiting"),
    ("QueueUnattended", largest("cc_queue_unattended_contacts"), "", "waiting"),
    (
        "ContactsWaitingWhileClosed",
        f"{since_joined()} and on {QC} {largest('cc_queue_open')} == 0",
        "",
        "closed",
    ),
    ("QueueGrowing", _growth(), window("offered_contacts", "5m"), "waiting"),
    ("AgentsReadyLow", _READY, "", "waiting"),
    (
        "ServiceLevelLow",
        f"({_SERVICE_30} >= on {QC} {service_level('5m')}) or on {QC} ({service_level('5m')} > on {QC} {_SERVICE_30})",
        _OFFERED_30,
        "waiting",
    ),
    ("AbandonmentHigh", "queue_channel:cc_queue_judged_abandonment:ratio30m", _STAYED_30, "waiting"),
    ("AverageSpeedOfAnswerHigh", "queue_channel:cc_queue_asa_seconds:mean15m",
     window("known_wait_contacts", "15m"), "waiting"),
    ("ChatFirstResponseSlow", _first_response(), window("first_responses_contacts", "30m"), "waiting"),
    ("HandleTimeShift", _handle_time(), _handled_least(), "waiting"),
    ("WrapUpLong", _wrapup(), window("completed_contacts", "30m"), "waiting"),
    ("PausedShareHigh", _paused(), "", "waiting"),
    ("RingNoAnswerBurst", _unanswered(), _offers(), "waiting"),
    ("VolumeHigh", _volume(), _OFFERED_30, "volume"),
    ("VolumeLow", _volume(), _VOLUME_30, "volume"),
    ("BacklogOverdue", largest("cc_backlog_overdue_contacts"), "", "backlog"),
    ("CallbackOverdue", largest("cc_callbacks", 'state="overdue"'), "", "callbacks"),
)  # fmt: skip

QUEUE_RULES: tuple[QueueRule, ...] = tuple(
    QueueRule(BY_NAME[name], value, minimum, lines) for name, value, minimum, lines in _TABLE
)
TWINS: tuple[QueueRule, ...] = tuple(each for each in QUEUE_RULES if each.is_twin)
WINDOWED: tuple[QueueRule, ...] = tuple(each for each in QUEUE_RULES if not each.is_twin)
BY_ALERT: Mapping[str, QueueRule] = {each.rule.name: each for each in QUEUE_RULES}
