"""The documents are fresh and complete, with links that lead somewhere and a glossary of every measure."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import jsonschema
import msgspec
import pytest

from kpi.events import TYPES, AgentState, LeaveReason
from kpi.floor_snapshot import Team
from kpi.live_state import Backlog, Flow, Now
from kpi.measures import VARIANTS, agent_summary, summary
from kpi.tally import Tally
from scripts import schemas
from sources.simulator import Simulation, default_profile
from tests.builders import T0
from tests.data_sets import ROOT
from tests.pages import DOCS, FLOOR, LINK, PAGES, README, TINY, anchors_of, example, prose_of

GLOSSARY = (DOCS / "glossary.md").read_text(encoding="utf-8")

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


# --- Decisions ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted((DOCS / "adr").glob("*.md")), ids=lambda path: path.name)
def test_a_decision_has_context_decision_and_consequences(path: Path) -> None:
    headings = re.findall(r"^## (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)

    assert headings == ["Context", "Decision", "Consequences"]
