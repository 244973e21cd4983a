"""`floorpulse backtest` of a few events: what to write, how to run it, what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from floorpulse.cli import app
from kpi.envelope import Event
from tests.builders import event


def waiting(number: int, at: float, seconds: float, queue: str = "support") -> list[Event]:
    """A caller who waits for so long."""
    common = {"contact_id": f"c{number}", "leg_id": f"c{number}/1", "queue_id": queue}
    return [
        event("contact.queued", at, **common),
        event("contact.answered", at + seconds, agent_id="ana", **common),
        event("contact.ended", at + seconds + 60, agent_id="ana", ended_by="customer", **common),
    ]


def written(path: Path, events: list[Event]) -> Path:
    """The events as lines of a file."""
    path.write_bytes(b"".join(one.to_json() + b"\n" for one in events))
    return path


def toml(path: Path, text: str) -> Path:
    """A file of rules."""
    path.write_text(text, encoding="utf-8")
    return path


def ran(*arguments: str | Path) -> Result:
    """The command, run with these arguments."""
    return CliRunner().invoke(app, ["backtest", *map(str, arguments)])


def found(result: Result) -> dict[str, Any]:
    """Its answer, with --json."""
    assert result.exit_code == 0, (result.output, result.exception)
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer
