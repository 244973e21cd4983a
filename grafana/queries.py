"""The PromQL of the dashboards, put together from a few named pieces.

Every metric is asked for as the largest over its instances, so that two boards may run; only workers' counters are
summed. What is shown as true now is gated by freshness: a number older than 12 s, or of a board that is gone, is none.
"""

from __future__ import annotations

from functools import cache

from grafana.names import known

SELECTED = 'queue=~"$queue",channel=~"$channel"'
TEAM = 'team=~"$team"'
LAST_30_MIN = 'window="30m"'
FRESH_SECONDS = 12  # as the board's own pages have it (board.gauges.MAX_AGE_MS)
PER_QUEUE = "by (queue, channel)"
SAME_QUEUE = "on (queue, channel)"
RATE = "$__rate_interval"


def series(name: str, *matchers: str) -> str:
    """The series of one metric of the selected queues; KeyError for a metric that is not in the catalogue."""
    return f"{known(name)}{{{','.join((SELECTED, *matchers))}}}"


def each(name: str, *matchers: str, least: bool = False) -> str:
    """One metric, one value per queue and channel: the largest over the boards, or the least."""
    return f"{'min' if least else 'max'} {PER_QUEUE} ({series(name, *matchers)})"


def each_by(name: str, *labels: str, least: bool = False) -> str:
    """One metric, one value per queue, channel and each of the other labels."""
    return f"{'min' if least else 'max'} by (queue, channel, {', '.join(labels)}) ({series(name)})"


def window(name: str, width: str = "30m") -> str:
    """One count of a window, the last 30 minutes unless told."""
    return each(f"cc_queue_window_{name}_contacts", f'window="{width}"')


UPDATED = each("cc_queue_state_updated_timestamp_seconds")
AGE = f"time() - {UPDATED}"
# Of the floor as a whole, for numbers that belong to no queue.
FLOOR_AGE = f"time() - max({known('cc_queue_state_updated_timestamp_seconds')})"
DATA_AGE = f"clamp_min(max({AGE}), 0)"


def fresh(expr: str) -> str:
    """`expr` of the queues whose state is at most 12 s old."""
    return f"({expr}) and {SAME_QUEUE} ({AGE} < {FRESH_SECONDS})"


def fresh_floor(expr: str) -> str:
    """`expr`, which belongs to no single queue, while the floor's state is at most 12 s old."""
    return f"({expr}) and on () ({FLOOR_AGE} < {FRESH_SECONDS})"


WAITING = each("cc_queue_contacts_waiting")
# Nobody waiting is a wait of 0 s; a queue without state has no wait at all.
_OLDEST = each("cc_queue_oldest_contact_enqueued_timestamp_seconds", least=True)
LONGEST_WAIT = f"(clamp_min(time() - {_OLDEST}, 0) or {WAITING} * 0)"


def exits(width: str = "30m") -> str:
    """Contacts that left neither answered nor abandoned, of any reason; 0 where there are none."""
    reasons = series("cc_queue_window_other_exit_contacts", f'window="{width}"')
    summed = f"sum {PER_QUEUE} (max by (queue, channel, reason) ({reasons}))"
    return f"({summed} or {window('answered', width)} * 0)"


def decided(width: str = "30m") -> str:
    """All who left the queue."""
    return f"({window('abandoned', width)} + {window('answered', width)} + {exits(width)})"


def judged(width: str = "30m") -> str:
    """Of whom the live service level, sl_event, is a share, as the page, `top` and the severity have it.

    Those still waiting past the target have missed it already, and who left for another reason within the target says
    nothing about it.
    """
    late = f"{exits(width)} - {window('other_exit_in_target', width)}"
    return f"({window('answered', width)} + {window('abandoned', width)} + {late} + {window('missed_target', width)})"


def ratio(numerator: str, denominator: str) -> str:
    """Numerator by denominator; nothing where nothing was counted, for no traffic is neither 0 % nor 100 %."""
    return f"{numerator} / ({denominator} > 0)"


def service_level(width: str = "30m") -> str:
    """sl_event, one value per queue."""
    return ratio(window("answered_in_target", width), judged(width))


def abandonment(width: str = "30m") -> str:
    """Who gave up of all who left, one value per queue."""
    return ratio(window("abandoned", width), decided(width))


SERVICE_LEVEL, ABANDONMENT = service_level(), abandonment()
# What limits of abandonment are compared with: who gave up at once neither came nor was lost.
_STAYED = f"({decided()} - {window('short_abandoned')})"
_JUDGED_ABANDONMENT = ratio(f"({window('abandoned')} - {window('short_abandoned')})", _STAYED)
BACKLOG = f"sum {PER_QUEUE} ({each_by('cc_backlog_contacts', 'state')})"
FREE_STATES = "idle|has_capacity"
QUEUE_AGENTS = f"sum {PER_QUEUE} ({each_by('cc_queue_agents_serving', 'state')})"
_FREE = series("cc_queue_agents_serving", f'state=~"{FREE_STATES}"')
QUEUE_FREE = f"(sum {PER_QUEUE} (max by (queue, channel, state) ({_FREE})) or {WAITING} * 0)"


def total(expr: str) -> str:
    """The fresh queues together."""
    return f"sum({fresh(expr)})"


def total_ratio(numerator: str, denominator: str) -> str:
    """A ratio of several queues: sum over sum, divided last."""
    return ratio(total(numerator), total(denominator))


def at_severity(expr: str, severity: int) -> str:
    """`expr` of the queues that are exactly this bad by the board's judgement: 0 fine, 1 warning, 2 critical."""
    judgement = each("cc_queue_severity")
    if severity == 0:
        return f"({expr}) unless {SAME_QUEUE} ({judgement} > 0)"
    return f"({expr}) and {SAME_QUEUE} ({judgement} == {severity})"


def _enough(measure: str, counted: str) -> str:
    """The queues with enough traffic for a ratio to be judged: as many as floor.toml says of the queue, or of all."""
    of_measure = f'measure="{measure}"'
    own = each("cc_queue_alert_minimum_contacts", of_measure)
    of_all = f"max({known('cc_alert_minimum_contacts')}{{{of_measure}}})"
    return f"{SAME_QUEUE} ({counted} >= {SAME_QUEUE} ({own} or {counted} * 0 + on () group_left () {of_all}))"


# What is compared with which exported limit, and how, as kpi.judged has it; a ratio only of queues with enough traffic.
_LIMITS = {
    "waiting": (WAITING, ">=", "cc_queue_waiting_threshold_contacts", ""),
    "longest_wait": (LONGEST_WAIT, ">=", "cc_queue_longest_wait_threshold_seconds", ""),
    "service_level": (
        SERVICE_LEVEL,
        "<",
        "cc_queue_service_level_threshold_ratio",
        f" and {_enough('service_level_ratio', window('offered'))}",
    ),
    "abandonment": (
        _JUDGED_ABANDONMENT,
        ">=",
        "cc_queue_abandonment_threshold_ratio",
        f" and {_enough('abandonment_ratio', _STAYED)}",
    ),
}


def limit(measure: str, severity: str) -> str:
    """The exported limit of a measure, one value per queue."""
    return each(_LIMITS[measure][2], f'severity="{severity}"', least=True)


@cache
def over(measure: str, severity: str) -> str:
    """The queues that have reached this limit with this measure."""
    value, compared, _, enough = _LIMITS[measure]
    passed = f"({value}) {compared} {SAME_QUEUE} {limit(measure, severity)}{enough}"
    if measure == "service_level":  # low in the last 5 min, too: what is over already is no fault
        passed += f" and {SAME_QUEUE} (({service_level('5m')}) < {SAME_QUEUE} {limit(measure, severity)})"
    return f"({passed})"


def at_limit(expr: str, measure: str, severity: int, on: str = "on ()") -> str:
    """`expr` where the worst queue is exactly this bad by this measure; with `on` SAME_QUEUE: each queue its own."""
    warned, critical = (over(measure, name) for name in ("warning", "critical"))
    if severity == 0:
        return f"({expr}) unless {on} ({warned} or {critical})"
    if severity == 1:
        return f"({expr}) and {on} {warned} unless {on} {critical}"
    return f"({expr}) and {on} {critical}"


def no_traffic(value: str) -> str:
    """NaN for the queues whose counts are known and give no `value`."""
    return f"({window('answered')} * NaN) unless {SAME_QUEUE} ({value})"


def named(expr: str) -> str:
    """`expr` with the label display_name: the configured name, else the queue's id."""
    configured = f"topk {PER_QUEUE} (1, max by (queue, channel, display_name) ({series('cc_queue_info')}))"
    by_id = f'label_replace({UPDATED} * 0 + 1, "display_name", "$1", "queue", "(.*)")'
    return f"({expr}) * {SAME_QUEUE} group_left (display_name) ({configured} or {SAME_QUEUE} {by_id})"


def per_second(name: str, *labels: str, matchers: str = SELECTED) -> str:
    """The rate of a workers' counter, summed over the workers."""
    grouped = f"sum by ({', '.join(labels)}) " if labels else "sum"
    return f"{grouped}(rate({known(name)}{{{matchers}}}[{RATE}]))"


def per_minute(name: str, *labels: str, matchers: str = SELECTED) -> str:
    """Events a minute of a workers' counter, summed over the workers."""
    return f"{per_second(name, *labels, matchers=matchers)} * 60"


def quantile(share: float, name: str, *labels: str, matchers: str = SELECTED) -> str:
    """A percentile of a workers' histogram over the rate interval."""
    grouped = ", ".join(("le", *labels))
    return f"histogram_quantile({share}, sum by ({grouped}) (rate({known(name)}_bucket{{{matchers}}}[{RATE}])))"
