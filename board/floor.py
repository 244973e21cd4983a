"""View -> FloorSnapshot, at most once a second and at least every two."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import msgspec

from board.health import Verdict
from board.live_set import LiveSet
from board.roster import Roster
from board.staff_view import STAFF_WINDOWS
from board.view import FloorView
from kpi.floor import Floor
from kpi.floor_snapshot import FloorSnapshot, Team, agent_of, doubts_of, sources_of, summed, team_of
from kpi.instants import format_time
from kpi.panes import FINE_MS
from kpi.snapshot import QueueSnapshot
from kpi.staff import Card, by_team, phantoms

EVERY_MS = 1_000
# A page shows those who matter most; all of them are in the snapshot.
SHOWN_AGENTS = 200
_RANK = {state: rank for rank, state in enumerate(("error", "break", "acw", "idle", "has_capacity", "ringing", "busy"))}
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class FloorEntry:
    """The floor as published. `changed`: the tick at which its card last changed; `made_ms`: wall clock."""

    snapshot: FloorSnapshot
    json: bytes
    card: bytes
    changed: int
    made_ms: int


class FloorAssembler:
    """Makes the snapshots of the floor. `roster` is that of all queues."""

    def __init__(self, view: FloorView, namespace: str) -> None:
        self.roster = Roster()
        self._view, self._namespace = view, namespace
        self._latest: FloorEntry | None = None

    def entry(
        self, floor: Floor, queues: Collection[QueueSnapshot], verdict: Verdict, wall_ms: int, tick: int
    ) -> FloorEntry:
        """The floor at `verdict.now_ms`; the one made last when that is less than a second ago.

        Or two, in the second in which the windows of a large floor move on: there is enough to do then. What can be
        trusted otherwise than before (loaded by now, stale, rebuilt) is told at once.
        """
        before = self._latest
        wait_ms = EVERY_MS if verdict.now_ms % FINE_MS >= EVERY_MS else 2 * EVERY_MS
        if before is not None and 0 <= wall_ms - before.made_ms < wait_ms and _is_trusted_alike(before, verdict):
            return before
        snapshot = self._snapshot(floor, queues, verdict, wall_ms)
        card = floor_card(snapshot)
        changed = before.changed if before is not None and before.card == card else tick
        self._latest = FloorEntry(snapshot, snapshot.to_json(), card, changed, wall_ms)
        return self._latest

    def _snapshot(
        self, floor: Floor, queues: Collection[QueueSnapshot], verdict: Verdict, wall_ms: int
    ) -> FloorSnapshot:
        sets, roster, now_ms = self._view.staff.sets, self.roster, verdict.now_ms
        lost = set(phantoms(_newest(sets["agent_heartbeat"]), now_ms))
        cards = roster.cards
        teams = by_team(cards.values(), lambda agent: floor.agent(agent).team)
        spent = self._spent(floor, now_ms)
        return FloorSnapshot(
            namespace=self._namespace,
            state=verdict.state,
            reason=verdict.reason,
            true_at=format_time(verdict.true_at_ms),
            true_at_ms=verdict.true_at_ms,
            published_at_ms=wall_ms,
            epoch=verdict.epoch,
            total=team_of(cards.values(), {name: summed(by.values()) for name, by in spent.items()}, lost),
            teams=self._teams(teams, spent, lost),
            agents=tuple(
                agent_of(card, floor.agent(agent).name, floor.agent(agent).team or card.team, phantom=agent in lost)
                for agent, card in sorted(cards.items())
            ),
            sources=sources_of(_newest(sets["source"]), _newest(sets["source_heartbeat"]), now_ms),
            doubts=doubts_of(
                self._view.ledgers.values(),
                sum(each.windows["day"]["orphans"] for each in queues),
                (each.now.ghosts for each in queues),
                (each.now.drift for each in queues),
            ),
        )

    def _spent(self, floor: Floor, now_ms: int) -> dict[str, dict[str, dict[str, int]]]:
        """window -> team -> level -> ms."""
        found: dict[str, dict[str, dict[str, int]]] = {}
        names: dict[str, str] = {}
        for window in STAFF_WINDOWS:
            parts: dict[str, list[Mapping[str, int]]] = {}
            for agent, levels in self._view.staff.spent(window, now_ms, self.roster.heights).items():
                if agent not in names:
                    names[agent] = self.roster.team_of(agent, floor.agent(agent).team)
                parts.setdefault(names[agent], []).append(levels)
            found[window] = {team: summed(some) for team, some in parts.items()}
        return found

    def _teams(
        self,
        teams: Mapping[str, Collection[Card]],
        spent: Mapping[str, Mapping[str, Mapping[str, int]]],
        lost: Collection[str],
    ) -> dict[str, Team]:
        """Every team with somebody on the floor, or who was in one of the windows."""
        names = teams.keys() | {team for by in spent.values() for team in by}
        return {
            team: team_of(teams.get(team, ()), {window: by.get(team, {}) for window, by in spent.items()}, lost)
            for team in sorted(names)
        }


def _is_trusted_alike(before: FloorEntry, verdict: Verdict) -> bool:
    return (before.snapshot.state, before.snapshot.epoch) == (verdict.state, verdict.epoch)


def _newest(live: LiveSet) -> dict[str, int]:
    """Member -> its largest score: each partition tells of a source what it heard itself."""
    found: dict[str, int] = {}
    for member, score in live.members():
        found[member] = max(score, found.get(member, score))
    return found


def floor_card(snapshot: FloorSnapshot) -> bytes:
    """JSON of what the page shows of the floor, without what changes by itself."""
    shown = sorted(snapshot.agents, key=lambda agent: (_RANK.get(agent.state, len(_RANK)), agent.since_ms, agent.id))
    return _encode(
        {
            "states": snapshot.total.states,
            "logged_in": snapshot.total.logged_in,
            "available": snapshot.total.available,
            "phantoms": snapshot.total.phantoms,
            "longest": {state: each.since_ms for state, each in snapshot.total.longest.items()},
            "agents": [
                {
                    "name": agent.name,
                    "team": agent.team,
                    "state": agent.state,
                    "reason": agent.reason,
                    "since_ms": agent.since_ms,
                    "phantom": agent.phantom,
                }
                for agent in shown[:SHOWN_AGENTS]
            ],
            "silent": [source.source for source in snapshot.sources if source.silent],
            "doubts": {"ghosts": snapshot.doubts.ghosts, "drifting": snapshot.doubts.drifting},
        }
    )
