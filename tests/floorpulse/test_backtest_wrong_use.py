"""What a back-test cannot begin with is one line and code 2; a file whose content is no use is code 1."""

from __future__ import annotations

import datetime as dt
import os
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from floorpulse.errors import FAILED, WRONG_USE, UserError
from tests.floorpulse.backtested import ran, toml, waiting, written
from tests.recordings.tables import technion

TABLE = ("--as", "table", "--mapping", "technion")


def error_of(*arguments: str | Path) -> UserError:
    error = ran(*arguments).exception
    assert isinstance(error, UserError), error
    assert "\n" not in error.message
    return error


@pytest.fixture
def events(tmp_path: Path) -> Path:
    return written(tmp_path / "e.jsonl", waiting(1, 0, 5))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--as", "table", "--mapping", "nope", "--date", "1999-08-01"), "nope: there is no such mapping"),
        ((*TABLE, "--date", "1999-13-01"), "--date 1999-13-01: this is no date"),
        (TABLE, "say which day it is with --date YYYY-MM-DD"),
    ],
)
def test_a_wrong_option_of_a_table_is_wrong_use(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    path = tmp_path / "calls.csv"
    path.write_text(technion(5, dt.date(1999, 8, 1), rows=5)[0], encoding="utf-8")
    error = error_of(path, *options)
    assert said in error.message and error.exit_code == WRONG_USE


@pytest.mark.parametrize("kind", [("--as", "cloudevents"), ("--as", "asterisk"), (*TABLE, "--date", "1999-08-01")])
def test_a_missing_file_and_a_folder_are_wrong_use(tmp_path: Path, kind: tuple[str, ...]) -> None:
    missing, folder = error_of(tmp_path / "gone", *kind), error_of(tmp_path, *kind)
    assert "there is no such file" in missing.message and "this is a folder" in folder.message
    assert (missing.exit_code, folder.exit_code) == (WRONG_USE, WRONG_USE)


@pytest.mark.parametrize("text", ["[queue", "[defaults]\nlimits = 3\n", "[defaults.thresholds]\nwaiting = 'many'\n"])
@pytest.mark.parametrize("option", ["--rules", "--compare"])
def test_a_mistake_in_the_rules_is_wrong_use(tmp_path: Path, events: Path, option: str, text: str) -> None:
    error = error_of(events, "--as", "cloudevents", option, toml(tmp_path / "floor.toml", text))
    assert "floor.toml:" in error.message and error.exit_code == WRONG_USE


@pytest.mark.parametrize("text", ["", "no event\n"])
def test_a_file_without_an_event_failed(tmp_path: Path, text: str) -> None:
    error = error_of(toml(tmp_path / "e.jsonl", text), "--as", "cloudevents")
    assert "no line is an event" in error.message and error.exit_code == FAILED


def test_a_pipe_is_refused_with_its_name_and_what_to_do(tmp_path: Path, events: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    feeding = threading.Thread(target=_feed, args=(pipe, events.read_bytes()))
    feeding.start()
    error = error_of(pipe, "--as", "cloudevents")
    feeding.join()
    assert error.message.startswith(f"{pipe}: this is a pipe") and "write it to a file first" in error.message
    assert error.exit_code == WRONG_USE


def _feed(pipe: Path, content: bytes) -> None:
    with suppress(BrokenPipeError):
        pipe.write_bytes(content)


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00", "2300-01-01T00:00Z"])
@pytest.mark.parametrize("option", ["--from", "--to"])
def test_a_time_that_no_event_can_have_is_wrong_use(events: Path, option: str, text: str) -> None:
    error = error_of(events, "--as", "cloudevents", option, text)
    assert "wanted a time from 1970 to 2200" in error.message and error.exit_code == WRONG_USE


def test_a_span_after_the_last_event_is_wrong_use(events: Path) -> None:
    error = error_of(events, "--as", "cloudevents", "--from", "2027-01-01T00:00Z", "--to", "2027-01-02T00:00Z")
    assert "no time between" in error.message and error.exit_code == WRONG_USE
