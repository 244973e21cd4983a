"""/api/explain on a Redis as the workers leave it: the contacts in the list make the number on the board."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from board.evidence.explainer import BusyError, Evidence, Explainer
from kpi.envelope import Event
from kpi.formulas.table import FORMULAS
from kpi.keys import partition_prefix, records_key
from kpi.service_level import VARIANTS
from sources.simulator import Simulation, default_profile
from tests.board.api_client import asking
from tests.board.conftest import Board, BoardMaker
from tests.board.real_worker import RealWorker
from tests.builders import T0, event
from tests.kpi.evidence_logs import leaves

FLOOR = """
[defaults]
target = { percent = 80, seconds = 20 }

[links]
contact = "https://crm.example/{native_id}"

[agent.ana]
name = "Ana Almeida"
"""


def call(
    contact: str, at: float, wait: float, how: str = "answered", talk: float | None = 60, **more: Any
) -> list[Event]:
    """A call that joins `at` seconds after T0; `talk` None: it goes on."""
    about = {"contact_id": contact, "leg_id": f"{contact}/1", **more}
    found = [event("contact.queued", at, **about)]
    if how == "waiting":
        return found
    if how == "answered":
        found.append(event("contact.answered", at + wait, agent_id="ana", **about))
        if talk is not None:
            found.append(event("contact.ended", at + wait + talk, agent_id="ana", ended_by="customer", **about))
        return found
    return [*found, event("contact.left_queue", at + wait, reason=how, **about)]


# Of the rest the laws beside kpi/evidence/pieces.py hold.
SUMMED = (
    "service_level.sl_event", "service_level.offered_minus_failures", "abandonment", "offered", "max_waiting",
    "wait_seconds.answered.mean", "talk_seconds.mean", "first_response_level", "cases.resolved", "customers.lost_rate",
)  # fmt: skip
CALLS = [
    *call("in-time", 0, 12.5),
    *call("late", 10, 20.001, native_id="1700.7"),
    *call("short", 20, 3, "abandoned", customer_key="+49170"),
    *call("lost", 30, 40, "abandoned", customer_key="+49171"),
    *call("overflowed", 40, 50, "overflow"),
    *call("early-exit", 45, 5, "key_exit"),
    *call("talking", 200, 30, talk=None),
    *call("past", 240, 0, "waiting"),
    *call("fresh", 295, 0, "waiting"),
]


@pytest.fixture
async def board(make_board: BoardMaker, worker: RealWorker, tmp_path: Path) -> Board:
    """Nine calls of one queue; five minutes after the first one."""
    file = tmp_path / "floor.toml"
    file.write_text(FLOOR, "utf-8")
    made = make_board(config=file, now_ms=T0 + 300_000)
    await worker.take(CALLS, made.now_ms)
    await made.catch_up()
    return made


async def asked(board: Board, measure: str, place: str = "support/voice", **query: Any) -> Any:
    async with asking(board) as client:
        answer = await client.get(f"/api/explain/{place}/{measure}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def contacts(body: Any) -> list[str]:
    return [item["contact"] for item in body["contacts"]["items"]]


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
