"""The metrics pages stay small whatever names there are, and what stands on them adds up to all there is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from math import fsum

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from board.config import FloorFile
from board.entries import Entry
from board.gauges import collect
from board.health import Health, Verdict
from board.metrics import BoardState, full_page, live_page
from board.overflow import MAX_BYTES, MAX_QUEUES, MAX_SERIES, cap
from board.publish import Publication, Publisher
from board.samples import Samples
from board.view import FloorView, Loaded
from kpi.alerting import JUDGED
from kpi.backlog import STATUSES
from kpi.catalogue import BY_NAME
from kpi.events import AgentState, LeaveReason
from kpi.floor import QueueConfig, parse_floor
from kpi.keys import live_suffix, pane_suffix
from kpi.label_names import OVERFLOW
from kpi.live_state import LiveState, QueueStaff
from kpi.panes import FINE_MS, WINDOWS, pane_start
from kpi.snapshot import build_snapshot
from kpi.tally import Tally
from tests.board.conftest import BoardMaker
from tests.board.metrics_pages import NOON, busy_floor
from tests.laws import CASES

FLOOR = parse_floor("")
MINUTES = st.lists(st.integers(0, 600_000), max_size=3).map(sorted)
COUNTS = st.integers(0, 9)
#: What means nothing over several queues, so that the overflow must not have it.
OF_ONE_QUEUE = {
    "cc_queue_info", "cc_queue_agents_serving", "cc_queue_agents_available", "cc_queue_expected_wait_seconds",
    "cc_queue_load_ratio", "cc_queue_target_wait_seconds", "cc_queue_target_service_level_ratio",
    "cc_queue_display_name_info", "cc_queue_quiet", "cc_queue_short_abandon_seconds",
    *(name for name in BY_NAME if "_threshold_" in name or "_limit_" in name or "_alert_" in name),
}  # fmt: skip
LARGEST = {"cc_queue_severity", "cc_queue_open", "cc_queue_window_max_wait_seconds"}


def entry(queue: str, channel: str, live: LiveState, counts: dict[str, int], *, configured: bool = False) -> Entry:
    config = replace(FLOOR.queue(queue, channel), configured=configured)
    snapshot = build_snapshot(
        namespace="live", queue=queue, channel=channel, config=config, is_open=True, state="fresh", reason=None,
        now_ms=NOON, published_at_ms=NOON, epoch=1, live=live, tallies=dict.fromkeys(WINDOWS, Tally(counts)),
        staff=QueueStaff({"idle": 1}, available=1, staffed=1),
    )  # fmt: skip
    return made(snapshot, config)


def made(snapshot: object, config: QueueConfig) -> Entry:
    staff = QueueStaff()
    return Entry(snapshot, config, b"", b"", (), 1, 1, staff, is_due=False, texts={})  # type: ignore[arg-type]


def published(entries: Iterable[Entry]) -> Publication:
    found = {(each.snapshot.queue, each.snapshot.channel): each for each in entries}
    return Publication(1, NOON, Verdict("fresh", None, now_ms=NOON, true_at_ms=NOON, updated_wall_ms=NOON), found)


@st.composite
def queues(draw: st.DrawFn) -> Entry:
    name, channel = draw(st.sampled_from("abcdefghi")), draw(st.sampled_from(("voice", "chat", "email")))
    kinds = {f"case_{status}": [NOON - ms for ms in reversed(draw(MINUTES))] for status in STATUSES}
    live = LiveState(
        waiting_since=[NOON - ms for ms in reversed(draw(MINUTES))],
        ringing=draw(COUNTS),
        in_service=draw(COUNTS),
        opened_at=sorted(at for times in kinds.values() for at in times),
        due_at=[NOON - 300_000 + ms for ms in draw(MINUTES)],
        unanswered_since=[NOON - ms for ms in reversed(draw(MINUTES))],
        lost_at=[NOON - ms for ms in reversed(draw(MINUTES))],
        callbacks_at=[NOON - 300_000 + ms for ms in draw(MINUTES)],
        cases=kinds,
        drift=draw(st.none() | st.integers(-3, 3)),
        ghosts=draw(st.none() | COUNTS),
    )
    counts = {"offered": draw(COUNTS), "orphan": draw(COUNTS)}
    for outcome in ("answered", "abandoned", "other"):
        waits = draw(st.lists(st.integers(0, 99_999), max_size=3))
        counts[outcome if outcome != "other" else "exit.timeout"] = len(waits)
        counts[f"wait_ms.{outcome}"] = sum(waits)
        for ms in waits:
            field = f"wait.{outcome}.{-(-ms // 1000)}"
            counts[field] = counts.get(field, 0) + 1
    for ms in draw(st.lists(st.integers(1, 999_999), max_size=3)):
        counts[f"talk.{-(-ms // 1000)}"] = counts.get(f"talk.{-(-ms // 1000)}", 0) + 1
        counts["talk_ms"] = counts.get("talk_ms", 0) + ms
    return entry(name, channel, live, counts, configured=draw(st.booleans()))


def whole(samples: Samples) -> Iterator[tuple[object, float]]:
    """Every family that is true of several queues, over all queues: (family and other labels) -> one value."""
    groups: dict[tuple[str, tuple[str, ...]], list[float]] = {}
    for family, rows in samples.items():
        if family in OF_ONE_QUEUE or BY_NAME[family].labels[:1] != ("queue",):
            continue
        for labels, value in rows:
            groups.setdefault((family, labels[1:]), []).append(value)
    for (family, labels), values in groups.items():
        yield (family, labels), rule(family)(values)


def rule(family: str) -> Callable[[list[float]], float]:
    if "timestamp" in family:
        return min
    # To the millisecond: everything that is measured is a whole number of them.
    return max if family in LARGEST else lambda values: round(fsum(values), 3)


@settings(max_examples=max(CASES // 20, 100), deadline=None)
@given(st.lists(queues(), max_size=7, unique_by=lambda each: (each.snapshot.queue, each.snapshot.channel)), COUNTS)
def test_kept_and_overflow_together_are_all_there_is(entries: list[Entry], most: int) -> None:
    for live in (True, False):
        all_there_is = collect(published(entries), NOON, 100, live=live)
        capped = collect(published(entries), NOON, max(most, 1), live=live)
        assert dict(whole(capped)) == dict(whole(all_there_is))
        assert not entries or {"cc_queue_contacts_waiting", "cc_queue_window_wait_seconds"} & capped.keys()


def test_the_overflow_has_nothing_that_is_only_true_of_one_queue() -> None:
    entries = [entry(name, "voice", LiveState([NOON]), {}) for name in "abc"]
    for live in (True, False):
        samples = collect(published(entries), NOON, 1, live=live)
        folded = {family for family, rows in samples.items() if any(OVERFLOW in labels for labels, _ in rows)}
        assert folded
        assert not folded & OF_ONE_QUEUE


def test_configured_queues_are_kept_before_others_and_then_names_decide() -> None:
    entries = [entry(name, "voice", LiveState(), {}, configured=name in "xy") for name in ("b", "y", "a", "x")]
    kept, rest = cap(entries, 3, FLOOR.defaults)
    assert [each.snapshot.queue for each in kept] == ["x", "y", "a"]
    assert [each.snapshot.queue for each in rest] == ["b"]


def test_the_overflow_of_the_view_is_never_a_queue_of_its_own() -> None:
    entries = [entry(name, "voice", LiveState([NOON]), {}, configured=True) for name in (OVERFLOW, "a", "b")]
    samples = collect(published(entries), NOON, 2, live=True)
    assert dict(samples["cc_queue_contacts_waiting"]) == {("a", "voice"): 1, ("b", "voice"): 1, (OVERFLOW, "voice"): 1}
    assert OVERFLOW not in {labels[0] for labels, _ in samples["cc_queue_waiting_threshold_contacts"] or []}


#: Whatever can happen in a queue happened in it, with agents in every state.
EVERYTHING = {"offered": 30, "answered": 10, "abandoned": 10, "wait.answered.7": 10, "wait.abandoned.30": 10,
              "talk.30": 10, "talk_ms": 300_000, "first_response.9": 3, "first_response_ms": 27_000}  # fmt: skip
EVERYTHING |= {f"exit.{reason}": 1 for reason in LeaveReason.__args__ if reason != "abandoned"}  # type: ignore[attr-defined]


def everything(names: list[str], *, configured: bool) -> Publication:
    """Queues in which all happened that can."""
    config = replace(FLOOR.queue("one", "chat"), configured=configured)
    live = LiveState(
        [NOON - 90_000], 1, 2, [NOON], [NOON + 1], 1, [NOON], [NOON], [NOON],
        {f"case_{status}": [NOON] for status in STATUSES} | {f"due_{clock}": [NOON] for clock in CLOCKS}, 1, 1,
    )  # fmt: skip
    states = {state: 1 for state in AgentState.__args__ if state != "offline"}  # type: ignore[attr-defined]
    snapshot = build_snapshot(
        namespace="live", queue="one", channel="chat", config=config, is_open=True, state="fresh", reason=None,
        now_ms=NOON, published_at_ms=NOON, epoch=1, live=live, tallies=dict.fromkeys(WINDOWS, Tally(EVERYTHING)),
        staff=QueueStaff(states, 1, 7, 1, 1),
    )  # fmt: skip
    named = msgspec.structs.replace
    return published(made(named(snapshot, queue=name, display_name=name), config) for name in names)


CLOCKS = ("first_response", "next_response", "resolution")
HOSTILE = {
    "short": "{:06}",
    "long": "{:06}" + "q" * 300,
    "chinese": "{:06}" + "客" * 200,
    "quotes": "{:06}" + '"' * 300,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_the_pages_keep_to_their_limits_when_all_happens_in_queues_of_any_name(name: str) -> None:
    publication = everything([f"{number:06}{HOSTILE[name]}" for number in range(2 * MAX_QUEUES)], configured=False)
    live, full = live_page(publication, NOON), full_page(publication, NOON, BoardState())
    kept = live.count(b"\ncc_queue_contacts_waiting{") - 1
    assert 20 <= kept <= MAX_QUEUES
    assert sum(not line.startswith(b"#") for line in (live + full).splitlines()) <= MAX_SERIES
    assert len(full) <= MAX_BYTES
    assert len(live) <= MAX_BYTES


#: What happens in a queue of the shipped floors in half an hour.
USUAL = {
    "offered": 30,
    "answered": 10,
    "abandoned": 10,
    "wait.answered.7": 10,
    "exit.timeout": 2,
    "first_response.9": 3,
}


def test_the_pages_keep_to_their_limits_when_floor_toml_says_all_that_it_can() -> None:
    limits = "\n".join(
        f"{each.name} = {{ {levels}, for_seconds = 1, keep_seconds = 2, alert = false }}"
        for each in JUDGED
        if not each.is_of_teams
        for levels in [
            "warning = { enter = 0.5, exit = 0.6 }" if each.low_is_bad else "warning = { enter = 1, exit = 0 }"
        ]
    )
    names = 'name = { en = "A", zh-CN = "B", zh-TW = "C" }'
    many = 2 * MAX_QUEUES
    floor = parse_floor("".join(f"[queue.q{n}]\n{names}\n[queue.q{n}.thresholds]\n{limits}\n" for n in range(many)))
    entries = [
        made(entry(f"q{n}", "chat", LiveState([NOON]), USUAL).snapshot, floor.queue(f"q{n}", "chat"))
        for n in range(many)
    ]
    publication = replace(published(entries), config=floor)
    live, full = live_page(publication, NOON), full_page(publication, NOON, BoardState())
    assert 50 <= live.count(b"\ncc_queue_contacts_waiting{") <= MAX_QUEUES
    assert sum(not line.startswith(b"#") for line in (live + full).splitlines()) <= MAX_SERIES
    assert max(len(live), len(full)) <= MAX_BYTES


async def test_a_floor_with_a_hundred_configured_queues_has_no_overflow(redis_url: str, make_board: BoardMaker) -> None:
    busy = await busy_floor(redis_url, make_board)
    one = busy.entries["support", "voice"]
    entries = {
        (name, "voice"): replace(
            one,
            snapshot=msgspec.structs.replace(one.snapshot, queue=name),
            config=replace(one.config, configured=True),
        )
        for name in (f"queue {number}" for number in range(120))
    }
    samples = collect(replace(busy, entries=entries), NOON + 1_000, live=False)
    assert samples["cc_exporter_overflow_queues"] == [((), 0)]
    live = collect(replace(busy, entries=entries), NOON + 1_000, live=True)
    assert sum(map(len, samples.values())) + sum(map(len, live.values())) <= MAX_SERIES


@pytest.mark.slow
async def test_a_hundred_thousand_names_are_summed_up_exactly_on_small_pages() -> None:
    panes, lives = {}, {}
    for number in range(100_000):
        name, at = f"queue-{number:06}", NOON - number % 3_000 * 1_000
        panes[pane_suffix(FINE_MS, pane_start(at, FINE_MS), name, "voice")] = {"offered": 1, "answered": 1,
            "wait.answered.1": 1, "wait_ms.answered": number, f"net.{at % FINE_MS // 1000}": 1}  # fmt: skip
        lives[live_suffix("waiting", name, "voice")] = {f"c{number}|1": at}
    view = FloorView()
    view.expect(["calls.events/0"])
    view.replace("calls.events/0", Loaded(1, 0, NOON, panes=panes, lives=lives))
    publisher = Publisher(Redis(), "live", view, Health(is_replay=False), FloorFile(None), lambda: NOON)
    publication = await publisher.tick()
    live, full = collect(publication, NOON, live=True), collect(publication, NOON, live=False)
    waiting = live["cc_queue_contacts_waiting"]
    assert len(waiting) <= MAX_QUEUES + 1
    assert sum(value for _, value in waiting) == 100_000
    offered, waited = (
        sum(value for labels, value in full[f"cc_queue_window_{what}"] if labels[2] == "1h")
        for what in ("offered_contacts", "wait_seconds")
    )
    assert offered == 100_000
    assert waited == pytest.approx(sum(range(100_000)) / 1000, rel=1e-12)
    pages = live_page(publication, NOON), full_page(publication, NOON, BoardState())
    assert sum(not line.startswith(b"#") for page in pages for line in page.splitlines()) <= MAX_SERIES
    assert max(map(len, pages)) <= MAX_BYTES
