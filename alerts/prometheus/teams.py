"""The one rule about teams: people who are busy all the time. Its limits and times are those of [defaults] alone. Pure.

It begins and ends as a rule about queues does (`alerts.prometheus.machine`), in series of its own: a team has neither
channel nor opening hours, and its limits are those of all teams.
"""

from __future__ import annotations

from collections.abc import Iterator

from alerts.prometheus.pipeline_rule import PipelineRule
from alerts.prometheus.states import States

SEVERITIES = ("warning", "critical")
_OCCUPANCY = "team:cc_occupancy:ratio30m"
_AT_WORK = 'cc_team_window_state_seconds{window="30m",state=~"busy|acw|idle|has_capacity"} > 0'
# Some value; or none because nobody was at work, not because it is not worked out yet. Doubtful events are told, if
# only as 0, with every state of the floor. A value may be older than the page that failed: the limits stand on that.
_ALIVE = (
    f"({_OCCUPANCY} or cc_doubtful_events unless on () {_AT_WORK})"
    ' and on () cc_alert_for_seconds{measure="occupancy_ratio"}'
)
TEAMS = States("teams", 5, _ALIVE, labels=("team", "severity"))


def team_records() -> Iterator[tuple[str, str]]:
    """(record, expr) of the state of the rule, in the order in which they stand."""
    yield TEAMS.known_rule()
    enters = "\nor ".join(_past("cc_team_occupancy_limit_ratio", severity) for severity in SEVERITIES)
    exits = "\n  or ".join(_past("cc_team_occupancy_exit_limit_ratio", severity) for severity in SEVERITIES)
    yield TEAMS.past, f"{enters}\nor (\n  {exits}\n) and on {TEAMS.key} {TEAMS.since}"
    yield TEAMS.bad_rule(TEAMS.past)
    goes_on, begins = TEAMS.goes_on(_setting("keep_seconds")), TEAMS.begins(_setting("for_seconds"))
    yield TEAMS.firing, f"(\n  {goes_on}\n  or on {TEAMS.key} {begins}\n)"
    yield TEAMS.since_rule()


def _past(limits: str, severity: str) -> str:
    """The value, with the severity whose limit it has reached."""
    limit = f'min by (severity) ({limits}{{severity="{severity}"}})'
    return f"{_OCCUPANCY} >= on () group_left (severity) {limit}"


def _setting(what: str) -> str:
    return f'on () group_left () max(cc_alert_{what}{{measure="occupancy_ratio"}})'


TEAM_RULES: tuple[PipelineRule, ...] = tuple(
    PipelineRule(
        "OccupancyHigh",
        severity,
        f'{TEAMS.firing}{{severity="{severity}"}}',
        unit="percent",
        audience="floor",
        since=f'{TEAMS.since}{{severity="{severity}",team=%q}}',
        value=f"last_over_time({_OCCUPANCY}{{team=%q}}[1h])",
        by=("team",),
    )
    for severity in SEVERITIES
)
