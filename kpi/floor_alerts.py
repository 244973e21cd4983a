"""[alerts] and [[quiet]] of a floor.toml."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches

from kpi import floor_values as values
from kpi.alerting import ALSO, LANGUAGES
from kpi.floor_config import QueueConfig
from kpi.floor_tables import Table, shown
from kpi.quiet import Quiet

AUTHOR = "floor.toml"


def read_alerts(table: Table | None) -> tuple[str, frozenset[str]]:
    """The language of alert texts, and the rules that are switched on beside those that always are."""
    if table is None:
        return LANGUAGES[0], frozenset()
    language = table.get("language", _one_of(LANGUAGES)) or LANGUAGES[0]
    also = table.each("also", _one_of(ALSO), f'a list of names of rules, e.g. ["{ALSO[0]}"]')
    table.done()
    return language, frozenset(also or ())


def read_quiet(rows: Sequence[Table], configured: Sequence[QueueConfig], defaults: QueueConfig) -> tuple[Quiet, ...]:
    """The [[quiet]] rows in their order; local times are those of the queue's, the group's or the centre's zone."""
    found = []
    for number, row in enumerate(rows, 1):
        queue, group = row.get("queue", values.text), row.get("group", values.text)
        channel = row.get("channel", values.channel)
        if queue and group:
            row.source.fail(row.path, "queue and group; wanted one of them, or neither for the whole floor")
        groups = sorted({each.group for each in configured} - {""})
        if group and group not in groups:
            row.fail("group", f"no queue has the group '{group}'; wanted one of {', '.join(groups) or 'the groups'}")
        zone = next(
            (each.zone for each in configured if (queue and each.id == queue) or (group and each.group == group)),
            defaults.zone,
        )
        example = "2026-11-23T14:00:00"
        from_ms = values.moment_ms(row.need("from", values.moment, example), zone)
        to_ms = values.moment_ms(row.need("to", values.moment, example), zone)
        if to_ms <= from_ms:
            row.fail("to", "not after from; wanted a later time")
        reason = row.get("reason", values.text) or ""
        row.done()
        found.append(
            Quiet(
                id=f"floor-{number}",
                from_ms=from_ms,
                to_ms=to_ms,
                queue=queue,
                channel=channel,
                group=group,
                reason=reason,
                author=AUTHOR,
            )
        )
    return tuple(found)


def quiet_notes(
    rows: Sequence[Table], configured: Sequence[QueueConfig], channels: Iterable[str], mapped: Iterable[str]
) -> tuple[str, ...]:
    """One line for each [[quiet]] about a queue or channel that no other table names: it may be misspelt.

    That is no error, for events may name a queue that has no table. `configured`: the queues with a table; `channels`:
    the [channel.X] tables; `mapped`: the queue ids of [[ids]].
    """
    spans = {(each.id, each.channel) for each in configured}
    every = {queue for queue, _ in spans} | set(mapped)
    found = []
    for row in rows:
        queue, channel = row.values.get("queue"), row.values.get("channel")
        if isinstance(queue, str) and queue not in every:
            near = get_close_matches(queue, sorted(every), 1, 0.6)
            meant = f"; did you mean {shown(near[0])}?" if near else ""
            found.append(f"{row.place('queue')}: [[quiet]] names queue {shown(queue)}, which no table names{meant}")
        elif isinstance(channel, str) and spans and channel not in channels:
            # A queue that is only mapped, and a table without a channel, are about every channel.
            of = {other for name, other in spans if queue in (None, name)} or {""}
            if not of & {"", channel}:
                where = f"queue {shown(queue)} on channel" if queue else "channel"
                names = ", ".join(sorted(of))
                found.append(
                    f"{row.place('channel')}: [[quiet]] names {where} {shown(channel)}, which no table names; there is "
                    f"{names}"
                )
    return tuple(found)


def _one_of(names: Sequence[str]) -> Callable[[object], str]:
    def parse(value: object) -> str:
        if value not in names:
            raise values.Wrong(f"one of {', '.join(names)}")
        return str(value)

    return parse
