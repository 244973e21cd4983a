"""A mutant: a copy of the tree with one small change, which the named tests must notice."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = ("kpi", "streams", "sources", "board", "alerts", "floorpulse", "scripts", "tests")


def assert_caught(folder: Path, file: str, old: str, new: str, tests: str) -> None:
    """Put `new` in the place of `old` in a copy of the tree; `tests` must fail there, as they pass here."""
    source = (ROOT / file).read_text()
    assert old in source, f"{file} no longer holds {old!r}: bring this table up to date"
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "data"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / file).write_text(source.replace(old, new))
    # Chance decides nothing: a mutant that dies here dies everywhere, and one that does not is seen before CI.
    options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "--hypothesis-seed=0"]
    command = [sys.executable, "-m", "pytest", *options, tests]
    env = {
        **os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_ADDOPTS": "", "CI": "",
        "LAWS_WITHOUT_SHRINKING": "1", "PYTHONHASHSEED": "0",
    }  # fmt: skip
    try:
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=30, check=False)
    except subprocess.TimeoutExpired:
        return  # a worker that never comes to rest is noticed, too
    assert done.returncode == 1, done.stdout[-2000:]
    assert "failed" in done.stdout
