"""Many listeners on a real server, some of whom take nothing: those are dropped, and nobody else waits for them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from board.door.access import Access, Token
from board.door.auth import Auth
from board.door.security import security_headers
from board.publish import Publication
from board.stream import sse
from board.stream.listeners import Clients, SharedEvents
from board.stream.stalls import Stall
from board.web.api import make_app
from board.web.parts import Parts
from board.web.server import Limits
from tests.board.conftest import Board, BoardMaker
from tests.board.doors import TOKENS, at_door, bearer
from tests.board.fake_worker import FakeWorker
from tests.board.serving import Address, Streams, connected, ended, serving, until

NOON = 1_795_176_000_000
QUEUES = 60
ANYBODY = Access()


@dataclass
class Floor:
    """A board with QUEUES queues, in each of which one more contact waits after every `change`."""

    board: Board
    address: Address
    clients: Clients
    changes: int = 0

    async def change(self) -> int:
        """Everything changes; gives the tick of the publication."""
        self.changes += 1
        for number in range(QUEUES):
            queue = self.board.view.see(f"queue {number}", "voice")
            queue.change_live("calls.events/0", "waiting", {f"contact {self.changes}": NOON})
        return (await self.board.parts.publisher.tick()).tick


@asynccontextmanager
async def floor(
    board: Board, clients: Clients, access: Access = ANYBODY, limits: Limits | None = None
) -> AsyncIterator[Floor]:
    parts: Parts = replace(board.parts, clients=clients, auth=Auth(access))
    async with serving(make_app(parts), limits) as address:
        try:
            yield Floor(board, address, clients)
        finally:
            clients.closing.set()


@pytest.fixture
async def board(redis_url: str, make_board: BoardMaker) -> Board:
    FakeWorker(redis_url).commit(NOON)
    made = make_board(now_ms=NOON)
    await made.catch_up()
    return made


async def listen(address: Address, *, receive_buffer: int | None = None, headers: str = "") -> Streams:
    """A connection that has asked for the stream."""
    reader, writer = await connected(address, receive_buffer)
    writer.write(f"GET /api/stream HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode())
    return reader, writer


async def head(reader: asyncio.StreamReader) -> str:
    """The head of the answer."""
    return (await reader.readuntil(b"\r\n\r\n")).decode()


async def read_ticks(reader: asyncio.StreamReader, seen: list[int]) -> None:
    """Note the tick of every event that comes."""
    kept = b""
    while part := await reader.read(65_536):
        *lines, kept = (kept + part).split(b"\n")
        seen += [int(line[4:]) for line in lines if line.startswith(b"id: ")]


@pytest.mark.parametrize(
    "write_seconds", [pytest.param(0.5, id="soon"), pytest.param(5.0, marks=pytest.mark.slow, id="5s")]
)
async def test_stalled_listeners_are_dropped_and_the_others_hear_everything(
    board: Board, monkeypatch: pytest.MonkeyPatch, write_seconds: float
) -> None:
    monkeypatch.setattr(sse, "WRITE_SECONDS", write_seconds)
    async with floor(board, Clients(50, 50)) as at:
        stalled = [await listen(at.address, receive_buffer=4_096) for _ in range(5)]
        reading = [await listen(at.address) for _ in range(20)]
        seen: list[list[int]] = [[] for _ in reading]
        tasks = [asyncio.create_task(read_ticks(reader, told)) for (reader, _), told in zip(reading, seen, strict=True)]
        await until(lambda: at.clients.count == 25)

        async def go_on() -> None:
            while True:
                await at.change()
                await asyncio.sleep(0.05)

        going = asyncio.create_task(go_on())
        # Ten seconds are promised where a write may take five; the short one is not about time.
        async with asyncio.timeout(10 if write_seconds == 5 else 20):
            while at.clients.count > 20:
                await board.parts.publisher.next_tick()
        going.cancel()
        last = await at.change()
        await until(lambda: all(told and told[-1] == last for told in seen))
        assert at.clients.count == 20, "who reads stays"
        for told in seen:
            assert told == sorted(set(told)), "nothing twice, nothing late"
        for reader, writer in stalled:
            assert (await ended(reader)).count(b"id: ") < last, "the connection itself is gone"
            writer.close()
        for task, (_, writer) in zip(tasks, reading, strict=True):
            task.cancel()
            writer.close()


async def test_a_listener_who_reads_after_a_pause_hears_what_is_true_now(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse, "WRITE_SECONDS", 600)
    async with floor(board, Clients(), limits=Limits(stalled=600)) as at:
        reader, writer = await listen(at.address, receive_buffer=65_536)
        await head(reader)
        for _ in range(30):
            last = await at.change()
            await asyncio.sleep(0)
        seen: list[int] = []
        task = asyncio.create_task(read_ticks(reader, seen))
        await until(lambda: bool(seen) and seen[-1] == last)
        assert len(seen) < 20, "what was true meanwhile is not told any more"
        task.cancel()
        writer.close()


async def test_a_stream_has_the_security_headers_and_who_leaves_it_is_not_counted_any_more(board: Board) -> None:
    async with floor(board, Clients()) as at:
        reader, writer = await listen(at.address)
        told = await head(reader)
        for name, text in security_headers().items():
            assert f"\r\n{name}: {text}\r\n" in told
        assert at.clients.count == 1
        writer.close()
        await until(lambda: at.clients.count == 0)


async def test_beyond_the_limit_of_all_and_of_one_address_listeners_are_refused(board: Board) -> None:
    async with floor(board, Clients(2, 10)) as at:
        kept = [await listen(at.address) for _ in range(2)]
        assert all([(await head(reader)).startswith("HTTP/1.1 200") for reader, _ in kept])
        reader, writer = await listen(at.address, headers="Connection: close\r\n")
        told = await ended(reader)
        assert told.startswith(b"HTTP/1.1 503")
        assert b"\r\nretry-after: 10\r\n" in told
        for _, each in [*kept, (reader, writer)]:
            each.close()
        await until(lambda: at.clients.count == 0)
    async with floor(board, Clients(10, 2)) as at:
        kept = [await listen(at.address) for _ in range(2)]
        assert all([(await head(reader)).startswith("HTTP/1.1 200") for reader, _ in kept])
        reader, writer = await listen(at.address, headers="Connection: close\r\n")
        assert (await ended(reader)).startswith(b"HTTP/1.1 429")
        kept[0][1].close()
        await until(lambda: at.clients.count == 1)
        again, third = await listen(at.address)
        assert (await head(again)).startswith("HTTP/1.1 200")
        for each in (kept[1][1], writer, third):
            each.close()


async def test_two_tokens_at_one_address_do_not_take_each_others_places(board: Board) -> None:
    access = Access(tokens=(Token.of("tv", TOKENS["tv"]), Token.of("read", TOKENS["read"])))
    async with floor(board, Clients(10, 1), access) as at:

        async def ask(scope: str) -> tuple[str, asyncio.StreamWriter]:
            reader, writer = await listen(at.address, headers=f"Authorization: {bearer(scope)['Authorization']}\r\n")
            return (await head(reader)).partition("\r\n")[0][9:12], writer

        asked = [await ask(scope) for scope in ("tv", "read", "tv")]
        assert [status for status, _ in asked] == ["200", "200", "429"]
        for _, writer in asked:
            writer.close()


async def test_a_television_is_told_no_names(board: Board) -> None:
    card = '["ana canary","break","lunch","Front","",[],{},[]]'
    board.view.staff.change_live("calls.events/0", "agents", {card: NOON - 5_000})
    access = Access(tokens=(Token.of("tv", TOKENS["tv"]), Token.of("read", TOKENS["read"])))
    board.now_ms += 4_000
    await board.parts.publisher.tick()
    async with floor(board, Clients(), access) as at:
        told: dict[str, dict[str, Any]] = {}
        for scope in ("tv", "read"):
            reader, writer = await listen(at.address, headers=f"Authorization: {bearer(scope)['Authorization']}\r\n")
            data = b""
            while not data.startswith(b"data: "):
                data = await reader.readline()
            told[scope] = json.loads(data[6:])
            writer.close()
        assert "ana canary" in str(told["read"])
        assert "ana canary" not in str(told["tv"])


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://elsewhere.example"}],
)
async def test_another_sites_page_takes_no_place(board: Board, headers: dict[str, str]) -> None:
    async with at_door(board, ANYBODY) as client:
        assert (await client.get("/api/stream", headers=headers)).status_code == 403


async def test_an_event_is_made_once_for_all_who_have_seen_the_same(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher, shared = board.parts.publisher, SharedEvents()
    made: list[tuple[int, dict[str, bool]]] = []

    def event(publication: Publication, since_tick: int, namespace: str, **more: bool) -> bytes:
        made.append((since_tick, more))
        return b""

    monkeypatch.setattr("board.stream.listeners.event", event)
    first = await publisher.tick()
    for tv in (False, False, True):
        shared.text(first, 0, "live", tv=tv)
    board.view.see("new", "voice")
    second = await publisher.tick()
    for since in (first.tick, first.tick, 0, 0):
        shared.text(second, since, "live", tv=False)
    third = await publisher.tick()
    for since in (second.tick, first.tick):
        shared.text(third, since, "live", tv=False)
    assert [(since, more["order"], more["tv"]) for since, more in made] == [
        (0, True, False),
        (0, True, True),
        (first.tick, True, False),
        (0, True, False),
        (second.tick, False, False),
        (first.tick, True, False),
    ]


def test_a_reader_has_stalled_when_it_took_nothing_for_several_looks_though_something_was_due() -> None:
    stall = Stall(looks=3)
    looks = [(0, 10), (0, 10), (0, 0), (5, 90), (5, 95), (5, 99), (6, 99), (6, 99), (4, 101), (6, 99)]
    assert [stall.has_come(taken, due) for taken, due in looks] == [False] * 9 + [True]
