"""floor.toml -> samples: limits, where they end again, how alerts behave. Pure. No sample where the default says it.

A measure that is off has no limits, and so no series; a queue has series of its own behaviour where it differs.
"""

from __future__ import annotations

from collections.abc import Iterator

from board.queue_gauges import Row
from board.samples import Samples, put
from kpi.alerting import BUILT_IN, BY_MEASURE, Behaviour
from kpi.floor import Floor, QueueConfig

#: The four oldest families; every other measure stands in one family per unit.
OWN_FAMILY = {
    "longest_wait_seconds": "cc_queue_longest_wait_threshold_seconds",
    "waiting": "cc_queue_waiting_threshold_contacts",
    "service_level_ratio": "cc_queue_service_level_threshold_ratio",
    "abandonment_ratio": "cc_queue_abandonment_threshold_ratio",
}
_LIVE = frozenset({"longest_wait_seconds", "waiting"})
#: field of Behaviour -> the end of its families' names.
_FIELDS = {
    "for_seconds": "for_seconds",
    "keep_seconds": "keep_seconds",
    "minimum": "minimum_contacts",
    "only_open": "only_open",
}


def limit_rows(config: QueueConfig, *, live: bool) -> Iterator[Row]:
    """The limits of one queue: on the live page all but those that have a family on the other one."""
    for (measure, severity), enter in config.thresholds.items():
        own = OWN_FAMILY.get(measure)
        if own is not None:
            if (measure in _LIVE) is live:
                yield own, (severity,), enter
        elif live:
            yield f"cc_queue_limit_{BY_MEASURE[measure].unit}", (measure, severity), enter
        leave = config.exits.get((measure, severity), enter)
        if live and leave != enter:
            yield f"cc_queue_exit_limit_{BY_MEASURE[measure].unit}", (measure, severity), leave


def behaviour_rows(config: QueueConfig, defaults: QueueConfig) -> Iterator[Row]:
    """How the alerts of one queue behave, where it is not what [defaults] say; measures without limits say nothing."""
    if config.alerting is BUILT_IN and defaults.alerting is BUILT_IN:
        return
    measures = {measure for measure, _ in config.thresholds}
    for measure, behaviour in config.alerting.items():
        if measure in measures:
            for field, name in _FIELDS.items():
                if getattr(behaviour, field) != getattr(defaults.alerting[measure], field):
                    yield f"cc_queue_alert_{name}", (measure,), getattr(behaviour, field)
            if not behaviour.alert:
                yield "cc_queue_alert_off", (measure,), 1


def name_rows(config: QueueConfig) -> Iterator[Row]:
    """The names of a queue in languages."""
    for language, name in config.display_names.items():
        yield "cc_queue_display_name_info", (language, name), 1


def floor_limits(samples: Samples, floor: Floor) -> None:
    """What holds for the floor as a whole."""
    for measure, behaviour in floor.defaults.alerting.items():
        _put_behaviour(samples, measure, behaviour)
    for (measure, severity), level in floor.team_limits.items():
        if floor.defaults.alerting[measure].alert:
            put(samples, "cc_team_occupancy_limit_ratio", (severity,), level.enter)
            if level.exit != level.enter:
                put(samples, "cc_team_occupancy_exit_limit_ratio", (severity,), level.exit)
    for name in sorted(floor.also):
        put(samples, "cc_alert_also", (name,), 1)


def _put_behaviour(samples: Samples, measure: str, behaviour: Behaviour) -> None:
    for field, name in _FIELDS.items():
        put(samples, f"cc_alert_{name}", (measure,), getattr(behaviour, field))
