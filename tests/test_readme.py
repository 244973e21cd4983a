"""The README tells things in order and true, and every command in any page exists."""

import re
import struct
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from floorpulse.cli import app
from tests.data_sets import ROOT
from tests.pages import DOCS, PAGES, README, commands_of


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
