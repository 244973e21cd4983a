"""Made-up files of CloudEvents, in which facts are missing, repeated or broken: what counts is what the design says."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from kpi.envelope import Event
from sources import cloudevents
from tests.recordings.cloud_events import START, Desk, File
from tests.recordings.counting import replayed
from tests.recordings.oracle import Oracle, Targets, differences

EARLIEST = 631_152_000_000  # 1990-01-01T00:00:00Z
ALL = ("queue", "hour", "day", "agent", "minute")


def report(folder: Path, file: File, basis: str, **more: Any) -> tuple[dict[str, Any], list[str]]:
    """The product's report of a file, and where it differs from the oracle's."""
    path = folder / "events.jsonl"
    path.write_text("\n".join(file.lines) + "\n", encoding="utf-8")
    items = cloudevents.read_files([path])
    have = replayed(items, basis=basis, **more)
    times = [item.time_ms for item in items if isinstance(item, Event) and item.time_ms >= EARLIEST]
    targets = {"support": Targets(60, 20)} if "config" in more else {}
    within = more.get("within", (5, 10, 15, 20, 30, 60))
    oracle = Oracle(file.visits, (min(times), max(times) + 1), basis, more.get("zone", "UTC"), within, targets)
    want = oracle.report(more.get("by", ALL))
    return have, differences(want, {part: have[part] for part in have if part not in ("span", "events")})


@pytest.mark.parametrize("seed", range(24))
@pytest.mark.parametrize("basis", ["event", "arrival"])
def test_a_desk_of_all_channels_with_missing_repeated_and_broken_facts(tmp_path: Path, seed: int, basis: str) -> None:
    file = Desk(seed).file()
    have, wrong = report(tmp_path, file, basis)
    assert wrong == []
    assert (have["events"]["dead_lettered"], have["events"]["duplicate"]) == (file.dead, file.repeated)


@pytest.mark.parametrize("seed", range(3))
def test_disorder_and_repeats_change_nothing(tmp_path: Path, seed: int) -> None:
    _, wrong = report(tmp_path, Desk(5).file(), "event", shuffle_ms=600_000, duplicate=0.05, seed=seed)
    assert wrong == []


def test_targets_limits_and_within_are_those_asked_for(tmp_path: Path) -> None:
    floor = "[queue.support]\ntarget = { seconds = 60 }\nshort_abandon_seconds = 20\n"
    _, wrong = report(tmp_path, Desk(8).file(), "event", config=floor, within=(0, 1, 7, 90))
    assert wrong == []


@pytest.mark.parametrize(
    ("zone", "from_text", "hours", "days"),
    [
        ("Europe/Berlin", "2026-10-24T20:00:00Z", 27, 3),  # 25 hours: one of them comes twice
        ("Europe/Berlin", "2026-03-28T20:00:00Z", 28, 3),
        ("Australia/Lord_Howe", "2026-04-04T09:00:00Z", 28, 2),  # half an hour comes twice
        ("Asia/Kathmandu", "2026-04-04T09:00:00Z", 29, 2),
    ],
)
def test_hours_and_days_are_those_of_the_zone(tmp_path: Path, zone: str, from_text: str, hours: int, days: int) -> None:
    start = round(dt.datetime.fromisoformat(from_text).timestamp() * 1000)
    file = Desk(len(zone), 150, 100_000, start).file()
    for basis in ("event", "arrival"):
        have, wrong = report(tmp_path, file, basis, zone=zone, by=ALL[:-1])
        assert wrong == []
        assert (len(have["per_hour"]), len(have["per_day"])) == (hours, days)


def test_minutes_are_left_out_after_48_hours_unless_asked_for(tmp_path: Path) -> None:
    file = Desk(2, 40, 180_000).file()
    have, _ = report(tmp_path, file, "event")
    assert "per_minute" not in have
    have, wrong = report(tmp_path, file, "event", by=("minute",))
    assert len(have["per_minute"]) > 48 * 60 and wrong == []


def test_who_joined_before_the_first_event_waits_in_it_but_was_not_offered_in_it(tmp_path: Path) -> None:
    file = Desk(1, 0).file()
    data = {"contact_id": "c", "leg_id": "c/1", "queue_id": "support", "channel": "voice"}
    desk = Desk(1, 0)
    desk._tell("contact.answered", START + 5_000, {**data, "agent_id": "ana", "reported": {"wait_ms": 65_000}})
    file.lines += [line for _, _, line in desk._told]
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join(file.lines) + "\n")
    items = cloudevents.read_files([path])
    total = replayed(items)["total"]
    assert (total["offered"], total["answered"], total["max_waiting"]) == (0, 1, 1)
    total = replayed(items, basis="arrival")["total"]
    assert (total["offered"], total["answered"], total["max_waiting"]) == (0, 0, 1)


def test_an_event_of_1970_is_refused_and_leaves_the_report_as_it_was(tmp_path: Path) -> None:
    file = Desk(4, 20).file()
    before, _ = report(tmp_path, file, "event")
    file.lines.append(file.lines[0].replace('"time": "2026-', '"time": "1970-').replace('"id": "e', '"id": "old'))
    after, wrong = report(tmp_path, file, "event")
    assert wrong == []
    assert after["events"].pop("by_reason") == {**before["events"].pop("by_reason"), "time_range": 1}
    assert after["events"]["dead_lettered"] == before["events"]["dead_lettered"] + 1
    assert after["span"] == before["span"] and after["total"] == before["total"]
