"""/api/agents and /api/backlog: who is there, and what is not resolved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from board.web.routes.agents import COLUMNS as AGENT_COLUMNS
from board.web.routes.agents import STATES
from kpi.staff import LOGGED_IN_STATES
from tests.board.api_client import asking
from tests.board.conftest import Board, BoardMaker
from tests.board.fake_worker import FakeWorker
from tests.board.test_api_queues import table

HOUR_MS = 3_600_000


@pytest.fixture
async def board(make_board: BoardMaker, redis_url: str, tmp_path: Path) -> Board:
    """Three agents of two teams, and two queues with cases."""
    file = tmp_path / "floor.toml"
    file.write_text('[queue.mail]\nchannel = "email"\ngroup = "Back"\n\n[agent.ana]\nname = "=Ana"\n', "utf-8")
    made, worker = make_board(config=file), FakeWorker(redis_url)
    now = made.now_ms
    worker.agent("ana", "idle", now - 60_000, team="Front", queues={"support": None})
    worker.agent("bo", "break", now - 90_000, team="Front", queues={"support": "lunch"}, reason="lunch")
    held = (("mail", "email", "talking", now - 5_000),)
    worker.agent("chen", "busy", now - 5_000, team="Back", queues={"sales": None}, engaged=held)
    cases = (("mail", "k1", 5), ("mail", "k2", 1), ("letters", "k3", 30))
    for queue, case, age in cases:
        for kind in ("open_cases", "case_new", "unassigned"):
            worker.live(kind, queue, "email" if queue == "mail" else "ticket", case, now - age * HOUR_MS)
    worker.live("due", "mail", "email", "k1", now - 60_000)
    worker.live("due_resolution", "mail", "email", "k1", now - 60_000)
    worker.live("due", "letters", "ticket", "k3", now + 60_000)
    worker.join("support", "c1", now - 1_000)
    worker.commit(now)
    await made.catch_up()
    return made


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", ["ana", "bo", "chen"]),
        ("team=Front", ["ana", "bo"]),
        ("state=break", ["bo"]),
        ("queue=support", ["ana", "bo"]),
        ("queue=mail", ["chen"]),
        ("q=aNA", ["ana"]),
        ("q=front&state=idle", ["ana"]),
        ("limit=1&offset=1", ["bo"]),
        ("team=Nobody", []),
    ],
)
async def test_agents_are_found_by_team_state_queue_and_name(board: Board, query: str, wanted: list[str]) -> None:
    async with asking(board) as client:
        told = (await client.get(f"/api/agents?{query}")).json()

    assert [agent["id"] for agent in told["agents"]] == wanted
    assert told["state"] == "fresh"


def test_every_state_may_be_asked_for() -> None:
    assert set(STATES) == set(LOGGED_IN_STATES)


async def test_a_table_of_agents_says_where_they_are_paused(board: Board) -> None:
    async with asking(board) as client:
        rows = table(await client.get("/api/agents?format=csv"))

    assert tuple(rows[0]) == AGENT_COLUMNS
    assert [row["name"] for row in rows] == ["'=Ana", "bo", "chen"]
    assert [row["paused_in"] for row in rows] == ["", "support", ""]
    assert [row["contacts"] for row in rows] == ["0", "0", "1"]


async def test_before_anything_was_published_there_are_no_agents_to_tell_of(make_board: BoardMaker) -> None:
    async with asking(make_board()) as client:
        answer = await client.get("/api/agents")

    assert (answer.status_code, answer.json()) == (503, {"error": "nothing was published yet"})


async def test_the_backlog_tells_queues_with_cases_the_most_overdue_first(board: Board) -> None:
    async with asking(board) as client:
        told = (await client.get("/api/backlog")).json()

    assert [(row["queue"], row["open"], row["overdue"]) for row in told["backlog"]] == [
        ("mail", 2, 1), ("letters", 1, 0),
    ]  # fmt: skip
    assert told["total"] == 2


async def test_the_sum_of_the_backlog_is_that_of_what_was_asked_for(board: Board) -> None:
    async with asking(board) as client:
        whole = (await client.get("/api/backlog?limit=1")).json()
        back = (await client.get("/api/backlog?group=Back")).json()
        chats = (await client.get("/api/backlog?channel=chat")).json()

    assert len(whole["backlog"]) == 1
    assert whole["sum"] == summed(3, 1, 1, board.now_ms - 30 * HOUR_MS, {"4h": 1, "8h": 1, "2d": 1}, 1)
    assert back["sum"] == summed(2, 1, 0, board.now_ms - 5 * HOUR_MS, {"4h": 1, "8h": 1}, 1)
    assert chats["sum"]["oldest_opened_at_ms"] is None, "no case is no age, not the age 0"
    assert (chats["backlog"], chats["sum"]["open"], chats["sum"]["clocks"]) == ([], 0, {})


def summed(count: int, overdue: int, soon: int, oldest: int, age: dict[str, int], late: int) -> dict[str, Any]:
    """The sum of a backlog in which all cases are new and have no owner."""
    return {
        "open": count, "overdue": overdue, "due_within_1h": soon, "unassigned": count, "actionable": count,
        "oldest_opened_at_ms": oldest, "status": {"new": count}, "age": age,
        "clocks": {"resolution": {"overdue": late, "15m": 0, "1h": 0, "4h": 0}},
    }  # fmt: skip


async def test_a_table_of_the_backlog_has_noughts_for_what_has_no_cases(board: Board) -> None:
    async with asking(board) as client:
        mail, letters = table(await client.get("/api/backlog?format=csv"))

    assert (mail["status.new"], mail["status.pending"], mail["age.8h"]) == ("2", "0", "1")
    assert (letters["clocks.resolution.overdue"], letters["clear_seconds"]) == ("0", "")
