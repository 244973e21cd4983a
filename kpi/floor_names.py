"""Who is who in a floor.toml: names in several languages, the agents, which native names mean which queue or agent."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from kpi import floor_values as values
from kpi.floor_tables import Table, shown

Groups = Mapping[str, Mapping[str, str]]
"""Group -> language -> name."""


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """What is configured for one agent; "" is not configured."""

    team: str = ""
    name: str = ""


def read_names(table: Table) -> dict[str, str] | None:
    """name = "Support", or a table of languages; "" is the plain name."""
    if not isinstance(table.values.get("name"), dict):
        plain = table.get("name", values.text)
        return None if plain is None else {"": plain}
    names = {}
    languages = table.table("name")
    for key, name in languages.items(values.text) if languages else ():
        try:
            names[values.language(key)] = name
        except values.Wrong as wrong:
            table.fail("name", f"'{key}'; wanted {wrong}")
    return names


def read_group_names(table: Table, *, is_bare: bool) -> Mapping[str, str] | None:
    """The names of a [group.NAME] table by language; the plain name of a group is the one its queues say.

    `is_bare`: nothing else stands in the table, so that without names it says nothing.
    """
    names = read_names(table) or {}
    if "" in names or (not names and is_bare):
        told = shown(names[""]) if names else "no name"
        table.fail("name", f'{told}; wanted names by language, e.g. {{ en = "Sales", zh-CN = "销售" }}')
    return names or None


def check_groups(tables: list[Table], known: Collection[str | None]) -> None:
    """Refuse a group that no queue is in: its names would never be shown, its settings hold for nobody."""
    for table in tables:
        name = str(table.path[-1])
        if name not in known:
            wanted = ", ".join(sorted(str(each) for each in known)) or "a queue with this group"
            table.source.fail(table.path, f"no queue has this group; wanted one of {wanted}")


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
