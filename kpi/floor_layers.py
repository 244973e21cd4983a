"""The layers of a floor.toml, the later ones over the earlier: [defaults], [channel.X], [group.X], the queue's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kpi.floor_config import QueueConfig, queue_config
from kpi.floor_levels import check_order
from kpi.floor_names import Groups, read_group_names, read_names
from kpi.floor_settings import Settings, read_settings
from kpi.floor_tables import Table
from kpi.floor_values import CHANNELS
from kpi.floor_values import channel as parse_channel

NOTHING = Settings()


@dataclass(frozen=True, slots=True)
class Layers:
    """What lies below the queues' own tables. `names`: those of the groups, by language."""

    base: Settings = NOTHING
    channels: Mapping[str, Settings] = field(default_factory=dict)
    groups: Mapping[str, Settings] = field(default_factory=dict)
    names: Groups = field(default_factory=dict)

    def under(self, own: Settings, channel: str) -> Settings:
        """All of them with a queue's own settings on top; channel "" is none in particular."""
        below = self.base.under(self.channels.get(channel, NOTHING))
        group = own.group or below.group
        return below.under(self.groups.get(group or "", NOTHING)).under(own)

    def config(self, queue_id: str, channel: str, own: Settings, *, configured: bool) -> QueueConfig:
        """The configuration of a queue."""
        return queue_config(queue_id, channel, self.under(own, channel), self.names, configured=configured)

    def check(self, table: Table, own: Settings, channels: tuple[str, ...]) -> None:
        """Refuse limits in the wrong order on any of these channels; the error names the measure in this table."""
        for channel in channels:
            check_order(table, self.under(own, channel).levels)


def read_layers(file: Table) -> tuple[Layers, list[Table]]:
    """[defaults], [channel.X] and [group.X] of a file, and the tables of the groups."""
    defaults = file.table("defaults")
    layers = Layers(_layer(defaults, teams=True) if defaults else NOTHING)
    if defaults is not None:
        layers.check(defaults, NOTHING, ("",))
    channels: dict[str, Settings] = {}
    for table in file.children("channel"):
        name = str(table.path[-1])
        if name not in CHANNELS:
            table.source.fail(table.path, f"no such channel; wanted one of {', '.join(CHANNELS)}")
        channels[name] = _layer(table)
        check_order(table, layers.base.under(channels[name]).levels)
    tables, names, groups = file.children("group"), {}, {}
    for table in tables:
        name = str(table.path[-1])
        found = read_group_names(table, is_bare=not (table.values.keys() - {"name"}))
        if found is not None:
            names[name] = found
        groups[name] = _layer(table, group=False)
        for below in (NOTHING, *channels.values()):
            check_order(table, layers.base.under(below).under(groups[name]).levels)
    return replace(layers, channels=channels, groups=groups, names=names), tables


def read_queue(table: Table, layers: Layers) -> list[tuple[QueueConfig, dict[str, QueueConfig]]]:
    """The configurations of one [queue.ID]: its own and one per channel table, each as it is on the channels it covers.

    What is not set depends on the channel (a long chat is longer than a long call).
    """
    queue_id = str(table.path[-1])
    only = table.get("channel", parse_channel)
    own = replace(read_settings(table), names=read_names(table))
    covered = (only,) if only else CHANNELS
    inner = {channel: each for channel in CHANNELS if (each := table.table(channel)) is not None}
    found = [
        (
            layers.config(queue_id, only or "", own, configured=True),
            {channel: layers.config(queue_id, channel, own, configured=True) for channel in covered},
        )
    ]
    layers.check(table, own, tuple(channel for channel in ("", *covered) if channel not in inner))
    for channel, each in inner.items():
        if only is not None:
            table.fail(channel, f"a table for {channel} beside channel = '{only}'; wanted one of the two")
        special = own.under(replace(read_settings(each), names=read_names(each)))
        each.done()
        layers.check(each, special, (channel,))
        config = layers.config(queue_id, channel, special, configured=True)
        found.append((config, {channel: config}))
    table.done()
    return found


def _layer(table: Table, *, teams: bool = False, group: bool = True) -> Settings:
    settings = read_settings(table, teams=teams, group=group)
    table.done()
    return settings
