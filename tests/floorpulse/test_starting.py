"""How a command begins: a variable that nothing reads is told, once, and never with what is in it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

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
