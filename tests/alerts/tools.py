"""Prometheus's and Alertmanager's own tools, and the files they are tried on."""

import os
import subprocess
from pathlib import Path

import yaml

from tests.data_sets import ROOT

PROMTOOL = os.environ.get("PROMTOOL", "promtool")
AMTOOL = os.environ.get("AMTOOL", "amtool")
ALERTS = ROOT / "alerts"
CONFIG = ALERTS / "alertmanager.yml"
TEMPLATES = ALERTS / "templates"
RULES = sorted((ALERTS / "rules").glob("*.yml"))
RULE_TESTS = sorted((ALERTS / "rules" / "tests").glob("*.yml"))


def run(*command: str | Path, cwd: Path = ROOT, seconds: float = 120) -> subprocess.CompletedProcess[str]:
    """Run a tool and wait for it."""
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=seconds, check=False)


def succeeds(*command: str | Path, cwd: Path = ROOT, seconds: float = 120) -> str:
    """What a tool that must succeed prints."""
    done = run(*command, cwd=cwd, seconds=seconds)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def bare(text: str) -> str:
    """Rules without their texts, which cost most of the time of an evaluation and change nothing in who fires."""
    read = yaml.safe_load(text)
    for group in read["groups"]:
        for rule in group["rules"]:
            rule.pop("annotations", None)
    return yaml.safe_dump(read, width=10**9, allow_unicode=True)
