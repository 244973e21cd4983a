"""scripts/find-python: any machine's Python that is new enough, and never a name with nothing behind it."""

import subprocess
from pathlib import Path

import pytest

from tests.data_sets import ROOT

WORKS, BROKEN = "exit 0", "exit 127"


def find(folder: Path, pythons: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it where the PATH holds these commands before the machine's own, of which none is asked for."""
    for name, body in pythons.items():
        path = folder / name
        path.write_text(f"#!/bin/sh\ncat >/dev/null\n{body}\n", encoding="utf-8")
        path.chmod(0o755)
    env = {"PATH": f"{folder}:/usr/bin:/bin", "HOME": str(folder), "PYENV_ROOT": str(folder)}
    command = [str(ROOT / "scripts" / "find-python"), *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_the_plain_python_comes_first(tmp_path: Path) -> None:
    done = find(tmp_path, {"python3": WORKS, "python3.13": WORKS})

    assert done.stdout == f"{tmp_path}/python3\n"


@pytest.mark.parametrize("name", ["python3.12", "python3.13"])
def test_another_version_is_taken_where_the_plain_one_is_too_old(tmp_path: Path, name: str) -> None:
    pythons = {"python3": BROKEN, "python3.11": BROKEN, "python3.12": BROKEN, "python3.13": BROKEN, name: WORKS}

    assert find(tmp_path, pythons).stdout == f"{tmp_path}/{name}\n"


def test_without_any_it_says_what_to_do(tmp_path: Path) -> None:
    done = find(tmp_path, dict.fromkeys(("python3", "python3.11", "python3.12", "python3.13"), BROKEN))

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("error: no Python of 3.13 3.12 3.11 with venv and pip found")
