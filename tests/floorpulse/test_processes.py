import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from floorpulse.errors import UserError
from floorpulse.processes import Child, Children, stopping_on_signals, wait_until
from tests.eventually import eventually

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False
    return "Z" not in stat.rpartition(")")[2].split()[0]


def test_children_are_gone_when_their_block_ends() -> None:
    with Children() as children:
        pids = [children.start(f"sleeper {number}", SLEEP).pid for number in range(2)]
        assert all(is_alive(pid) for pid in pids)
    assert not any(is_alive(pid) for pid in pids)


def test_a_child_that_ignores_the_polite_signal_is_killed() -> None:
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
    )
    child = Child("stubborn", [sys.executable, "-c", stubborn])
    wait_until(lambda: child.last_words() == "up", child, 10, "up")
    child.stop(seconds=0.05)
    assert child.exit_code == -signal.SIGKILL


def test_a_child_that_ends_by_itself_is_reported_with_its_last_words() -> None:
    with Children() as children:
        child = children.start("worker", [sys.executable, "-c", "import sys; print('Redis evicts\\n'); sys.exit(3)"])
        with pytest.raises(UserError, match=r"worker ended by itself \(exit code 3\): Redis evicts"):
            wait_until(lambda: False, child, 10, "ready")


def test_a_child_that_is_never_ready_is_reported() -> None:
    with Children() as children:
        child = children.start("sleeper", SLEEP)
        wait_until(lambda: child.last_words() == "up", child, 10, "up")
        with pytest.raises(UserError, match="sleeper was not ready after 0 s: up"):
            wait_until(lambda: False, child, 0, "ready")


def test_reading_the_last_words_does_not_move_where_the_child_writes(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    script = "import sys; print('first', flush=True); open(sys.argv[1]).read(); print('second', flush=True)"
    with Children() as children:
        child = children.start("writer", [sys.executable, "-c", script, str(gate)])
        wait_until(lambda: child.last_words() == "first", child, 10, "writing")
        gate.write_text("go on")
        eventually(lambda: child.exit_code is not None)
        assert child.last_words() == "second"
        assert os.pread(child._output.fileno(), 100, 0) == b"first\nsecond\n"


def test_a_command_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(UserError, match="broker cannot be started: /nowhere/tansu: No such file or directory"):
        Child("broker", ["/nowhere/tansu"])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_a_child_dies_with_a_parent_that_is_killed() -> None:
    script = (
        "from floorpulse.processes import Child; import time\n"
        f"print(Child('x', {SLEEP!r}).pid, flush=True); time.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    pid = int(parent.stdout.readline())
    assert is_alive(pid)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    eventually(lambda: not is_alive(pid))


def test_a_polite_signal_unwinds_the_program_and_stops_its_children() -> None:
    script = (
        "from floorpulse.processes import Children, stopping_on_signals; import time\n"
        f"with stopping_on_signals(), Children() as children:\n"
        f"    print(children.start('x', {SLEEP!r}).pid, flush=True); time.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    pid = int(parent.stdout.readline())
    parent.send_signal(signal.SIGTERM)
    assert parent.wait(20) == 128 + signal.SIGTERM
    parent.stdout.close()
    assert not is_alive(pid)


def test_the_signals_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with stopping_on_signals():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before
