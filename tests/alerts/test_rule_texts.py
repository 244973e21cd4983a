"""The texts of the rules as Prometheus makes them: of every alert that fires in their tests, and one word by word."""

import copy
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from alerts.prometheus.parts import known, named, scaled, whole, written
from alerts.prometheus.pipeline import PIPELINE
from alerts.rulebook import RULES
from alerts.text import plain
from alerts.text.frame import MOST_DESCRIPTION, MOST_SUMMARY
from alerts.text.words import WORDS, key_of
from tests.alerts.tools import ALERTS, PROMTOOL, RULE_TESTS, run

pytestmark = pytest.mark.observability

ADDRESSES = {"runbook": "http://runbook", "dashboard": "http://wall", "board": "http://board"}
ENDS = {"en": "", "zh-CN": "_zh_cn", "zh-TW": "_zh_tw"}
Texts = dict[str, str]


def rendered(read: dict[str, Any], folder: Path) -> dict[str, list[tuple[Texts, Texts]]]:
    """alertname -> (labels, annotations) of what fires at the checks of a file of tests.

    The tests are made to fail on purpose: for a wrong expectation promtool prints what it found.
    """
    read = copy.deepcopy(read)
    read["rule_files"] = [str((ALERTS / "rules" / "tests" / each).resolve()) for each in read["rule_files"]]
    for test in read["tests"]:
        test["external_labels"] = ADDRESSES
        checks = [check for check in test.pop("promql_expr_test", []) if check["exp_samples"]]
        named = [(re.search(r'alertname="(\w+)"', check["expr"]), check["eval_time"]) for check in checks]
        test["alert_rule_test"] = [
            {"eval_time": at, "alertname": found[1], "exp_alerts": []} for found, at in named if found
        ]
    path = folder / "texts.yml"
    path.write_text(yaml.safe_dump(read), encoding="utf-8")
    done = run(PROMTOOL, "test", "rules", path)
    fires: dict[str, list[tuple[Texts, Texts]]] = {}
    for labels, annotations in re.findall(r"Labels:\{(.*)\}\s+Annotations:\{(.*)\}", done.stdout + done.stderr):
        found = pairs(labels)
        fires.setdefault(found["alertname"], []).append((found, pairs(annotations)))
    return fires


def pairs(text: str) -> Texts:
    return {name: json.loads(f'"{value}"') for name, value in re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', text)}


def check(labels: Texts, texts: Texts) -> None:
    """What holds for every alert: short, whole, in each language, without a sign of a template that failed."""
    for language, end in ENDS.items():
        summary, description, ended = (texts[f"{name}{end}"] for name in ("summary", "description", "ended"))
        assert 0 < len(summary) <= MOST_SUMMARY
        assert 0 < len(ended) <= MOST_SUMMARY
        assert len(description) <= MOST_DESCRIPTION
        assert "\n" not in summary + ended
        assert "\n\n" not in description
        words = WORDS[language]
        assert description.splitlines()[0].startswith(words["line"].format(label=words["do"], text=""))
        assert not re.search(r"error|<no value>|\{\{|NaN|Inf|%!|\?|…", summary + description + ended)
        if language != "en":
            assert re.search(r"[\u4e00-\u9fff]", summary)
            assert re.search(r"[\u4e00-\u9fff]", ended)
        assert words["stopped_plain"].format(noun="") in ended
    assert texts["runbook_url"] == f"http://runbook#{labels['alertname'].lower()}"
    assert texts["dashboard_url"].startswith("http://board/")


def test_every_alert_that_fires_in_the_tests_of_the_rules_says_what_it_must(tmp_path: Path) -> None:
    said = set()
    for path in RULE_TESTS:
        for name, alerts in rendered(yaml.safe_load(path.read_text(encoding="utf-8")), tmp_path).items():
            said.add(name)
            for labels, texts in alerts:
                check(labels, texts)
    assert said >= {rule.name for rule in RULES} | {rule.name for rule in PIPELINE}


QUEUE = 'queue="a b/客",channel="voice"'
SERIES = {
    f"cc_queue_contacts_waiting{{{QUEUE}}}": "3x359 12x400",
    f"cc_queue_oldest_contact_enqueued_timestamp_seconds{{{QUEUE}}}": "300x800",
    f'cc_queue_contacts_waiting_over_target{{{QUEUE},multiple="1"}}': "5x800",
    f'cc_queue_window_abandoned_contacts{{{QUEUE},window="30m"}}': "4x800",
    f'cc_queue_longest_wait_threshold_seconds{{{QUEUE},severity="critical"}}': "180x800",
    f'cc_queue_load_ratio{{{QUEUE},driver="volume"}}': "1.25x800",
    f'cc_queue_load_ratio{{{QUEUE},driver="staff"}}': "3.5x800",
    f"cc_queue_target_service_level_ratio{{{QUEUE}}}": "0.8x800",
    f"cc_queue_target_wait_seconds{{{QUEUE}}}": "20x800",
    f'cc_queue_info{{{QUEUE},display_name="Support <!channel>",group="Front"}}': "1x800",
    f'cc_queue_display_name_info{{{QUEUE},language="zh-CN",display_name="{"客服" * 30}"}}': "1x800",
    'cc_alert_for_seconds{measure="longest_wait_seconds"}': "0x800",
    'cc_alert_keep_seconds{measure="longest_wait_seconds"}': "30x800",
}
FIRES = 'ALERTS{alertname="QueueLongestWaitHigh"}'


def at(second: int, series: Mapping[str, str], folder: Path) -> tuple[Texts, Texts]:
    """(labels, annotations) of the one long wait that fires then."""
    read = {
        "rule_files": ["../floor_now.yml"],
        "evaluation_interval": "1s",
        "group_eval_order": ["floor-now-state", "floor-now"],
        "tests": [
            {
                "interval": "1s",
                "input_series": [{"series": name, "values": values} for name, values in series.items()],
                "promql_expr_test": [
                    {"expr": FIRES, "eval_time": f"{second}s", "exp_samples": [{"labels": "{}", "value": 1}]}
                ],
            }
        ],
    }
    [found] = rendered(read, folder)["QueueLongestWaitHigh"]
    check(*found)
    return found


def test_a_long_wait_says_where_what_since_when_why_and_what_to_do_first(tmp_path: Path) -> None:
    labels, texts = at(505, SERIES, tmp_path)
    assert labels == {
        "alertname": "QueueLongestWaitHigh", "queue": "a b/客", "channel": "voice", "group": "Front",
        "severity": "critical", "audience": "floor", "source": "prometheus",
    }  # fmt: skip
    assert texts["summary"] == "Support  !channel : longest wait 3 min 25 s (limit 3 min), 12 waiting"
    assert texts["description"].splitlines() == [
        "Do first: move people from quieter queues; announce the wait and offer callbacks",
        "Likely cause: staff ×3.5, volume ×1.2 (against the hour before)",
        "Now: longest wait 3 min 25 s (limit 3 min), 12 waiting",
        "Since: 1970-01-01 00:08:00 (UTC), for 25 s",
        "Affected: 5 of 12 waiting past the target, 4 gave up in 30 min",
        "Target: 80% within 20 s; last 30 min no value",
        "Trend: 12 waiting, 5 min ago 3",
    ]
    assert texts["summary_zh_cn"] == f"{'客服' * 20}：最长等待 3 分 25 秒（上限 3 分），排队 12 人"
    assert "可能原因：人手 ×3.5，话务量 ×1.2（对比前一小时）" in texts["description_zh_cn"].splitlines()
    assert "目标：20 秒内接通 80%；近 30 分钟 无数据" in texts["description_zh_cn"].splitlines()
    assert "開始：1970-01-01 00:08:00（UTC），已持續 25 秒" in texts["description_zh_tw"].splitlines()
    assert texts["ended"] == "Support  !channel : longest wait: this alert ended after 25 s, worst 3 min 25 s"
    assert texts["ended_zh_cn"] == f"{'客服' * 20}：最长等待：此告警已结束，历时 25 秒，最差 3 分 25 秒"
    assert texts["dashboard_url"] == "http://board/queue/a%20b%2F%E5%AE%A2/voice?at=480000"
    assert texts["acknowledge_url"] == f"{texts['dashboard_url']}&ack=QueueLongestWaitHigh.critical"


def busy(team: str, share: str, free: str = "5x400") -> dict[str, str]:
    """A team that was busy and free for so many seconds, every 5 s."""
    worked = f'cc_team_window_state_seconds{{team="{team}",window="30m"'
    return {f'{worked},state="busy"}}': share, f'{worked},state="idle"}}': free, f'{worked},state="acw"}}': "0x400"}


def test_two_teams_tell_the_start_and_the_time_of_their_own(tmp_path: Path) -> None:
    """The first is too busy from 0 s on, the other one from 300 s on."""
    found = teams_at(960, busy("first", "95x400") | busy("x/客 y", "5x59 95x340"), tmp_path)
    began = {
        team: next(line for line in texts["description"].splitlines() if line.startswith("Since"))
        for team, texts in found.items()
    }
    assert began == {
        "first": "Since: 1970-01-01 00:00:00 (UTC), for 16 min",
        "x/客 y": "Since: 1970-01-01 00:05:00 (UTC), for 11 min",
    }
    assert found["first"]["ended"].endswith("after 16 min")
    assert found["x/客 y"]["ended"].endswith("after 11 min")


def test_a_team_that_is_good_again_but_watched_is_told_with_its_last_value_and_the_true_start(tmp_path: Path) -> None:
    """95 % until 699 s, then 80 %, and from 800 s on nobody knows."""
    series = busy("first", "95x139 20x19 stale", "5x159 stale")
    for second, minutes in ((700, "11 min 40 s"), (790, "13 min 10 s"), (900, "15 min")):
        texts = teams_at(second, series, tmp_path)["first"]
        assert texts["summary"] == "Team first: busy 80% of the last 30 min"
        assert texts["summary_zh_cn"] == "班组 first：近 30 分钟忙碌 80%"
        assert texts["description"].splitlines()[-1] == f"Since: 1970-01-01 00:00:00 (UTC), for {minutes}"


def teams_at(second: int, series: Mapping[str, str], folder: Path) -> dict[str, dict[str, str]]:
    """What is said of each team whose alert is on at a second, with a limit of 88 %."""
    limit = {
        'cc_team_occupancy_limit_ratio{severity="warning"}': "0.88x400",
        'cc_alert_for_seconds{measure="occupancy_ratio"}': "600x400",
        'cc_alert_keep_seconds{measure="occupancy_ratio"}': "300x400",
    }
    read = {
        "rule_files": ["../recording.yml", "../floor_more.yml"],
        "evaluation_interval": "5s",
        "group_eval_order": ["recording-windows", "floor-teams-state", "floor-more"],
        "tests": [
            {
                "interval": "5s",
                "input_series": [{"series": name, "values": values} for name, values in {**limit, **series}.items()],
                "promql_expr_test": [
                    {
                        "expr": 'ALERTS{alertname="OccupancyHigh"}',
                        "eval_time": f"{second}s",
                        "exp_samples": [{"labels": "{}", "value": 1}],
                    }
                ],
            }
        ],
    }
    return {labels["team"]: texts for labels, texts in rendered(read, folder)["OccupancyHigh"]}


A = 'queue="a",channel="chat"'
DOWN = "stale _x99"
# The board goes at 100 s and is back at 200 s. Our engine posts for the last time at 100 s, so the alert fires at
# 130 s, while nothing is known, and is told for the first time when BoardStale no longer holds it back.
OUTAGE = {
    f"cc_queue_contacts_waiting{{{A}}}": f"12x99 {DOWN} 14x99",
    f"cc_queue_oldest_contact_enqueued_timestamp_seconds{{{A}}}": f"0x99 {DOWN} 0x9 stale _x99",
    f'cc_queue_longest_wait_threshold_seconds{{{A},severity="critical"}}': f"60x99 {DOWN} 60x99",
    'cc_alert_for_seconds{measure="longest_wait_seconds"}': f"0x99 {DOWN} 0x99",
    'cc_alert_keep_seconds{measure="longest_wait_seconds"}': f"30x99 {DOWN} 30x99",
    'cc_alert_last_post_timestamp_seconds{alertmanager="one"}': "0+1x100 100x9 stale",
}


@pytest.mark.parametrize("second", [130, 199])
def test_what_fires_while_the_board_is_down_says_what_was_known_last_and_nothing_of_now(
    second: int, tmp_path: Path
) -> None:
    _, texts = at(second, OUTAGE, tmp_path)
    assert texts["summary"] == "a (chat): longest wait 1 min 39 s (limit 1 min), 12 waiting when last known"
    assert texts["summary_zh_tw"] == "a（線上聊天）：最長等待 1 分 39 秒（上限 1 分），排隊 12 人，為最後已知資料"
    assert [line.split(":")[0] for line in texts["description"].splitlines()] == ["Do first", "Likely cause", "Since"]


def test_as_soon_as_the_board_is_back_it_says_what_is_so_now(tmp_path: Path) -> None:
    _, texts = at(202, OUTAGE, tmp_path)
    assert texts["summary"] == "a (chat): longest wait 3 min 22 s (limit 1 min), 14 waiting"


def test_a_value_that_one_look_lacks_is_told_with_its_limit_all_the_same(tmp_path: Path) -> None:
    beside = {**OUTAGE, 'cc_alert_last_post_timestamp_seconds{alertmanager="one"}': "0x300"}
    _, texts = at(105, beside, tmp_path)
    assert texts["summary"] == "a (chat): longest wait 1 min 39 s (limit 1 min), 12 waiting"


def test_what_is_good_again_but_watched_says_so_and_how_bad_it_was_when_it_ends(tmp_path: Path) -> None:
    _, texts = at(230, OUTAGE, tmp_path)
    assert texts["summary"] == "a (chat): longest wait back within the limit, watched a little longer"
    assert "现状：最长等待已回到限值内，继续观察片刻" in texts["description_zh_cn"].splitlines()
    assert texts["ended"] == "a (chat): longest wait: this alert ended after 2 min 50 s, worst 3 min 29 s"


HOSTILE = (
    "http://evil.example/login",
    "@all [x](https://evil.example) <!here>",
    "*b* ~s~ `c` |d|",
    "a" * 200,
    "客服" * 100,
)


def test_a_name_from_outside_is_no_link_no_mention_and_no_markup(tmp_path: Path) -> None:
    rule = {"alert": "Name", "expr": "n", "annotations": {"name": named("$labels.of")}}
    path = tmp_path / "names.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "n", "rules": [rule]}]}), encoding="utf-8")
    check = {"expr": 'ALERTS{alertname="Name"}', "eval_time": "0s", "exp_samples": [{"labels": "{}", "value": 1}]}
    series = [{"series": f'n{{of="{name}"}}', "values": "1"} for name in HOSTILE]
    tests = [{"interval": "1s", "input_series": series, "promql_expr_test": [check]}]
    found = rendered({"rule_files": [str(path)], "evaluation_interval": "1s", "tests": tests}, tmp_path)["Name"]
    assert {labels["of"] for labels, _ in found} == set(HOSTILE)
    for _, texts in found:
        assert 0 < len(texts["name"]) <= plain.MOST_NAME
        assert "://" not in texts["name"]
        assert not set("<>@*~|[]`\\") & set(texts["name"])


NUMBERS = (
    0.0,
    0.049,
    0.4,
    1.0,
    2.25,
    9.94,
    9.96,
    20.0,
    59.9,
    60.0,
    61.0,
    205.0,
    3_599.5,
    3_600.0,
    3_725.0,
    90_061.0,
    172_800.0,
)
UNITS = ("duration", "percent", "low")


def test_numbers_look_as_the_engine_writes_them_in_each_language(tmp_path: Path) -> None:
    rules = []
    for unit in UNITS:
        kind, low = ("percent", True) if unit == "low" else (unit, False)
        said = known(scaled("n{%s}", kind, low_is_bad=low), written(kind), arguments='(printf "of=%q" $labels.of)')
        texts = {key_of(language): whole(said, WORDS[language]) for language in WORDS}
        rules.append({"alert": f"N_{unit}", "expr": "n", "labels": {"unit": unit}, "annotations": texts})
    path = tmp_path / "numbers.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "n", "rules": rules}]}), encoding="utf-8")
    checks = [
        {"expr": f'ALERTS{{alertname="N_{unit}"}}', "eval_time": "0s", "exp_samples": [{"labels": "{}", "value": 1}]}
        for unit in UNITS
    ]
    series = [{"series": f'n{{of="{at}"}}', "values": str(number)} for at, number in enumerate(NUMBERS)]
    tests = [{"interval": "1s", "input_series": series, "promql_expr_test": checks}]
    found = rendered({"rule_files": [str(path)], "evaluation_interval": "1s", "tests": tests}, tmp_path)
    told = [each for unit in UNITS for each in found[f"N_{unit}"]]
    assert len(told) == len(UNITS) * len(NUMBERS)
    for labels, texts in told:
        value = NUMBERS[int(labels["of"])]
        for language, words in WORDS.items():
            wanted = plain.duration(value, words)
            if labels["unit"] != "duration":
                wanted = plain.percent(min(value, 1_000.0), low_is_bad=labels["unit"] == "low")
            if value <= 1_000 or labels["unit"] == "duration":
                assert texts[key_of(language)] == wanted, (value, labels["unit"])
