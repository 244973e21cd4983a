"""How a command begins: a variable that nothing reads is told, once, and never with what is in it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from board.config import FloorFile
from floorpulse.commands import worker
from floorpulse.starting import known_variables, misspelt

ROOT = Path(__file__).parents[2]
NOWHERE = {"FLOORPULSE_REDIS": "redis://127.0.0.1:1/0"}
MISSPELT = {"FLOORPULSE_READ_TOKKEN": "canary-0123456789abcdef0123456789abcdef"}
LINE = "FLOORPULSE_READ_TOKKEN is no setting; did you mean FLOORPULSE_READ_TOKEN?"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("FLOORPULSE_READ_TOKKEN", LINE),
        ("FLOORPULSE_REDISS", "FLOORPULSE_REDISS is no setting; did you mean FLOORPULSE_REDIS?"),
        ("FLOORPULSE_CONFIG_FILE", "FLOORPULSE_CONFIG_FILE is no setting; did you mean FLOORPULSE_CONFIG?"),
        ("FLOORPULSE_COLOUR\n", "FLOORPULSE_COLOUR  is no setting"),
    ],
)  # fmt: skip
def test_a_variable_that_nothing_reads_is_told_with_the_one_that_may_be_meant(name: str, said: str) -> None:
    assert list(misspelt([name])) == [said]


def test_settings_their_files_and_what_is_no_concern_of_ours_are_not_told() -> None:
    names = ["FLOORPULSE_READ_TOKEN", "FLOORPULSE_READ_TOKEN_FILE", "FLOORPULSE_CONFIG", "FLOORPULSE_DEBUG", "PATH"]
    assert list(misspelt(names)) == []


def test_every_variable_that_stands_in_the_shipped_files_is_known() -> None:
    shipped = [
        *ROOT.glob("*.yml"), ROOT / "Dockerfile", ROOT / "README.md", *ROOT.glob("docs/*.md"), ROOT / ".ci/run",
        *ROOT.glob("deploy/*"), *ROOT.glob("docker/*"), *ROOT.glob(".github/**/*.yml"),
    ]  # fmt: skip
    texts = [path.read_text(encoding="utf-8") for path in shipped if path.is_file()]
    found = {name for text in texts for name in re.findall(r"\bFLOORPULSE_[A-Z][A-Z_]*[A-Z]\b", text)}

    assert len(found) > 30
    assert list(misspelt(found)) == []
    assert known_variables() >= found


@pytest.mark.parametrize("words", [["top", "--once"], ["board"], ["report"]], ids=" ".join)
def test_a_level_of_logs_that_is_none_ends_every_command_with_one_line(words: list[str]) -> None:
    env = {**os.environ, **NOWHERE, "FLOORPULSE_LOG_LEVEL": "loud"}
    ended = subprocess.run(
        [sys.executable, "-m", "floorpulse", *words], env=env, capture_output=True, text=True, check=False, timeout=60
    )

    assert ended.returncode == 2
    assert ended.stderr == (
        "error: FLOORPULSE_LOG_LEVEL is 'loud'; wanted one of debug, info, warning, error, critical\n"
    )


def test_a_command_for_people_tells_it_in_one_line_on_stderr() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "floorpulse", "top", "--once"],
        env={**os.environ, **NOWHERE, **MISSPELT}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert ended.stderr.splitlines()[0] == f"note: {LINE}"
    assert ended.stderr.count("TOKKEN") == 1
    assert "canary" not in ended.stderr + ended.stdout


def test_a_service_tells_it_in_one_line_of_its_log() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "floorpulse", "board"],
        env={**os.environ, **NOWHERE, **MISSPELT, "FLOORPULSE_TV_TOKEN": "short"},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    first, *rest = ended.stderr.splitlines()
    told = json.loads(first)
    assert (told["level"], told["service"], told["event"]) == ("warning", "board", LINE)
    assert not any("TOKKEN" in line for line in rest)
    assert "canary" not in ended.stderr + ended.stdout


FLOOR = """
[queue.support]
[[quiet]]
from = 2026-11-23T14:00:00
to = 2026-11-23T14:30:00
queue = "spport"
"""
QUIET_LINE = "line 6: [[quiet]] names queue 'spport', which no table names; did you mean 'support'?"


def test_a_command_for_people_tells_a_quiet_that_may_be_misspelt_in_one_line_on_stderr(tmp_path: Path) -> None:
    path = tmp_path / "floor.toml"
    path.write_text(FLOOR, encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "floorpulse", "top", "--once", "--config", str(path)],
        env={**os.environ, **NOWHERE}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    first, *rest = ended.stderr.splitlines()
    assert first == f"note: {path} {QUIET_LINE}"
    assert not any("quiet" in line for line in rest)


def test_a_board_and_an_engine_tell_it_whenever_they_read_the_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "floor.toml"
    path.write_text(FLOOR, encoding="utf-8")
    file = FloorFile(path)
    file.reload()
    path.write_text(FLOOR.replace("spport", "support"), encoding="utf-8")
    file.reload()

    told = [record for record in caplog.records if record.levelname == "WARNING"]
    assert [record.getMessage() for record in told] == [f"floor.toml {QUIET_LINE}"] * 2


def test_a_worker_tells_it_in_its_log_at_the_start_and_when_it_reads_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "floor.toml"
    path.write_text(FLOOR, encoding="utf-8")
    worker._reload(path)

    assert [record.getMessage() for record in caplog.records] == [f"{path} {QUIET_LINE}"]
    assert capsys.readouterr().err == ""
