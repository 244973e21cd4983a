"""floor.toml -> Floor: queues, targets, opening hours, thresholds, id mapping. Text in, value out; no I/O, no clock.

A complete file; every key is optional and an empty file is valid. What [defaults] may say may stand further down, too,
and the later layer wins, key by key: [defaults], [channel.chat], [group."Front office"], [queue.support],
[queue.support.chat]::

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
    growth_ratio = true                      # a measure that is off gets the researched limits; docs/alerts.md has all
    unattended_contacts = { for_seconds = 30, keep_seconds = 60 }    # how its alerts behave; the limits stay
    answer_speed_seconds = { warning = 40, minimum = 10, only_open = true, alert = false }    # false: it only colours

    [channel.chat]                           # for all queues on a channel
    target = { percent = 80, seconds = 60 }

    [queue.sales]                            # the queue's id as events name it; quote other scripts: [queue."客服"]
    name = "Sales"
    channel = "voice"                        # without it the table holds for every channel
    group = "Front office"
    target = { percent = 90, seconds = 30 }
    entry_point = "0800 1234"                # queues that share one, or the source, share the cause of an alert
    source = "asterisk"

    [queue.support]
    name = { en = "Support", zh-CN = "客服", zh-TW = "客服" }

    [queue.support.chat]                     # a table named like a channel: what differs there
    target = { seconds = 60 }
    thresholds = { longest_wait_seconds = { warning = 120, critical = 400 } }

    [group."Front office"]                   # the name that queues have as their group, in other languages
    name = { en = "Front office", zh-CN = "前台" }
    short_call_seconds = 8                   # and what holds for all of them

    [alerts]
    language = "en"                          # of the texts of alerts: en, zh-CN or zh-TW
    also = ["EventDelayHigh"]                # rules of the pipeline that are off, to be switched on

    [[quiet]]                                # no alert in this time: of a queue, of a group, or of the whole floor
    from = 2026-11-23T14:00:00               # in the queue's zone, unless an offset is given
    to = 2026-11-23T14:30:00
    queue = "support"
    channel = "chat"                         # without it all channels
    reason = "team meeting"

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
from dataclasses import dataclass, replace

from kpi import floor_values as values
from kpi.alerting import LOW_IS_BAD
from kpi.floor_alerts import quiet_notes, read_alerts, read_quiet
from kpi.floor_config import QueueConfig
from kpi.floor_layers import NOTHING, read_layers, read_queue
from kpi.floor_levels import complete
from kpi.floor_names import AgentConfig, check_groups, mapped, read_agents, read_ids
from kpi.floor_tables import FloorError, Table, open_text
from kpi.floor_thresholds import MEASURES, SEVERITIES
from kpi.quiet import Quiet

__all__ = [
    "CHANNELS", "LOW_IS_BAD", "MEASURES", "SEVERITIES", "AgentConfig", "Floor", "FloorError", "QueueConfig",
    "parse_floor",
]  # fmt: skip

CHANNELS = values.CHANNELS
DAY_MS = 86_400_000
EARLIEST_MS = values.instant_ms("1990-01-01")


@dataclass(frozen=True, slots=True)
class Floor:
    """One contact centre's configuration, made by `parse_floor`. Ids are native names unless mapped.

    `quiet`: what is planned; `language`: of alert texts; `also`: rules that are switched on (`kpi.alerting.ALSO`);
    `team_limits`: (measure, severity) -> its level, of measures of teams. `notes`: what is allowed and may be a
    mistake, each one line that names file and line, to be told whenever the file was read.
    """

    configured: list[QueueConfig]
    agents: Mapping[str, AgentConfig]
    links: Mapping[str, str]
    earliest_ms: int
    lateness_ms: int
    quiet: tuple[Quiet, ...]
    language: str
    also: frozenset[str]
    team_limits: Mapping[tuple[str, str], values.Level]
    notes: tuple[str, ...]
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
    layers, group_tables = read_layers(file)
    configured: list[QueueConfig] = []
    configs: dict[tuple[str, str], QueueConfig] = {}
    for table in file.children("queue"):
        for config, by_channel in read_queue(table, layers):
            configured.append(config)
            configs.update({(config.id, channel): one for channel, one in by_channel.items()})
    defaults = {channel: layers.config("", channel, NOTHING, configured=False) for channel in ("", *CHANNELS)}
    check_groups(group_tables, {config.group for config in (*defaults.values(), *configured)} - {""})
    agents = read_agents(file.children("agent"))
    queue_ids, agent_ids = read_ids(file.tables("ids"))
    links = file.table("links")
    language, also = read_alerts(file.table("alerts"))
    planned = file.tables("quiet")
    floor = Floor(
        configured=configured,
        agents=agents,
        links=dict(links.items(values.link)) if links else {},
        earliest_ms=EARLIEST_MS if earliest is None else earliest,
        lateness_ms=round((lateness or 7) * DAY_MS),
        quiet=read_quiet(planned, configured, defaults[""]),
        language=language,
        also=also,
        team_limits=complete(layers.base.levels, "", 0, 0, teams=True),
        notes=quiet_notes(planned, configured, layers.channels, queue_ids.values()),
        _configs=configs,
        _defaults=defaults,
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
