"""Write every dashboard as JSON: `python -m grafana.build`.

With --check it writes nothing and ends with exit code 1 when a file is out of date.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from grafana.wall import wall

FOLDER = Path(__file__).parent / "dashboards"


def rendered() -> dict[str, str]:
    """File name -> the JSON that belongs in it."""
    boards = {"wall.json": wall().build()}
    return {
        name: json.dumps(board, cls=JSONEncoder, sort_keys=True, indent=2, ensure_ascii=False) + "\n"
        for name, board in boards.items()
    }


def outdated(files: dict[str, str]) -> list[str]:
    """The names of files in the folder that are missing, different or not ours."""
    present = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    return sorted(name for name in files.keys() | present.keys() if files.get(name) != present.get(name))


def main(arguments: list[str]) -> int:
    """Write the files, or check them; returns the exit code."""
    files = rendered()
    if "--check" in arguments:
        for name in (wrong := outdated(files)):
            sys.stderr.write(f"grafana/dashboards/{name} is out of date; run: make dashboards\n")
        return 1 if wrong else 0
    FOLDER.mkdir(exist_ok=True)
    for name, text in files.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
