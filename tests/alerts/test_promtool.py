"""What the rules and configurations do, by Prometheus's and Alertmanager's own tools."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from kpi.label_names import MOST_BYTES
from tests.data_sets import ROOT

pytestmark = pytest.mark.observability

PROMTOOL = os.environ.get("PROMTOOL", "promtool")
AMTOOL = os.environ.get("AMTOOL", "amtool")
ALERTS = ROOT / "alerts"
RULES = sorted((ALERTS / "rules").glob("*.yml"))
RULE_TESTS = sorted((ALERTS / "rules" / "tests").glob("*.yml"))


def run(*command: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60, check=False)


def succeeds(*command: str | Path, cwd: Path = ROOT) -> str:
    done = run(*command, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_promtool_finds_nothing_to_complain_about_in_the_rules() -> None:
    succeeds(PROMTOOL, "check", "rules", "--lint=all", "--lint-fatal", *RULES)


@pytest.mark.parametrize("path", RULE_TESTS, ids=lambda path: path.stem)
def test_the_rules_fire_and_do_not_fire_when_they_should(path: Path) -> None:
    succeeds(PROMTOOL, "test", "rules", path)


BY_SEVERITY = "on (queue, channel) group_right ()\n            {}min by (queue, channel, severity) (cc_queue_{}"
WAIT_LIMIT, ABANDONMENT_LIMIT = BY_SEVERITY.format("", "longest"), BY_SEVERITY.format("", "abandonment")
WINDOW = '_contacts{window="30m"})'
OPEN = "(cc_queue_open) {}\n        {}"

#: (file, what stands there, what a careless hand could write instead)
MUTANTS = [
    ("floor.yml", f") >= {WAIT_LIMIT}", f") > {WAIT_LIMIT}"),
    ("floor.yml", f") >= {ABANDONMENT_LIMIT}", f") > {ABANDONMENT_LIMIT}"),
    ("floor.yml", WAIT_LIMIT, BY_SEVERITY.format("0 * ", "longest")),
    ("floor.yml", ABANDONMENT_LIMIT, BY_SEVERITY.format("0 * ", "abandonment")),
    ("floor.yml", "time() - min by", "time() - max by"),
    ("floor.yml", "keep_firing_for: 30s", "keep_firing_for: 20s"),
    ("floor.yml", f"{WINDOW} >= 20", f"{WINDOW} > 20"),
    ("floor.yml", f"{WINDOW} >= 20", f"{WINDOW} >= 19"),
    ("floor.yml", f"+ max by (queue, channel) (cc_queue_window_answered{WINDOW}\n", ""),
    ("floor.yml", "for: 2m", "for: 1m"),
    ("floor.yml", "keep_firing_for: 5m", "keep_firing_for: 4m"),
    ("floor.yml", OPEN.format("== 1", "keep"), OPEN.format(">= 0", "keep")),
    ("floor.yml", OPEN.format("== 1", "for"), OPEN.format(">= 0", "for")),
    ("board.yml", "> 15", ">= 15"),
    ("board.yml", "> 30", ">= 30"),
    ("board.yml", "time() - min(max by", "time() - max(max by"),
    ("board.yml", "time() - min(max by", "time() - min(min by"),
    ("board.yml", "for: 15s", "for: 10s"),
    ("board.yml", "for: 30s", "for: 25s"),
    ("recording.yml", "clamp_min(time() - min by", "clamp_min(time() - max by"),
    ("recording.yml", "clamp_min(time() - ", "abs(0 - time() + "),
    ("recording.yml", "or 0 * max by (queue, channel) (cc_queue_contacts_waiting)", ""),
    ("recording.yml", "sum(max by (queue, channel) (cc_queue_contacts_waiting))", "sum(cc_queue_contacts_waiting)"),
    ("recording.yml", "sum by (state) (max by (team, state) (cc_agents))", "sum by (state) (cc_agents)"),
    ("recording.yml", f"or 0 * max by (queue, channel) (cc_queue_window_answered{WINDOW}", ""),
    ("recording.yml", f"- max by (queue, channel) (cc_queue_window_other_exit_in_target{WINDOW}", ""),
    ("recording.yml", f"+ max by (queue, channel) (cc_queue_window_missed_target{WINDOW}", ""),
    ("recording.yml", "decided_contacts:sum30m > 0)", "decided_contacts:sum30m)"),
    ("recording.yml", "judged_contacts:sum30m) > 0", "judged_contacts:sum30m)"),
    ("recording.yml", '"busy|acw"', '"busy"'),
    ("recording.yml", "busy|acw|idle|has_capacity", "busy|acw|idle|has_capacity|break"),
    ("recording.yml", "or 0 * sum by (team)", "and 0 * sum by (team)"),
    ("recording.yml", "max by (queue, channel, state) (cc_backlog_contacts)", "cc_backlog_contacts"),
    ("recording.yml", 'le="5.0"', 'le="2.5"'),
    ("recording.yml", "[1h]", "[30m]"),
]


@pytest.mark.parametrize(("name", "right", "wrong"), MUTANTS, ids=range(len(MUTANTS)))
def test_a_small_mistake_in_a_rule_fails_its_tests(name: str, right: str, wrong: str, tmp_path: Path) -> None:
    folder = shutil.copytree(ALERTS / "rules", tmp_path / "rules")
    text = (folder / name).read_text(encoding="utf-8")
    assert right in text
    (folder / name).write_text(text.replace(right, wrong), encoding="utf-8")
    tests = [path for path in (folder / "tests").glob("*.yml") if name in path.read_text(encoding="utf-8")]
    done = run(PROMTOOL, "test", "rules", *tests)
    assert done.returncode != 0
    assert "FAILED" in done.stdout + done.stderr


def test_promtool_accepts_the_configuration_with_all_rules(tmp_path: Path) -> None:
    shutil.copy(ROOT / "prometheus" / "prometheus.yml", tmp_path)
    shutil.copytree(ALERTS / "rules", tmp_path / "rules")
    said = succeeds(PROMTOOL, "check", "config", tmp_path / "prometheus.yml")
    assert f"{len(RULES)} rule files found" in said


#: reliability S25.
LIMITS = {"sample_limit": 25_000, "label_limit": 20, "label_value_length_limit": 200, "body_size_limit": "5MB"}


def test_every_page_is_read_with_limits() -> None:
    config = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    jobs = {job["job_name"]: job for job in config["scrape_configs"]}
    assert jobs.keys() == {"cc-live", "cc-board", "cc-workers", "redis", "kafka", "prometheus", "alertmanager"}
    assert [name for name, job in jobs.items() if not LIMITS.items() <= job.items()] == []


def test_names_from_outside_are_cut_where_prometheus_would_refuse_the_page() -> None:
    assert LIMITS["label_value_length_limit"] == MOST_BYTES


def test_amtool_accepts_the_configuration() -> None:
    said = succeeds(AMTOOL, "check-config", ALERTS / "alertmanager.yml")
    assert "1 templates" in said


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (["alertname=QueueLongestWaitHigh", "audience=floor", "severity=critical"], "floor"),
        (["alertname=BoardStale", "audience=floor"], "floor"),
        (["alertname=WorkerDown", "audience=duty"], "duty"),
    ],
)
def test_an_alert_reaches_its_receiver(labels: list[str], receiver: str) -> None:
    config = ALERTS / "alertmanager.yml"
    succeeds(AMTOOL, "config", "routes", "test", f"--config.file={config}", f"--verify.receivers={receiver}", *labels)


FIRING = {
    "status": "firing",
    "groupLabels": {"alertname": "QueueLongestWaitHigh", "queue": "support"},
    "commonLabels": {"severity": "critical"},
    "alerts": [
        {
            "status": "firing",
            "labels": {},
            "annotations": {"summary": "Support: 1m", "dashboard_url": "http://wall", "runbook_url": "http://runbook"},
            "startsAt": "2026-11-20T10:00:00Z",
        }
    ],
}


@pytest.mark.parametrize(
    ("status", "template", "words"),
    [
        ("firing", "floorpulse.title", ["CRITICAL: QueueLongestWaitHigh support"]),
        ("resolved", "floorpulse.title", ["OVER: QueueLongestWaitHigh support"]),
        ("firing", "floorpulse.text", ["Support: 1m", "Firing since 2026-11-20 10:00:00 UTC", "Board: http://wall"]),
    ],
)
def test_the_message_templates_say_it(status: str, template: str, words: list[str], tmp_path: Path) -> None:
    (tmp_path / "data.json").write_text(json.dumps({**FIRING, "status": status}), encoding="utf-8")
    said = succeeds(
        AMTOOL,
        "template",
        "render",
        f"--template.glob={ALERTS / 'templates' / '*.tmpl'}",
        f"--template.data={tmp_path / 'data.json'}",
        f'--template.text={{{{ template "{template}" . }}}}',
    )
    assert [word for word in words if word not in said] == []
