"""Real recordings through Kafka, worker and Redis come out as an independent program worked them out: every figure."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.data_sets import ROOT, shared_tool

pytestmark = pytest.mark.slow
EXITS = {"EXITWITHTIMEOUT": "timeout", "EXITWITHKEY": "key_exit", "EXITEMPTY": "empty", "WITHDRAW": "withdrawn"}


def replay(out: Path, *arguments: str | Path) -> Any:
    command = [sys.executable, "-m", "floorpulse", "replay", *map(str, arguments), "--report", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(out.read_text())


def differences(want: Any, got: Any, path: str = "") -> list[str]:
    """Where `got` does not hold what `want` says; numbers may differ by a rounding error."""
    if isinstance(want, dict):
        found = got if isinstance(got, dict) else {}
        return [
            line for key, part in want.items() for line in differences(part, found.get(key, "absent"), f"{path}.{key}")
        ]
    if isinstance(want, (int, float)) and isinstance(got, (int, float)):
        return [] if abs(want - got) <= 1e-6 * max(1, abs(want)) else [f"{path}: want {want}, got {got}"]
    return [] if want == got or isinstance(want, str) else [f"{path}: want {want}, got {got}"]


@pytest.mark.parametrize("basis", ["event", "arrival"])
def test_the_worked_example_on_both_bases(tmp_path: Path, data_dir: Callable[[str], Path], basis: str) -> None:
    tiny = data_dir("tiny")
    got = replay(tmp_path / "r.json", tiny / "events.jsonl", "--as", "cloudevents", "--basis", basis)
    assert differences(json.loads((tiny / f"expected-{basis}.json").read_text()), got) == []
    assert got["events"]["sent"] == got["events"]["applied"] + got["events"]["duplicate"] == 37


def as_report(want: dict[str, Any]) -> dict[str, Any]:
    """The figures of an Asterisk expectation in the words of a report."""
    waits = {
        "answered": {"mean": want["mean_wait_answered"], "p50": want["p50_answered"], "p90": want["p90_answered"],
                     "max": want["max_wait_answered"]},
        "abandoned": {"mean": want["mean_wait_abandoned"]},
    }  # fmt: skip
    return {
        "offered": want["offered"], "answered": want["answered"], "abandoned": want["abandoned"],
        "exits": {EXITS[name]: n for name, n in want["outcomes"].items() if name in EXITS},
        "answered_within": want["answered_within"], "wait_seconds": waits, "talk_seconds": {"mean": want["mean_talk"]},
    }  # fmt: skip


def rounded(parts: Any) -> Any:
    """Means as the expectation prints them, with four decimals."""
    if isinstance(parts, dict):
        return {
            key: round(part, 4) if key == "mean" and part is not None else rounded(part) for key, part in parts.items()
        }
    return parts


def test_eight_minutes_of_asterisk_in_total_by_queue_agent_and_minute(
    tmp_path: Path, data_dir: Callable[[str], Path]
) -> None:
    calm = data_dir("asterisk-calm")
    want = json.loads((calm / "expected.json").read_text())
    polls = calm / "queue_status.jsonl.xz"
    got = replay(tmp_path / "r.json", calm / "queue_log", "--as", "asterisk", "--compare-snapshots", polls)

    assert differences(as_report(want["total"]), rounded(got["total"])) == []
    by_queue = {queue: as_report(one) for queue, one in want["per_queue"].items()}
    assert differences(by_queue, rounded(got["per_queue"])) == []
    assert (
        differences({name: {"answered": n} for name, n in want["per_agent_answered"].items()}, got["per_agent"]) == []
    )
    by_minute: dict[str, dict[str, Any]] = {}
    for row in want["per_minute"]:
        key = datetime.fromtimestamp(row["minute"], UTC).strftime("%Y-%m-%dT%H:%M")
        by_minute.setdefault(key, {})[row["queue"]] = {
            "offered": row.get("offered", 0),
            "answered": row.get("left_CONNECT", 0),
            "abandoned": row.get("left_ABANDON", 0),
            "exits": {EXITS[name[5:]]: n for name, n in row.items() if name[5:] in EXITS},
        }
    assert differences(by_minute, got["per_minute"]) == []
    assert got["comparison"]["compared"] == want["status_polls"]["comparisons"]
    assert got["comparison"]["within_one_second"] >= want["status_polls"]["within_one_second"]


def test_disorder_repeats_and_killed_workers_leave_every_figure_as_it_was(
    tmp_path: Path, data_dir: Callable[[str], Path]
) -> None:
    log = data_dir("asterisk-calm") / "queue_log"
    harm = ["--shuffle-seconds", "600", "--duplicate", "0.05", "--seed", "11", "--kill-worker", "4"]
    clean, harmed = (
        replay(tmp_path / f"{n}.json", log, "--as", "asterisk", *more) for n, more in enumerate([[], harm])
    )
    assert harmed["events"].pop("duplicate") > clean["events"].pop("duplicate") == 0
    assert harmed["events"].pop("sent") > clean["events"].pop("sent")
    assert harmed == clean


@pytest.mark.parametrize(
    ("kind", "data_set", "arguments"),
    [
        ("technion", "technion-day", ["calls_one_day.csv", "--mapping", "technion", "--date", "1999-08-01",
                                      "--basis", "arrival"]),
        ("simulated", "simulated-centre", ["simulated_call_centre.csv.xz", "--mapping", "simulated"]),
    ],
)  # fmt: skip
def test_a_table_of_calls_equals_its_oracle(
    data_dir: Callable[[str], Path], kind: str, data_set: str, arguments: list[str]
) -> None:
    folder, tool = data_dir(data_set), shared_tool("check_replay.py")
    assert tool is not None, "the checking tool stands beside the data sets"
    command = [sys.executable, str(tool), kind, str(folder / "expected.json"), "--", str(folder / arguments[0])]
    done = subprocess.run(
        [*command, "--as", "table", *arguments[1:]], cwd=ROOT, capture_output=True, text=True, timeout=900, check=False,
        env=os.environ | {"FLOORPULSE_BIN": str(Path(sys.executable).with_name("floorpulse"))},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:]


def test_published_snapshots_say_what_asterisk_said_at_that_second(
    tmp_path: Path, data_dir: Callable[[str], Path]
) -> None:
    calm = data_dir("asterisk-calm")
    polls = calm / "queue_status.jsonl.xz"
    arguments: list[str | Path] = [calm / "queue_log", "--as", "asterisk", "--speed", "4", "--compare-snapshots", polls]
    found = replay(tmp_path / "r.json", *arguments)["comparison"]
    assert found["compared"] == 1434
    assert found["within_one_second"] >= 0.97 * found["compared"]
