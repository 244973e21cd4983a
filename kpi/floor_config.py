"""QueueConfig: what holds for one queue and channel once all layers of a floor.toml lie over one another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kpi.alerting import BUILT_IN, Behaviour
from kpi.floor_levels import behaviours, complete, long_seconds
from kpi.floor_names import Groups
from kpi.floor_settings import Settings
from kpi.opening import Opening
from kpi.plausible import Plausible, plausible


@dataclass(frozen=True, slots=True)
class QueueConfig:
    """What is configured for one queue and channel; without a floor.toml, what is assumed.

    A contact is short when it lasted ``short_call_seconds`` or less in service, long when it lasted more than
    ``long_seconds``. ``plausible_seconds`` are the limits that were set, by name; `plausible` has all of them.

    ``channel`` is "" in `Floor.configured` for a table that holds for every channel; `Floor.queue` always fills it in.
    ``thresholds`` and ``exits`` map (measure, severity) to the value at which a severity begins and ends again; both
    have the same keys, and ratios are 0 to 1. Measures in `LOW_IS_BAD` begin below their value, the others at or above.
    ``alerting`` says of every measure, with limits or without, how its alerts behave. Queues with the same
    ``entry_point``, or the same ``source``, can have one cause for their alerts; "" is none.
    """

    id: str
    display_name: str
    channel: str = ""
    group: str = ""
    display_names: Mapping[str, str] = field(default_factory=dict)
    group_names: Mapping[str, str] = field(default_factory=dict)
    target_percent: float = 80
    target_seconds: int = 20
    short_abandon_seconds: int = 5
    short_call_seconds: int = 10
    long_seconds: int = 300
    plausible_seconds: Mapping[str, int] = field(default_factory=dict)
    zone: str = "UTC"
    reset_minutes: int = 0
    opening: Opening = field(default_factory=Opening)
    thresholds: Mapping[tuple[str, str], float] = field(default_factory=dict)
    exits: Mapping[tuple[str, str], float] = field(default_factory=dict)
    alerting: Mapping[str, Behaviour] = field(default_factory=lambda: BUILT_IN)
    entry_point: str = ""
    source: str = ""
    configured: bool = False

    @property
    def plausible(self) -> Plausible:
        """How long a leg may plausibly last; the reaper ends what lasts longer and is in no list of its source."""
        return plausible(self.channel, self.plausible_seconds)


def queue_config(queue_id: str, channel: str, settings: Settings, groups: Groups, *, configured: bool) -> QueueConfig:
    """The configuration that these settings make of a queue; what is not set is filled in, by channel and target."""
    names = settings.names or {}
    percent = 80 if settings.target_percent is None else settings.target_percent
    seconds = 20 if settings.target_seconds is None else settings.target_seconds
    levels = complete(settings.levels, channel, percent, seconds)
    return QueueConfig(
        id=queue_id,
        display_name=names.get("", names.get("en", next(iter(names.values()), queue_id))),
        channel=channel,
        group=settings.group or "",
        display_names={language: name for language, name in names.items() if language},
        group_names=groups.get(settings.group or "", {}),
        target_percent=percent,
        target_seconds=seconds,
        short_abandon_seconds=5 if settings.short_abandon_seconds is None else settings.short_abandon_seconds,
        short_call_seconds=10 if settings.short_call_seconds is None else settings.short_call_seconds,
        long_seconds=long_seconds(channel) if settings.long_seconds is None else settings.long_seconds,
        plausible_seconds=settings.plausible,
        zone=settings.zone or "UTC",
        reset_minutes=settings.reset_minutes or 0,
        opening=settings.opening(),
        thresholds={key: level.enter for key, level in levels.items()},
        exits={key: level.exit for key, level in levels.items()},
        alerting=behaviours(settings.behaviours),
        entry_point=settings.entry_point or "",
        source=settings.source or "",
        configured=configured,
    )
