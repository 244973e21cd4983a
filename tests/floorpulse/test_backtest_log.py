"""A back-test of what Redis and Kafka still hold gives what one of the files gave that were replayed into them."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from floorpulse.backtest.history import WINDOW_MS, History, span_of
from floorpulse.backtest.log import BEFORE_MS, _Taker
from floorpulse.backtest.spool import Item, Spool
from floorpulse.backtest.volume import WEEK_MS
from floorpulse.commands.backtest import _before_ms
from floorpulse.embedded import Servers
from floorpulse.processes import floorpulse_command
from kpi.floor import parse_floor
from kpi.instants import format_time
from tests.builders import T0
from tests.recordings.tables import technion

DAY = "1999-08-01"
DAY_MS = 86_400_000


def command(at: Servers, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        floorpulse_command(*map(str, arguments)),
        env={**os.environ, **at.env()},
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )


def alerts(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["alerts"]
    return found


@pytest.fixture(scope="module")
def table(at: Servers, tmp_path_factory: pytest.TempPathFactory) -> tuple[str | Path, ...]:
    """Calls that were replayed into the namespace `held`."""
    folder = tmp_path_factory.mktemp("table")
    text, _ = technion(7, dt.date.fromisoformat(DAY), rows=400)
    path = folder / "calls.csv"
    path.write_text(text, encoding="utf-8")
    options = (path, "--as", "table", "--mapping", "technion", "--date", DAY)
    done = command(at, "replay", *options, "--namespace", "held", "--report", folder / "report.json")
    assert done.returncode == 0, done.stderr
    return options


def test_the_log_gives_the_alerts_of_the_file(at: Servers, table: tuple[str | Path, ...]) -> None:
    from_file = alerts(command(at, "backtest", *table, "--json"))
    assert len(from_file) > 20
    spoken = command(at, "backtest", "--from", f"{DAY}T00:00+03:00", "--namespace", "held", "--json")
    assert alerts(spoken) == from_file
    assert "there is nothing before" in spoken.stderr
    assert "Kafka's log begins" not in spoken.stderr


def test_so_does_a_part_of_it(at: Servers, table: tuple[str | Path, ...]) -> None:
    part = ("--from", f"{DAY}T08:00:00+03:00", "--to", f"{DAY}T10:30:00+03:00", "--json")
    from_file = alerts(command(at, "backtest", *table, *part))
    assert len(from_file) > 5
    assert alerts(command(at, "backtest", *part, "--namespace", "held")) == from_file


def test_a_namespace_without_anything_is_one_sentence(at: Servers) -> None:
    done = command(at, "backtest", "--from", f"{DAY}T00:00+03:00", "--namespace", "nobody")
    assert (done.returncode, done.stderr) == (
        1, "error: namespace 'nobody': nothing counted in this Redis; wanted the name of a replay, or 'live'\n",
    )  # fmt: skip


def held(*seconds: int) -> Spool:
    spool = Spool()
    for second in seconds:
        spool.add(Item(T0 + second * 1000, 0, ("calls.events",), b""))
    return spool


def test_what_the_log_no_longer_holds_is_said() -> None:
    history = History(held(0, 20_000), newest_ms=T0 + 20_500_400, begins_ms=T0)
    assert span_of(history, T0 + WINDOW_MS, None).notes == ()
    [note] = span_of(history, T0 + WINDOW_MS - 1000, None).notes
    assert note.startswith("Kafka's log begins at 2026-11-20T10:00:00.000Z")


def test_a_live_log_goes_on_though_nothing_happens() -> None:
    span = span_of(History(held(0, 20_000), newest_ms=T0 + 20_500_400), None, None)
    assert (span.looks_from_ms, span.from_ms, span.to_ms) == (T0, T0, T0 + 20_500_000)


def test_limits_look_two_hours_before_the_span() -> None:
    span = span_of(History(held(0, 20_000)), T0 + 15_000_000, T0 + 16_000_000)
    assert (span.looks_from_ms, span.from_ms, span.to_ms) == (T0 + 7_800_000, T0 + 15_000_000, T0 + 16_000_000)


def test_a_week_more_of_the_log_is_read_where_volumes_are_compared_with_it() -> None:
    plain, volume = parse_floor(""), parse_floor("[channel.chat.thresholds]\nvolume_low_ratio = true\n")
    off = parse_floor("[defaults.thresholds]\nvolume_high_ratio = { warning = 2, alert = false }\n")
    for floors, more_ms in (
        ((plain, None), 0),
        ((off, plain), 0),
        ((volume, None), WEEK_MS),
        ((plain, volume), WEEK_MS),
    ):
        assert _before_ms(*floors) == BEFORE_MS + more_ms


def test_of_a_log_that_was_cut_all_is_known_since_the_first_record_was_written_not_since_a_late_event() -> None:
    for is_live, begins_ms in ((True, T0), (False, T0 - 6 * DAY_MS)):
        taker = _Taker(History(is_log=True), "contacts.events", 0, None, None, is_live=is_live)
        for time_ms, written_ms in ((T0 - 6 * DAY_MS, T0), (T0 + 1_000, T0 + 1_500)):
            event = {"time": format_time(time_ms), "type": "x", "recordedtime": format_time(written_ms)}
            taker.take(json.dumps(event).encode(), written_ms)
        assert (taker.first_ms, taker.begins_ms) == (T0 - 6 * DAY_MS, begins_ms)


def test_all_is_known_since_the_log_begins_be_that_before_what_was_read_of_it() -> None:
    for begins_ms, known_ms in ((None, T0 - 9_000), (T0 + 5_000, T0 + 5_000)):
        history = History(held(0, 20_000), is_log=True, oldest_ms=T0 - 9_000, begins_ms=begins_ms)
        assert span_of(history, T0 + 15_000_000, None).known_from_ms == known_ms
    assert span_of(History(held(0, 20_000)), T0 + 15_000_000, None).known_from_ms == T0
