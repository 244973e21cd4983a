"""The documents say what is true: fresh, complete, with links that lead somewhere and examples that the code makes."""

import json
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import jsonschema
import msgspec
import pytest
import redis
import typer.main
import yaml

from board.floor import FloorAssembler
from board.health import Verdict
from board.snapshots import Assembler
from board.staff_view import STAFF_WINDOWS
from board.view import FloorView, Loaded
from floorpulse.cli import app
from floorpulse.report import build_report
from kpi.envelope import Event
from kpi.events import TYPES, AgentState, Envelope, LeaveReason, full_type
from kpi.floor import parse_floor
from kpi.floor_snapshot import Team
from kpi.keys import live_suffix, pane_suffix
from kpi.live_state import Backlog, Flow, Now
from kpi.measures import VARIANTS, agent_summary, summary
from kpi.panes import FINE_MS, WINDOWS
from kpi.tally import Tally
from scripts import schemas
from sources.simulator import Simulation, default_profile
from tests.builders import T0
from tests.data_sets import ROOT
from tests.floorpulse.stored import batch_of, store_events

DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")])
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRACTS = (DOCS / "contracts.md").read_text(encoding="utf-8")
GLOSSARY = (DOCS / "glossary.md").read_text(encoding="utf-8")
TINY = [Event.from_json(line) for line in (ROOT / "tests" / "data" / "tiny" / "events.jsonl").read_bytes().splitlines()]
#: The floor.toml under which the examples of contracts.md were made; it stands there, too.
FLOOR = parse_floor('[queue.support]\nname = "Support"\nchannel = "voice"\ngroup = "After-sales"\n')
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[([^\]]*)\]\(([^()\s]+)\)")


def prose_of(path: Path) -> str:
    """A page without its code blocks."""
    return BLOCK.sub("", path.read_text(encoding="utf-8"))


def anchors_of(path: Path) -> set[str]:
    """The anchors that a page's headings get."""
    headings = re.findall(r"^#+ (.+)$", prose_of(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def example(heading: str) -> Any:
    """The JSON that stands below a heading of contracts.md."""
    _, _, rest = CONTRACTS.partition(f"\n### {heading}\n")
    found = next(found for found in BLOCK.finditer(rest) if found[1] == "json")
    return json.loads(found[2])


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


# --- Generated files ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", list(schemas.files()), ids=lambda path: path.name)
def test_a_generated_file_is_what_the_code_writes(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == schemas.files()[path]


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    schema = json.loads((DOCS / "events.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_schema_accepts_what_sources_write(validator: jsonschema.Draft202012Validator) -> None:
    simulated = Simulation(default_profile("busy"), 3, T0).run_until(T0 + 600_000)
    wires = [json.loads(event.to_json()) for event in [*TINY, *simulated]]

    assert len({wire["type"] for wire in wires}) > 20
    assert [wire for wire in wires if not validator.is_valid(wire)] == []


@pytest.mark.parametrize(
    "change",
    [
        {"time": None}, {"id": ""}, {"specversion": "0.3"}, {"data": None}, {"data.contact_id": None},
        {"data.channel": "fax"}, {"data.sequence": "1"}, {"data.leg_id": 7}, {"data.reported": {"wait_ms": "5"}},
    ],
    ids=str,
)  # fmt: skip
def test_the_schema_refuses_what_the_models_refuse(
    validator: jsonschema.Draft202012Validator, change: dict[str, Any]
) -> None:
    wire = json.loads(TINY[0].to_json())
    for path, value in change.items():
        where = wire["data"] if path.startswith("data.") else wire
        where[path.removeprefix("data.")] = value

    assert not validator.is_valid(wire)


def test_every_reference_of_the_asyncapi_leads_somewhere_and_every_type_is_in_a_channel() -> None:
    document = json.loads((DOCS / "asyncapi.json").read_text(encoding="utf-8"))
    named = {name for channel in document["channels"].values() for name in channel["messages"]}

    for reference in references(document):
        target = document
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]
    assert named == {*TYPES, "deadletter"}


def references(value: Any) -> Iterator[str]:
    """Every $ref in a document."""
    for name, part in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        if name == "$ref":
            yield part
        else:
            yield from references(part)


# --- Links -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for text, target in LINK.findall(prose_of(page)):
        if target.startswith(("https://", "http://")):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        if not file.exists() or (anchor and anchor not in anchors_of(file)):
            broken.append(target)
        elif file.suffix == ".py" and (code := re.fullmatch(r"`([\w.]+)`", text)) and not defines(file, code[1]):
            broken.append(f"{target} does not define {code[1]}")

    assert broken == []


def defines(file: Path, name: str) -> bool:
    """Whether a Python file defines `name`, or is named so itself."""
    last = name.rpartition(".")[2]
    source = file.read_text(encoding="utf-8")
    definition = rf"^\s*(async def|def|class) {last}\b|^{last}\b.* = "
    return last == "py" or re.search(definition, source, re.MULTILINE) is not None


def test_every_page_is_in_the_index() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    targets = {target for _, target in LINK.findall(index)}
    others = {path for path in DOCS.rglob("*") if path.is_file() and path.suffix != ".png" and path.name != "README.md"}

    assert {str(path.relative_to(DOCS)) for path in others} <= targets


def test_every_picture_is_shown() -> None:
    assert {path.name for path in DOCS.rglob("*.png")} == set(re.findall(r"docs/images/([\w-]+\.png)\)", README))


# --- The glossary ------------------------------------------------------------------------------------


def measures() -> set[str]:
    """Every name of a measure that a report or a snapshot can hold; the examples are held to the code below."""
    whole, window = summary(Tally({"wait.answered.3": 1})), example("A snapshot")["windows"]["5m"]
    parts = ("talk_seconds", "outbound", "callbacks", "cases", "customers")
    structs = {field.name for part in (Now, Backlog, Flow, Team) for field in msgspec.structs.fields(part)}
    structs -= {"states", "slots", "windows"}
    rated = summary(Tally({"rating.csat/5/5": 1}))["ratings"]["csat"]
    thresholds = {measure for measure, _ in FLOOR.queue("support", "voice").thresholds}
    report = example("A report")
    return {
        *whole, *(name for part in parts for name in whole[part]), *whole["abandon_hazard"][0], *rated, *window,
        *(f"abandonment_rates.{rate}" for rate in whole["abandonment_rates"]), *whole["service_level"],
        *report["total"], *(name for block in report["per_agent"].values() for name in block), *report["floor"],
        *agent_summary(Tally()), *VARIANTS, *structs, *thresholds, *get_args(LeaveReason), *get_args(AgentState),
    } - {"value", "teams"}  # fmt: skip


@pytest.mark.parametrize("measure", sorted(measures()))
def test_every_measure_is_in_the_glossary(measure: str) -> None:
    rows = re.findall(r"^\| (.*?) \|", GLOSSARY, re.MULTILINE)

    assert any(f"`{measure}`" in row for row in rows)


# --- The contracts -----------------------------------------------------------------------------------


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


# --- README ------------------------------------------------------------------------------------------


def commands_of(page: str) -> list[str]:
    """Every command in a page: what stands in code blocks, and in backticks, and begins like one."""
    text = page.replace("\\\n", " ")
    lines = [line.split("# ")[0] for _, block in BLOCK.findall(text) for line in block.splitlines()]
    lines += re.findall(r"`([^`\n]+)`", BLOCK.sub("", text))
    single = [re.sub(r"^([A-Z_]+=\S+ )+", "", part.strip()) for line in lines for part in re.split(r"&&?|;", line)]
    first = ("make", "floorpulse", "docker", "python")
    return [line for line in single if line.split(" ")[0].removeprefix(".venv/bin/") in first and " " in line]


def problem_of(command: str) -> str | None:
    """What is wrong with a command, as far as can be seen without running it."""
    program, *arguments = command.removeprefix(".venv/bin/").split()
    if program == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        return None if set(arguments) <= set(targets) else "no such target"
    if program == "docker":
        return None if arguments[0] == "compose" and (ROOT / "docker-compose.yml").is_file() else "no compose file"
    if program == "python":
        module = arguments[1].replace(".", "/")
        known = module == "pytest" or (ROOT / f"{module}.py").is_file() or (ROOT / module / "__main__.py").is_file()
        missing = [word for word in arguments[2:] if "/" in word and not (ROOT / word).exists()]
        return None if arguments[0] == "-m" and known and not missing else f"no such module or file {missing}"
    return problem_of_ours(arguments)


def problem_of_ours(arguments: list[str]) -> str | None:
    """What is wrong with arguments of `floorpulse`."""
    command: Any = typer.main.get_command(app)
    while arguments and hasattr(command, "commands"):
        if arguments[0] not in command.commands:
            return f"no command {arguments[0]}"
        command, arguments = command.commands[arguments[0]], arguments[1:]
    options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    unknown = [word for word in arguments if word.startswith("--") and word not in options]
    missing = [word for word in arguments if word.startswith("tests/") and not (ROOT / word).exists()]
    return f"unknown {unknown + missing}" if unknown or missing else None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_exists(page: Path) -> None:
    wrong = {command: problem_of(command) for command in commands_of(page.read_text(encoding="utf-8"))}

    assert {command: problem for command, problem in wrong.items() if problem} == {}


def test_the_readme_tells_things_in_this_order() -> None:
    landmarks = [
        "\n# Floorpulse\n", "](docs/images/wall.png)", "make demo", "docker compose up", "http://127.0.0.1:8080",
        "\n## Your own Asterisk\n", "floorpulse source asterisk", "\n## The path of an event\n",
        "\n## What we prove\n", "\n## What it does not do\n", "\n## Platforms\n", "\n## Links\n",
    ]  # fmt: skip
    places = [f"\n{README}".find(landmark) for landmark in landmarks]

    assert -1 not in places
    assert places == sorted(places)


def test_the_readme_begins_with_one_sentence() -> None:
    opening = README.partition("# Floorpulse\n")[2].partition("\n![")[0].strip()

    assert opening.endswith(".")
    assert opening.count(". ") == 0


def test_the_path_of_an_event_has_ten_lines() -> None:
    section = README.partition("## The path of an event\n")[2].partition("\n## ")[0]

    assert re.findall(r"^(\d+)\. ", section, re.MULTILINE) == [str(n) for n in range(1, 11)]


def test_every_claim_has_a_figure_and_a_command() -> None:
    section = README.partition("## What we prove\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", section, re.MULTILINE)[2:]

    assert len(rows) >= 8
    assert [claim for claim, figure, _ in rows if not re.search(r"\d", figure)] == []
    assert [claim for claim, _, command in rows if not commands_of(command)] == []


def test_the_addresses_of_the_readme_are_those_of_the_compose_file() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    published = {
        port.rpartition(":")[0] for service in compose["services"].values() for port in service.get("ports", [])
    }
    told = set(re.findall(r"http://(127\.0\.0\.1:\d+)", README))

    assert told
    assert told <= published


def test_the_picture_is_that_of_a_wide_screen_and_not_heavy() -> None:
    raw = (DOCS / "images" / "wall.png").read_bytes()
    width, height = struct.unpack(">II", raw[16:24])

    assert raw[:8] == b"\x89PNG\r\n\x1a\n"
    assert width >= 1600 and width * 9 == height * 16
    assert len(raw) < 400_000


@pytest.mark.parametrize("path", sorted((DOCS / "adr").glob("*.md")), ids=lambda path: path.name)
def test_a_decision_has_context_decision_and_consequences(path: Path) -> None:
    headings = re.findall(r"^## (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)

    assert headings == ["Context", "Decision", "Consequences"]
