"""/api/explain on a Redis as the workers leave it: the contacts in the list make the number on the board."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from board.evidence.explainer import Evidence, Explainer
from kpi.envelope import Event
from kpi.formulas.table import FORMULAS
from kpi.keys import partition_prefix, records_key
from kpi.service_level import VARIANTS
from sources.simulator import Simulation, default_profile
from tests.board.api_client import asking
from tests.board.conftest import Board, BoardMaker
from tests.board.explained import CALLS, asked, call, contacts, nine_calls
from tests.board.real_worker import RealWorker
from tests.builders import T0, event
from tests.kpi.evidence_logs import leaves

# Of the rest the laws beside kpi/evidence/pieces.py hold.
SUMMED = (
    "service_level.sl_event", "service_level.offered_minus_failures", "abandonment", "offered", "max_waiting",
    "wait_seconds.answered.mean", "talk_seconds.mean", "first_response_level", "cases.resolved", "customers.lost_rate",
)  # fmt: skip


@pytest.fixture
async def board(make_board: BoardMaker, worker: RealWorker, tmp_path: Path) -> Board:
    return await nine_calls(make_board, worker, tmp_path)


async def test_the_service_level_is_explained_down_to_the_contacts(board: Board) -> None:
    body = await asked(board, "service_level")

    assert (body["numerator"], body["denominator"], body["published"]) == (1, 7, 1 / 7)
    assert body["value"] == body["published"]
    assert body["matches"] is body["complete"] is True
    assert body["missing"] == 0
    assert body["unit"] == "ratio"
    assert body["window"] == {"name": "30m", "from_ms": T0 - 1_500_000, "to_ms": T0 + 310_000}
    assert body["at_ms"] == T0 + 300_000
    by = {item["contact"]: item for item in body["contacts"]["items"]}
    assert by.keys() == {"in-time", "late", "short", "lost", "overflowed", "talking", "past"}
    assert sum(item["numerator"] for item in by.values()) == 1
    assert sum(item["denominator"] for item in by.values()) == 7
    assert by["in-time"]["because"] == (
        "Answered after 13 s, within the target of 20 s: counts in numerator and denominator"
    )
    assert by["past"]["because"] == "Has waited for 1:00, past the target of 20 s: counts in the denominator only"
    assert contacts(body)[-1] == "in-time"


async def test_terms_add_up_and_every_variant_stands_beside(board: Board) -> None:
    body = await asked(board, "sl_event_positive", lang="zh-TW")
    shown = board.snapshot("support").windows["30m"]["service_level"]

    for part in ("numerator", "denominator"):
        terms = [term for term in body["terms"] if term["in"] in (part, "both")]
        assert sum(term["sign"] * term["value"] for term in terms) == body[part]
    assert [variant["name"] for variant in body["variants"]] == list(VARIANTS)
    for variant in body["variants"]:
        assert {name: variant[name] for name in ("numerator", "denominator", "value")} == shown[variant["name"]]
        assert variant["text"]
    assert body["formula"]["numerator"] == "20 秒內接通 + 20 秒內放棄"
    assert body["formula"]["source"] == "docs/glossary.md#service-level"


async def test_a_line_says_all_that_is_known_of_a_contact_and_nothing_of_its_customer(board: Board) -> None:
    body = await asked(board, "wait_seconds.all.max")
    line = next(item for item in body["contacts"]["items"] if item["contact"] == "late")

    assert body["value"] == body["published"] == 50
    assert contacts(body)[0] == "overflowed"
    assert line == {
        "contact": "late", "leg": "late/1", "kind": "contact", "native_id": "1700.7",
        "link": "https://crm.example/1700.7", "channel": "voice", "joined_ms": T0 + 10_000, "outcome": "answered",
        "reason": None, "wait_seconds": 20.001, "answered_ms": T0 + 30_001, "left_ms": T0 + 30_001,
        "ended_ms": T0 + 90_001, "ended_by": "customer", "due_ms": None, "agent": "ana", "agent_name": "Ana Almeida",
        "talk_seconds": 60.0, "hold_seconds": None, "wrapup_seconds": None, "numerator": 21, "denominator": 1,
        "because": "Answered after 21 s: counts as 21 s",
    }  # fmt: skip
    assert "+4917" not in str(body)


@pytest.fixture(scope="module")
def simulated() -> list[Event]:
    """Half an hour of the simulated floor: calls, chats, mails and cases, callbacks and transfers."""
    return list(Simulation(default_profile("day"), 3, T0).run_until(T0 + 1_900_000))


async def test_every_number_of_every_queue_is_made_by_its_list(
    make_board: BoardMaker, worker: RealWorker, simulated: list[Event]
) -> None:
    board = make_board(now_ms=T0 + 1_900_000)
    for first in range(0, len(simulated), 500):
        await worker.take(simulated[first : first + 500], board.now_ms)
    publication = await board.catch_up()
    asked_for = 0
    for place, entry in publication.entries.items():
        explainer = Explainer(board.parts.redis, "live", board.parts.publisher)
        for window in ("5m", "day", "previous"):
            for path in leaves(entry.snapshot.windows[window]):
                if path.startswith("ratings."):
                    continue
                kind = {"cases": "k", "customers": "u"}.get(path.partition(".")[0], "c")
                evidence = await explainer.evidence(place, window, kind, path)
                # Of a long chat the older turns are only a sum: then the list says that it lacks some.
                assert evidence.agrees(path) or evidence.has_folded(path), (place, window, path)
                if path in SUMMED:
                    assert_made_of_lines(evidence, path)
                asked_for += 1
    assert asked_for > 1_000


def assert_made_of_lines(evidence: Evidence, path: str) -> None:
    whole, lines = evidence.shown(path), evidence.lines(path)
    for part in ("numerator", "denominator"):
        wanted = getattr(whole, part)
        if wanted is not None:
            assert sum(getattr(share, part) or 0 for _, share in lines) == pytest.approx(wanted), (path, part)


async def test_every_number_of_now_is_told_with_who_is_behind_it(
    make_board: BoardMaker, worker: RealWorker, simulated: list[Event]
) -> None:
    board = make_board(now_ms=T0 + 1_900_000)
    await worker.take(simulated, board.now_ms)
    publication = await board.catch_up()
    names = [key for key in FORMULAS if key.startswith(("now.", "backlog.", "flow.")) and not key.endswith("*")]
    async with asking(board) as client:
        for queue, channel in publication.entries:
            for name in names:
                answer = await client.get(f"/api/explain/{quote(queue)}/{channel}/{name}", params={"limit": 1000})
                body = answer.json()
                assert answer.status_code == 200, body
                assert body["matches"], body
                items = body["contacts"]["items"]
                if body["unit"] in ("contacts", "cases", "agents") and name != "now.drift":
                    assert sum(item["numerator"] for item in items) == (body["published"] or 0), name


async def test_a_list_is_given_in_pages_of_one_reading(board: Board, worker: RealWorker) -> None:
    async with asking(board) as client:
        first = (await client.get("/api/explain/support/voice/offered?limit=4")).json()["contacts"]
        await worker.take(call("newcomer", 299, 0, "waiting"), board.now_ms)
        await board.catch_up()
        second = (await client.get(first["next"])).json()["contacts"]
        third = (await client.get(second["next"])).json()["contacts"]
        now = (await client.get("/api/explain/support/voice/offered")).json()

    assert [first["total"], second["total"], third["total"]] == [9, 9, 9]
    listed = [item["contact"] for page in (first, second, third) for item in page["items"]]
    assert sorted(listed) == sorted({one.data["contact_id"] for one in CALLS})
    assert listed[0] == "fresh"
    assert third["next"] is None
    assert now["value"] == 10


@pytest.mark.parametrize(
    ("part", "listed"),
    [
        ("numerator", {"in-time"}),
        ("denominator", {"in-time", "late", "talking"}),
        ("all", {"in-time", "late", "talking"}),
    ],
)
async def test_only_one_part_of_a_number_may_be_asked_for(board: Board, part: str, listed: set[str]) -> None:
    body = await asked(board, "answered_only", part=part)

    assert set(contacts(body)) == listed
    assert (body["numerator"], body["denominator"]) == (1, 3)


async def test_a_record_that_is_gone_is_missed_and_the_number_holds(board: Board, worker: RealWorker) -> None:
    for number in range(worker.count):
        await worker.redis.hdel(records_key(partition_prefix("live", "calls.events", number)), "c:late")
    body = await asked(board, "answered")

    assert (body["value"], body["published"], body["missing"]) == (2, 3, 1)
    assert body["complete"] is body["matches"] is False
    assert "late" not in contacts(body)
    assert body["note"].startswith("1 of them are not in the list")
    assert (await asked(board, "abandoned"))["complete"] is True


async def test_a_contact_first_seen_long_before_the_window_is_found_all_the_same(
    make_board: BoardMaker, worker: RealWorker
) -> None:
    board = make_board(now_ms=T0 + 30 * 3_600_000)
    await worker.take(call("patient", 0, 0, "waiting"), T0)
    answered = event("contact.answered", 30 * 3_600 - 60, contact_id="patient", leg_id="patient/1", agent_id="ana")
    await worker.take([answered], board.now_ms)
    await board.catch_up()
    body = await asked(board, "answered", window="5m")

    assert contacts(body) == ["patient"]
    assert body["complete"] is True
