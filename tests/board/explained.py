"""Calls of which numbers are made, and what /api/explain says of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kpi.envelope import Event
from tests.board.api_client import asking
from tests.board.conftest import Board, BoardMaker
from tests.board.real_worker import RealWorker
from tests.builders import T0, event

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


async def nine_calls(make_board: BoardMaker, worker: RealWorker, folder: Path) -> Board:
    """Nine calls of one queue; five minutes after the first one."""
    file = folder / "floor.toml"
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
