"""`floorpulse replay` as people use it: what is wrong is one sentence, and a recorded day gives its known report."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from floorpulse.cli import app
from floorpulse.errors import UserError

GOOD = (
    '{"specversion":"1.0","id":"1","source":"/acd","type":"io.floorpulse.contact.queued.v1",'
    '"time":"2026-11-20T10:00:00.000Z","data":{"contact_id":"c1","leg_id":"c1/1","channel":"voice","queue_id":"q"}}\n'
)


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "events.jsonl"
    path.write_text(GOOD)
    return path


@pytest.fixture
def refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., UserError]:
    """`refusal(file, *options)`: the error that a replay of `file` ends with, before any server is started."""
    monkeypatch.setattr("floorpulse.commands.replay.servers", lambda settings: pytest.fail("a server was started"))

    def run(file: Path, *options: str, kind: str = "cloudevents") -> UserError:
        report = str(tmp_path / "report.json")
        shown = CliRunner().invoke(app, ["replay", str(file), "--as", kind, "--report", report, *options])
        assert isinstance(shown.exception, UserError), shown.output
        assert "\n" not in shown.exception.message
        return shown.exception

    return run


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--speed", "0"], "--speed 0: wanted max, or a number above 0"),
        (["--speed", "fast"], "--speed fast: wanted max"),
        (["--within", "5,x"], "--within 5,x: wanted whole seconds"),
        (["--zone", "Mars/Olympus"], "--zone Mars/Olympus: wanted an IANA zone"),
        (["--by", "queue,week"], "--by week: wanted one of queue, hour"),
        (["--basis", "leaving"], "--basis leaving: wanted one of event, arrival"),
        (["--namespace", "live"], "a replay never goes into the live numbers"),
        (["--namespace", "a b"], "--namespace: 'a b'; wanted letters"),
        (["--retention", "ever"], "--retention ever: wanted one of replay, live"),
        (["--report", "/nowhere/report.json"], "there is no folder /nowhere"),
        (["--report", "/"], "--report /: this is a folder; name a file in it"),
        (["--config", "/nowhere/floor.toml"], "/nowhere/floor.toml: No such file"),
        (["--date", "1999-08-01"], "--mapping and --date are for --as table"),
    ],
)
def test_an_option_that_makes_no_sense_is_wrong_use(
    refusal: Callable[..., UserError], events: Path, options: list[str], said: str
) -> None:
    error = refusal(events, *options)
    assert said in error.message
    assert error.exit_code == 2


def test_an_unknown_kind_is_wrong_use(refusal: Callable[..., UserError], events: Path) -> None:
    assert "--as csv: wanted one of asterisk, table, cloudevents" in refusal(events, kind="csv").message


def test_a_table_needs_a_mapping(refusal: Callable[..., UserError], events: Path) -> None:
    assert "--as table needs --mapping" in refusal(events, kind="table").message


@pytest.mark.parametrize("kind", ["asterisk", "cloudevents"])
def test_a_file_of_another_kind_is_named(refusal: Callable[..., UserError], tmp_path: Path, kind: str) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear customer,\nthank you for your call.\n")
    assert "letter.txt" in refusal(path, kind=kind).message


def test_a_mapping_that_names_a_missing_column_says_which(refusal: Callable[..., UserError], tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text("a,b\n1,2\n")
    error = refusal(path, "--mapping", "technion", "--date", "1999-08-01", kind="table")
    assert "calls.csv" in error.message
    assert "column" in error.message


def test_a_last_line_that_is_cut_off_is_said(refusal: Callable[..., UserError], events: Path) -> None:
    events.write_text(GOOD + GOOD[:-20])
    assert "events.jsonl:2: the last line is cut off" in refusal(events).message


def test_polls_of_another_kind_are_refused(refusal: Callable[..., UserError], events: Path) -> None:
    assert "events.jsonl:1: this is no poll" in refusal(events, "--compare-snapshots", str(events)).message


def test_a_kafka_that_is_not_there_is_one_sentence(
    events: Path, redis_url: str, unused_tcp_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOORPULSE_KAFKA", f"127.0.0.1:{unused_tcp_port}")
    monkeypatch.setenv("FLOORPULSE_REDIS", redis_url)
    arguments = ["replay", str(events), "--as", "cloudevents", "--report", str(tmp_path / "out.json")]
    error = CliRunner().invoke(app, arguments).exception
    assert isinstance(error, UserError)
    assert f"Kafka at 127.0.0.1:{unused_tcp_port} is not reachable" in error.message


def test_a_redis_that_is_not_there_is_one_sentence(
    events: Path, unused_tcp_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOORPULSE_KAFKA", "127.0.0.1:1")
    monkeypatch.setenv("FLOORPULSE_REDIS", f"redis://127.0.0.1:{unused_tcp_port}/0")
    arguments = ["replay", str(events), "--as", "cloudevents", "--report", str(tmp_path / "out.json")]
    error = CliRunner().invoke(app, arguments).exception
    assert isinstance(error, UserError)
    assert "Redis is not reachable" in error.message


def replayed(tmp_path: Path, *arguments: str) -> dict[str, Any]:
    out = tmp_path / "report.json"
    command = [sys.executable, "-m", "floorpulse", "replay", *arguments, "--report", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(out.read_text())
    return found


def assert_holds(found: Any, wanted: Any, path: str = "report") -> None:
    """Everything in `wanted` stands in `found`; what stands there besides is not looked at."""
    if isinstance(wanted, dict):
        for name, value in wanted.items():
            assert name in found, f"{path}.{name} is absent"
            assert_holds(found[name], value, f"{path}.{name}")
    else:
        assert found == (pytest.approx(wanted) if isinstance(wanted, float) else wanted), path


@pytest.mark.slow
def test_lines_that_are_no_events_are_dead_lettered_and_counted_and_the_rest_is_exact(
    tmp_path: Path, data_dir: Callable[[str], Path]
) -> None:
    tiny = data_dir("tiny")
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"oops\n" + (tiny / "events.jsonl").read_bytes() + b'{"specversion":"1.0","id":7}\n')
    report = replayed(tmp_path, str(path), "--as", "cloudevents", "--within", "5,10,20,60")
    wanted = json.loads((tiny / "expected-event.json").read_text())
    assert_holds(report, {part: wanted[part] for part in wanted if part != "events"})
    counted = report["events"]
    assert (counted["sent"], counted["applied"], counted["duplicate"], counted["dead_lettered"]) == (39, 36, 1, 2)


@pytest.mark.slow
def test_disorder_repeats_and_killed_workers_change_nothing(tmp_path: Path, data_dir: Callable[[str], Path]) -> None:
    tiny = data_dir("tiny")
    harm = ["--shuffle-seconds", "600", "--duplicate", "0.5", "--seed", "7", "--kill-worker", "2"]
    report = replayed(tmp_path, str(tiny / "events.jsonl"), "--as", "cloudevents", "--basis", "arrival", *harm)
    wanted = json.loads((tiny / "expected-arrival.json").read_text())
    assert_holds(report, {part: wanted[part] for part in wanted if part != "events"})
    assert report["events"]["duplicate"] > 1
