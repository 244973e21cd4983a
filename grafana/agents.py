"""The people, by team and never by name: who is there, what they do, how busy they are, and who covers which queue."""

from __future__ import annotations

from grafana import parts
from grafana import queries as q
from grafana.model import Board, Panel, Query

S = (4, 4)
HALF, WIDE = (12, 8), (24, 8)
STATES = 'max by (team, state) (cc_agents{team=~"$team"})'
KNOWN = 'max by (team) (cc_agents_phantom{team=~"$team"})'


def in_state(states: str) -> str:
    """Agents in any of these states, of the teams chosen; 0 where the teams are known."""
    chosen = f'max by (team, state) (cc_agents{{team=~"$team",state=~"{states}"}})'
    return q.fresh_floor(f"sum({chosen}) or sum({KNOWN}) * 0")


def by_team(states: str) -> str:
    """The same for each team."""
    chosen = f'max by (team, state) (cc_agents{{team=~"$team",state=~"{states}"}})'
    return q.fresh_floor(f"sum by (team) ({chosen}) or {KNOWN} * 0")


def worked(states: str) -> str:
    """Agent-seconds of the last 30 minutes in these states, for each team."""
    matchers = f'team=~"$team",window="30m",state=~"{states}"'
    return f"sum by (team) (max by (team, state) (cc_team_window_state_seconds{{{matchers}}}))"


# Busy and wrapping up, by that and free time; nobody busy is 0 %.
OCCUPANCY = q.ratio(
    f"({worked('busy|acw')} or {worked('idle|has_capacity')} * 0)", worked("busy|acw|idle|has_capacity")
)
SLOTS = 'max by (team, channel, state) (cc_agent_slots{team=~"$team"})'


def tiles() -> list[Panel]:
    """Now."""
    found = [
        Panel("stat", key, S, [Query(in_state(states))])
        for key, states in (
            ("logged_in", ".+"),
            ("busy", "busy|ringing"),
            ("wrapping_up", "acw"),
            ("on_break", "break"),
        )
    ]
    free = parts.free_agents("stat", S, 'team=~"$team"')
    phantoms = Query(q.fresh_floor(f"sum({KNOWN})"))
    return [parts.age("stat", S), *found[:1], free, *found[1:], Panel("stat", "phantoms", S, [phantoms])]


def teams() -> Panel:
    """A line for each team, a column for each state."""
    columns = [Query(by_team(state), f"label.{state}") for state in parts.STATES]
    columns.append(Query(f"100 * ({q.fresh_floor(OCCUPANCY)})", "col.occupancy"))
    columns.append(Query(q.fresh_floor(KNOWN), "col.phantoms"))
    return Panel("table", "teams", WIDE, columns, rows=(("team", "col.team"),))


def trends() -> list[Panel]:
    """The way here."""
    spent = q.per_second("cc_agent_state_seconds_total", "team", "state", matchers=q.TEAM)
    return [
        Panel("trend", "team_states", HALF, [parts.states(STATES, ("team",))], speaks=parts.STATES, stacked=True),
        Panel(
            "trend",
            "occupancy",
            HALF,
            [Query('team:cc_occupancy:ratio30m{team=~"$team"}', legend="{{team}}")],
            "percentunit",
            maximum=1,
        ),
        Panel(
            "trend",
            "slots",
            HALF,
            [Query(SLOTS, legend="{{team}} {{channel}} {{state}}")],
            speaks=("busy", "free"),
            stacked=True,
        ),
        Panel(
            "trend",
            "time_spent",
            HALF,
            [parts.states(spent, ("team",))],
            decimals=1,
            speaks=parts.STATES,
            stacked=True,
            slow=True,
        ),
        Panel(
            "trend",
            "offers_unanswered",
            HALF,
            [Query(q.per_minute("cc_offers_unanswered_total", "queue", "channel"), legend="{{queue}} {{channel}}")],
            decimals=1,
            slow=True,
            link="queue",
        ),
    ]


def coverage() -> Panel:
    """A line for each queue: who may take it, and who could now."""
    busy = q.series("cc_queue_agents_serving", 'state=~"busy|acw|ringing"')
    columns = [
        Query(q.named(q.fresh(q.WAITING)), "col.waiting"),
        Query(q.fresh(q.QUEUE_AGENTS), "col.members"),
        Query(q.fresh(q.QUEUE_FREE), "col.free"),
        Query(q.fresh(f"sum by (queue, channel) (max by (queue, channel, state) ({busy}))"), "col.at_work"),
    ]
    rows = (("display_name", "col.queue"), ("queue", "col.id"), ("channel", "col.channel"))
    return Panel("table", "coverage", WIDE, columns, rows=rows, sort=("C", False), link="queue")


BOARD = Board("agents", [*tiles(), teams(), *trends(), coverage()], ("team", "channel", "queue"), since="now-1h")
