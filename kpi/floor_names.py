"""Who is who in a floor.toml: the agents, and which native names mean which queue or agent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kpi import floor_values as values
from kpi.floor_tables import Table


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """What is configured for one agent; "" is not configured."""

    team: str = ""
    name: str = ""


def read_agents(tables: list[Table]) -> dict[str, AgentConfig]:
    """The [agent.ID] tables by id; an agent without a name is called by the id."""
    found = {}
    for table in tables:
        agent_id = str(table.path[-1])
        name = table.get("name", values.text)
        found[agent_id] = AgentConfig(table.get("team", values.text) or "", name or agent_id)
        table.done()
    return found


def read_ids(rows: list[Table]) -> tuple[dict[tuple[str, str], str], dict[tuple[str, str], str]]:
    """The [[ids]] rows as two maps from (source, native name): to queue ids and to agent ids."""
    maps: dict[str, dict[tuple[str, str], str]] = {"queue": {}, "agent": {}}
    for row in rows:
        key = (row.need("source", values.text, '"asterisk"'), row.need("native", values.text, '"support"'))
        kinds = [kind for kind in maps if kind in row.values]
        if len(kinds) != 1:
            row.source.fail(row.path, f"{' and '.join(kinds) or 'neither queue nor agent'}; wanted one of queue, agent")
        kind = kinds[0]
        if key in maps[kind]:
            row.fail("native", f"'{key[1]}' of '{key[0]}' is mapped twice; wanted each native name once")
        maps[kind][key] = row.need(kind, values.text, '"support"')
        for other in maps:
            row.get(other, values.text)
        row.done()
    return maps["queue"], maps["agent"]


def mapped(ids: Mapping[tuple[str, str], str], source: str, native: str) -> str:
    """The id of a native name: under its whole source, else under the first word of its path that maps it."""
    if not ids:
        return native
    found = (ids.get((name, native)) for name in (source, *source.split("/")))
    return next((id for id in found if id is not None), native)
