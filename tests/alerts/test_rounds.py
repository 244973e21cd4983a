"""A storm is told in slices: the same alerts and incidents as at once, whatever ends in the middle of it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from hypothesis import given
from hypothesis import strategies as st

from alerts.announced import Announced
from alerts.bulletin import Bulletin
from alerts.evaluate import Evaluator
from alerts.notices import Labels, Notice, notice_of
from alerts.rounds import Rounds
from alerts.store import Lost
from kpi.alert_state import Held
from kpi.floor import QueueConfig, parse_floor
from kpi.snapshot import QueueSnapshot
from tests.alerts.evaluating import looked_at
from tests.alerts.published import snapshot
from tests.laws import WIDE

T0 = 1_795_168_800_000
QUEUES = tuple(f"q{number}" for number in range(8))
# Two groups of three, and two queues that share nothing.
FLOOR = parse_floor(
    "[defaults.thresholds]\nlongest_wait_seconds = { warning = 60, critical = 100, keep_seconds = 0 }\n"
    "waiting = { warning = 10, critical = 20, for_seconds = 10, keep_seconds = 0 }\n"
    + "".join(f'[queue.{queue}]\ngroup = "{group}"\n' for queue, group in zip(QUEUES, "aaabbb", strict=False))
)
# How long each of how many has waited; calm, too.
CROWDS = st.tuples(st.one_of(st.integers(0, 15), st.integers(0, 400)), st.sampled_from([0, 1, 12, 25]))
STORMS = st.fixed_dictionaries(dict.fromkeys(QUEUES, CROWDS))
# Whatever these cross, they crossed it within two minutes of one another.
TOGETHER = st.fixed_dictionaries(
    dict.fromkeys(QUEUES, st.tuples(st.integers(101, 115), st.sampled_from([0, 1, 12, 25])))
)
SIZES = st.tuples(st.integers(1, 4), st.integers(4, 12))
Storm = dict[str, tuple[int, int]]


def words(held: Held, snapshot: QueueSnapshot | None, config: QueueConfig) -> dict[str, str]:
    return {"summary": f"{held.rule} {held.value}"}


@lru_cache(20_000)
def announced(queue: str, wait: int, many: int, after_ms: int) -> Announced:
    """A queue in which so many have waited for `wait` s at T0."""
    waits = [wait + after_ms / 1_000] * many
    return Announced.read(snapshot(waits, at_ms=T0 + after_ms, queue=queue, floor=FLOOR).to_json())


def shots(storm: Storm, after_ms: int = 0) -> list[Announced]:
    return [announced(queue, *crowd, after_ms) for queue, crowd in storm.items()]


class Memory:
    """A store that takes so many commits and then fails."""

    def __init__(self, lasts: int, held: Iterable[Held]) -> None:
        self.helds = {each.field: each for each in held}
        self.commits = list[list[Held]]()
        self._lasts = lasts

    async def commit(self, helds: Iterable[Held], gone: Sequence[str] = ()) -> None:
        """Write, unless it has failed."""
        await asyncio.sleep(0)
        if len(self.commits) == self._lasts:
            raise Lost
        self.commits.append(list(helds))
        self.helds |= {held.field: held for held in self.commits[-1]}
        for name in gone:
            self.helds.pop(name, None)


class Life:
    """An engine's memory from its start to its crash."""

    def __init__(self, sizes: tuple[int, int], lasts: int = 1_000, helds: Iterable[Held] = (), at_ms: int = T0) -> None:
        self.bulletin = Bulletin()
        self.store = Memory(lasts, helds)
        self.evaluator = Evaluator(FLOOR, words)
        self.evaluator.load(self.store.helds.values(), FLOOR, at_ms)
        self.bulletin.tell(notice_of(held, "live") for held in self.evaluator.active())
        self.known = self.bulletin.serial
        self.rounds = Rounds(
            self.evaluator, self.store, self.bulletin, "live", lambda: at_ms, lambda: None, sizes=sizes
        )

    def news(self) -> dict[Labels, Notice]:
        """What began in this life, each once."""
        found = {notice.labels: notice for notice in self.bulletin.after(self.known)}
        assert self.bulletin.serial - self.known == len(found)
        return found

    def look(self, snapshots: Sequence[Announced]) -> bool:
        """Whether it lived to the end."""
        try:
            asyncio.run(self.rounds.look(snapshots))
        except Lost:
            return False
        return True


def at_once(storm: Storm) -> Evaluator:
    one = Evaluator(FLOOR, words)
    looked_at(one, shots(storm), T0)
    return one


def longest(one: Evaluator) -> set[str]:
    """The alerts of the limits that ask for no past."""
    return {held.field for held in one.active() if held.rule == "QueueLongestWaitHigh"}


@given(STORMS, SIZES)
@WIDE
def test_a_storm_told_in_slices_gives_the_same_alerts_and_incidents_as_told_at_once(
    storm: Storm, sizes: tuple[int, int]
) -> None:
    life, whole = Life(sizes), at_once(storm)

    assert life.look(shots(storm))

    assert life.evaluator.helds == life.store.helds == whole.helds
    told = [notice_of(held, "live", is_new=True) for held in whole.active()]
    heard = life.bulletin.after(-1)
    assert sorted(heard, key=lambda each: each.labels) == sorted(told, key=lambda each: each.labels)
    assert life.bulletin.serial == len(told)


@given(STORMS, SIZES)
@WIDE
def test_what_is_critical_is_told_before_any_warning(storm: Storm, sizes: tuple[int, int]) -> None:
    life = Life(sizes)
    life.look(shots(storm))

    severities = [dict(notice.labels)["severity"] for notice in life.bulletin.after(-1)]
    assert severities == sorted(severities)


@given(TOGETHER, SIZES, st.integers(0, 8))
@WIDE
def test_a_crash_after_any_slice_loses_and_doubles_nothing(storm: Storm, sizes: tuple[int, int], lasts: int) -> None:
    first, whole = Life(sizes, lasts), at_once(storm)
    lived = first.look(shots(storm))
    heard = first.news()
    assert set(heard) == {notice_of(held, "live").labels for held in first.store.helds.values() if held.is_active}

    second = Life(sizes, helds=first.store.helds.values(), at_ms=T0 + 250)
    assert second.look(shots(storm, 250))
    more = second.news()

    assert not set(heard) & set(more)
    assert not (lived and more)
    starts = {labels: notice.starts_ms for labels, notice in (heard | more).items()}
    # Labels hold the incident, so that is the same as well.
    assert starts == {notice_of(held, "live").labels: held.since_ms for held in whole.active()}


@given(STORMS, SIZES, st.integers(0, 8), STORMS)
@WIDE
def test_who_failed_to_write_and_goes_on_from_what_was_written_tells_the_rest(
    storm: Storm, sizes: tuple[int, int], lasts: int, later: Storm
) -> None:
    first = Life(sizes, lasts)
    first.look(shots(storm))
    second = Life(sizes, helds=first.store.helds.values(), at_ms=T0 + 250)
    assert second.look(shots(later, 250))

    assert second.store.helds == second.evaluator.helds
    assert longest(second.evaluator) >= longest(at_once(later))


@given(st.lists(STORMS, min_size=1, max_size=5), SIZES)
@WIDE
def test_what_is_announced_meanwhile_is_looked_at_between_the_slices_and_no_older_state_is_written_last(
    storms: list[Storm], sizes: tuple[int, int]
) -> None:
    life = Life(sizes)
    waiting = dict[tuple[str, str], Announced]()
    ticks = iter([shots(storm, 5_000 * number) for number, storm in enumerate(storms)])

    def more(but: Collection[tuple[str, str]]) -> list[Announced]:
        waiting.update(((shot.glance.queue, shot.glance.channel), shot) for shot in next(ticks, ()))
        return [waiting.pop(key) for key in list(waiting) if key not in but]

    async def run() -> None:
        await life.rounds.look(more(()), more)
        while left := more(()):
            await life.rounds.look(left, more)

    asyncio.run(run())
    assert life.store.helds == life.evaluator.helds
    newest = {notice.labels: notice for notice in life.bulletin.after(-1) if notice.ended_ms is None}
    assert set(newest) >= {notice_of(held, "live").labels for held in life.evaluator.active()}
    last = Evaluator(FLOOR, words)
    looked_at(last, shots(storms[-1], 5_000 * (len(storms) - 1)), T0)
    assert longest(life.evaluator) == longest(last)


def test_alerts_of_queues_that_are_gone_end_in_slices_as_well() -> None:
    life = Life((1, 4))
    life.look(shots(dict.fromkeys(QUEUES, (200, 25))))
    life.evaluator.missing((), T0, [])
    before = len(life.store.commits)

    assert asyncio.run(life.rounds.end(lambda wall_ms, due: life.evaluator.missing((), wall_ms + 60_000, due)))

    assert len(life.store.commits) > before + 8
    assert life.evaluator.active() == [] and life.store.helds == life.evaluator.helds
    assert {notice.ended_ms for notice in life.bulletin.after(-1)} == {T0 + 60_000}


def test_a_quiet_look_writes_nothing() -> None:
    life = Life((1, 4))
    assert life.look(shots(dict.fromkeys(QUEUES, (0, 0))))
    assert life.store.commits == []


def test_slices_grow_so_that_a_storm_is_no_storm_of_commits() -> None:
    life = Life((1, 4))
    life.look(shots(dict.fromkeys(QUEUES, (200, 25))))
    sizes = [len(commit) for commit in life.store.commits]
    assert sizes[0] == 1 and max(sizes) == 4 and sum(sizes) == 32
