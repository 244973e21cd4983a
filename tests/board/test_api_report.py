"""/api/report: the numbers of `floorpulse report`, handed out by the board."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import redis

from board.web.reports import AT_ONCE, ReportQuery, ReportRefusedError
from floorpulse.board_report import READ_SECONDS, report_maker
from floorpulse.report import build_report
from floorpulse.report_csv import as_csv
from kpi import keys
from kpi.envelope import Event
from kpi.floor import parse_floor
from kpi.instants import format_time
from kpi.measures import DEFAULT_WITHIN
from tests.board.api_client import asking
from tests.board.conftest import Board, BoardMaker
from tests.builders import T0, event
from tests.floorpulse.stored import store_events

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def visit(contact: str, queue: str, joined: float, answered: float, agent: str) -> list[Event]:
    """A call that is answered, in seconds after T0."""
    names = {"contact_id": contact, "leg_id": f"{contact}/1", "queue_id": queue}
    return [
        event("contact.queued", joined, **names),
        event("contact.answered", answered, sequence=1, agent_id=agent, **names),
        event("contact.ended", answered + 60, sequence=2, ended_by="customer", **names),
    ]


EVENTS = [
    *visit("c1", "support", 0, 10, "ana"),
    *visit("c2", "=sales", 30, 90, "bo"),
    *visit("c3", "support", 4_000, 4_300, "ana"),
]


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as found:
        store_events(found, "monday", EVENTS)
        yield found


@pytest.fixture
def board(make_board: BoardMaker) -> Board:
    return make_board("monday", now_ms=T0 + 2 * HOUR_MS)


def span(from_ms: int = T0, to_ms: int = T0 + 2 * HOUR_MS) -> dict[str, str]:
    return {"from": format_time(from_ms), "to": format_time(to_ms)}


def wanted(client: redis.Redis, **more: Any) -> dict[str, Any]:
    """The report as the command makes it, as JSON keeps it."""
    options: dict[str, Any] = {
        "span_from_ms": T0, "span_to_ms": T0 + 2 * HOUR_MS, "floor": parse_floor(""), "within": DEFAULT_WITHIN, **more,
    }  # fmt: skip
    found: dict[str, Any] = json.loads(json.dumps(build_report(client, "monday", **options)))
    return found


async def told(board: Board, redis_url: str, **query: str) -> Any:
    async with asking(board, report=report_maker(redis_url, "monday")) as client:
        answer = await client.get("/api/report", params={**span(), **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_report_is_the_commands_own(client: redis.Redis, board: Board, redis_url: str) -> None:
    made = await told(board, redis_url)

    assert made == wanted(client, by=("queue", "hour", "day", "agent", "team"))
    assert made["total"]["answered"] == 3


async def test_parts_basis_and_zone_are_what_was_asked_for(client: redis.Redis, board: Board, redis_url: str) -> None:
    made = await told(board, redis_url, by="hour,queue", basis="arrival", zone="Asia/Shanghai")
    none = await told(board, redis_url, by="none")

    assert made == wanted(client, by=("queue", "hour"), basis="arrival", zone="Asia/Shanghai")
    assert made["span"]["from"].endswith("+08:00")
    assert not [name for name in none if name.startswith("per_")]


async def test_the_report_of_a_queue_is_its_row_in_that_of_all(
    client: redis.Redis, board: Board, redis_url: str
) -> None:
    await board.catch_up()
    whole = await told(board, redis_url)
    made = await told(board, redis_url, queue="support")

    row = whole["per_queue"]["support"]
    assert made["per_queue"] == {"support": row}
    assert {name: made["total"][name] for name in row} == row
    assert sum(hour["answered"] for hour in made["per_hour"].values()) == row["answered"] == 2
    assert "agents" not in made["total"]
    assert "per_agent" not in made
    assert not {"agents", "teams"} & made["floor"].keys()


async def test_of_a_queue_that_is_not_there_is_no_report(client: redis.Redis, board: Board, redis_url: str) -> None:
    await board.catch_up()
    async with asking(board, report=report_maker(redis_url, "monday")) as asked:
        answer = await asked.get("/api/report", params={**span(), "queue": "a/b%"})

    assert (answer.status_code, answer.json()) == (404, {"error": "no such queue"})


async def test_a_redis_that_stands_still_ends_a_report_soon_and_by_one_wait(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert READ_SECONDS <= 3
    monkeypatch.setattr("floorpulse.board_report.READ_SECONDS", 0.05)
    accepted: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as still:
        make = report_maker(f"redis://127.0.0.1:{still.getsockname()[1]}/0", "live")
        async with asking(board, report=make) as asked:
            answer = await asked.get("/api/report", params=span())
        still.settimeout(0)
        with suppress(BlockingIOError):
            while True:
                accepted.append(still.accept()[0])
    for one in accepted:
        one.close()

    assert (answer.status_code, answer.json()) == (503, {"error": "Redis does not answer"})
    assert len(accepted) == 1, "it is not asked again and again while somebody waits"


async def test_a_table_follows_the_rules_of_the_commands_csv(client: redis.Redis, board: Board, redis_url: str) -> None:
    async with asking(board, report=report_maker(redis_url, "monday")) as asked:
        answer = await asked.get("/api/report", params={**span(), "by": "queue", "format": "csv"})

    text = answer.content.decode("utf-8-sig")
    assert answer.content.startswith("\ufeff".encode())
    assert text == as_csv(build_report(
        client, "monday", span_from_ms=T0, span_to_ms=T0 + 2 * HOUR_MS, by=["queue"], floor=parse_floor(""),
    ))  # fmt: skip
    assert "queue,'=sales,," in text
    assert answer.headers["content-disposition"] == 'attachment; filename="report.csv"'


async def test_without_a_span_it_is_the_replays_own(client: redis.Redis, board: Board, redis_url: str) -> None:
    client.set(keys.replay_key("monday"), json.dumps({"span": span(T0, T0 + HOUR_MS)}))
    async with asking(board, report=report_maker(redis_url, "monday")) as asked:
        made = (await asked.get("/api/report")).json()

    assert made["span"]["from"] == format_time(T0).replace("Z", "+00:00")
    assert made["span"]["to"] == format_time(T0 + HOUR_MS).replace("Z", "+00:00")


async def test_without_a_span_a_live_report_is_about_the_centres_own_day_so_far(
    make_board: BoardMaker, redis_url: str, tmp_path: Path
) -> None:
    asked: list[ReportQuery] = []
    config = tmp_path / "floor.toml"
    config.write_text('[defaults]\nzone = "Asia/Shanghai"\nreset = "04:00"\n')
    board = make_board(now_ms=T0, config=config)

    def make(query: ReportQuery) -> bytes:
        asked.append(query)
        return report_maker(redis_url, "live")(query)

    with redis.Redis.from_url(redis_url) as client:
        store_events(client, "live", EVENTS)
    async with asking(board, report=make) as client:
        made = (await client.get("/api/report")).json()
        elsewhere = (await client.get("/api/report?zone=UTC")).json()

    assert asked[0].now_ms == T0
    assert made["span"]["from"] == "2026-11-20T04:00:00.000+08:00"
    assert elsewhere["span"]["from"] == "2026-11-19T20:00:00.000+00:00", "the centre's day, told in another zone"


async def test_a_live_report_without_an_end_goes_on_to_the_newest_event(make_board: BoardMaker, redis_url: str) -> None:
    """Ticks come while the report is asked for: what waits now is told all the same."""
    newest = T0 + 5_000_000
    with redis.Redis.from_url(redis_url) as client:
        store_events(client, "live", [*EVENTS, event("contact.queued", 5_000, contact_id="c9", leg_id="c9/1")])
    async with asking(make_board(now_ms=newest - 300), report=report_maker(redis_url, "live")) as client:
        made = (await client.get("/api/report?by=none")).json()
        cut = (await client.get("/api/report", params={"by": "none", "to": format_time(newest - 300)})).json()

    assert made["span"]["to"] == format_time(newest + 1).replace("Z", "+00:00")
    assert made["total"]["open"] == 1
    assert made["total"]["service_level"]["sl_event"]["denominator"] == 3, "who waits within target does not count yet"
    assert "floor" in made and "floor" not in cut
    assert cut["total"]["service_level"]["sl_event"] is None


async def test_a_plus_that_was_not_escaped_is_understood(client: redis.Redis, board: Board, redis_url: str) -> None:
    async with asking(board, report=report_maker(redis_url, "monday")) as asked:
        made = await asked.get("/api/report?from=2026-11-20T10:00+01:00&to=2026-11-20T12:00%2B01:00&by=none")

    assert made.json()["span"]["from"] == "2026-11-20T09:00:00.000+00:00"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("from=yesterday", "from: 'yesterday'; wanted a time with an offset, e.g. 2026-11-20T08:00+01:00"),
        ("from=2026-11-20T08:00", "from: '2026-11-20T08:00'; wanted a time with an offset"),
        ("to=0001-01-01T00:00Z", "to: '0001-01-01T00:00Z'; wanted a time from 1970 to 3000"),
        ("to=9999-12-31T23:59-23:59", "to: '9999-12-31T23:59-23:59'; wanted a time from 1970 to 3000"),
        ("from=2026-11-21T00:00Z&to=2026-11-20T00:00Z", "from, to: the span is empty; wanted a time and a later one"),
        ("from=2026-01-01T00:00Z&to=2026-11-20T00:00Z", "from, to: the span is too long; wanted at most 35 days"),
        ("by=minute", "by: 'minute'; wanted one of queue, hour, day, agent, team, none, or some with commas between"),
        ("by=,", "by: ','; wanted one of queue"),
        ("basis=both", "basis: 'both'; wanted one of event, arrival"),
        ("zone=Mars", "zone: 'Mars'; wanted an IANA name, e.g. Europe/Berlin or UTC"),
        ("zone=../../etc/passwd", "zone: '../../etc/passwd'; wanted an IANA name"),
        ("zone=Europe", "zone: 'Europe'; wanted an IANA name"),
        ("zone=%00", "zone: '\\x00'; wanted an IANA name"),
        ("queue=support&by=agent", "by: agents belong to no single queue; wanted queue, hour or day beside queue="),
        ("span=day", "'span': no such parameter; wanted one of from, to, basis, by, zone, queue, format"),
        ("by=hour&by=day", "by: given twice; wanted it once"),
    ],
)
async def test_what_is_no_report_is_refused_with_what_is_wanted(
    client: redis.Redis, board: Board, redis_url: str, query: str, said: str
) -> None:
    async with asking(board, report=report_maker(redis_url, "monday")) as asked:
        answer = await asked.get(f"/api/report?{query}")

    assert answer.status_code == 400
    assert answer.json()["error"].startswith(said)


async def test_a_report_of_nothing_and_one_without_redis_are_said_in_one_sentence(board: Board, redis_url: str) -> None:
    async with asking(board, report=report_maker(redis_url, "nobody")) as asked:
        nothing = await asked.get("/api/report", params=span())
    async with asking(board, report=report_maker("redis://127.0.0.1:1/0", "nobody")) as asked:
        away = await asked.get("/api/report", params=span())
    async with asking(board) as asked:
        never = await asked.get("/api/report", params=span())

    assert nothing.json()["error"].startswith("namespace 'nobody': nothing counted in this Redis")
    assert (away.status_code, away.json()) == (503, {"error": "Redis does not answer"})
    assert [nothing.status_code, never.status_code] == [503, 503]


async def test_only_so_many_reports_are_made_at_once_and_then_others_again(board: Board) -> None:
    begun, go_on = threading.Semaphore(0), threading.Event()

    def make(query: ReportQuery) -> bytes:
        assert threading.current_thread().daemon, "a board that is told to stop waits for no report"
        begun.release()
        go_on.wait(20)
        return b"{}"

    async with asking(board, report=make) as client:
        running = [asyncio.create_task(client.get("/api/report")) for _ in range(AT_ONCE)]
        for _ in running:
            assert await asyncio.to_thread(begun.acquire, timeout=20)
        busy = await client.get("/api/report")
        go_on.set()
        done = [(await task).status_code for task in running]
        after = await client.get("/api/report")

    assert (busy.status_code, busy.headers["retry-after"]) == (429, "2")
    assert (done, after.status_code) == ([200] * AT_ONCE, 200)


async def test_a_report_that_fails_gives_its_place_free(board: Board) -> None:
    def make(query: ReportQuery) -> bytes:
        raise ReportRefusedError(400, "there is no such report")

    async with asking(board, report=make) as client:
        answers = [await client.get("/api/report") for _ in range(AT_ONCE + 1)]

    assert [answer.json() for answer in answers] == [{"error": "there is no such report"}] * (AT_ONCE + 1)
