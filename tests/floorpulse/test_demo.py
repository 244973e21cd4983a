"""`floorpulse demo`: one command starts everything, numbers move, and nothing is left."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from floorpulse.commands.demo import by_queue, simulated_floor
from floorpulse.embedded import accepts
from floorpulse.loading import load_floor
from kpi.live_state import LiveState
from kpi.panes import WINDOWS
from kpi.snapshot import build_snapshot
from kpi.tally import Tally
from tests.eventually import eventually


def snapshot(queue: str, channel: str) -> bytes:
    config = load_floor(None).queue(queue, channel)
    return build_snapshot(
        namespace="live", queue=queue, channel=channel, config=config, is_open=True, state="fresh", reason=None,
        now_ms=0, published_at_ms=0, epoch=1, live=LiveState(), tallies={name: Tally() for name in WINDOWS},
    ).to_json()  # fmt: skip


def test_a_queue_with_several_channels_is_named_with_each() -> None:
    found = by_queue([snapshot("help", "chat"), snapshot("help", "voice"), snapshot("sales", "voice")])
    assert list(found) == ["help:chat", "help:voice", "sales"]
    assert found["help:chat"]["channel"] == "chat"


def test_the_simulated_floor_comes_with_the_package() -> None:
    assert load_floor(simulated_floor()).configured


def descendants(pid: int) -> set[int]:
    try:
        children = {int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
    except (FileNotFoundError, ProcessLookupError):
        return set()  # it ended since its parent named it, as one that was only asked for its version
    return children.union(*(descendants(child) for child in children))


Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """`start(*options)` runs a demo whose temporary files go to `tmp_path`; one that hangs is killed."""
    running: list[subprocess.Popen[str]] = []

    def run(*options: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "floorpulse", "demo", "--no-browser", *options]
        env = {**os.environ, "TMPDIR": str(tmp_path)}
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env))
        return running[-1]

    yield run
    for demo in running:
        demo.kill()
        demo.communicate()


def wait_for(demo: subprocess.Popen[str], word: str) -> str:
    assert demo.stderr
    for line in demo.stderr:
        if word in line:
            return line
    pytest.fail(f"the demo ended without a word about {word!r}")


def are_gone(pids: set[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.mark.slow
def test_numbers_move_and_afterwards_nothing_is_left(start: Start, tmp_path: Path) -> None:
    demo = start("--seconds", "1", "--json")
    wait_for(demo, "numbers moved")
    pids = descendants(demo.pid)
    assert len(pids) == 6, "Kafka, Redis, worker, board, alerts and simulator"
    out, _ = demo.communicate(timeout=120)
    assert demo.returncode == 0
    found = json.loads(out)
    first, second = found["snapshots"]
    assert first.keys() <= second.keys()
    assert all(second[queue]["true_at_ms"] - shot["true_at_ms"] >= 8000 for queue, shot in first.items())
    assert any(second[queue]["windows"] != shot["windows"] for queue, shot in first.items())
    assert are_gone(pids)
    ports = [int(found[name].split(":")[2].partition("/")[0]) for name in ("board", "redis")]
    assert not any(accepts(port) for port in ports)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("started", [1, 3, 5])
def test_a_signal_stops_everything_at_any_moment(
    start: Start, tmp_path: Path, number: signal.Signals, started: int
) -> None:
    demo = start()
    eventually(lambda: len(descendants(demo.pid)) >= started)
    pids = descendants(demo.pid)
    demo.send_signal(number)
    _, said = demo.communicate(timeout=60)
    assert demo.returncode == (0 if number == signal.SIGINT else 128 + number)
    assert "Traceback" not in said
    # What had only just begun is ended by the kernel, a moment after us.
    eventually(lambda: are_gone(pids))
    assert list(tmp_path.iterdir()) == []
