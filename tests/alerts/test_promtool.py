"""What the rules do, by Prometheus's own tool: they fire and do not fire when they should, and a mistake in one is seen."""

import shutil
from pathlib import Path

import pytest
import yaml

from kpi.label_names import MOST_BYTES
from tests.alerts.tools import ALERTS, PROMTOOL, RULE_TESTS, RULES, run, succeeds
from tests.data_sets import ROOT

pytestmark = pytest.mark.observability


def test_promtool_finds_nothing_to_complain_about_in_the_rules() -> None:
    succeeds(PROMTOOL, "check", "rules", "--lint=all", "--lint-fatal", *RULES)


@pytest.mark.parametrize("path", RULE_TESTS, ids=lambda path: path.stem)
def test_the_rules_fire_and_do_not_fire_when_they_should(path: Path) -> None:
    succeeds(PROMTOOL, "test", "rules", path)


WINDOW = '_contacts{window="30m"})'
ALL = "on (queue, channel, severity, measure)"
NOW = "queue_channel_severity_measure:cc_alert_now"

#: (rule file, the tests that must see it: a file, or those in it about one alert; what stands there, what a careless hand could write instead)
MUTANTS = [
    # The machine, which is the same for both kinds of rules.
    (
        "floor_now.yml",
        "machine",
        ") >= on (queue, channel) group_right () (",
        ") > on (queue, channel) group_right () (",
    ),
    (
        "floor_now.yml",
        "machine",
        f"and on (queue, channel, severity) {NOW}:since{{",
        f"and on (queue, channel, severity) {NOW}:bad{{",
    ),
    ("floor_now.yml", "machine", f' and on (queue, channel, severity) {NOW}:since{{measure="waiting"}}', ""),
    ("floor_now.yml", "machine", f"{ALL} ({NOW}:bad or {ALL} {NOW}:firing)", f"{ALL} {NOW}:bad"),
    ("floor_now.yml", "machine", f"{ALL} ({NOW}:bad or {ALL} {NOW}:firing)", f"{ALL} {NOW}:firing"),
    ("floor_now.yml", "machine", f"time() - {NOW}:firing < on (", f"time() - {NOW}:firing <= on ("),
    ("floor_now.yml", "machine", ":bad + time()) >= on (queue", ":bad + time()) > on (queue"),
    ("floor_now.yml", "machine", f"{NOW}:firing >= time() or", f"{NOW}:firing >= 0 or"),
    ("floor_now.yml", "machine", f'or {ALL} {NOW}:past{{at="enter"}}', ""),
    ("floor_now.yml", "machine", f"or {ALL} 0 * {NOW}:firing + time() and {ALL} {NOW}:bad\n", "\n"),
    ("floor_now.yml", "machine", "max by (queue, channel, measure) (cc_queue_alert_for_seconds) or", "vector(99) or"),
    ("floor_now.yml", "machine", "max by (queue, channel, measure) (cc_queue_alert_keep_seconds) or", "vector(99) or"),
    ("floor_now.yml", "machine", "max by (queue, channel, measure) (cc_queue_alert_only_open) or", "vector(99) or"),
    ("floor_now.yml", "machine", "(cc_queue_open) == 0\n            and", "(cc_queue_open) >= 0\n            and"),
    ("floor_now.yml", "machine", "(cc_queue_alert_off) == 1", "(cc_queue_alert_off) == 2"),
    ("floor_now.yml", "machine", "(cc_queue_quiet) == 1", "(cc_queue_quiet) == 2"),
    ("floor_now.yml", "machine", ":known >= time() - 15", ":known >= time() - 45"),
    ("floor_now.yml", "machine", ":known >= time() - 15", ":known >= time() - 1"),
    (
        "floor_now.yml",
        "machine",
        "+ time() + 1 and on () site:cc_alert_now:known < time()",
        "+ time() + 1 and on () vector(0) > 0",
    ),
    (
        "floor_now.yml",
        "machine",
        "and on () site:cc_alert_now:known == time()",
        "and on () site:cc_alert_now:known >= 0",
    ),
    (
        "floor_now.yml",
        "machine",
        "group_left (group) topk by (queue, channel) (1, ",
        "group_left (group) max by (queue, channel, group) (",
    ),
    (
        "floor_now.yml",
        "machine",
        "alert_last_post_timestamp_seconds[1m])) < 30",
        "alert_last_post_timestamp_seconds[1m])) < 29",
    ),
    ("floor_now.yml", "machine", "unless on () (time() - max(", "unless on () (time() - min("),
    # What is true now.
    ("floor_now.yml", "floor_now/QueueLongestWaitHigh", "time() - min by", "time() - max by"),
    (
        "floor_now.yml",
        "floor_now/QueueUnattended",
        "(max by (queue, channel) (cc_queue_unattended_contacts))",
        "(max by (queue, channel) (cc_queue_contacts_waiting))",
    ),
    (
        "floor_now.yml",
        "floor_now/ContactsWaitingWhileClosed",
        " and on (queue, channel) max by (queue, channel) (cc_queue_open) == 0)\n          ) >=",
        ")\n          ) >=",
    ),
    ("floor_now.yml", "floor_now/QueueGrowing", "(cc_queue_contacts_waiting) >= 5", "(cc_queue_contacts_waiting) >= 4"),
    (
        "floor_now.yml",
        "floor_now/QueueGrowing",
        "max by (queue, channel, reason) (cc_queue_window_other_exit",
        "0 * max by (queue, channel, reason) (cc_queue_window_other_exit",
    ),
    (
        "floor_now.yml",
        "floor_now/AgentsReadyLow",
        "max by (queue, channel) (cc_queue_agents_available)",
        "min by (channel) (cc_queue_agents_available)",
    ),
    (
        "floor_now.yml",
        "floor_now/AgentsReadyLow",
        "(cc_queue_contacts_waiting) > 0",
        "(cc_queue_contacts_waiting) >= 0",
    ),
    (
        "floor_now.yml",
        "floor_now/AgentsReadyLow",
        ") < on (queue, channel) group_right",
        ") <= on (queue, channel) group_right",
    ),
    # Windows.
    (
        "floor_windows.yml",
        "floor_windows/ServiceLevelLow",
        ") < on (queue, channel) group_right",
        ") <= on (queue, channel) group_right",
    ),
    (
        "floor_windows.yml",
        "floor_windows/ServiceLevelLow",
        "(queue_channel:cc_queue_service_level:ratio30m >= on",
        "(queue_channel:cc_queue_service_level:ratio30m <= on",
    ),
    (
        "floor_windows.yml",
        "floor_windows/AbandonmentHigh",
        f"and on (queue, channel) max by (queue, channel) (cc_queue_window_offered{WINDOW} >= on",
        f"and on (queue, channel) 1 + max by (queue, channel) (cc_queue_window_offered{WINDOW} >= on",
    ),
    ("floor_windows.yml", "floor_windows/ChatFirstResponseSlow", "histogram_quantile(0.9,", "histogram_quantile(0.8,"),
    ("floor_windows.yml", "floor_windows/WrapUpLong", 'phase=~"talk|wrapup"', 'phase=~"talk|hold|wrapup"'),
    ("floor_windows.yml", "floor_windows/WrapUpLong", 'phase="wrapup"', 'phase="hold"'),
    (
        "floor_windows.yml",
        "floor_windows/PausedShareHigh",
        'cc_queue_agents_serving{state="break"}',
        'cc_queue_agents_serving{state=~"break|idle"}',
    ),
    (
        "floor_windows.yml",
        "floor_windows/RingNoAnswerBurst",
        " + sum by (queue, channel) (increase(cc_contacts_answered_total[15m])))",
        ")",
    ),
    (
        "floor_windows.yml",
        "floor_windows/CallbackOverdue",
        'cc_callbacks{state="overdue"}',
        'cc_callbacks{state=~"overdue|due"}',
    ),
    (
        "floor_windows.yml",
        "floor_windows/OccupancyHigh",
        "ratio30m >= on () group_left ()",
        "ratio30m > on () group_left ()",
    ),
    ("floor_windows.yml", "floor_windows/OccupancyHigh", "for: 600s", "for: 590s"),
    ("floor_windows.yml", "volume", "offset 1w", "offset 6d"),
    # Ourselves.
    ("platform.yml", "platform/BoardStale", "> 15", ">= 15"),
    (
        "platform.yml",
        "platform/BoardStale",
        "timestamp_seconds)) > 30\n        labels:\n          audience: floor",
        "timestamp_seconds)) >= 30\n        labels:\n          audience: floor",
    ),
    ("platform.yml", "platform/BoardStale", "time() - min(max by (queue", "time() - max(max by (queue"),
    ("platform.yml", "platform/BoardStale", "time() - min(max by (queue", "time() - min(min by (queue"),
    ("platform.yml", "platform/StreamStalled", "time() - min(max by (topic", "time() - min(min by (topic"),
    ("platform.yml", "platform/BoardStale", "for: 15s", "for: 10s"),
    ("platform.yml", "platform/SourceSilent", "and on () max(cc_queue_open) == 1", "and on () max(cc_queue_open) >= 0"),
    ("platform.yml", "platform/RedisDown", "max(cc_exporter_redis_up)", "min(cc_exporter_redis_up)"),
    ("platform.yml", "platform/WorkerDown", 'absent(up{job="cc-workers"} == 1)', 'absent(up{job="cc-workers"})'),
    ("platform.yml", "platform/ExporterDown", 'absent(up{job="cc-live"} == 1)', 'absent(up{job="cc-live"})'),
    (
        "platform.yml",
        "platform/StreamAlertEngineSilent",
        "max(max_over_time(cc_alert_last_post_timestamp_seconds[1h])) >",
        "min(max_over_time(cc_alert_last_post_timestamp_seconds[1h])) >",
    ),
    ("pipeline.yml", "pipeline", "keep_firing_for: 5m", "keep_firing_for: 1m"),
    ("pipeline.yml", "pipeline", "> 0.01", "> 0.1"),
    ("pipeline.yml", "pipeline", 'result=~"rejected|failed"', 'result="failed"'),
    ("pipeline.yml", "pipeline", "> 0 unless sum by (alertmanager)", "> 0 or sum by (alertmanager)"),
    ("pipeline.yml", "pipeline", "max(cc_alert_also", "0 * max(cc_alert_also"),
    ("pipeline.yml", "pipeline", 'and on () max(cc_alert_also{alertname="EventDelayHigh"}) == 1', ""),
    (
        "pipeline.yml",
        "pipeline",
        "(deriv(cc_stream_consumer_lag_records[2m])) > 0",
        "(deriv(cc_stream_consumer_lag_records[2m])) < 9",
    ),
    ("pipeline.yml", "pipeline", 'action="dropped"', 'action="applied"'),
    ("pipeline.yml", "pipeline", "[1h:1m]", "[1m:1m]"),
    ("pipeline.yml", "pipeline", "round(", "("),
    ("pipeline.yml", "pipeline", "> 0.030", "> 0.028"),
    ("pipeline.yml", "pipeline", ">= 20", ">= 2"),
    ("recording.yml", "recording", "clamp_min(time() - min by", "clamp_min(time() - max by"),
    ("recording.yml", "recording", "clamp_min(time() - ", "abs(0 - time() + "),
    ("recording.yml", "recording", "or 0 * max by (queue, channel) (cc_queue_contacts_waiting)", ""),
    (
        "recording.yml",
        "recording",
        "sum(max by (queue, channel) (cc_queue_contacts_waiting))",
        "sum(cc_queue_contacts_waiting)",
    ),
    ("recording.yml", "recording", "sum by (state) (max by (team, state) (cc_agents))", "sum by (state) (cc_agents)"),
    ("recording.yml", "recording", f"or 0 * max by (queue, channel) (cc_queue_window_answered{WINDOW}", ""),
    ("recording.yml", "recording", f"- max by (queue, channel) (cc_queue_window_other_exit_in_target{WINDOW}", ""),
    ("recording.yml", "recording", f"+ max by (queue, channel) (cc_queue_window_missed_target{WINDOW}", ""),
    ("recording.yml", "recording", "decided_contacts:sum30m > 0)", "decided_contacts:sum30m)"),
    ("recording.yml", "recording", "judged_contacts:sum30m) > 0", "judged_contacts:sum30m)"),
    ("recording.yml", "recording", '"busy|acw"', '"busy"'),
    ("recording.yml", "recording", "busy|acw|idle|has_capacity", "busy|acw|idle|has_capacity|break"),
    ("recording.yml", "recording", "or 0 * sum by (team)", "and 0 * sum by (team)"),
    ("recording.yml", "recording", "max by (queue, channel, state) (cc_backlog_contacts)", "cc_backlog_contacts"),
    ("recording.yml", "recording_freshness", 'le="5.0"', 'le="2.5"'),
    ("recording.yml", "recording_freshness", "[1h]", "[30m]"),
]


def only(folder: Path, tests: str) -> Path:
    """A file of tests, or of it those about one alert."""
    name, _, alert = tests.partition("/")
    path = folder / "tests" / f"{name}.yml"
    if alert:
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
        read["tests"] = [test for test in read["tests"] if f'alertname="{alert}"' in str(test["promql_expr_test"])]
        path.write_text(yaml.safe_dump(read), encoding="utf-8")
    return path


@pytest.mark.parametrize(("name", "tests", "right", "wrong"), MUTANTS, ids=range(len(MUTANTS)))
def test_a_small_mistake_in_a_rule_fails_its_tests(
    name: str, tests: str, right: str, wrong: str, tmp_path: Path
) -> None:
    folder = shutil.copytree(ALERTS / "rules", tmp_path / "rules")
    text = (folder / name).read_text(encoding="utf-8")
    assert right in text
    (folder / name).write_text(text.replace(right, wrong), encoding="utf-8")
    done = run(PROMTOOL, "test", "rules", only(folder, tests))
    assert done.returncode != 0
    assert "FAILED" in done.stdout + done.stderr


def test_promtool_accepts_the_configuration_with_all_rules(tmp_path: Path) -> None:
    shutil.copy(ROOT / "prometheus" / "prometheus.yml", tmp_path)
    shutil.copytree(ALERTS / "rules", tmp_path / "rules")
    said = succeeds(PROMTOOL, "check", "config", tmp_path / "prometheus.yml")
    assert f"{len(RULES)} rule files found" in said


#: reliability S25.
LIMITS = {"sample_limit": 25_000, "label_limit": 20, "label_value_length_limit": 200, "body_size_limit": "5MB"}
JOBS = {"cc-live", "cc-board", "cc-workers", "cc-alerts", "cc-relay", "redis", "kafka", "prometheus", "alertmanager"}


def test_every_page_is_read_with_limits() -> None:
    config = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    jobs = {job["job_name"]: job for job in config["scrape_configs"]}
    assert jobs.keys() == JOBS
    assert [name for name, job in jobs.items() if not LIMITS.items() <= job.items()] == []


def test_names_from_outside_are_cut_where_prometheus_would_refuse_the_page() -> None:
    assert LIMITS["label_value_length_limit"] == MOST_BYTES
