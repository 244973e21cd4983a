"""Made-up tables of the two shipped shapes: other days, other years, calls across midnight."""

import datetime as dt
from pathlib import Path

import pytest

from floorpulse.loading import load
from kpi.envelope import Event
from sources.errors import SourceError
from sources.table import read_table
from tests.recordings.counting import replayed
from tests.recordings.oracle import Oracle, Visit, differences
from tests.recordings.tables import simulated, technion

DAYS = [dt.date(1999, 12, 31), dt.date(1999, 2, 28), dt.date(1999, 4, 1), dt.date(1999, 9, 2), dt.date(2000, 2, 29)]
PARTS = ("queue", "hour", "day", "agent")


def wrong(events: list[Event], visits: list[Visit], basis: str, zone: str, *parts: str) -> list[str]:
    have = replayed(events, basis=basis, zone=zone, by=(*PARTS, *parts))
    times = [event.time_ms for event in events]
    want = Oracle(visits, (min(times), max(times) + 1), basis, zone).report((*PARTS, *parts))
    return differences(want, {part: have[part] for part in have if part not in ("span", "events")})


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("basis", ["event", "arrival"])
def test_another_day_of_the_bank(tmp_path: Path, day: dt.date, basis: str) -> None:
    text, visits = technion(day.day, day)
    path = tmp_path / "calls.csv"
    path.write_text(text, encoding="utf-8")
    result = read_table(path, "technion", date=day)
    assert result.problems == []
    assert wrong(result.events, visits, basis, "Asia/Jerusalem", *(["minute"] if day == DAYS[0] else [])) == []


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("basis", ["event", "arrival"])
def test_other_days_of_the_simulated_centre(tmp_path: Path, seed: int, basis: str) -> None:
    text, visits = simulated(seed, DAYS[seed])
    path = tmp_path / "calls.csv"
    path.write_text(text, encoding="utf-8")
    assert wrong(read_table(path, "simulated").events, visits, basis, "UTC") == []


def test_files_of_two_years_are_one_history_though_their_call_ids_are_the_same(tmp_path: Path) -> None:
    visits, paths = [], [tmp_path / "2022.csv", tmp_path / "2021.csv"]
    for path in paths:
        text, some = simulated(1, dt.date(int(path.stem), 3, 1), days=1)
        path.write_text(text, encoding="utf-8")
        visits += some
    events = [item for item in load(paths, "table", mapping=Path("simulated")).items if isinstance(item, Event)]
    assert wrong(events, visits, "event", "UTC") == []


def test_a_key_that_stands_in_two_files_is_told_and_never_makes_two_contacts_one(tmp_path: Path) -> None:
    mapping = tmp_path / "bank.toml"
    mapping.write_text(
        'source = "/import/bank"\n[contact]\nqueue = { constant = "q" }\nkey = "id"\n[times]\nformats = ["iso"]\n'
        'entered = "joined"\nleft = "left"\n[[rows]]\nis = "answered"\n'
    )
    paths = [tmp_path / "1.csv", tmp_path / "2.csv"]
    paths[0].write_text("id,joined,left\n7,2026-01-01T10:00:00,2026-01-01T10:00:30\n")
    paths[1].write_text(
        "id,joined,left\n7,2026-01-02T10:00:00,2026-01-02T10:00:30\n8,2026-01-02T11:00:00,2026-01-02T11:00:30\n"
    )
    history = load(paths, "table", mapping=mapping)
    assert {item.data["contact_id"] for item in history.items if isinstance(item, Event)} == {"7", "8"}
    assert [remark for remark in history.remarks if "id: '7' stands in row 1 of another file already" in remark]
    paths[1].write_text("id,joined,left\n7,2026-01-02T10:00:00,2026-01-02T10:00:30\n")
    with pytest.raises(SourceError, match="stands in row 1 of another file already"):
        load(paths, "table", mapping=mapping)


def test_a_call_that_left_the_queue_at_midnight_sharp_left_it_after_its_wait(tmp_path: Path) -> None:
    header = technion(0, DAYS[0], rows=0)[0]
    row = "AA,1,PS,23:59:00,23:59:20,20,23:59:20,0:00:00,40,HANG,0:00:00,0:00:00,0,NO_SERVER,NO_\r\n"
    path = tmp_path / "calls.csv"
    path.write_text(header + row)
    joined, left = read_table(path, "technion", date=DAYS[0]).events
    assert left.time_ms - joined.time_ms == 40_000


def test_a_last_row_that_is_shorter_than_the_others_and_has_no_end_is_cut_off(tmp_path: Path) -> None:
    text, _ = technion(1, DAYS[0], rows=5)
    row = "AA,1,PS,9:00:00,9:00:20,20,9:00:20,9:00:40,20,AGENT,9:00:40,9:02:00,80,SHARON,SHA"
    path = tmp_path / "calls.csv"
    for end, cut_off in (("", False), ("\n", False), (None, True)):
        path.write_text(text + (row[:-6] if end is None else row + end))
        found = read_table(path, "technion", date=DAYS[0]).cut_off
        assert (found is not None) is cut_off
    assert found is not None and found.endswith(": the last line is cut off; complete it or take it out")
