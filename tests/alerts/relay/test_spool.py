"""What waits stands on disk before anybody is told that it was taken."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from alerts.relay.budget import Spent
from alerts.relay.digest import Told
from alerts.relay.spool import RETRY_MS, Spool, SpoolError, Waiting
from tests.alerts.relay.calls import T0, alert, notice


def test_a_call_is_kept_by_incident_and_survives_a_restart(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "state" / "relay.sqlite")
    assert spool.put("floor", notice([alert("a", incident="i"), alert("b"), alert("c")], truncated=2), T0)
    spool.close()
    spool = Spool(tmp_path / "state" / "relay.sqlite")

    assert [(call.incident, len(call.alerts), call.unnamed) for call in spool.pending("floor")] == [
        ("i", 1, 2),
        ("g1", 2, 0),
    ]
    assert spool.pending("floor")[0].alerts == [alert("a", incident="i")]
    assert spool.waiting("floor") == Waiting(5, T0)
    assert spool.waiting("duty") == Waiting(0, None)
    spool.close()


def test_a_retry_is_taken_once_and_a_reminder_again(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "relay.sqlite")
    call = notice([alert()])

    assert spool.put("floor", call, T0)
    assert not spool.put("floor", call, T0 + RETRY_MS - 1)
    assert spool.put("duty", call, T0)
    assert spool.put("floor", notice([alert()], "g2"), T0 + 1)
    assert not spool.put("floor", call, T0 + 2), "what another group says is between no two calls of this one"
    assert spool.put("floor", call, T0 + RETRY_MS)
    assert spool.waiting("floor").alerts == 3
    spool.close()


@pytest.mark.parametrize("status", ["firing", "resolved"])
def test_what_is_said_again_after_something_else_was_said_is_no_retry(tmp_path: Path, status: str) -> None:
    spool = Spool(tmp_path / "relay.sqlite")
    first, other = notice([alert(status=status)]), notice([alert(status={"firing": "resolved"}.get(status, "firing"))])

    assert [spool.put("floor", call, T0 + at) for at, call in enumerate([first, other, first, first, other])] == [
        True,
        True,
        True,
        False,
        True,
    ]
    assert not spool.put("floor", other, T0 + 5)
    assert spool.put("floor", notice(other.alerts, truncated=3), T0 + 6), "three more that it does not name"
    spool.close()


def test_a_spool_of_an_older_relay_is_read_on(tmp_path: Path) -> None:
    path = tmp_path / "relay.sqlite"
    spool = Spool(path)
    spool.put("floor", notice([alert()]), T0)
    spool._db.execute("DROP TABLE last_calls")
    spool._db.execute(
        "CREATE TABLE calls (robot TEXT, key TEXT, arrived_ms INTEGER, PRIMARY KEY (robot, key)) WITHOUT ROWID"
    )
    spool._db.execute("INSERT INTO calls VALUES ('floor', 'k', ?)", (T0,))
    spool.close()
    spool = Spool(path)

    assert spool.waiting("floor") == Waiting(1, T0)
    assert spool.put("floor", notice([alert()]), T0 + 1), "once more at worst"
    assert not spool.put("floor", notice([alert()]), T0 + 2)
    spool.close()


def test_what_waits_for_a_robot_that_is_gone_can_be_dropped(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "relay.sqlite")
    spool.put("floor", notice([alert("a"), alert("b")], truncated=2), T0)
    spool.put("duty", notice([alert()]), T0)
    spool.settle("floor", [], {"g1": Told({"a": False})}, T0)

    assert spool.drop("floor") == 4
    assert (spool.drop("floor"), spool.robots(), spool.told("floor", ["g1"])) == (0, ["duty"], {})
    assert spool.put("floor", notice([alert("a"), alert("b")], truncated=2), T0 + 1), "not known any more"
    spool.close()


def test_what_is_dealt_with_and_what_was_told_change_together(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "relay.sqlite")
    spool.put("floor", notice([alert()]), T0)
    (call,) = spool.pending("floor")
    told = Told({call.alerts[0].id: False}, "om_1", 0)
    spool.settle("floor", [call.id], {"g1": told}, T0)
    spool.spend("floor", Spent(5, 3))

    assert spool.pending("floor") == []
    assert spool.told("floor", ["g1", "g2"]) == {"g1": told}
    assert (spool.spent("floor"), spool.spent("duty")) == (Spent(5, 3), Spent())
    spool.settle("floor", [], {}, T0 + 15 * 86_400_000)
    assert spool.told("floor", ["g1"]) == {}, "after two weeks nobody remembers"
    spool.close()


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    Spool(tmp_path / "state" / "relay.sqlite").close()

    assert stat.S_IMODE((tmp_path / "state" / "relay.sqlite").stat().st_mode) == 0o600


def test_a_file_that_is_none_or_used_by_another_or_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database at all, but long enough to be read as one" * 20)
    with pytest.raises(SpoolError, match="not a database; move it away"):
        Spool(tmp_path / "text")
    with pytest.raises(SpoolError, match=r"text/below"):
        Spool(tmp_path / "text" / "below" / "relay.sqlite")
    spool = Spool(tmp_path / "relay.sqlite")
    code = "import sys\nfrom pathlib import Path\nfrom alerts.relay.spool import Spool\nSpool(Path(sys.argv[1]))"
    command = [sys.executable, "-c", code, str(tmp_path / "relay.sqlite")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    spool.close()
    assert "another relay uses it" in done.stderr


def test_a_full_disk_is_said_and_nothing_is_half_written(tmp_path: Path) -> None:
    path = tmp_path / "relay.sqlite"
    spool = Spool(path)
    spool.put("floor", notice([alert("before")]), T0)
    spool._db.execute("PRAGMA max_page_count=1")  # what SQLite says of a full disk
    big = notice([alert(f"q{number}", incident=f"i{number}", description="x" * 2_000) for number in range(2_000)])
    with pytest.raises(SpoolError, match="full"):
        spool.put("floor", big, T0)
    spool._db.execute("PRAGMA max_page_count=1000000")
    assert spool.waiting("floor").alerts == 1
    assert spool.put("floor", big, T0), "the refused call is no known one"
    spool.close()


@pytest.mark.slow
def test_whatever_was_taken_outlives_a_kill_at_any_instant(tmp_path: Path) -> None:
    path = tmp_path / "relay.sqlite"
    code = f"""
import sys
from pathlib import Path
from alerts.relay.spool import Spool
from tests.alerts.relay.calls import T0, alert, notice
spool = Spool(Path({str(path)!r}))
number = int(sys.argv[1])
while True:
    number += 1
    spool.put("floor", notice([alert(f"q{{number}}", incident=f"i{{number}}")]), T0)
    sys.stdout.write(f"{{number}}\\n")
    sys.stdout.flush()
"""
    taken: set[str] = set()
    for run in range(5):
        child = subprocess.Popen([sys.executable, "-c", code, str(run * 10_000)], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        for _ in range(20 + 7 * run):
            taken.add(f"i{child.stdout.readline().strip()}")
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
    spool = Spool(path)
    kept = {call.incident for call in spool.pending("floor")}
    spool.close()

    assert taken <= kept
    assert len(kept) - len(taken) <= 200
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()
