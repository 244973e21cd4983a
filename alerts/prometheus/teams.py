"""The one rule about teams: people who are busy all the time. Its limits are those of [defaults] alone. Pure data.

Teams have no configuration of their own, so `for` and `keep` are the built-in ones.
"""

from __future__ import annotations

from alerts.prometheus.pipeline_rule import PipelineRule
from kpi.alerting import BUILT_IN

_BEHAVIOUR = BUILT_IN["occupancy_ratio"]
_LIMIT = 'max(cc_team_occupancy_limit_ratio{{severity="{}"}})'

TEAM_RULES: tuple[PipelineRule, ...] = tuple(
    PipelineRule(
        "OccupancyHigh",
        severity,
        f"team:cc_occupancy:ratio30m >= on () group_left () {_LIMIT.format(severity)}",
        hold=f"{_BEHAVIOUR.for_seconds}s",
        keep=f"{_BEHAVIOUR.keep_seconds}s",
        unit="percent",
        audience="floor",
        by=("team",),
    )
    for severity in ("warning", "critical")
)
