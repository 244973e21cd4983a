"""/api/agents: who is there, in which state and since when."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from board.web.answers import answer
from board.web.asked import QUEUE, SEARCH, is_found
from board.web.csv_answers import FORMAT, csv_answer, wants_csv
from board.web.paging import LIMIT, OFFSET, page_of
from board.web.params import check_known, choice, text
from board.web.parts import Parts
from kpi.floor_snapshot import Agent
from kpi.instants import format_time

TEAM = text("team", "Only agents of this team.")
STATES = ("error", "busy", "acw", "ringing", "break", "has_capacity", "idle")
STATE = choice("state", "Only agents in this state.", STATES)
PARAMS = (TEAM, STATE, QUEUE, SEARCH, LIMIT, OFFSET, FORMAT)
COLUMNS = (
    "id", "name", "team", "site", "state", "reason", "since", "since_ms", "phantom", "queues", "paused_in", "contacts",
)  # fmt: skip


def add(app: FastAPI, parts: Parts) -> None:
    """Add the routes to `app`."""

    @app.get("/api/agents")
    async def agents(request: Request) -> Response:
        query = request.query_params
        check_known(query, PARAMS)
        page, table = page_of(request), wants_csv(request)
        team, state, queue, search = TEAM.of(query), STATE.of(query), QUEUE.of(query), SEARCH.of(query)
        floor = parts.publisher.latest.floor
        if floor is None:
            raise HTTPException(503, "nothing was published yet")
        found = [
            agent
            for agent in floor.snapshot.agents
            if team in (None, agent.team)
            and state in (None, agent.state)
            and (queue is None or serves(agent, queue))
            and is_found(search, (agent.id, agent.name, agent.team))
        ]
        shown = page.of(found)
        if table:
            return csv_answer("agents", COLUMNS, [_row(agent) for agent in shown])
        snapshot = floor.snapshot
        return answer(
            {
                "namespace": parts.namespace,
                "state": snapshot.state,
                "reason": snapshot.reason,
                "true_at_ms": snapshot.true_at_ms,
                **page.told(request, len(found)),
                "agents": shown,
            }
        )


def serves(agent: Agent, queue: str) -> bool:
    """Whether he is a member of the queue, paused there or not, or has a contact of it in his hands."""
    return queue in agent.queues or any(held.queue == queue for held in agent.engagements)


def _row(agent: Agent) -> list[Any]:
    paused = [queue for queue, reason in agent.queues.items() if reason is not None]
    return [
        agent.id, agent.name, agent.team, agent.site, agent.state, agent.reason, format_time(agent.since_ms),
        agent.since_ms, agent.phantom, "; ".join(agent.queues), "; ".join(paused), len(agent.engagements),
    ]  # fmt: skip
