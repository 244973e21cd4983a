"""Made-up queue_logs: whatever happened in the centre, the report is the one that plain counting gives."""

import gzip
import lzma
import random
from pathlib import Path
from typing import Any

import pytest

from sources import asterisk
from sources.reading import ReadResult
from tests.recordings.asterisk_log import Centre, Log, begun_late
from tests.recordings.counting import replayed
from tests.recordings.oracle import Oracle, Targets, Visit, differences

NAMES = {"support": "help", "VIP/Gold": "help", "SIP/100": "bob", "Agent/1001": "bob"}
FLOOR = """
[queue.help]
target = { percent = 90, seconds = 60 }
short_abandon_seconds = 21
[queue."客服一线".voice]
target = { seconds = 5 }
""" + "".join(
    f'[[ids]]\nsource = "{asterisk.SOURCE}"\nnative = "{native}"\n{kind} = "{id}"\n'
    for (native, id), kind in zip(NAMES.items(), ("queue", "queue", "agent", "agent"), strict=True)
)
TARGETS = {"help": Targets(60, 21), "客服一线": Targets(5)}


def read(folder: Path, log: Log) -> ReadResult:
    path = folder / "queue_log"
    path.write_text("\n".join(log.lines) + "\n", encoding="utf-8")
    result = asterisk.read_files([path])
    assert result.problems == []
    return result


def wrong(result: ReadResult, visits: list[Visit], basis: str, zone: str = "UTC", **more: Any) -> list[str]:
    """Where the product's report of a recording differs from the oracle's."""
    have = replayed(result.events, basis=basis, zone=zone, **more)
    times = [event.time_ms for event in result.events]
    targets = TARGETS if "config" in more else {}
    want = Oracle(visits, (min(times), max(times) + 1), basis, zone, targets=targets).report()
    return differences(want, {part: have[part] for part in have if part not in ("span", "events")})


def renamed(visits: list[Visit]) -> list[Visit]:
    for visit in visits:
        visit.queue = NAMES.get(visit.queue, visit.queue)
        visit.agent = NAMES.get(visit.agent or "", visit.agent)
        visit.refusals = [(at, NAMES.get(agent or "", agent)) for at, agent in visit.refusals]
        if visit.transferred is not None:
            at, agent = visit.transferred
            visit.transferred = (at, NAMES.get(agent or "", agent))
    return visits


@pytest.mark.parametrize("seed", range(16))
@pytest.mark.parametrize("basis", ["event", "arrival"])
def test_a_centre_with_kills_transfers_and_returning_calls(tmp_path: Path, seed: int, basis: str) -> None:
    log = Centre(seed, kills=seed % 3).log()
    assert wrong(read(tmp_path, log), log.visits, basis, ("UTC", "Asia/Kolkata")[seed % 2]) == []


@pytest.mark.parametrize("seed", range(100, 108))
@pytest.mark.parametrize("basis", ["event", "arrival"])
def test_a_log_whose_beginning_is_gone(tmp_path: Path, seed: int, basis: str) -> None:
    whole = Centre(seed, kills=seed % 2).log()
    # At the start of a pane, where a span can begin to the millisecond.
    first = int(whole.lines[len(whole.lines) // 3].partition("|")[0]) // 10 * 10
    log = begun_late(whole, first)
    log.lines.insert(0, f"{first}|NONE|NONE|SIP/100|PAUSEALL|")
    assert wrong(read(tmp_path, log), log.visits, basis) == []


@pytest.mark.parametrize("basis", ["event", "arrival"])
def test_two_queues_and_two_names_of_one_agent_become_one_with_targets_of_their_own(tmp_path: Path, basis: str) -> None:
    log = Centre(7).log()
    assert wrong(read(tmp_path, log), renamed(log.visits), basis, config=FLOOR) == []


@pytest.mark.parametrize("seed", range(3))
def test_disorder_and_repeats_change_nothing(tmp_path: Path, seed: int) -> None:
    log = Centre(3).log()
    result = read(tmp_path, log)
    assert wrong(result, log.visits, "event", shuffle_ms=600_000, duplicate=0.05, seed=seed) == []


@pytest.mark.parametrize("seed", range(6))
def test_a_rotated_history_is_one_whatever_its_compression_and_the_order_of_its_files(
    tmp_path: Path, seed: int
) -> None:
    log = Centre(seed, kills=1).log()
    chance = random.Random(seed)
    cuts = sorted(chance.sample(range(1, len(log.lines)), 3))
    paths = []
    for number, (begin, end) in enumerate(zip([0, *cuts], [*cuts, len(log.lines)], strict=True)):
        lines = log.lines[begin:end]
        if number:
            lines = [f"{lines[0].partition('|')[0]}|NONE|NONE|NONE|CONFIGRELOAD|", *lines]
        paths.append(tmp_path / f"queue_log.{number}")
        raw = "".join(f"{line}\n" for line in lines).encode()
        paths[-1].write_bytes(chance.choice((bytes, gzip.compress, lzma.compress))(raw))
    whole = read(tmp_path, log)
    seconds = [int(log.lines[cut].partition("|")[0]) for cut in (0, *cuts)]
    if len(set(seconds)) == len(seconds):  # files that begin in one second can only be told apart by their order
        chance.shuffle(paths)
    parts = asterisk.read_files(paths)
    assert [event.time_ms for event in parts.events] == [event.time_ms for event in whole.events]
    assert wrong(parts, log.visits, "event") == []


def test_the_oracle_and_the_report_disagree_about_another_centre(tmp_path: Path) -> None:
    log = Centre(1).log()
    log.visits[0].joined += 1000
    log.visits[1].outcome = "overflow"
    assert len(wrong(read(tmp_path, log), log.visits, "event")) > 5
