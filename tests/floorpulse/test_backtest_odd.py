"""A back-test of a history in which something is odd goes on, and says what it passed over or could not know."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from floorpulse.backtest.history import History
from floorpulse.backtest.log import _Taker
from floorpulse.backtest.teams import Spent, Teams
from floorpulse.backtest.watched import Watched
from kpi.envelope import Event
from kpi.live_state import QueueStaff
from tests.builders import T0, event
from tests.floorpulse.backtested import found, ran, toml, waiting, written
from tests.recordings.tables import technion

HOURS = '[defaults.hours]\nmon-fri = ["08:00-12:00", "13:00-20:00"]\n'
REFUSED = "1 lines are no event, or of a time that cannot be"


def beside(path: Path, *, data: dict[str, Any] | None = None, **changes: object) -> Path:
    """Somebody who waits for 100 s, and one event of another contact that is odd."""
    odd = json.loads(waiting(9, 30, 0)[0].to_json())
    odd.update(changes)
    odd["data"].update(data or {})
    written(path, waiting(1, 0, 100))
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(odd) + "\n")
    return path


@pytest.mark.parametrize(
    "data", [{"sequence": 10**30}, {"sequence": -(10**30)}, {"sequence": True}, {"channel": ["voice"]}], ids=str
)
def test_what_breaks_the_contract_is_passed_over_as_workers_do(tmp_path: Path, data: dict[str, Any]) -> None:
    shown = ran(beside(tmp_path / "e.jsonl", data=data), "--as", "cloudevents", "--json")
    assert len(found(shown)["alerts"]) == 1
    assert "1 records are no event of the contract" in shown.stderr


@pytest.mark.parametrize(
    "times",
    [
        {"time": "9999-12-31T23:59:59.999Z"},
        {"time": "9999-12-31T23:59:59.999-12:00"},
        {"time": "2300-01-01T00:00:00Z"},
        {"recordedtime": "9999-12-31T23:59:59.999-12:00"},
        {"time": "2026-11-20T10:01:01.001Z", "recordedtime": "2026-11-20T10:00:01.000Z"},
        {"time": "2106-02-07T06:28:15Z", "recordedtime": "2026-11-20T10:00:30Z"},
    ],
    ids=str,
)
def test_a_time_that_cannot_be_is_counted_as_refused(tmp_path: Path, times: dict[str, Any]) -> None:
    shown = ran(beside(tmp_path / "e.jsonl", **times), "--as", "cloudevents", "--json")
    assert found(shown)["span"]["to"] == "2026-11-20T10:02:40.000Z"
    assert REFUSED in shown.stderr


def test_a_minute_ahead_of_its_recording_is_a_clock_like_any_other(tmp_path: Path) -> None:
    time, recorded = "2026-11-20T10:01:01.000Z", "2026-11-20T10:00:01.000Z"
    shown = ran(beside(tmp_path / "e.jsonl", time=time, recordedtime=recorded), "--as", "cloudevents", "--json")
    assert found(shown)["events"] == 4
    assert REFUSED not in shown.stderr


@pytest.mark.parametrize(("is_live", "refused"), [(True, 1), (False, 0)])
def test_of_a_log_only_live_workers_refuse_what_is_ahead_of_its_recording(is_live: bool, refused: int) -> None:
    history = History(is_log=True)
    taker = _Taker(history, "calls.events", 0, None, None, is_live=is_live)
    early, ahead = (Event.from_json(one.to_json()) for one in (*waiting(1, 0, 5)[:1], *waiting(2, 90, 5)[:1]))
    taker.take(early.to_json(), T0)
    taker.take(ahead.to_json(), T0)
    assert (history.refused, history.spool.count) == (refused, 2 - refused)
    assert history.queues == {"support"}


def test_what_is_too_early_to_be_read_still_says_since_when_the_log_goes() -> None:
    history = History(is_log=True)
    taker = _Taker(history, "calls.events", 0, T0 + 5_000, None, is_live=True)
    for one in (*waiting(1, 0, 0)[:1], *waiting(2, 10, 0)[:1]):
        taker.take(one.to_json(), one.time_ms)
    assert (history.spool.first_ms, taker.first_ms) == (T0 + 10_000, T0)


def test_one_broken_clock_is_told_and_does_not_take_for_ever(tmp_path: Path) -> None:
    path = beside(tmp_path / "e.jsonl", time="2030-02-07T06:28:15Z")
    shown = ran(path, "--as", "cloudevents", "--rules", toml(tmp_path / "floor.toml", HOURS), "--json")
    assert len(found(shown)["alerts"]) == 1
    assert (
        "nothing happened for 1174 days, from 2026-11-20T10:02:40.000Z to 2030-02-07T06:28:15.000Z: is a clock wrong?"
    ) in shown.stderr


def test_nobody_looks_at_every_minute_of_an_empty_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    honest = Watched.look

    def counted(self: Watched, now_ms: int, staff: QueueStaff, *, quiet: bool) -> None:
        looks.append(now_ms)
        honest(self, now_ms, staff, quiet=quiet)

    monkeypatch.setattr(Watched, "look", counted)
    lost = waiting(1, 0, 0)[:1]
    path = written(tmp_path / "e.jsonl", [*lost, *waiting(2, 60 * 86_400, 0)])
    rules = toml(
        tmp_path / "floor.toml",
        f"{HOURS}[defaults.thresholds]\nwaiting = {{ warning = {{ enter = 2, exit = 1 }}, for_seconds = 0 }}\n",
    )
    found(ran(path, "--as", "cloudevents", "--rules", rules, "--json"))
    assert len(looks) < 60 * 24


def test_a_gap_that_was_not_asked_for_is_not_told(tmp_path: Path) -> None:
    path = beside(tmp_path / "e.jsonl", time="2030-02-07T06:28:15Z")
    shown = ran(path, "--as", "cloudevents", "--to", "2026-11-20T10:02:00Z", "--json")
    assert (len(found(shown)["alerts"]), shown.stderr) == (1, "")


def test_a_lost_end_is_told_with_its_queue(tmp_path: Path) -> None:
    path = written(tmp_path / "e.jsonl", [*waiting(1, 0, 0)[:1], *waiting(2, 14_399, 0)])
    assert "plausible_seconds" not in ran(path, "--as", "cloudevents", "--to", "2026-11-20T14:00:00Z").stderr
    said = "support (voice): 1 contact waits longer than plausible_seconds; its end is probably lost"
    assert said in ran(path, "--as", "cloudevents").stderr


def busy(path: Path, **who: str) -> Path:
    """An agent who is in a call for an hour after a minute of freedom."""
    told = [
        event("agent.state_changed", at, agent_id="ana", state=state, id=f"s{at}", **who)
        for at, state in ((0, "idle"), (60, "busy"), (3660, "idle"))
    ]
    return written(path, told)


def test_an_alert_of_a_team_names_the_team_and_no_queue(tmp_path: Path) -> None:
    path = busy(tmp_path / "e.jsonl", team="Front office")
    for text, count in (("{ critical = 0.9 }", 1), ("{ critical = 0.9, alert = false }", 0)):
        rules = toml(tmp_path / "floor.toml", f"[defaults.thresholds]\noccupancy_ratio = {text}\n")
        answer = found(ran(path, "--as", "cloudevents", "--rules", rules, "--json"))
        assert (answer["left_out"], len(answer["alerts"])) == ([], count)
        if count:
            assert answer["alerts"][0] == {
                "rule": "OccupancyHigh", "severity": "critical", "queue": None, "channel": None, "team": "Front office",
                "from": "2026-11-20T10:10:00.000Z", "fired": "2026-11-20T10:20:00.000Z", "to": None, "peak": 1.0,
            }  # fmt: skip
            assert answer["incidents"] == []  # Prometheus sends it


@pytest.mark.parametrize(("who", "said"), [({"team": "Front"}, "team Front"), ({}, "agents without a team")])
def test_a_team_is_told_among_the_queues(who: dict[str, str], said: str, tmp_path: Path) -> None:
    rules = toml(tmp_path / "floor.toml", "[defaults.thresholds]\noccupancy_ratio = { critical = 0.9 }\n")
    shown = ran(busy(tmp_path / "e.jsonl", **who), "--as", "cloudevents", "--rules", rules)
    [line] = [line for line in shown.stdout.splitlines() if said in line]
    assert line.split() == [
        "10:10:00", "critical", "OccupancyHigh", *said.split(), "0:51:00,", "still", "on", "100.0%"
    ]  # fmt: skip


def test_nobody_looks_at_a_team_that_changes_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    honest = Teams._spent_by_team

    def counted(self: Teams, now_ms: int) -> dict[str, Spent]:
        looks.append(now_ms)
        return honest(self, now_ms)

    monkeypatch.setattr(Teams, "_spent_by_team", counted)
    rules = toml(tmp_path / "floor.toml", "[defaults.thresholds]\noccupancy_ratio = true\n")
    path = busy(tmp_path / "e.jsonl")
    options = (path, "--as", "cloudevents", "--rules", rules, "--to", "2026-12-20T10:00:00Z", "--json")
    assert len(found(ran(*options))["alerts"]) == 2
    assert 0 < len(looks) < 600


def test_limits_of_a_queue_that_no_event_names_are_told(tmp_path: Path) -> None:
    path = written(tmp_path / "e.jsonl", waiting(1, 0, 5))
    limits = "thresholds = { waiting = { warning = 3 } }\n"
    known = f"[queue.support]\n{limits}[queue.quiet]\ngroup = 'Front'\n"
    rules = toml(tmp_path / "floor.toml", f"{known}[queue.suport]\n{limits}")
    shown = ran(path, "--as", "cloudevents", "--rules", rules)
    assert shown.stderr == (
        "note: --rules: queue suport has limits of its own, and no event names it; is the id right?\n"
    )
    many = toml(tmp_path / "many.toml", known + "".join(f"[queue.q{number}.chat]\n{limits}" for number in range(7)))
    shown = ran(path, "--as", "cloudevents", "--compare", many)
    assert shown.stderr.count("--compare: queue q") == 5
    assert "--compare: and 2 more queues that no event names" in shown.stderr


def test_what_fired_later_than_it_began_says_so(tmp_path: Path) -> None:
    path = written(tmp_path / "e.jsonl", waiting(1, 0, 200))
    quiet = '[[quiet]]\nfrom = "2026-11-20T10:00:30Z"\nto = "2026-11-20T10:02:00Z"\nreason = "a meeting"\n'
    [alert, *_] = found(ran(path, "--as", "cloudevents", "--rules", toml(tmp_path / "floor.toml", quiet), "--json"))[
        "alerts"
    ]
    assert (alert["from"], alert["fired"]) == ("2026-11-20T10:01:00.000Z", "2026-11-20T10:02:00.000Z")


def test_whoever_waits_at_the_end_of_a_file_waits_until_to(tmp_path: Path) -> None:
    path = written(tmp_path / "e.jsonl", [*waiting(1, 0, 0), *waiting(2, 60, 0)[:1]])
    assert found(ran(path, "--as", "cloudevents", "--json"))["alerts"] == []
    shown = ran(path, "--as", "cloudevents", "--to", "2026-11-20T10:03:00Z", "--json")
    answer = found(shown)
    assert [(alert["from"], alert["to"], alert["peak"]) for alert in answer["alerts"]] == [
        ("2026-11-20T10:02:00.000Z", None, 120.0)
    ]
    assert answer["span"]["to"] == "2026-11-20T10:03:00.000Z"
    assert "nothing after 2026-11-20T10:01:00.000Z: whoever waits then waits on until 2026-11-20T10:03:00.000Z" in (
        shown.stderr
    )


def test_times_without_an_offset_are_of_the_zone_the_answer_is_told_in(tmp_path: Path) -> None:
    text, _ = technion(5, dt.date(1999, 8, 1), rows=300)
    path = tmp_path / "calls.csv"
    path.write_text(text, encoding="utf-8")
    table = (path, "--as", "table", "--mapping", "technion", "--date", "1999-08-01")
    shown = ran(*table, "--from", "1999-08-01T08:00", "--to", "1999-08-01T09:00")
    assert "1999-08-01 08:00:00 to 1999-08-01 09:00:00 (Asia/Jerusalem)" in shown.stdout
    shown = ran(*table, "--zone", "UTC", "--from", "1999-08-01T08:00", "--to", "1999-08-01T09:00")
    assert "1999-08-01 08:00:00 to 1999-08-01 09:00:00 (UTC)" in shown.stdout


def test_where_no_terminal_is_the_table_is_not_cut(tmp_path: Path) -> None:
    name = "the queue of " + "those who have a very long name " * 4
    shown = ran(written(tmp_path / "e.jsonl", waiting(1, 0, 100, name)), "--as", "cloudevents")
    [line] = [line for line in shown.stdout.splitlines() if line.startswith("10:01:00")]
    assert f"QueueLongestWaitHigh  {name} (voice)" in line and line.rstrip().endswith("99 s")
