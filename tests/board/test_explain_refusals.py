"""What /api/explain says when it cannot, or while something changes; and names from outside."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from board.evidence.explainer import BusyError, Explainer
from tests.board.api_client import asking
from tests.board.conftest import Board, BoardMaker
from tests.board.explained import call, contacts, nine_calls
from tests.board.real_worker import RealWorker
from tests.builders import T0


@pytest.fixture
async def board(make_board: BoardMaker, worker: RealWorker, tmp_path: Path) -> Board:
    return await nine_calls(make_board, worker, tmp_path)


async def test_what_changes_while_it_is_read_is_read_again(board: Board, worker: RealWorker) -> None:
    explainer = Explainer(board.parts.redis, "live", board.parts.publisher)
    taken: list[bool] = []

    class Meanwhile:
        """Redis, to which something happens after the first records were read."""

        def __getattr__(self, name: str) -> Any:
            return getattr(board.parts.redis, name)

        async def hmget(self, *args: Any) -> Any:
            found = await board.parts.redis.hmget(*args)
            if not taken:
                taken.append(True)
                await worker.take(call("newcomer", 299, 0, "waiting"), board.now_ms)
                await board.catch_up()
            return found

    explainer._redis = Meanwhile()  # type: ignore[assignment]
    evidence = await explainer.evidence(("support", "voice"), "30m", "c", "offered")

    assert taken
    assert evidence.agrees("offered")
    assert evidence.shown("offered").value == 10
    assert evidence.reach == 0


async def test_two_are_explained_at_once_and_a_third_is_asked_to_wait(board: Board) -> None:
    explainer = Explainer(board.parts.redis, "live", board.parts.publisher)
    with explainer.turn(), explainer.turn(), pytest.raises(BusyError):
        await explainer.evidence(("support", "voice"), "30m", "c", "offered")
    assert (await explainer.evidence(("support", "voice"), "30m", "c", "offered")).agrees("offered")


async def test_what_takes_too_long_is_ended_with_a_sentence(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("board.evidence.explainer.LIMIT_SECONDS", 0.0)
    async with asking(board) as client:
        answer = await client.get("/api/explain/support/voice/offered")

    assert answer.status_code == 503
    assert answer.json() == {"error": "finding the contacts took too long; try a shorter window"}


async def test_an_unknown_number_is_answered_with_those_there_are(board: Board) -> None:
    async with asking(board) as client:
        answer = await client.get("/api/explain/support/voice/happiness")
        step = await client.get("/api/explain/support/voice/abandon_hazard.zzz")

    assert answer.status_code == step.status_code == 404
    assert answer.json()["error"] == "no such measure: 'happiness'"
    assert {"service_level", "now.waiting", "exits"} <= set(answer.json()["measures"])


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        ("none/voice/offered", 404, "no such queue and channel"),
        ("support/chat/offered", 404, "no such queue and channel"),
        ("support/voice/offered?window=2h", 400, "window: '2h'; wanted one of 5m, "),
        ("support/voice/service_level?variant=best", 400, "variant: 'best'; wanted one of answered_only, "),
        ("support/voice/offered?part=half", 400, "part: 'half'; wanted one of all, numerator, denominator"),
        ("support/voice/offered?limit=0", 400, "limit: '0'; wanted a whole number"),
        ("support/voice/offered?windows=5m", 400, "'windows': no such parameter; wanted one of window, "),
    ],
)
async def test_a_wrong_question_is_answered_with_one_sentence(board: Board, path: str, status: int, error: str) -> None:
    async with asking(board) as client:
        answer = await client.get(f"/api/explain/{path}")

    assert answer.status_code == status
    assert answer.json()["error"].startswith(error)


async def test_hostile_names_stay_names(make_board: BoardMaker, worker: RealWorker) -> None:
    queue, contact = 'a/b%2F{target}<script>"', "=cmd|'x'!A1|..//%7B"
    board = make_board(now_ms=T0 + 60_000)
    await worker.take(call(contact, 0, 9, "abandoned", queue_id=queue), board.now_ms)
    await board.catch_up()
    async with asking(board) as client:
        address = f"/api/explain/{quote(queue, safe='')}/voice/{quote('abandonment', safe='')}"
        body = (await client.get(address)).json()
        table = await client.get(address + "?format=csv")

    assert (body["queue"], body["numerator"], body["complete"]) == (queue, 1, True)
    assert contacts(body) == [contact]
    (row,) = csv.DictReader(io.StringIO(table.content.decode("utf-8-sig")))
    assert row["contact"] == "'" + contact
    assert row["because"].startswith("Gave up after 9 s")


async def test_explanations_wait_while_the_numbers_are_rebuilt(make_board: BoardMaker) -> None:
    board = make_board(now_ms=T0)
    await board.parts.publisher.tick()
    async with asking(board) as client:
        answer: httpx.Response = await client.get("/api/explain/support/voice/offered")

    assert answer.status_code == 503
