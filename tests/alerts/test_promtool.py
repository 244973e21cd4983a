"""What the rules do, by Prometheus's own tool: they fire when they should, and a mistake in one is seen."""

import shutil
from pathlib import Path

import pytest
import yaml

from kpi.label_names import MOST_BYTES
from tests.alerts.rule_mutants import MUTANTS
from tests.alerts.tools import ALERTS, PROMTOOL, RULE_TESTS, RULES, bare, run, succeeds
from tests.data_sets import ROOT

pytestmark = pytest.mark.observability


def test_promtool_finds_nothing_to_complain_about_in_the_rules() -> None:
    succeeds(PROMTOOL, "check", "rules", "--lint=all", "--lint-fatal", *RULES)


@pytest.mark.parametrize("path", RULE_TESTS, ids=lambda path: path.stem)
def test_the_rules_fire_and_do_not_fire_when_they_should(path: Path) -> None:
    succeeds(PROMTOOL, "test", "rules", path)


def only(folder: Path, tests: str) -> Path:
    """A file of tests, or of it those about one alert."""
    name, _, alert = tests.partition("/")
    path = folder / "tests" / f"{name}.yml"
    if alert:
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
        read["tests"] = [test for test in read["tests"] if f'alertname="{alert}"' in str(test["promql_expr_test"])]
        path.write_text(yaml.safe_dump(read), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def bare_rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rules without their texts, and their tests."""
    folder = shutil.copytree(ALERTS / "rules", tmp_path_factory.mktemp("bare") / "rules")
    for path in folder.glob("*.yml"):
        path.write_text(bare(path.read_text(encoding="utf-8")), encoding="utf-8")
    return folder


def test_without_their_texts_the_rules_do_the_same(bare_rules: Path) -> None:
    succeeds(PROMTOOL, "test", "rules", *sorted((bare_rules / "tests").glob("*.yml")))


@pytest.mark.parametrize(("name", "tests", "right", "wrong"), MUTANTS, ids=range(len(MUTANTS)))
def test_a_small_mistake_in_a_rule_fails_its_tests(
    name: str, tests: str, right: str, wrong: str, tmp_path: Path, bare_rules: Path
) -> None:
    folder = shutil.copytree(bare_rules, tmp_path / "rules")
    text = (ALERTS / "rules" / name).read_text(encoding="utf-8")
    assert right in text
    mistaken = bare(text.replace(right, wrong))
    assert mistaken != (folder / name).read_text(encoding="utf-8"), "a mistake in what fires, not in its texts"
    (folder / name).write_text(mistaken, encoding="utf-8")
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
