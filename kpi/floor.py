"""floor.toml -> Floor: queues, targets, opening hours, thresholds, id mapping. Text in, value out; no I/O, no clock.

A complete file; every key is optional and an empty file is valid. ``[queue.ID]`` wins over ``[defaults]``::

    [time]
    earliest = "1990-01-01"                  # an event before this instant (UTC) is dead-lettered
    lateness_days = 7                        # a fact this much older than the watermark is refused

    [defaults]                               # for every queue, configured or not
    zone = "Europe/Berlin"                   # IANA name
    reset = "04:00"                          # the business day begins here; a multiple of 15 minutes
    target = { percent = 80, seconds = 20 }
    short_abandon_seconds = 5
    short_call_seconds = 10                  # who talked no longer than this had a short call
    long_seconds = 300                       # who talked longer was long in service; built in: 480 for chats
    plausible_seconds = { waiting = 14400, ringing = 300, in_service = 14400, wrapup = 3600 }
                                             # what lasts longer lost its end and is ended so; some or all of them.
                                             # Built in: in_service 86400 for chats; e-mail and tickets a week each
    holidays = ["2026-12-25", 2027-01-01]    # closed all day

    [defaults.hours]                         # without this table: always open; a day not named is closed
    mon-fri = ["08:00-12:00", "13:00-20:00"]
    sat = ["22:00-06:00"]                    # past midnight is fine

    [defaults.special_days]                  # win over hours and holidays
    "2026-12-24" = ["08:00-12:00"]
    "2026-02-14" = "mon"                     # a make-up day: the hours of a Monday

    [defaults.thresholds]                    # measure = { severity = value to enter at }, or false for none
    longest_wait_seconds = { warning = 60, critical = 180 }
    waiting = { warning = { enter = 10, exit = 8 }, critical = 20 }    # exit: where it ends; default: the enter value
    abandonment_ratio = { warning = 0.05, critical = 0.10 }
    service_level_ratio = { warning = 0.64, critical = 0.48 }    # bad when below; default: 0.8 and 0.6 of the target

    [queue.sales]                            # the queue's id as events name it; quote other scripts: [queue."客服"]
    name = "Sales"
    channel = "voice"                        # without it the table holds for every channel
    group = "Front office"
    target = { percent = 90, seconds = 30 }

    [queue.support]
    name = { en = "Support", zh-CN = "客服", zh-TW = "客服" }

    [queue.support.chat]                     # a table named like a channel: what differs there
    target = { seconds = 60 }
    thresholds = { longest_wait_seconds = { warning = 120, critical = 400 } }

    [group."Front office"]                   # the name that queues have as their group, in other languages
    name = { en = "Front office", zh-CN = "前台" }

    [agent.alice]                            # the agent's id as events name it
    name = "Alice Martin"                    # how people know the agent
    team = "Front office"                    # wins over the team that events tell

    [[ids]]                                  # (source, native name) -> the id used in events
    source = "asterisk"                      # an event's whole source, /acd/asterisk/queue_log, or a word of its path
    native = "support"
    queue = "support"

    [[ids]]
    source = "asterisk"
    native = "SIP/101"
    agent = "alice"

    [links]
    contact = "https://crm.example/{native_id}"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kpi import floor_values as values
from kpi.floor_levels import check_order, complete, long_seconds
from kpi.floor_names import AgentConfig, Groups, check_groups, mapped, read_agents, read_groups, read_ids, read_names
from kpi.floor_settings import LOW_IS_BAD, MEASURES, SEVERITIES, Settings, read_settings
from kpi.floor_tables import FloorError, Table, open_text
from kpi.opening import Opening
from kpi.plausible import Plausible, plausible

__all__ = [
    "CHANNELS", "LOW_IS_BAD", "MEASURES", "SEVERITIES", "AgentConfig", "Floor", "FloorError", "QueueConfig",
    "parse_floor",
]  # fmt: skip

CHANNELS = values.CHANNELS
DAY_MS = 86_400_000
EARLIEST_MS = values.instant_ms("1990-01-01")


@dataclass(frozen=True, slots=True)
class QueueConfig:
    """What is configured for one queue and channel; without a floor.toml, what is assumed.

    A contact is short when it lasted ``short_call_seconds`` or less in service, long when it lasted more than
    ``long_seconds``. ``plausible_seconds`` are the limits that were set, by name; `plausible` has all of them.

    ``channel`` is "" in `Floor.configured` for a table that holds for every channel; `Floor.queue` always fills it in.
    ``thresholds`` and ``exits`` map (measure, severity) to the value at which a severity begins and ends again; both
    have the same keys, and ratios are 0 to 1. Measures in `LOW_IS_BAD` begin below their value, the others at or above.
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
    configured: bool = False

    @property
    def plausible(self) -> Plausible:
        """How long a leg may plausibly last; the reaper ends what lasts longer and is in no list of its source."""
        return plausible(self.channel, self.plausible_seconds)


@dataclass(frozen=True, slots=True)
class Floor:
    """One contact centre's configuration, made by `parse_floor`. Ids are native names unless mapped."""

    configured: list[QueueConfig]
    agents: Mapping[str, AgentConfig]
    links: Mapping[str, str]
    earliest_ms: int
    lateness_ms: int
    _configs: Mapping[tuple[str, str], QueueConfig]
    _defaults: Mapping[str, QueueConfig]
    _queue_ids: Mapping[tuple[str, str], str]
    _agent_ids: Mapping[tuple[str, str], str]

    @property
    def defaults(self) -> QueueConfig:
        """What [defaults] say, and what holds without them; the zone and reset are those of the centre's own day."""
        return self._defaults[""]

    def agent(self, agent_id: str) -> AgentConfig:
        """Team and name of an agent; without a name the id stands for it."""
        return self.agents.get(agent_id) or AgentConfig(name=agent_id)

    def queue(self, queue_id: str, channel: str) -> QueueConfig:
        """Configuration of a queue on a channel; the defaults under its own id when nobody configured it."""
        found = self._configs.get((queue_id, channel))
        if found is not None:
            return found
        default = self._defaults.get(channel, self._defaults[""])
        return replace(default, id=queue_id, display_name=queue_id, channel=channel)

    def queue_id(self, source: str, native: str) -> str:
        """The id that events use for a source's own queue name; the name itself when it is not mapped."""
        return mapped(self._queue_ids, source, native)

    def agent_id(self, source: str, native: str) -> str:
        """The id that events use for a source's own agent name; the name itself when it is not mapped."""
        return mapped(self._agent_ids, source, native)

    def is_open(self, queue_id: str, channel: str, now_ms: int) -> bool:
        """Whether the queue is open at an instant (ms UTC), by its local hours, holidays and special days."""
        config = self.queue(queue_id, channel)
        return config.opening.is_open(now_ms, config.zone)


def parse_floor(text: str, name: str = "floor.toml") -> Floor:
    """Read the text of a floor.toml; the format stands at the top of this module.

    Raises FloorError, whose message is one line: file, line, key, what stands there, what would be right.
    """
    file = open_text(text, name)
    earliest, lateness = _time(file.table("time"))
    base = _defaults(file.table("defaults"))
    group_tables = file.children("group")
    groups = read_groups(group_tables)
    configured: list[QueueConfig] = []
    configs: dict[tuple[str, str], QueueConfig] = {}
    for table in file.children("queue"):
        queue_id = str(table.path[-1])
        for config, by_channel in _queue(table, queue_id, base, groups):
            configured.append(config)
            configs.update({(queue_id, channel): one for channel, one in by_channel.items()})
    check_groups(group_tables, {base.group, *(config.group for config in configured)} - {None, ""})
    agents = read_agents(file.children("agent"))
    queue_ids, agent_ids = read_ids(file.tables("ids"))
    links = file.table("links")
    floor = Floor(
        configured=configured,
        agents=agents,
        links=dict(links.items(values.link)) if links else {},
        earliest_ms=EARLIEST_MS if earliest is None else earliest,
        lateness_ms=round((lateness or 7) * DAY_MS),
        _configs=configs,
        _defaults={channel: _config("", channel, base, False, groups) for channel in ("", *CHANNELS)},
        _queue_ids=queue_ids,
        _agent_ids=agent_ids,
    )
    file.done()
    return floor


def _time(table: Table | None) -> tuple[int | None, float | None]:
    if table is None:
        return None, None
    found = table.get("earliest", values.instant_ms), table.get("lateness_days", values.days)
    table.done()
    return found


def _defaults(table: Table | None) -> Settings:
    if table is None:
        return Settings()
    settings = read_settings(table)
    table.done()
    check_order(table, settings.levels)
    return settings


def _queue(
    table: Table, queue_id: str, base: Settings, groups: Groups
) -> list[tuple[QueueConfig, dict[str, QueueConfig]]]:
    """The configurations of one [queue.ID]: its own and one per channel table, each as it is on the channels it covers.

    What is not set depends on the channel (a long chat is longer than a long call).
    """
    only = table.get("channel", values.channel)
    settings = base.under(replace(read_settings(table), names=read_names(table)))
    covered = [only] if only else CHANNELS
    found: list[tuple[QueueConfig, dict[str, QueueConfig]]] = [
        (
            _config(queue_id, only or "", settings, True, groups),
            {channel: _config(queue_id, channel, settings, True, groups) for channel in covered},
        )
    ]
    check_order(table, settings.levels)
    for channel in CHANNELS:
        if (inner := table.table(channel)) is not None:
            if only is not None:
                table.fail(channel, f"a table for {channel} beside channel = '{only}'; wanted one of the two")
            special = settings.under(replace(read_settings(inner), names=read_names(inner)))
            inner.done()
            check_order(inner, special.levels)
            config = _config(queue_id, channel, special, True, groups)
            found.append((config, {channel: config}))
    table.done()
    return found


def _config(queue_id: str, channel: str, settings: Settings, configured: bool, groups: Groups) -> QueueConfig:
    names = settings.names or {}
    percent = 80 if settings.target_percent is None else settings.target_percent
    levels = complete(settings.levels, channel, percent)
    return QueueConfig(
        id=queue_id,
        display_name=names.get("", names.get("en", next(iter(names.values()), queue_id))),
        channel=channel,
        group=settings.group or "",
        display_names={language: name for language, name in names.items() if language},
        group_names=groups.get(settings.group or "", {}),
        target_percent=percent,
        target_seconds=20 if settings.target_seconds is None else settings.target_seconds,
        short_abandon_seconds=5 if settings.short_abandon_seconds is None else settings.short_abandon_seconds,
        short_call_seconds=10 if settings.short_call_seconds is None else settings.short_call_seconds,
        long_seconds=long_seconds(channel) if settings.long_seconds is None else settings.long_seconds,
        plausible_seconds=settings.plausible,
        zone=settings.zone or "UTC",
        reset_minutes=settings.reset_minutes or 0,
        opening=settings.opening(),
        thresholds={key: level.enter for key, level in levels.items()},
        exits={key: level.exit for key, level in levels.items()},
        configured=configured,
    )
