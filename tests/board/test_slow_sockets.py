"""Who sends slowly, takes slowly, or comes in crowds: the server waits for nobody longer than it says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from board.stream.wire import wire_of
from board.web.server import Limits
from tests.board.serving import Address, connected, ended, serving, until

SHORT = Limits(header=0.3, body=0.3, idle=1, stalled=0.3, connections=1_000)
BIG = 20_000_000


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the length of what it was sent; /big with more than any buffer holds."""
    request = Request(scope, receive)
    answer = PlainTextResponse(b"x" * BIG if request.url.path == "/big" else str(len(await request.body())))
    await answer(scope, receive, send)


@pytest.fixture
async def address() -> AsyncIterator[Address]:
    async with serving(app, SHORT) as found:
        yield found


def test_the_limits_are_those_that_are_promised() -> None:
    assert Limits() == Limits(header=5, body=10, idle=15, stalled=5, connections=1_000)


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: x\r\n"])
async def test_a_header_that_does_not_come_whole_is_not_waited_for(address: Address, sent: bytes) -> None:
    reader, writer = await connected(address)
    writer.write(sent)
    assert await ended(reader) == b""
    writer.close()


async def test_a_header_that_comes_byte_by_byte_has_no_more_time_than_another(address: Address) -> None:
    reader, writer = await connected(address)

    async def trickle() -> None:
        writer.write(b"GET / HTTP/1.1\r\n")
        for _ in range(1_000):
            writer.write(b"X")
            await asyncio.sleep(0.02)

    trickling = asyncio.create_task(trickle())
    assert await ended(reader) == b""
    assert not trickling.done()
    trickling.cancel()
    writer.close()


async def test_a_second_request_has_no_more_time_than_the_first(address: Address) -> None:
    reader, writer = await connected(address)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    writer.write(b"GET / HTTP/1.1\r\n")
    got = await ended(reader)
    assert got.count(b"HTTP/1.1") == 0
    writer.close()


async def test_a_body_that_does_not_come_whole_is_not_waited_for(address: Address) -> None:
    reader, writer = await connected(address)
    writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n")

    async def trickle() -> None:
        for _ in range(90):
            writer.write(b"x")
            await asyncio.sleep(0.02)

    trickling = asyncio.create_task(trickle())
    assert b"200" not in await ended(reader)
    assert not trickling.done()
    trickling.cancel()
    writer.close()


async def test_a_body_nobody_asked_for_holds_the_connection_no_longer(address: Address) -> None:
    reader, writer = await connected(address)
    writer.write(b"POST /big HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nx")
    await ended(reader)
    writer.close()


async def test_a_connection_that_says_nothing_more_is_closed(address: Address) -> None:
    reader, writer = await connected(address)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await ended(reader)).endswith(b"\r\n\r\n0")
    writer.close()


async def test_a_slow_but_steady_sender_is_heard() -> None:
    async with serving(app) as address:  # in its time, however busy this machine is
        reader, writer = await connected(address)
        head = b"Host: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\n"
        for part in (b"POST / HTTP/1.1\r\n", head, b"a", b"bc"):
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.01)
        assert (await ended(reader)).endswith(b"\r\n\r\n3")
        writer.close()


async def test_an_answer_that_nobody_takes_is_given_up(address: Address) -> None:
    reader, writer = await connected(address, receive_buffer=4_096)
    writer.write(b"GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    # Nothing is read until the server has given up; what then comes is what the buffers held.
    ours = writer.get_extra_info("sockname")
    await until(lambda: wire_of(ours) is None)
    assert len(await ended(reader)) < BIG
    writer.close()


async def test_a_slow_but_steady_reader_gets_all(address: Address) -> None:
    reader, writer = await connected(address)
    writer.write(b"GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    got = 0
    while part := await reader.read(4_000_000):
        got += len(part)
        await asyncio.sleep(0.005)
    assert got > BIG
    writer.close()


async def test_requests_in_a_row_are_answered_in_a_row(address: Address) -> None:
    reader, writer = await connected(address)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
    assert (await ended(reader)).count(b"HTTP/1.1 200") == 3
    writer.close()


async def test_what_is_no_http_is_answered_with_the_security_headers(address: Address) -> None:
    reader, writer = await connected(address)
    writer.write(b"\x16\x03\x01 nonsense\r\n\r\n")
    got = await ended(reader)
    assert got.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"\r\ncontent-security-policy: default-src 'none'" in got
    assert got.endswith(b'{"error":"bad request"}')
    writer.close()


async def test_beyond_the_limit_a_connection_is_told_so_and_the_others_stay() -> None:
    async with serving(app, Limits(connections=2)) as address:
        kept = [await connected(address) for _ in range(2)]
        for _, writer in kept:
            writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n")
        reader, writer = await connected(address)
        got = await ended(reader)
        assert got.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        assert b"\r\nx-content-type-options: nosniff" in got
        writer.close()
        for reader, writer in kept:
            writer.write(b"x")
            assert (await reader.readline()).startswith(b"HTTP/1.1 200")
            writer.close()
        got = b"HTTP/1.1 503"
        async with asyncio.timeout(20):
            while got.startswith(b"HTTP/1.1 503"):  # until the server has heard that the others are gone
                reader, writer = await connected(address)
                writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                got = await ended(reader)
                writer.close()
        assert got.startswith(b"HTTP/1.1 200")


async def test_where_a_request_comes_from_is_not_what_its_header_says() -> None:
    seen = []

    async def asked(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append((scope["client"][0], scope["scheme"]))
        await app(scope, receive, send)

    async with serving(asked, SHORT) as address:
        reader, writer = await connected(address)
        writer.write(
            b"GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 10.0.0.7\r\nX-Forwarded-Proto: https\r\n"
            b"Connection: close\r\n\r\n"
        )
        await ended(reader)
        writer.close()
    assert seen == [("127.0.0.1", "http")]
