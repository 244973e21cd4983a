"""Server-sent events, client by client: the newest state, nothing queued up, nobody held up by a slow one."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from starlette.types import Message

from board.notes import Note, add_note
from board.stream import sse
from board.stream.events import event
from board.stream.sse import Clients, EventStream
from tests.board.conftest import Board, BoardMaker
from tests.board.fake_worker import FakeWorker

NOON = 1_795_176_000_000
SCOPE = {"type": "http", "client": ("127.0.0.1", 5)}


class Client:
    """The other end of one stream. `takes` lets it read; until then what is written to it stays unwritten."""

    def __init__(self, board: Board, clients: Clients) -> None:
        self.takes, self.left = asyncio.Event(), asyncio.Event()
        self.takes.set()
        self.texts: asyncio.Queue[str] = asyncio.Queue()
        self.cut: list[tuple[str, int]] = []
        stream = EventStream(board.parts.publisher, clients, "live", self.cut.append)
        self.task = asyncio.create_task(stream(SCOPE, self._receive, self._send))

    async def _receive(self) -> Message:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        await self.takes.wait()
        if message["type"] == "http.response.body":
            self.texts.put_nowait(message["body"].decode())

    async def next(self) -> dict[str, Any]:
        """The next event."""
        while "data: " not in (text := await self.next_text()):
            pass
        found: dict[str, Any] = json.loads(text.split("data: ")[1])
        return found

    async def next_text(self) -> str:
        """What comes next, event or comment."""
        return await asyncio.wait_for(self.texts.get(), 5)

    def last_text(self) -> str:
        """The last thing that was written."""
        last = ""
        while not self.texts.empty():
            last = self.texts.get_nowait()
        return last


@pytest.fixture
async def board(redis_url: str, make_board: BoardMaker) -> Board:
    worker, made = FakeWorker(redis_url), make_board(now_ms=NOON)
    for queue in ("support", "billing"):
        worker.join(queue, "a", NOON - 5_000)
    worker.commit(NOON)
    await made.catch_up()
    return made


async def change(board: Board, redis_url: str, contact: str) -> None:
    board.view.see("support", "voice").change_live("calls.events/0", "waiting", {contact: NOON})
    await board.parts.publisher.tick()


async def test_the_first_event_is_whole_and_the_next_ones_are_what_changed(board: Board, redis_url: str) -> None:
    client = Client(board, Clients())
    first = await client.next()
    assert first["whole"]
    assert {card["queue"] for card in first["queues"]} == {"support", "billing"}
    assert sorted(first["order"]) == [["billing", "voice"], ["support", "voice"]]
    await change(board, redis_url, "b")
    second = await client.next()
    assert not second["whole"]
    assert [(card["queue"], card["now"]["waiting"]) for card in second["queues"]] == [("support", 2)]
    assert second["state"] == "fresh"
    client.left.set()
    await client.task


async def test_a_client_that_was_slow_gets_one_event_with_the_newest_state(board: Board, redis_url: str) -> None:
    client = Client(board, Clients())
    await client.next()
    client.takes.clear()
    for contact in "bcdef":
        await change(board, redis_url, contact)
        await asyncio.sleep(0)
    client.takes.set()
    seen = [await client.next()]
    while seen[-1]["queues"][0]["now"]["waiting"] < 6:
        seen.append(await client.next())
    assert len(seen) <= 2, "one that was being written when it stopped reading, and the newest"
    client.left.set()
    await client.task


async def test_a_client_that_takes_nothing_is_cut_and_others_go_on(
    board: Board, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse, "WRITE_SECONDS", 0.05)
    clients = Clients()
    stalled, reading = Client(board, clients), Client(board, clients)
    await stalled.next()
    await reading.next()
    stalled.takes.clear()
    await change(board, redis_url, "b")
    assert (await reading.next())["queues"][0]["now"]["waiting"] == 2
    await asyncio.wait_for(stalled.task, 5)
    assert stalled.cut == [("127.0.0.1", 5)]
    assert clients.count == 1
    reading.left.set()
    await reading.task


async def test_a_quiet_stream_is_kept_alive_by_comments(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "PING_SECONDS", 0.01)
    client = Client(board, Clients())
    await client.next()
    assert await client.next_text() == ": ping\n\n"
    client.left.set()
    await client.task


async def test_when_the_board_closes_every_stream_ends_with_when_to_come_back(board: Board) -> None:
    clients = Clients()
    client = Client(board, clients)
    await client.next()
    clients.closing.set()
    await asyncio.wait_for(client.task, 5)
    assert client.last_text().startswith("retry: ")
    assert clients.count == 0


async def test_a_stream_ends_when_it_has_lived_its_time(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "MAX_LIFE_SECONDS", 0.05)
    client = Client(board, Clients())
    await asyncio.wait_for(client.task, 5)
    assert client.last_text().startswith("retry: ")


async def test_agents_come_with_the_first_event_and_again_when_they_change(board: Board, redis_url: str) -> None:
    client = Client(board, Clients())
    first = await client.next()
    assert (first["floor"]["logged_in"], first["floor"]["agents"]) == (0, [])
    await change(board, redis_url, "b")
    assert (await client.next())["floor"] is None
    card = '["ana","break","lunch","Front","",[],{},[]]'
    board.view.staff.change_live("calls.events/0", "agents", {card: NOON - 5_000})
    board.now_ms += 2_000
    await board.parts.publisher.tick()
    told = (await client.next())["floor"]
    assert (told["states"], told["longest"]) == ({"break": 1}, {"break": NOON - 5_000})
    assert [(agent["name"], agent["reason"]) for agent in told["agents"]] == [("ana", "lunch")]
    client.left.set()
    await client.task


async def test_a_stream_that_fails_says_so_in_the_log(
    board: Board, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clients = Clients()

    def broken(*arguments: Any, **named: Any) -> bytes:
        raise RuntimeError("canary")

    monkeypatch.setattr(clients.shared, "text", broken)
    await asyncio.wait_for(Client(board, clients).task, 5)
    (line,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "canary" in str(line.exc_info)
    assert clients.count == 0


async def test_notes_come_with_the_next_event_but_never_to_a_television(board: Board) -> None:
    note = Note("n1", NOON, "outage since ten", "Ana", None, None, NOON)
    await add_note(board.parts.redis, "live", note, NOON)
    await board.parts.notes.refresh(board.parts.redis, "live")
    seen = board.parts.publisher.latest.tick
    publication = await board.parts.publisher.tick()
    told, on_tv = (event(publication, seen, "live", tv=tv) for tv in (False, True))
    assert b"outage since ten" in told
    assert b"Ana" in told
    assert b'"notes":null' in on_tv
    assert b"outage" not in event(publication, 0, "live", tv=True)
