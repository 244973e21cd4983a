"""Real tables through the shipped mappings: the events alone must already give every figure of the oracles."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kpi.events import TYPES
from sources.reading import ReadResult
from sources.table import read_table
from tests.sources.figures import Figures, Leg, figures_by, legs_of, lengths

JERUSALEM = ZoneInfo("Asia/Jerusalem")


@pytest.fixture(scope="module")
def technion(data_dir: Callable[[str], Path]) -> tuple[ReadResult, Any]:
    folder = data_dir("technion-day")
    expected = json.loads((folder / "expected.json").read_text())
    return read_table(folder / "calls_one_day.csv", "technion", date="1999-08-01"), expected


@pytest.fixture(scope="module")
def simulated(data_dir: Callable[[str], Path]) -> tuple[list[Leg], Any]:
    folder = data_dir("simulated-centre")
    result = read_table(folder / "simulated_call_centre.csv.xz", "simulated")
    assert result.problems == []
    return list(legs_of(result.events).values()), json.loads((folder / "expected.json").read_text())


def local(ms: int | None, form: str) -> str:
    assert ms is not None
    return datetime.fromtimestamp(ms / 1000, JERUSALEM).strftime(form)


def assert_equal(want: dict[str, Any], have: Figures) -> None:
    counts = {"answered": want["answered"], "abandoned": want["abandoned"]}
    assert have.offered == want["offered"]
    assert dict(have.outcomes) == {outcome: n for outcome, n in counts.items() if n}
    for key, outcomes in (("answered", ["answered"]), ("abandoned", ["abandoned"]), ("all", list(counts))):
        assert have.mean_wait(*outcomes) == pytest.approx(want[f"mean_wait_{key}"], abs=0.001)
    assert max((wait for waits in have.waits.values() for wait in waits), default=None) == want["max_wait"]
    assert [have.nearest_rank(p) for p in (50, 90, 95)] == [want[f"p{p}_answered"] for p in (50, 90, 95)]
    assert have.within("answered", 20) == want["answered_within_20"]
    assert have.within("abandoned", 5) == want["abandoned_within_5"]
    if want["mean_talk"] is not None:
        assert sum(have.talks) / len(have.talks) == pytest.approx(want["mean_talk"], abs=0.001)


def test_the_bank_day_is_that_of_the_oracle_in_total_per_queue_and_per_hour(technion: tuple[ReadResult, Any]) -> None:
    result, expected = technion
    legs = list(legs_of(result.events).values())
    per_queue = figures_by(legs, lambda leg: leg.queue)
    per_hour = figures_by(legs, lambda leg: local(leg.joined, "%H"))
    assert_equal(expected["total"], per_queue["total"])
    assert set(per_queue) - {"total"} == set(expected["per_queue"])
    for queue, want in expected["per_queue"].items():
        assert_equal(want, per_queue[queue])
    for hour, want in expected["per_hour"].items():
        assert_equal(want, per_hour[hour])


def test_the_banks_queue_is_as_long_as_the_oracle_says_at_each_minute(technion: tuple[ReadResult, Any]) -> None:
    result, expected = technion
    steps = lengths(legs_of(result.events).values())
    assert max(n for _, n in steps) == expected["queue_length"]["max"]
    first = next(second for second, n in steps if n == expected["queue_length"]["max"])
    assert local(first * 1000, "%H:%M:%S") == expected["queue_length"]["max_first_at"]
    assert at_minutes(steps) == expected["queue_length"]["at_minute"]


def at_minutes(steps: list[tuple[int, int]]) -> dict[str, int]:
    """The length at the first second of each minute where it is not zero, events of that second counted."""
    found, waiting = {}, dict(steps)
    n = 0
    for second in range(steps[0][0], steps[-1][0] + 1):
        n = waiting.get(second, n)
        if second % 60 == 0 and n:
            found[local(second * 1000, "%H:%M")] = n
    return found


def test_the_bank_day_gives_events_of_the_contract_without_a_problem(technion: tuple[ReadResult, Any]) -> None:
    result, _ = technion
    for event in result.events:
        TYPES[event.noun_verb].model_validate(event.data)
    assert len({event.id for event in result.events}) == len(result.events)
    assert (result.problems, result.lines, result.zone) == ([], 2375, "Asia/Jerusalem")
    assert "NO_SERVER" not in {event.data.get("agent_id") for event in result.events}


def test_the_simulated_year_is_that_of_the_oracle_in_total_and_per_day(simulated: tuple[list[Leg], Any]) -> None:
    legs, expected = simulated
    by_day: dict[str, list[Leg]] = {}
    for leg in legs:
        assert leg.joined is not None
        by_day.setdefault(datetime.fromtimestamp(leg.joined / 1000, UTC).strftime("%Y-%m-%d"), []).append(leg)
    assert set(by_day) == set(expected["per_day"])
    total = expected["total"]
    assert_day({**total, "offered": total["calls"]}, legs)
    for day, want in expected["per_day"].items():
        assert_day(want, by_day[day])
        assert max(n for _, n in lengths(by_day[day])) == want["max_queue"]


def assert_day(want: dict[str, Any], legs: Iterable[Leg]) -> None:
    have = figures_by(legs, lambda leg: leg.queue)["total"]
    assert have.offered == want["offered"]
    assert have.within("answered", 60) == want["met"]
    assert have.mean_wait("answered") == pytest.approx(want["mean_wait"], abs=0.001)
    assert max(have.waits["answered"]) == want["max_wait"]
    if "mean_service" in want:
        assert sum(have.talks) / len(have.talks) == pytest.approx(want["mean_service"], abs=0.001)


PHONENOW = """
[contact]
queue = "Topic"
agent = "Agent"
key = "Call Id"
[times]
date = { column = "Date" }
formats = ["%H:%M:%S"]
entered = "Time"
[durations]
wait = "Speed of answer in seconds"
talk = { column = "AvgTalkDuration", unit = "h:m:s" }
[[rows]]
when = { "Answered (Y/N)" = "Y" }
is = "answered"
[[rows]]
is = "abandoned"
"""


def test_a_widely_used_call_list_needs_nothing_but_a_mapping(data_dir: Callable[[str], Path], tmp_path: Path) -> None:
    folder, mapping = data_dir("phonenow"), tmp_path / "phonenow.toml"
    mapping.write_text(PHONENOW)
    result = read_table(folder / "Call-Center-Dataset.csv", mapping)
    want = json.loads((folder / "expected.json").read_text())["total"]
    have = figures_by(legs_of(result.events).values(), lambda leg: leg.queue)["total"]
    assert result.problems == []
    assert have.outcomes == {"answered": want["answered"], "abandoned": want["abandoned"]}
    assert have.mean_wait("answered") == pytest.approx(want["mean_speed_of_answer"], abs=0.0001)
    assert sum(have.talks) / len(have.talks) == pytest.approx(want["mean_talk"], abs=0.0001)
    assert [have.within("answered", n) for n in (20, 30, 60)] == [want[f"answered_within_{n}"] for n in (20, 30, 60)]
    assert have.waits["abandoned"] == []
