"""`floorpulse backtest` as people use it: table, JSON, the difference of two rule sets, one line when it is wrong."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from floorpulse.errors import UserError
from tests.floorpulse.backtested import found, ran, toml, waiting, written
from tests.recordings.tables import technion


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """One who waits for 100 s from 10:00:00 on, one for 300 s from 10:10:00 on, and one who does not wait at 13:00."""
    some = [*waiting(1, 0, 100), *waiting(2, 600, 300), *waiting(3, 10_800, 0)]
    return written(tmp_path / "events.jsonl", some)


def test_json_says_which_queue_when_and_how_bad(events: Path) -> None:
    answer = found(ran(events, "--as", "cloudevents", "--json"))
    wait = {"rule": "QueueLongestWaitHigh", "queue": "support", "channel": "voice"}
    day = "2026-11-20T10:"
    beside = [{name: value for name, value in alert.items() if name != "fired"} for alert in answer["alerts"]]
    assert beside == [
        {**wait, "severity": "warning", "from": f"{day}01:00.000Z", "to": f"{day}02:10.000Z", "peak": 99.0},
        {**wait, "severity": "warning", "from": f"{day}11:00.000Z", "to": f"{day}15:30.000Z", "peak": 299.0},
        {**wait, "severity": "critical", "from": f"{day}13:00.000Z", "to": f"{day}15:30.000Z", "peak": 299.0},
    ]
    assert [alert["fired"] for alert in answer["alerts"]] == [alert["from"] for alert in answer["alerts"]]
    assert answer["per_day"] == 3
    assert answer["span"] == {"from": f"{day}00:00.000Z", "to": "2026-11-20T13:01:00.000Z", "days": 0.1257}
    [one, other] = answer["incidents"]
    assert (one["alerts"], other["alerts"], other["to"]) == (1, 2, f"{day}15:30.000Z")


def test_what_is_on_at_the_end_has_no_end(tmp_path: Path) -> None:
    path = written(tmp_path / "e.jsonl", [*waiting(1, 0, 100)[:1], *waiting(2, 90, 0)])
    [alert] = found(ran(path, "--as", "cloudevents", "--json"))["alerts"]
    assert (alert["to"], alert["peak"]) == (None, 150.0)


def test_the_table_counts_and_lists(events: Path) -> None:
    shown = ran(events, "--as", "cloudevents", "--rows", "2")
    assert shown.exit_code == 0
    assert "3 alerts, 3 a day" in shown.stdout
    assert "10:11:00" in shown.stdout and "0:04:30" in shown.stdout and "299 s" in shown.stdout
    assert "and 1 more; --json has all of them" in shown.stdout


def test_nothing_to_say_is_said(tmp_path: Path) -> None:
    shown = ran(written(tmp_path / "e.jsonl", waiting(1, 0, 5)), "--as", "cloudevents")
    assert "no alert would have fired" in shown.stdout


def test_two_rule_sets_are_compared(events: Path, tmp_path: Path) -> None:
    other = toml(
        tmp_path / "other.toml", "[defaults.thresholds]\nlongest_wait_seconds = { warning = 30, critical = 120 }"
    )
    answer = found(ran(events, "--as", "cloudevents", "--compare", other, "--json"))["compared"]
    assert (answer["only_before"], answer["only_after"], len(answer["both"])) == ([], [], 3)
    assert answer["both"][0]["after"]["from"] == "2026-11-20T10:00:30.000Z"
    other = toml(
        tmp_path / "other.toml", "[defaults.thresholds]\nlongest_wait_seconds = { warning = 150, critical = 150 }"
    )
    answer = found(ran(events, "--as", "cloudevents", "--compare", other, "--json"))["compared"]
    assert [alert["from"] for alert in answer["only_before"]] == ["2026-11-20T10:01:00.000Z"]
    assert (answer["only_after"], len(answer["both"]), answer["per_day"]) == ([], 2, 2)
    shown = ran(events, "--as", "cloudevents", "--compare", other)
    assert "3 a day before, 2 a day after" in shown.stdout and "only before" in shown.stdout


def test_one_alert_that_goes_on_stands_for_the_two_that_it_replaces(tmp_path: Path) -> None:
    path = written(tmp_path / "e.jsonl", [*waiting(1, 0, 100), *waiting(2, 101, 100), *waiting(3, 600, 0)])
    other = toml(tmp_path / "other.toml", "[defaults.thresholds]\nlongest_wait_seconds = { keep_seconds = 120 }")
    answer = found(ran(path, "--as", "cloudevents", "--compare", other, "--json"))["compared"]
    assert (answer["only_before"], answer["only_after"]) == ([], [])
    first, second = answer["both"]
    assert first["after"] == second["after"]
    assert first["before"]["to"] < second["before"]["from"] < first["after"]["to"]


def test_the_other_rules_may_name_queues_otherwise(events: Path, tmp_path: Path) -> None:
    other = toml(tmp_path / "other.toml", '[[ids]]\nsource = "test"\nnative = "support"\nqueue = "help"\n')
    answer = found(ran(events, "--as", "cloudevents", "--compare", other, "--json"))["compared"]
    assert {alert["queue"] for alert in answer["only_after"]} == {"help"}


def test_a_part_of_a_history_knows_what_came_before(events: Path) -> None:
    shown = ran(
        events, "--as", "cloudevents", "--from", "2026-11-20T10:12:00Z", "--to", "2026-11-20T10:14:00Z", "--json"
    )
    [alert] = found(shown)["alerts"]
    assert (alert["severity"], alert["from"], alert["to"]) == ("critical", "2026-11-20T10:13:00.000Z", None)
    assert "1 alerts were on already" in shown.stderr


def test_the_parts_of_a_history_have_the_alerts_of_the_whole(tmp_path: Path) -> None:
    text, _ = technion(5, dt.date(1999, 8, 1), rows=500)
    path = tmp_path / "calls.csv"
    path.write_text(text, encoding="utf-8")
    table = (path, "--as", "table", "--mapping", "technion", "--date", "1999-08-01", "--json")
    whole = found(ran(*table))["alerts"]
    middle = "1999-08-01T08:00:00+03:00"
    later = "1999-08-01T08:00:01+03:00"
    parts = [*found(ran(*table, "--to", middle))["alerts"], *found(ran(*table, "--from", later))["alerts"]]

    def beginnings(alerts: list[dict[str, Any]]) -> list[tuple[str, ...]]:
        return sorted((one["from"], one["rule"], one["severity"], one["queue"]) for one in alerts)

    assert len(whole) > 20
    assert beginnings(parts) == beginnings(whole)


def test_more_than_there_is_is_said(events: Path) -> None:
    shown = ran(events, "--as", "cloudevents", "--from", "2026-11-19T00:00Z", "--to", "2026-11-21T00:00Z")
    assert "there is nothing before 2026-11-20T10:00:00.000Z" in shown.stderr
    assert "there is nothing after 2026-11-20T13:01:00.000Z" in shown.stderr


def test_an_asterisk_log_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_text("1795168800|c1|support|NONE|ENTERQUEUE||1234|1\n1795168900|c1|support|NONE|ABANDON|1|1|100\n")
    [alert] = found(ran(path, "--as", "asterisk", "--json"))["alerts"]
    assert (alert["queue"], alert["from"]) == ("support", "2026-11-20T10:01:00.000Z")


def test_rules_that_ask_for_a_week_before_are_named_where_there_is_none(events: Path, tmp_path: Path) -> None:
    rules = toml(tmp_path / "floor.toml", "[defaults.thresholds]\nvolume_high_ratio = true\n")
    shown = ran(events, "--as", "cloudevents", "--rules", rules, "--json")
    assert found(shown)["left_out"] == ["VolumeHigh"]
    assert "VolumeHigh: left out; they compare with the week before" in shown.stderr
    # The rules that one compares with may ask for it alone.
    shown = ran(events, "--as", "cloudevents", "--compare", rules, "--json")
    assert found(shown)["left_out"] == []
    assert shown.stderr.count("VolumeHigh: left out") == 1


def test_until_when_there_is_no_week_before_is_said(tmp_path: Path) -> None:
    week = 7 * 86_400
    path = written(tmp_path / "e.jsonl", [*waiting(1, 0, 1), *waiting(2, week + 7_200, 1)])
    rules = toml(tmp_path / "floor.toml", "[queue.support.voice.thresholds]\nvolume_low_ratio = true\n")
    shown = ran(path, "--as", "cloudevents", "--rules", rules, "--json")
    assert found(shown)["left_out"] == []
    assert "VolumeLow: not tried before 2026-11-27T10:30:00.000Z" in shown.stderr
    later = ran(path, "--as", "cloudevents", "--rules", rules, "--from", "2026-11-27T10:30:00Z")
    assert "VolumeLow" not in later.stderr


def test_lines_that_are_no_event_are_counted(events: Path) -> None:
    with events.open("a", encoding="utf-8") as file:
        file.write("what is this\n")
    shown = ran(events, "--as", "cloudevents")
    assert "1 lines are no event" in shown.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "--as is missing: what are the files? wanted one of asterisk, table, cloudevents"),
        (["--as", "excel"], "--as excel: wanted one of"),
        (["--as", "table"], "--as table needs --mapping"),
        (["--as", "cloudevents", "--date", "1999-08-01"], "--mapping and --date are for --as table"),
        (["--as", "cloudevents", "--rules", "/nowhere/floor.toml"], "/nowhere/floor.toml: No such file"),
        (["--as", "cloudevents", "--compare", "/nowhere/o.toml"], "/nowhere/o.toml: No such file"),
        (["--as", "cloudevents", "--from", "noon"], "--from noon: wanted a time"),
        (["--as", "cloudevents", "--zone", "Mars/Olympus"], "--zone Mars/Olympus: wanted an IANA zone"),
        (["--as", "cloudevents", "--from", "2026-11-20T11:00Z", "--to", "2026-11-20T10:00Z"], "the span is empty"),
        (["--as", "cloudevents", "--from", "2027-01-01T00:00Z"], "no time between 2027-01-01T00:00:00.000Z"),
    ],
)
def test_what_is_wrong_is_one_sentence(events: Path, options: list[str], said: str) -> None:
    error = ran(events, *options).exception
    assert isinstance(error, UserError), error
    assert said in error.message


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "nothing to look at: name files with --as, or a time with --from"),
        (["--as", "asterisk"], "--as asterisk: there is no file"),
        (["--from", "2026-11-20T10:00Z", "--date", "1999-08-01"], "--mapping and --date are for files"),
        (["--from", "2026-11-20T10:00Z", "--namespace", "a b"], "--namespace: 'a b'; wanted letters"),
    ],
)
def test_so_it_is_without_files(options: list[str], said: str) -> None:
    error = ran(*options).exception
    assert isinstance(error, UserError), error
    assert said in error.message


@pytest.mark.parametrize("text", ["", "no event\n"])
def test_a_file_without_an_event_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "empty.jsonl"
    path.write_text(text, encoding="utf-8")
    error = ran(path, "--as", "cloudevents").exception
    assert error is not None and "no line is an event" in str(error)
