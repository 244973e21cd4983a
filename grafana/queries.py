"""The PromQL of the dashboards, put together from a few named pieces; every piece has one value per queue and channel.

Every metric is asked for as the largest over its instances, so that two boards may run. What is shown is gated by
freshness: a number older than 12 s, or of a board that is gone, is no number.
"""

from __future__ import annotations

from kpi.catalogue import BY_NAME

SELECTED = 'queue=~"$queue",channel=~"$channel"'
LAST_30_MIN = 'window="30m"'
FRESH_SECONDS = 12  # as the board's own pages have it (board.gauges.MAX_AGE_MS)
PER_QUEUE = "by (queue, channel)"
SAME_QUEUE = "on (queue, channel)"


def series(name: str, *matchers: str) -> str:
    """The series of one metric of the selected queues; KeyError for a metric that is not in the catalogue."""
    return f"{BY_NAME[name].name}{{{','.join((SELECTED, *matchers))}}}"


def each(name: str, *matchers: str) -> str:
    """One metric, one value per queue and channel."""
    return f"max {PER_QUEUE} ({series(name, *matchers)})"


def window(name: str) -> str:
    """One count of the last 30 minutes."""
    return each(f"cc_queue_window_{name}_contacts", LAST_30_MIN)


UPDATED = each("cc_queue_state_updated_timestamp_seconds")
AGE = f"time() - {UPDATED}"

WAITING = each("cc_queue_contacts_waiting")
# Nobody waiting is a wait of 0 s; a queue without state has no wait at all.
_OLDEST = f"min {PER_QUEUE} ({series('cc_queue_oldest_contact_enqueued_timestamp_seconds')})"
LONGEST_WAIT = f"(clamp_min(time() - {_OLDEST}, 0) or {WAITING} * 0)"

_EXITS = series("cc_queue_window_other_exit_contacts", LAST_30_MIN)
_OTHER_EXITS = f"(sum {PER_QUEUE} (max by (queue, channel, reason) ({_EXITS})) or {window('answered')} * 0)"
BACKLOG = f"sum {PER_QUEUE} (max by (queue, channel, state) ({series('cc_backlog_contacts')}))"


def ratio(numerator: str, denominator: str) -> str:
    """Numerator by denominator; nothing where nothing was counted, for no traffic is neither 0 % nor 100 %."""
    return f"{numerator} / ({denominator} > 0)"


ABANDONMENT = ratio(window("abandoned"), f"({window('abandoned')} + {window('answered')} + {_OTHER_EXITS})")
# sl_event, as the page, `top` and the severity have it: those still waiting past the target have missed it already, and
# who left for another reason within the target says nothing about it.
_LATE_EXITS = f"{_OTHER_EXITS} - {window('other_exit_in_target')}"
SERVICE_LEVEL = ratio(
    window("answered_in_target"),
    f"({window('answered')} + {window('abandoned')} + {_LATE_EXITS} + {window('missed_target')})",
)


def at_severity(expr: str, severity: int) -> str:
    """`expr` of the queues that are exactly this bad by the board's judgement: 0 fine, 1 warning, 2 critical."""
    judged = each("cc_queue_severity")
    if severity == 0:
        return f"({expr}) unless {SAME_QUEUE} ({judged} > 0)"
    return f"({expr}) and {SAME_QUEUE} ({judged} == {severity})"


def no_traffic(value: str) -> str:
    """NaN for the queues whose counts are known and give no `value`."""
    return f"({window('answered')} * NaN) unless {SAME_QUEUE} ({value})"


def fresh(expr: str) -> str:
    """`expr` of the queues whose state is at most 12 s old."""
    return f"({expr}) and {SAME_QUEUE} ({AGE} < {FRESH_SECONDS})"


def named(expr: str) -> str:
    """`expr` with the label display_name: the configured name, else the queue's id."""
    configured = f"topk {PER_QUEUE} (1, max by (queue, channel, display_name) ({series('cc_queue_info')}))"
    by_id = f'label_replace({UPDATED} * 0 + 1, "display_name", "$1", "queue", "(.*)")'
    return f"({expr}) * {SAME_QUEUE} group_left (display_name) ({configured} or {SAME_QUEUE} {by_id})"
