"""The pages of the documentation, as tests read them: prose, headings, commands and examples."""

import json
import re
from pathlib import Path
from typing import Any

from kpi.envelope import Event
from kpi.floor import parse_floor
from tests.data_sets import ROOT

DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")])
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRACTS = (DOCS / "contracts.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[([^\]]*)\]\(([^()\s]+)\)")
TINY = [Event.from_json(line) for line in (ROOT / "tests" / "data" / "tiny" / "events.jsonl").read_bytes().splitlines()]
#: The floor.toml under which the examples of contracts.md were made; it stands there, too.
FLOOR = parse_floor('[queue.support]\nname = "Support"\nchannel = "voice"\ngroup = "After-sales"\n')


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


def commands_of(page: str) -> list[str]:
    """Every command in a page: what stands in code blocks, and in backticks, and begins like one."""
    text = page.replace("\\\n", " ")
    lines = [line.split("# ")[0] for _, block in BLOCK.findall(text) for line in block.splitlines()]
    lines += re.findall(r"`([^`\n]+)`", BLOCK.sub("", text))
    single = [re.sub(r"^([A-Z_]+=\S+ )+", "", part.strip()) for line in lines for part in re.split(r"&&?|;", line)]
    first = ("make", "floorpulse", "docker", "python")
    return [line for line in single if line.split(" ")[0].removeprefix(".venv/bin/") in first and " " in line]
