"""The examples of contracts.md are what the code makes."""

import json
from typing import Any

import redis

from board.floor import FloorAssembler
from board.health import Verdict
from board.snapshots import Assembler
from board.staff_view import STAFF_WINDOWS
from board.view import FloorView, Loaded
from floorpulse.report import build_report
from kpi.events import TYPES, Envelope, full_type
from kpi.floor import parse_floor
from kpi.keys import live_suffix, pane_suffix
from kpi.panes import FINE_MS, WINDOWS
from tests.builders import T0
from tests.floorpulse.stored import batch_of, store_events
from tests.pages import BLOCK, CONTRACTS, FLOOR, TINY, example


def laid_out(value: Any, indent: str = "") -> str:
    """JSON as contracts.md shows it, to be pasted there: every line holds as much as fits."""
    line = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(line) <= 110 or not isinstance(value, dict):
        return line
    deeper, rows = indent + "  ", [""]
    for name, part in value.items():
        text = f"{json.dumps(name, ensure_ascii=False)}: {laid_out(part, deeper)},"
        if rows[-1] and "\n" not in rows[-1] + text and len(deeper + rows[-1] + text) < 110:
            rows[-1] += f" {text}"
        else:
            rows.append(text)
    return "{" + f"\n{deeper}".join(rows).rstrip(",") + f"\n{indent}}}"


def test_the_example_event_is_one_of_the_contract() -> None:
    wire = example("An event")
    envelope = Envelope.model_validate(wire)
    by_type = {full_type(noun_verb): model for noun_verb, model in TYPES.items()}
    data = by_type[envelope.type].model_validate(envelope.data)

    assert set(wire) == set(json.loads(TINY[0].to_json()))
    assert set(wire["data"]) <= set(type(data).model_fields)


def test_the_example_snapshot_is_what_the_board_makes() -> None:
    """The worked example of tests/data/tiny as the board would show it 45 s after its start."""
    at_ms = T0 + 45_000
    happened = [event for event in TINY if event.time_ms <= at_ms and event.data["queue_id"] == "support"]
    stored = batch_of("calls.events", happened).result()
    view = FloorView()
    view.replace("calls.events/0", Loaded(1_795_168_000_000, 20, at_ms, at_ms, stored.panes, stored.live))
    view.advance(at_ms, {("support", "voice"): ("UTC", 0)})
    assembler = Assembler(view.queues["support", "voice"], FLOOR.queue("support", "voice"))
    snapshot = assembler.snapshot("live", Verdict("fresh", None, at_ms, at_ms, 1_795_168_000_000, at_ms), at_ms + 120)
    made = json.loads(snapshot.to_json())

    assert list(made["windows"]) == list(WINDOWS)
    made["windows"] = {"5m": made["windows"]["5m"]}
    assert example("A snapshot") == made, laid_out(made)


def test_the_example_floor_is_what_the_board_makes() -> None:
    """Two agents since T0; one of them answered a call 20 s later, which is 25 s ago."""
    at_ms, call_ms = T0 + 45_000, T0 + 20_000
    steps = {
        T0: {"step.idle.ana": 1, "into.idle.ana": FINE_MS, "step.break.bo": 1, "into.break.bo": FINE_MS},
        call_ms: {"step.idle.ana": -1, "into.idle.ana": -FINE_MS, "step.busy.ana": 1, "into.busy.ana": FINE_MS},
    }
    call = ["support", "voice", "talking", call_ms]
    ana = ["ana", "busy", "", "After-sales", "", [["support", None]], {"voice": 1}, [call]]
    bo = ["bo", "break", "lunch", "After-sales", "", [["support", "lunch"]], {}, []]
    lives = {
        live_suffix("agents", "", ""): {json.dumps(ana): call_ms, json.dumps(bo): T0},
        live_suffix("source", "", ""): {"/acd/example/one": T0 + 44_000},
    }
    panes = {pane_suffix(FINE_MS, start, "", "agents"): fields for start, fields in steps.items()}
    view = FloorView()
    view.replace("agents.events/0", Loaded(1_795_168_000_000, 20, at_ms, at_ms, panes, lives))
    view.ledgers["agents.events/0"] = {"applied": 4, "duplicate": 1}
    view.advance(at_ms, {})
    assembler = FloorAssembler(view, "live")
    assembler.roster.refresh(view.staff.sets)
    verdict = Verdict("fresh", None, at_ms, at_ms, 1_795_168_000_000, at_ms)
    made = json.loads(assembler.entry(FLOOR, [], verdict, at_ms + 120, 1).json)

    assert made.pop("teams") == {"After-sales": made["total"]}
    assert list(made["total"]["windows"]) == list(STAFF_WINDOWS)
    made["total"]["windows"] = {"15m": made["total"]["windows"]["15m"]}
    assert example("A floor") == made, laid_out(made)


def test_the_example_report_is_what_a_replay_gives(redis_url: str) -> None:
    """Two calls of tests/data/tiny. M is shown once: queues, hours and days have the same."""
    two = [event for event in TINY if event.data["contact_id"] in ("c2", "c4")]
    with redis.Redis.from_url(redis_url) as client:
        store_events(client, "monday", two)
        ends = min(event.time_ms for event in two), max(event.time_ms for event in two) + 1
        made = build_report(
            client, "monday", span_from_ms=ends[0], span_to_ms=ends[1], within=[5, 20], floor=FLOOR, sent=len(two),
            by=("agent", "team", "minute"),
        )  # fmt: skip

    assert example("A report") == made, laid_out(made)


def test_the_floor_of_the_examples_stands_beside_them() -> None:
    blocks = [text for language, text in BLOCK.findall(CONTRACTS) if language == "toml"]

    assert [parse_floor(text) for text in blocks] == [FLOOR]
