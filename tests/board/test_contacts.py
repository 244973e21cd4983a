"""/api/queues/{queue}/contacts and .../distribution: who is there now, who was lost, how long people waited."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from board.claims import Claim, claim
from board.evidence.explainer import BusyError, Explainer
from board.evidence.picture import picture_of
from board.evidence.unknown import UnknownCallers
from kpi.envelope import Event
from kpi.evidence.bins import wait_bins
from kpi.facts import second_up
from kpi.keys import partition_prefix, records_key
from kpi.tally import Tally
from tests.board.api_client import asking
from tests.board.conftest import Board, BoardMaker
from tests.board.explained import call
from tests.board.real_worker import RealWorker
from tests.builders import T0, event

FLOOR = """
[links]
contact = "https://crm.example/{queue_id}/{native_id}"
"""
NOW = T0 + 4_000_000


def about(contact: str, **more: Any) -> dict[str, Any]:
    return {"contact_id": contact, "leg_id": f"{contact}/1", **more}


def chat(contact: str, at: float) -> list[Event]:
    """A chat whose customer wrote last."""
    data = about(contact, queue_id="chats", channel="chat")
    return [
        event("contact.queued", at, **data),
        event("contact.answered", at + 5, agent_id="ana", **data),
        event("contact.message", at + 30, author="customer", **data),
    ]


def case(id: str, at: float, due: str) -> Event:
    data = {"case_id": id, "queue_id": "mail", "channel": "email", "due_at": due, "clock": "resolution"}
    return event("case.opened", at, **data)


EVENTS = [
    *call("first", 3_900, 0, "waiting", native_id="77/1"),
    *call("second", 3_950, 0, "waiting"),
    *call("talking", 3_800, 20, talk=None),
    *call("long-ago", 100, 30, "abandoned", customer_key="k0"),
    *call("gave-up", 3_000, 30, "abandoned", customer_key="k1"),
    *call("came-back", 3_100, 30, "abandoned", customer_key="k2"),
    *call("again", 3_500, 60, "abandoned", customer_key="k2"),
    *call("recovered", 3_200, 30, "abandoned", customer_key="k3"),
    *call("reached", 3_300, 10, customer_key="k3"),
    *chat("chat-1", 3_600),
    event("contact.callback_requested", 3_700, due_at="2026-11-20T11:00:00Z", **about("cb")),
    case("case-1", 0, "2026-11-20T10:30:00Z"),
    case("case-2", 10, "2026-11-21T10:00:00Z"),
]


@pytest.fixture
async def board(make_board: BoardMaker, worker: RealWorker, tmp_path: Path) -> Board:
    """A queue in the middle of its day, at 11:06:40."""
    file = tmp_path / "floor.toml"
    file.write_text(FLOOR, "utf-8")
    made = make_board(config=file, now_ms=NOW)
    await worker.take(sorted(EVENTS, key=lambda each: each.time_ms), NOW)
    await made.catch_up()
    return made


async def listed(board: Board, wanted: str, queue: str = "support", **query: Any) -> Any:
    async with asking(board) as client:
        answer = await client.get(f"/api/queues/{queue}/contacts", params={"list": wanted, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(body: Any) -> list[str]:
    return [item["contact"] for item in body["items"]]


async def test_who_waits_stands_in_the_order_of_joining(board: Board) -> None:
    body = await listed(board, "waiting")

    assert ids(body) == ["first", "second"]
    assert [item["position"] for item in body["items"]] == [1, 2]
    assert [item["wait_seconds"] for item in body["items"]] == [100, 50]
    assert [item["outcome"] for item in body["items"]] == ["waiting", "waiting"]
    assert (body["total"], body["next"], body["at_ms"]) == (2, None, NOW)


async def test_the_link_of_a_contact_is_made_of_escaped_parts(board: Board) -> None:
    body = await listed(board, "waiting")

    assert [item["link"] for item in body["items"]] == [
        "https://crm.example/support/77%2F1",
        "https://crm.example/support/second",
    ]


async def test_who_is_served_stands_with_the_agent_and_since_when(board: Board) -> None:
    (item,) = (await listed(board, "in_service"))["items"]

    assert (item["contact"], item["agent"], item["answered_ms"]) == ("talking", "ana", T0 + 3_820_000)
    assert item["position"] is None


async def test_the_lost_of_the_last_hour_are_listed_with_what_became_of_them(board: Board) -> None:
    await claim(board.parts.redis, "live", "gave-up", Claim("Bo", NOW - 60_000, "support", "voice"))
    body = await listed(board, "lost")

    assert ids(body) == ["again", "came-back", "gave-up"]
    by = {item["contact"]: item for item in body["items"]}
    assert {name: item["returned"] for name, item in by.items()} == {
        "again": False,
        "came-back": True,
        "gave-up": False,
    }
    assert {item["answered_since"] for item in by.values()} == {False}
    assert by["gave-up"]["claim"] == {"by": "Bo", "at_ms": NOW - 60_000, "queue": "support", "channel": "voice"}
    assert by["again"]["claim"] is None
    assert by["again"]["wait_seconds"] == 60
    assert body["total"] == board.snapshot("support").now.lost == 3
    assert all(f"k{n}" not in str(body) for n in range(4))


async def test_who_gave_up_and_is_not_named_is_listed_too_and_marked(board: Board, worker: RealWorker) -> None:
    assert (await listed(board, "lost"))["unknown_customers"] == 0
    # One an hour ago, one who was answered in the same call after all, one who left another way.
    await worker.take(
        [
            *call("before", 300, 50, "abandoned"),
            *call("nameless", 3_400, 30, "abandoned", native_id="77"),
            *call("nameless-2", 3_600, 2.5, "abandoned"),
            *call("again-in", 3_450, 10, "abandoned"),
            *map(_leg_2, call("again-in", 3_470, 5)),
            *call("overflowed", 3_500, 30, "overflow"),
        ],
        NOW,
    )
    await board.catch_up()
    await claim(board.parts.redis, "live", "nameless", Claim("Bo", NOW - 60_000, "support", "voice"))
    body = await listed(board, "lost")

    assert ids(body) == ["nameless-2", "again", "nameless", "came-back", "gave-up"]
    assert [item["known_customer"] for item in body["items"]] == [False, True, False, True, True]
    assert (body["unknown_customers"], body["total"]) == (2, 5)
    nameless = body["items"][2]
    assert (nameless["link"], nameless["claim"]["by"]) == ("https://crm.example/support/77", "Bo")
    assert (nameless["answered_since"], nameless["returned"]) == (None, None)
    assert (nameless["wait_seconds"], nameless["since_ms"]) == (30, T0 + 3_430_000)
    assert board.snapshot("support").now.lost == 3
    assert (await listed(board, "waiting"))["unknown_customers"] == 0
    page = await listed(board, "lost", limit=2, offset=2)
    assert (ids(page), page["unknown_customers"], page["total"]) == (["nameless", "came-back"], 2, 5)


def _leg_2(one: Event) -> Event:
    return replace(one, id=f"{one.id}-2", data={**one.data, "leg_id": f"{one.data['contact_id']}/2"})


@pytest.mark.parametrize(
    ("language", "note"),
    [
        ("en", "1 more gave up whose customer the source does not name"),
        ("zh-CN", "另有 1 个放弃的联络，来源未提供其客户"),
        ("zh-TW", "另有 1 個放棄的聯絡，來源未提供其客戶"),
    ],
)
async def test_the_number_of_the_lost_says_that_there_are_others(
    board: Board, worker: RealWorker, language: str, note: str
) -> None:
    address = f"/api/explain/support/voice/lost?lang={language}"
    async with asking(board) as client:
        before = (await client.get(address)).json()
        await worker.take(call("nameless", 3_400, 30, "abandoned"), NOW)
        await board.catch_up()
        after = (await client.get(address)).json()

    assert before["note"] == ""
    assert after["note"].startswith(note)
    assert (after["value"], after["published"], after["matches"], after["contacts"]["total"]) == (3, 3, True, 3)


async def test_where_no_customer_is_named_at_all_the_lost_are_listed(
    make_board: BoardMaker, worker: RealWorker
) -> None:
    board = make_board(now_ms=NOW)
    await worker.take([*call("one", 3_000, 30, "abandoned"), *call("two", 3_100, 30, "abandoned")], NOW)
    await board.catch_up()
    body = await listed(board, "lost")

    assert (ids(body), body["unknown_customers"]) == (["two", "one"], 2)
    assert board.snapshot("support").now.lost == 0


async def test_the_unnamed_are_told_as_they_were_while_too_many_ask(board: Board, worker: RealWorker) -> None:
    explainer = Explainer(board.parts.redis, "live", board.parts.publisher)
    unknown = UnknownCallers(explainer)
    await worker.take(call("nameless", 3_400, 30, "abandoned"), NOW)
    await board.catch_up()
    place = ("support", "voice")
    first = await picture_of(board.parts.publisher, place, None)
    with explainer.turn(), explainer.turn(), pytest.raises(BusyError):
        await unknown.of(first)
    assert await unknown.of(first) == [("nameless|nameless/1", T0 + 3_430_000)]
    await worker.take(call("nameless-2", 3_600, 30, "abandoned"), NOW)
    await board.catch_up()
    second = await picture_of(board.parts.publisher, place, None)
    with explainer.turn(), explainer.turn():
        assert len(await unknown.of(second)) == 1
    assert len(await unknown.of(second)) == 2


async def test_chats_callbacks_and_cases_have_lists_of_their_own(board: Board) -> None:
    assert ids(await listed(board, "unanswered", "chats")) == ["chat-1"]
    assert ids(await listed(board, "callbacks")) == ["cb"]
    cases = await listed(board, "open_cases", "mail")
    assert ids(cases) == ["case-1", "case-2"]
    assert cases["items"][0]["kind"] == "case"
    assert (cases["items"][0]["joined_ms"], cases["items"][0]["outcome"]) == (T0, "new")
    assert ids(await listed(board, "overdue", "mail")) == ["case-1"]


async def test_a_list_is_given_in_pages_and_as_a_table(board: Board) -> None:
    async with asking(board) as client:
        first = (await client.get("/api/queues/support/contacts?list=waiting&limit=1")).json()
        second = (await client.get(first["next"])).json()
        table = await client.get("/api/queues/support/contacts?list=lost&format=csv")

    assert (ids(first), ids(second), second["next"]) == (["first"], ["second"], None)
    assert second["items"][0]["position"] == 2
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert [row["contact"] for row in rows] == ["again", "came-back", "gave-up"]
    assert rows[1]["returned"] == "true"


async def test_a_contact_whose_record_is_gone_still_stands_in_the_list(board: Board, worker: RealWorker) -> None:
    for number in range(worker.count):
        await worker.redis.hdel(records_key(partition_prefix("live", "calls.events", number)), "c:first")
    first, second = (await listed(board, "waiting"))["items"]

    assert (first["contact"], first["leg"], first["since_ms"]) == ("first", "first/1", T0 + 3_900_000)
    assert first["wait_seconds"] is None
    assert second["wait_seconds"] == 50


async def test_an_id_with_bars_is_found(board: Board, worker: RealWorker) -> None:
    await worker.take(call("a|b|c", 3_990, 0, "waiting"), NOW)
    await board.catch_up()

    last = (await listed(board, "waiting"))["items"][-1]
    assert (last["contact"], last["leg"], last["wait_seconds"]) == ("a|b|c", "a|b|c/1", 10)


@pytest.mark.parametrize(
    ("address", "status", "error"),
    [
        ("none/contacts", 404, "no such queue"),
        ("support/contacts?list=happy", 400, "list: 'happy'; wanted one of waiting, in_service, lost, "),
        ("support/contacts?channel=smoke", 400, "channel: 'smoke'; wanted one of voice, "),
        ("support/contacts?channel=chat", 404, "no such queue and channel"),
        ("support/distribution?window=2h", 400, "window: '2h'; wanted one of 5m, "),
        ("support/contacts?lists=lost", 400, "'lists': no such parameter; wanted one of channel, list, "),
    ],
)
async def test_a_wrong_question_is_answered_with_one_sentence(
    board: Board, address: str, status: int, error: str
) -> None:
    async with asking(board) as client:
        answer = await client.get(f"/api/queues/{address}")

    assert answer.status_code == status
    assert answer.json()["error"].startswith(error)


async def test_of_a_queue_with_several_channels_one_has_to_be_named(board: Board, worker: RealWorker) -> None:
    await worker.take([event("contact.queued", 3_999, **about("v", channel="video"))], NOW)
    await board.catch_up()
    async with asking(board) as client:
        answer = await client.get("/api/queues/support/contacts")

    assert answer.status_code == 400
    assert answer.json() == {"error": "channel: not given; wanted one of video, voice"}
    assert ids(await listed(board, "waiting", channel="video")) == ["v"]


async def test_waits_are_told_in_steps_of_20_seconds(board: Board) -> None:
    async with asking(board) as client:
        body = (await client.get("/api/queues/support/distribution?window=day")).json()
        table = await client.get("/api/queues/support/distribution?window=day&format=csv")

    assert (body["step_seconds"], body["target_seconds"], body["window"]) == (20, 20, "day")
    assert len(body["bins"]) == 16
    assert body["bins"][0] == {"from_seconds": 0, "to_seconds": 20, "answered": 2, "abandoned": 0, "other": 0}
    assert body["bins"][1] == {"from_seconds": 20, "to_seconds": 40, "answered": 0, "abandoned": 4, "other": 0}
    assert body["bins"][2]["abandoned"] == 1
    assert body["bins"][-1]["to_seconds"] is None
    assert len(table.text.splitlines()) == 17


def test_a_wait_belongs_to_the_step_it_ends_in_and_the_last_step_is_open() -> None:
    waits = [0, 1, 20_000, 20_001, 40_000, 300_000, 300_001, 9_999_000]
    fields: dict[str, int] = {}
    for wait in waits:
        name = f"wait.abandoned.{second_up(wait)}"
        fields[name] = fields.get(name, 0) + 1
    bins = wait_bins(Tally(fields))

    assert [each["abandoned"] for each in bins] == [3, 2, *[0] * 12, 1, 2]
    assert [(each["from_seconds"], each["to_seconds"]) for each in bins[-2:]] == [(280, 300), (300, None)]
