"""The texts of the rules as Prometheus makes them: of every alert that fires in their tests, and one word by word."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from alerts.prometheus.pipeline import PIPELINE
from alerts.rulebook import RULES
from alerts.text.message import MOST_DESCRIPTION, MOST_SUMMARY
from alerts.text.words import WORDS
from tests.alerts.tools import ALERTS, PROMTOOL, RULE_TESTS, run

pytestmark = pytest.mark.observability

ADDRESSES = {"runbook": "http://runbook", "dashboard": "http://wall", "board": "http://board"}
ENDS = {"en": "", "zh-CN": "_zh_cn", "zh-TW": "_zh_tw"}
Texts = dict[str, str]


def rendered(read: dict[str, Any], folder: Path) -> dict[str, list[tuple[Texts, Texts]]]:
    """alertname -> (labels, annotations) of what fires at the checks of a file of tests.

    The tests are made to fail on purpose: for a wrong expectation promtool prints what it found.
    """
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
        summary, description = texts[f"summary{end}"], texts[f"description{end}"]
        assert 0 < len(summary) <= MOST_SUMMARY
        assert len(description) <= MOST_DESCRIPTION
        assert "\n" not in summary
        words = WORDS[language]
        assert description.splitlines()[0].startswith(words["line"].format(label=words["do"], text=""))
        assert not re.search(r"error|no value|\{\{|NaN|Inf|%!", summary + description)
        if language != "en":
            assert re.search(r"[\u4e00-\u9fff]", summary)
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
    f'cc_queue_info{{{QUEUE},display_name="Support <!channel>",group="Front"}}': "1x800",
    f'cc_queue_display_name_info{{{QUEUE},language="zh-CN",display_name="{"客服" * 30}"}}': "1x800",
    'cc_alert_for_seconds{measure="longest_wait_seconds"}': "0x800",
    'cc_alert_keep_seconds{measure="longest_wait_seconds"}': "30x800",
}
FIRES = 'ALERTS{alertname="QueueLongestWaitHigh"}'


def test_a_long_wait_says_where_what_since_when_why_and_what_to_do_first(tmp_path: Path) -> None:
    read = {
        "rule_files": ["../floor_now.yml"],
        "evaluation_interval": "1s",
        "group_eval_order": ["floor-now-state", "floor-now"],
        "tests": [
            {
                "interval": "1s",
                "input_series": [{"series": name, "values": values} for name, values in SERIES.items()],
                "promql_expr_test": [
                    {"expr": FIRES, "eval_time": "505s", "exp_samples": [{"labels": "{}", "value": 1}]}
                ],
            }
        ],
    }
    [(labels, texts)] = rendered(read, tmp_path)["QueueLongestWaitHigh"]
    check(labels, texts)
    assert labels == {
        "alertname": "QueueLongestWaitHigh", "queue": "a b/客", "channel": "voice", "group": "Front",
        "severity": "critical", "audience": "floor", "source": "prometheus",
    }  # fmt: skip
    assert texts["summary"] == "Support  !channel  (voice): first in line waits 3m 25s (limit 3m 0s)"
    assert texts["description"].splitlines() == [
        "Do first: move people from quieter queues; announce the wait and offer callbacks",
        "Likely cause: staff ×3.5, volume ×1.2 (against the hour before)",
        "Now: first in line waits 3m 25s (limit 3m 0s)",
        "Since: 1970-01-01 00:08:00 UTC",
        "Affected: 12 waiting, 5 of them past the target; 4 gave up in 30 min",
        "Target: 3m 0s (critical)",
        "Trend: 12 waiting, 5 min ago 3",
    ]
    assert texts["summary_zh_cn"] == f"{'客服' * 20}（语音）：最长等待 3 分 25 秒（上限 3 分 0 秒）"
    assert "可能原因：人手 ×3.5，话务量 ×1.2（对比前一小时）" in texts["description_zh_cn"].splitlines()
    assert "開始：1970-01-01 00:08:00 UTC" in texts["description_zh_tw"].splitlines()
    assert texts["dashboard_url"] == "http://board/queue/a%20b%2F%E5%AE%A2/voice?at=480000"
    assert texts["acknowledge_url"] == f"{texts['dashboard_url']}&ack=QueueLongestWaitHigh.critical"
