"""What can raise an alert: every measure that is compared with limits, and how its alerts behave. Pure data.

`floor.toml` says the rest: which limits hold (`kpi.floor_levels`), and where an alert behaves otherwise. A measure that
is not `on` has no limits until floor.toml gives it some; ``measure = true`` there means the researched ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

Unit = Literal["seconds", "contacts", "ratio"]

# The languages that texts of alerts are written in.
LANGUAGES = ("en", "zh-CN", "zh-TW")
# Rules of the pipeline that stay silent unless `[alerts] also` names them.
ALSO = (
    "EventDelayHigh", "ConsumerLagGrowing", "InvalidEvents", "LateEventsDropped", "PartitionsUnassigned",
    "RebalanceStorm", "BoardFreshnessBurn", "BacklogGrowing",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How the alerts of one measure behave.

    `alert`: False only colours. An alert begins `for_seconds` after its limit was passed, unless it was left in
    between, and ends when it was left for `keep_seconds`. Of fewer than `minimum` counted contacts a measure has no
    value. `only_open`: nothing is said outside opening hours.
    """

    alert: bool = True
    for_seconds: int = 0
    keep_seconds: int = 30
    minimum: int = 0
    only_open: bool = True


@dataclass(frozen=True, slots=True)
class Judged:
    """A measure that has limits, or may have them.

    `is_on`: it has limits that nobody needs to write. `is_counted`: made of counted contacts, so that there may be too
    few of them. `is_fast`: judged at every snapshot, not by Prometheus. `is_of_teams`: of people and of no queue.
    """

    name: str
    unit: Unit
    behaviour: Behaviour
    is_on: bool = False
    low_is_bad: bool = False
    is_counted: bool = False
    is_fast: bool = False
    is_of_teams: bool = False


_RATIO = Behaviour(for_seconds=120, keep_seconds=300, minimum=20)

JUDGED: tuple[Judged, ...] = (
    Judged("longest_wait_seconds", "seconds", Behaviour(), is_on=True, is_fast=True),
    Judged("waiting", "contacts", Behaviour(for_seconds=10), is_on=True, is_fast=True),
    Judged("unattended_contacts", "contacts", Behaviour(for_seconds=15), is_on=True, is_fast=True),
    Judged("closed_wait_seconds", "seconds", Behaviour(only_open=False), is_on=True, is_fast=True),
    Judged("abandonment_ratio", "ratio", _RATIO, is_on=True, is_counted=True),
    Judged("service_level_ratio", "ratio", _RATIO, is_on=True, low_is_bad=True, is_counted=True),
    Judged("growth_ratio", "ratio", Behaviour(for_seconds=60, keep_seconds=60), is_counted=True, is_fast=True),
    Judged("ready_agents", "contacts", Behaviour(for_seconds=30, keep_seconds=60), low_is_bad=True, is_fast=True),
    Judged("answer_speed_seconds", "seconds", _RATIO, is_counted=True),
    Judged(
        "first_response_seconds",
        "seconds",
        replace(_RATIO, for_seconds=300, minimum=5),
        is_counted=True,
    ),
    Judged("handle_time_ratio", "ratio", replace(_RATIO, for_seconds=900, minimum=5), is_counted=True),
    Judged("wrapup_ratio", "ratio", replace(_RATIO, for_seconds=300, minimum=5), is_counted=True),
    Judged("paused_ratio", "ratio", replace(_RATIO, for_seconds=300, minimum=0)),
    Judged(
        "occupancy_ratio",
        "ratio",
        Behaviour(for_seconds=600, keep_seconds=300, only_open=False),
        is_of_teams=True,
    ),
    Judged("unanswered_offers_ratio", "ratio", replace(_RATIO, minimum=10), is_counted=True),
    Judged("volume_high_ratio", "ratio", replace(_RATIO, for_seconds=300), is_counted=True),
    Judged("volume_low_ratio", "ratio", replace(_RATIO, for_seconds=300), low_is_bad=True, is_counted=True),
    Judged("overdue_contacts", "contacts", Behaviour(for_seconds=600, keep_seconds=60, only_open=False)),
    Judged("overdue_callbacks", "contacts", Behaviour(for_seconds=300, keep_seconds=60, only_open=False)),
)

BY_MEASURE: Mapping[str, Judged] = {each.name: each for each in JUDGED}
BUILT_IN: Mapping[str, Behaviour] = {each.name: each.behaviour for each in JUDGED}
LOW_IS_BAD = frozenset(each.name for each in JUDGED if each.low_is_bad)
OF_TEAMS = frozenset(each.name for each in JUDGED if each.is_of_teams)
