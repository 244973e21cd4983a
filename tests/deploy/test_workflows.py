""".github/workflows: little allowed, other people's code pinned, and what they call is there."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.data_sets import ROOT
from tests.deploy.compose_files import GIVEN

FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
WORKFLOWS: dict[str, dict[Any, Any]] = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in FILES}
each_workflow = pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=WORKFLOWS)


def steps(workflow: dict[Any, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def commands(workflow: dict[Any, Any]) -> str:
    return "\n".join(step["run"] for step in steps(workflow) if "run" in step)


def test_there_is_one_for_the_checks_and_one_for_docker() -> None:
    assert WORKFLOWS.keys() == {"ci", "smoke"}


@each_workflow
def test_a_workflow_may_read_and_nothing_more(workflow: dict[Any, Any]) -> None:
    assert workflow["permissions"] == {"contents": "read"}
    assert not any("permissions" in job for job in workflow["jobs"].values())
    # YAML reads a bare `on` as a yes.
    assert "pull_request_target" not in workflow[True]


@each_workflow
def test_other_peoples_code_is_pinned_by_commit_and_keeps_no_credentials(workflow: dict[Any, Any]) -> None:
    used = [step for step in steps(workflow) if "uses" in step]
    assert [step["uses"] for step in used if not re.fullmatch(r"actions/checkout@[0-9a-f]{40}", step["uses"])] == []
    assert all(step["with"] == {"persist-credentials": False} for step in used)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_commit_says_which_release_it_is(path: Path) -> None:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert lines
    assert [line for line in lines if not re.search(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line)] == []


@each_workflow
def test_no_secret_and_nothing_a_stranger_wrote_reaches_a_command(workflow: dict[Any, Any]) -> None:
    assert "secrets." not in str(workflow)
    assert "${{" not in commands(workflow)


@each_workflow
def test_a_job_ends_in_time_on_a_machine_of_a_named_release(workflow: dict[Any, Any]) -> None:
    for job in workflow["jobs"].values():
        assert 0 < job["timeout-minutes"] <= 180
        assert re.fullmatch(r"ubuntu-\d+\.\d+", job["runs-on"])


def test_the_checks_are_those_that_everybody_runs() -> None:
    assert commands(WORKFLOWS["ci"]).splitlines() == [".ci/run"]


def test_docker_starts_both_and_looks_at_them() -> None:
    jobs = WORKFLOWS["smoke"]["jobs"]
    for kind in ("demo", "production"):
        runs = [step["run"] for step in jobs[kind]["steps"] if "run" in step]
        started = next(i for i, run in enumerate(runs) if run.startswith("docker compose up") and "--wait" in run)
        assert runs.index(f"python3 -m scripts.smoke {kind}") > started
        assert any(run.startswith("docker compose config") for run in runs[:started])
    env = jobs["production"]["env"]
    assert env["COMPOSE_FILE"] == "docker-compose.yml:compose.production.yml"
    assert GIVEN.keys() <= env.keys()


@each_workflow
def test_what_a_workflow_calls_is_there(workflow: dict[Any, Any]) -> None:
    for name in re.findall(r"python3 -m ([\w.]+)", commands(workflow)):
        assert (ROOT / f"{name.replace('.', '/')}.py").is_file()
    for name in re.findall(r"^((?:\.ci|scripts)/\S+)", commands(workflow), re.MULTILINE):
        assert (ROOT / name).is_file()
