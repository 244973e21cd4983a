"""`floorpulse simulate --answer-key`: a file of events, what is true of them, and a replay that must say the same."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from floorpulse.cli import app
from floorpulse.errors import UserError

FLOOR = """
[defaults]
target = { percent = 85, seconds = 12 }
short_abandon_seconds = 9
[queue.chat-sales.chat]
long_seconds = 120
[agent."fang.sun"]
team = "Special"
"""
# An hour in which people go home, and leave letters, callbacks and chats behind.
EVENING = ("--start", "2026-01-05T20:30:00+08:00", "--hours", "1", "--shape", "day", "--seed", "2")


def run(*arguments: object) -> str:
    shown = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if shown.exception is not None and not isinstance(shown.exception, SystemExit):
        raise shown.exception
    return shown.output


def figures(value: Any, path: str = "") -> dict[str, Any]:
    if isinstance(value, dict):
        return {at: n for name, inner in value.items() for at, n in figures(inner, f"{path}/{name}").items()}
    if isinstance(value, list):
        return {at: n for number, inner in enumerate(value) for at, n in figures(inner, f"{path}/{number}").items()}
    return {path: value}


def test_a_replay_of_simulated_events_agrees_with_their_key_in_every_figure(
    kafka_bootstrap: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOORPULSE_KAFKA", kafka_bootstrap)
    monkeypatch.setenv("FLOORPULSE_REDIS", redis_url)
    monkeypatch.setenv("FLOORPULSE_CONFIG", str(tmp_path / "floor.toml"))
    (tmp_path / "floor.toml").write_text(FLOOR, encoding="utf-8")
    events, key, report = (tmp_path / name for name in ("events.jsonl", "key.json", "report.json"))
    damage = ("--loss", "0.02", "--duplicate", "0.05", "--disorder", "600")
    run("simulate", *EVENING, *damage, "--out", events, "--answer-key", key)
    run("replay", events, "--as", "cloudevents", "--report", report)

    want, got = (json.loads(path.read_text(encoding="utf-8")) for path in (key, report))
    assert want.pop("targets") == str(tmp_path / "floor.toml")
    known = figures(got)
    wrong = {
        path: (value, known.get(path, "absent"))
        for path, value in figures(want).items()
        if path not in known or known[path] != (pytest.approx(value) if isinstance(value, float) else value)
    }
    assert wrong == {}
    assert len(figures(want)) > 5000
    for part in ("per_team", "floor", "backlog"):
        assert figures(got[part]).keys() == figures(want[part]).keys(), part
    assert all(want["floor"].values()) and len(want["backlog"]) > 1
    teams, there = want["per_team"], want["floor"]["teams"]
    gone = {team: block["agents"] - sum(there.get(team, {}).values()) for team, block in teams.items()}
    assert sum(gone.values()) >= 8 and gone["Special"] == teams["Special"]["agents"] == 1
    assert "" not in teams


def test_the_key_is_the_same_for_the_same_options_and_says_its_targets(tmp_path: Path) -> None:
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    options = ("--hours", "0.1", "--seed", "5", "--loss", "0.05", "--disorder", "60")
    said = run("simulate", "--out", tmp_path / "a.jsonl", "--answer-key", one, *options)
    run("simulate", "--out", tmp_path / "b.jsonl.gz", "--answer-key", two, *options)

    assert one.read_bytes() == two.read_bytes()
    assert json.loads(one.read_text(encoding="utf-8"))["targets"] == "defaults"
    assert "under the targets of defaults" in " ".join(said.split())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param([], "--answer-key is for events in a file; name one with --out", id="no file"),
        pytest.param(["--out", "x.jsonl", "--zone", "Mars"], "--answer-key: ", id="no such zone"),
        pytest.param(["--out", "x.jsonl", "--config", "/nowhere/floor.toml"], "/nowhere/floor.toml", id="no config"),
    ],
)
def test_options_that_make_no_sense_are_wrong_use(tmp_path: Path, options: list[str], said: str) -> None:
    options = [str(tmp_path / "x.jsonl") if option == "x.jsonl" else option for option in options]
    with pytest.raises(UserError, match=said):
        run("simulate", "--answer-key", tmp_path / "key.json", *options)

    assert not (tmp_path / "x.jsonl").exists()
