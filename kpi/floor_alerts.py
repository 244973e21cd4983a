"""[alerts] and [[quiet]] of a floor.toml."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kpi import floor_values as values
from kpi.alerting import ALSO, LANGUAGES
from kpi.floor_config import QueueConfig
from kpi.floor_tables import Table
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


def _one_of(names: Sequence[str]) -> Callable[[object], str]:
    def parse(value: object) -> str:
        if value not in names:
            raise values.Wrong(f"one of {', '.join(names)}")
        return str(value)

    return parse
