"""What the end of an alert says: after how long, how bad it was, and why, where that is no recovery."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alerts.changes import LIMIT_GONE, QUEUE_GONE
from alerts.rulebook import RULES, Rule
from alerts.text.words import WORDS
from tests.alerts.telling import NOW, held, lines, snapshot, support, told


def test_the_end_says_how_long_and_how_bad_it_was() -> None:
    alert = held(phase="ok", since_ms=NOW - 1_080_000, resolved_ms=NOW, value=2.0, peak=372.0, reason="resolved")
    said = told(alert, snapshot(waits=(2,)))
    assert said["summary"] == "Technical support: longest wait normal again after 18 min (worst 6 min 12 s)"
    assert said["summary_zh_cn"] == "技术支持：最长等待已恢复正常，历时 18 分（最差 6 分 12 秒）"
    assert lines(said["description"])["Over"] == "14:06:34 (UTC+8); began 13:48:34, lasted 18 min"


def test_a_critical_alert_that_is_over_while_the_warning_goes_on_does_not_say_that_all_is_well() -> None:
    alert = held(phase="ok", since_ms=NOW - 1_080_000, resolved_ms=NOW, value=130.0, peak=372.0, reason="resolved")
    said = told(alert, snapshot(waits=(130,)))
    assert said["summary"] == (
        "Technical support: longest wait no longer critical after 18 min: now 2 min 10 s (warning limit 1 min)"
    )
    assert said["summary_zh_cn"] == "技术支持：最长等待已不再严重，历时 18 分：现为 2 分 10 秒（预警值 1 分）"
    assert said["summary_zh_tw"] == "技術支援：最長等待已不再嚴重，歷時 18 分：現為 2 分 10 秒（預警值 1 分）"


@pytest.mark.parametrize(
    ("rule", "severity", "value", "is_eased"),
    [
        ("QueueLongestWaitHigh", "critical", 60.0, True),
        ("QueueLongestWaitHigh", "critical", 50.0, True),
        ("QueueLongestWaitHigh", "critical", 44.0, False),
        ("QueueLongestWaitHigh", "critical", None, False),
        ("QueueLongestWaitHigh", "warning", 50.0, False),
        ("ServiceLevelLow", "critical", 0.5, True),
        ("ServiceLevelLow", "critical", 0.9, False),
        ("QueueUnattended", "critical", 1.0, False),
        ("SomebodyElses", "critical", 1.0, False),
    ],
)
def test_only_a_value_that_is_still_past_the_warning_is_told_as_no_longer_critical(
    rule: str, severity: str, value: float | None, is_eased: bool
) -> None:
    key = "longest_wait_seconds", "warning"
    config = support(exits={**support().exits, key: 45.0})
    alert = held(rule, severity=severity, phase="ok", resolved_ms=NOW, value=value, reason="resolved")
    summary = told(alert, snapshot(), config)["summary"]
    assert ("no longer critical" in summary, "normal again" in summary) == (is_eased, not is_eased)


@pytest.mark.parametrize(
    ("reason", "is_open", "words"),
    [
        ("quiet", True, "planned quiet has begun"),
        ("resolved", False, "over with closing time"),
        ("limit gone", True, "this alert ended"),
    ],
)
def test_an_end_that_is_no_recovery_does_not_say_so(reason: str, is_open: bool, words: str) -> None:
    alert = held(phase="ok", resolved_ms=NOW, reason=reason)
    said = told(alert, snapshot(is_open=is_open))
    assert words in said["summary"]
    assert "normal" not in said["summary"]


def test_what_is_watched_day_and_night_is_not_over_with_closing_time() -> None:
    watched = support()
    always = replace(watched.alerting["longest_wait_seconds"], only_open=False)
    config = support(alerting={**watched.alerting, "longest_wait_seconds": always})
    said = told(held(phase="ok", value=2.0, resolved_ms=NOW, reason="resolved"), snapshot(is_open=False), config)
    assert "normal again" in said["summary"]


@pytest.mark.parametrize(
    ("reason", "language", "summary", "over", "why"),
    [
        (LIMIT_GONE, "en",
         "Technical support: longest wait: this alert ended after 18 min; no alert limit in floor.toml any more",
         "Over: 14:06:34 (UTC+8); began 13:48:34, lasted 18 min", "Why: no alert limit in floor.toml any more"),
        (LIMIT_GONE, "zh_cn", "技术支持：最长等待：此告警已结束，历时 18 分；floor.toml 中已取消该告警限值",
         "结束：14:06:34（UTC+8）；13:48:34 开始，历时 18 分", "原因：floor.toml 中已取消该告警限值"),
        (LIMIT_GONE, "zh_tw", "技術支援：最長等待：此告警已結束，歷時 18 分；floor.toml 已取消此告警限值",
         "結束：14:06:34（UTC+8）；13:48:34 開始，歷時 18 分", "原因：floor.toml 已取消此告警限值"),
        (QUEUE_GONE, "en",
         "Technical support: longest wait: this alert ended after 18 min; this queue is no longer published",
         "Over: 14:06:34 (UTC+8); began 13:48:34, lasted 18 min", "Why: this queue is no longer published"),
        (QUEUE_GONE, "zh_cn", "技术支持：最长等待：此告警已结束，历时 18 分；该队列已不再发布数据",
         "结束：14:06:34（UTC+8）；13:48:34 开始，历时 18 分", "原因：该队列已不再发布数据"),
        (QUEUE_GONE, "zh_tw", "技術支援：最長等待：此告警已結束，歷時 18 分；此佇列已不再發布資料",
         "結束：14:06:34（UTC+8）；13:48:34 開始，歷時 18 分", "原因：此佇列已不再發布資料"),
    ],
)  # fmt: skip
def test_an_end_without_numbers_says_that_it_ended_after_how_long_and_why_and_keeps_its_links(
    reason: str, language: str, summary: str, over: str, why: str
) -> None:
    alert = held(phase="ok", since_ms=NOW - 1_080_000, resolved_ms=NOW, ended_ms=NOW + 500, reason=reason)
    said = told(alert, None)
    assert said[f"summary_{language}"] == summary
    assert said[f"description_{language}"].splitlines() == [over, why]
    links = {name: text for name, text in said.items() if name.endswith("_url")}
    began = held(since_ms=NOW - 1_080_000)
    assert links == {name: text for name, text in told(began, snapshot()).items() if name.endswith("_url")}


def test_an_end_of_another_day_than_the_one_it_is_told_on_says_the_date() -> None:
    gone = held(phase="ok", resolved_ms=NOW, ended_ms=NOW + 24 * 3_600_000, reason=QUEUE_GONE)
    assert lines(told(gone, None)["description"])["Over"].startswith("2026-11-20 14:06:34 (UTC+8); began ")


def test_of_an_alert_that_nobody_looked_at_since_it_began_no_length_is_told() -> None:
    lost = held(phase="ok", since_ms=NOW, resolved_ms=NOW, ended_ms=NOW, value=None, peak=None, reason=LIMIT_GONE)
    said = told(lost, None)
    assert said["summary"] == (
        "Technical support: longest wait: this alert ended; no alert limit in floor.toml any more"
    )
    assert said["description"] == "Why: no alert limit in floor.toml any more"


@pytest.mark.parametrize("reason", [LIMIT_GONE, QUEUE_GONE])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_why_it_ended_is_said_however_long_the_name_is(rule: Rule, reason: str) -> None:
    long = support(display_names={}, display_name="Complaints and returns of the northern region " * 4)
    alert = held(rule.name, phase="ok", since_ms=NOW - 45_296_000, resolved_ms=NOW, reason=reason)
    summary = told(alert, None, long)["summary"]
    assert summary.startswith("Complaints")
    assert summary.endswith(f"ended after 12 h 34 min; {WORDS['en'][reason]}")
