"""Deadly mutants: small changes to the core and the guard, each of which our laws must catch.

Each row names what was broken, where, and the tests that must notice. The tree is copied, one change is
made, and those tests are run on the copy: they must fail there, as they pass here.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAW = "tests/streams/test_law.py"
HANDLER = "tests/streams/test_handler.py"
CONTACT = "tests/kpi/test_contact.py"
RECORD = "tests/kpi/test_record.py"

MUTANTS = [
    pytest.param("streams/commit.lua", "if (stored[1] or '') ~= ARGV[1] or", "if", LAW, id="no position check"),
    pytest.param("streams/commit.lua", "or stored[4] then", "then", HANDLER, id="a half-written partition is used"),
    pytest.param("streams/pipeline.py", "await letters.write(", "letters.write(", LAW, id="no wait for dead letters"),
    pytest.param("streams/handler.py", "if r.offset >= stands", "if r.offset > stands", LAW, id="one record skipped"),
    pytest.param("streams/handler.py", "if chunk.base <= max(wanted, first)", "if True", HANDLER, id="holes ignored"),
    pytest.param("streams/difference.py", "roll_up(start, field)[1]", "field", LAW, id="lengths not rolled up"),
    pytest.param("kpi/facts.py", "return -(-ms // 1000)", "return ms // 1000", CONTACT, id="waits rounded down"),
    pytest.param("kpi/contact.py", "_KNOWS.get(outcome, 2) < _KNOWS", "_KNOWS.get(outcome, 2) <= _KNOWS", CONTACT,
                 id="the first of equal ends wins"),
    pytest.param("kpi/contact.py", "_leave(other, max(joined, other.joined)", "_leave(other, min(joined, other.joined)",
                 CONTACT, id="min for max"),
    pytest.param("kpi/contact.py", "count_all(leg, -1, counts)", "pass", CONTACT, id="nothing is taken back"),
    pytest.param("kpi/leg.py", '"@" + field, n', '"@" + field, 1', CONTACT, id="arrival basis counts ones"),
    pytest.param("kpi/record.py", "if canonical(fact) < canonical(known)", "if True", RECORD, id="the last body wins"),
    pytest.param("kpi/record.py", "if known is not None:", "if False:", RECORD, id="duplicates count"),
    pytest.param("kpi/record.py", "self._refold = True\n        if fact.time", "pass\n        if fact.time", RECORD,
                 id="late facts are stepped, not folded"),
    pytest.param("kpi/record.py", "for count in old]", "for count in old[:0]]", RECORD, id="the old effect stays"),
    pytest.param("streams/store.py", 'b"dirty" in stored or ', "", HANDLER, id="dirty is not looked at"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "tests"), MUTANTS)
def test_a_deadly_mutant_is_caught(tmp_path: Path, file: str, old: str, new: str, tests: str) -> None:
    source = (ROOT / file).read_text()
    assert old in source, f"{file} no longer holds {old!r}: bring this table up to date"
    for folder in ("kpi", "streams", "sources", "floorpulse", "scripts", "tests"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "data"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / file).write_text(source.replace(old, new))
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", tests]
    env = {
        **os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_ADDOPTS": "", "CI": "",
        "LAWS_WITHOUT_SHRINKING": "1",
    }  # fmt: skip
    try:
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=30, check=False)
    except subprocess.TimeoutExpired:
        return  # a worker that never comes to rest is noticed, too
    assert done.returncode == 1, done.stdout[-2000:]
    assert "failed" in done.stdout
