"""Eight minutes of a real Asterisk: the events alone must already give every figure of the independent oracle."""

import json
import tempfile
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi.events import TYPES
from sources.asterisk import read_files
from sources.reading import ReadResult
from tests.sources.figures import Figures, Leg, figures_by, legs_of

CALM = Path(__file__).parents[1] / "data" / "asterisk-calm"
EXPECTED = json.loads((CALM / "expected.json").read_text())
OUTCOMES = {
    "ABANDON": "abandoned", "CONNECT": "answered", "EXITEMPTY": "empty", "EXITWITHKEY": "key_exit",
    "EXITWITHTIMEOUT": "timeout", "WITHDRAW": "withdrawn",
}  # fmt: skip


@pytest.fixture(scope="module")
def calm() -> ReadResult:
    return read_files([CALM / "queue_log"])


def legs(calm: ReadResult) -> list[Leg]:
    return list(legs_of(calm.events).values())


def assert_equal(want: dict[str, Any], have: Figures) -> None:
    assert have.offered == want["offered"]
    assert {OUTCOMES[name]: n for name, n in want["outcomes"].items()} == have.outcomes
    assert have.mean_wait("answered") == pytest.approx(want["mean_wait_answered"], abs=0.0001)
    assert have.mean_wait("abandoned") == pytest.approx(want["mean_wait_abandoned"], abs=0.0001)
    assert have.nearest_rank(50) == want["p50_answered"]
    assert have.nearest_rank(90) == want["p90_answered"]
    assert max(have.waits["answered"], default=None) == want["max_wait_answered"]
    for seconds, n in want["answered_within"].items():
        assert have.within("answered", int(seconds)) == n
    assert len(have.talks) == want["talks"]
    if want["mean_talk"] is not None:
        assert sum(have.talks) / len(have.talks) == pytest.approx(want["mean_talk"], abs=0.0001)


def test_the_totals_are_those_of_the_oracle(calm: ReadResult) -> None:
    assert_equal(EXPECTED["total"], figures_by(legs(calm), lambda leg: leg.queue)["total"])


@pytest.mark.parametrize("queue", sorted(EXPECTED["per_queue"]))
def test_each_queue_is_that_of_the_oracle(calm: ReadResult, queue: str) -> None:
    assert_equal(EXPECTED["per_queue"][queue], figures_by(legs(calm), lambda leg: leg.queue)[queue])


def test_each_agent_answered_as_often_as_the_oracle_says(calm: ReadResult) -> None:
    answered: dict[str | None, int] = {}
    for leg in legs(calm):
        if leg.outcome == "answered":
            answered[leg.agent] = answered.get(leg.agent, 0) + 1
    assert answered == EXPECTED["per_agent_answered"]


def test_each_minute_of_each_queue_is_that_of_the_oracle(calm: ReadResult) -> None:
    minutes: dict[tuple[int, str], dict[str, int]] = {}
    for leg in legs(calm):
        for time, what in ((leg.joined, "offered"), (leg.left, leg.outcome)):
            assert time is not None
            row = minutes.setdefault((time // 60_000 * 60, leg.queue), {})
            row[what] = row.get(what, 0) + 1
    want = {
        (row["minute"], row["queue"]): {
            OUTCOMES.get(column.removeprefix("left_"), column): n
            for column, n in row.items()
            if column not in ("minute", "queue") and n
        }
        for row in EXPECTED["per_minute"]
    }
    assert minutes == want


def test_waits_agree_with_the_timestamps_within_one_second(calm: ReadResult) -> None:
    for leg in legs(calm):
        assert leg.joined is not None and leg.left is not None and leg.wait is not None
        assert abs(leg.left - leg.joined - leg.wait) <= 1000


def test_every_event_is_one_of_the_contract_and_has_its_own_id(calm: ReadResult) -> None:
    for event in calm.events:
        TYPES[event.noun_verb].model_validate(event.data)
    assert len({event.id for event in calm.events}) == len(calm.events)


def test_custom_lines_are_counted_as_unknown_and_nothing_is_a_problem(calm: ReadResult) -> None:
    assert calm.unknown == {"DID": 351, "INFO": 351, "SURVEY": 6}
    assert calm.lines == EXPECTED["lines"]
    assert calm.problems == []


LINES = (CALM / "queue_log").read_bytes().splitlines(keepends=True)


def written(folder: str, parts: list[list[bytes]]) -> list[Path]:
    """The parts as rotated files, the newest first, as a shell lists them."""
    paths = [Path(folder, f"queue_log.{len(parts) - n}") for n in range(len(parts))]
    for path, part in zip(paths, parts, strict=True):
        path.write_bytes(b"".join(part))
    return paths[::-1]


@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(0, len(LINES)), max_size=4).map(sorted))
def test_any_cut_into_files_gives_the_same_events(cuts: list[int]) -> None:
    bounds = [0, *cuts, len(LINES)]
    # A file that begins with a line of the second in which the one before it began cannot be put in order.
    parts = [LINES[a:b] for a, b in pairwise(bounds) if a < b]
    starts = [part[0].split(b"|")[0] for part in parts]
    if len(set(starts)) < len(starts):
        return
    with tempfile.TemporaryDirectory() as folder:
        assert read_files(written(folder, parts)).events == read_files([CALM / "queue_log"]).events


@settings(max_examples=25, deadline=None)
@given(second=st.integers(0, 480))
def test_files_that_rotation_parted_give_the_same_ids_one_by_one(second: int) -> None:
    parted = [[], []]  # type: list[list[bytes]]
    for line in LINES:
        parted[int(line.split(b"|")[0]) >= 1_795_317_337 + second].append(line)
    with tempfile.TemporaryDirectory() as folder:
        ids = [event.id for path in written(folder, parted) for event in read_files([path]).events]
    assert Counter(ids) == Counter(event.id for event in read_files([CALM / "queue_log"]).events)


@settings(max_examples=40, deadline=None)
@given(killed_at=st.integers(0, len(LINES)))
def test_after_a_kill_every_visit_has_one_exit_and_every_answer_one_end(killed_at: int) -> None:
    """The machine dies after any line; the log goes on with a restart, and nothing of before comes back."""
    with tempfile.TemporaryDirectory() as folder:
        restart = b"1795318000|NONE|NONE|NONE|QUEUESTART|\n"
        found = read_files(written(folder, [[*LINES[:killed_at], restart]])).events
    counts = Counter((event.noun_verb, event.data.get("leg_id")) for event in found)
    queued = [leg for (noun_verb, leg) in counts if noun_verb == "contact.queued"]
    for leg in queued:
        answered = counts["contact.answered", leg]
        assert counts["contact.queued", leg] == answered + counts["contact.left_queue", leg] == 1
        assert counts["contact.ended", leg] == answered
    lost = sum("lost_unknown" in (e.data.get("reason"), e.data.get("ended_by")) for e in found)
    assert lost == len(queued) - sum(closed_by_asterisk(found))


def closed_by_asterisk(events: list[Any]) -> list[bool]:
    """For every left or ended event, whether the log itself told it."""
    return [
        "lost_unknown" not in (event.data.get("reason"), event.data.get("ended_by"))
        for event in events
        if event.noun_verb in ("contact.left_queue", "contact.ended")
    ]
