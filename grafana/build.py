"""Write every dashboard in every language: `python -m grafana.build` makes `dashboards/<language>/<name>.json`.

With --check it writes nothing and ends with exit code 1 when a file is out of date. With --board and --runbook the
links lead to the addresses under which people reach these, and with --to the files go into another folder.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from grafana import agents, alerts, backlog, overview, pipeline, queue, wall
from grafana.frame import framed
from grafana.links import ADDRESSES
from grafana.model import Board
from grafana.words import LANGUAGES, Words

FOLDER = Path(__file__).parent / "dashboards"
BOARDS: tuple[Board, ...] = (
    *wall.BOARDS,
    overview.BOARD,
    queue.BOARD,
    agents.BOARD,
    backlog.BOARD,
    pipeline.BOARD,
    alerts.BOARD,
)


def rendered(addresses: Mapping[str, str] = ADDRESSES) -> dict[str, str]:
    """File name below the folder -> the JSON that belongs in it."""
    files = {}
    for language in LANGUAGES:
        for name, text in in_language(Words(language), addresses).items():
            files[f"{language}/{name}.json"] = text
    return files


def in_language(words: Words, addresses: Mapping[str, str] = ADDRESSES) -> dict[str, str]:
    """Name of a dashboard -> its JSON."""
    names = [board.name for board in BOARDS]
    made = {board.name: framed(board, names, words, addresses).build() for board in BOARDS}
    return {
        name: json.dumps(board, cls=JSONEncoder, sort_keys=True, indent=2, ensure_ascii=False) + "\n"
        for name, board in made.items()
    }


def outdated(files: dict[str, str]) -> list[str]:
    """The names of files in the folder that are missing, different or not ours."""
    present = {path.relative_to(FOLDER).as_posix(): path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.json")}
    return sorted(name for name in files.keys() | present.keys() if files.get(name) != present.get(name))


def main(arguments: list[str]) -> int:
    """Write the files, or check them; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m grafana.build", description="the Grafana dashboards, as JSON")
    parser.add_argument("--check", action="store_true", help="write nothing, say what is out of date")
    parser.add_argument("--to", type=Path, default=FOLDER, metavar="FOLDER")
    for name, address in ADDRESSES.items():
        parser.add_argument(f"--{name}", default=address, metavar="URL")
    chosen = parser.parse_args(arguments)
    files = rendered({name: getattr(chosen, name).rstrip("/") for name in ADDRESSES})
    if chosen.check:
        for name in (wrong := outdated(files)):
            sys.stderr.write(f"grafana/dashboards/{name} is out of date; run: make dashboards\n")
        return 1 if wrong else 0
    for name, text in files.items():
        (chosen.to / name).parent.mkdir(parents=True, exist_ok=True)
        (chosen.to / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
