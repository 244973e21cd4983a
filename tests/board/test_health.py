"""Fresh, stale or rebuilding: the rules, with the reason that people read."""

from __future__ import annotations

from board.health import Health
from board.view import Delta, FloorView, Loaded

NOON = 1_795_176_000_000


def floor(**ticks: int) -> FloorView:
    view = FloorView()
    view.expect(ticks)
    for name, tick in ticks.items():
        view.replace(name, Loaded(epoch=7, next=10, tick=tick))
    return view


def move(view: FloorView, name: str, tick: int) -> None:
    at = view.partitions[name].next
    view.apply_delta(name, Delta(7, at, at + 1, tick=tick))


def test_ticks_of_the_last_three_seconds_on_every_partition_are_fresh() -> None:
    verdict = Health(is_replay=False).judge(floor(a=NOON - 3_000, b=NOON - 200).partitions, NOON)
    assert (verdict.state, verdict.reason) == ("fresh", None)
    assert (verdict.now_ms, verdict.true_at_ms, verdict.epoch) == (NOON, NOON - 3_000, 7)


def test_one_partition_without_a_tick_for_more_than_three_seconds_makes_everything_stale() -> None:
    verdict = Health(is_replay=False).judge(floor(a=NOON, b=NOON - 3_001).partitions, NOON)
    assert verdict.state == "stale"
    assert verdict.reason == "b: no tick since 2026-11-20T11:59:56.999Z"


def test_a_partition_that_moves_but_lags_is_catching_up() -> None:
    view, health = floor(a=NOON - 60_000), Health(is_replay=False)
    assert health.judge(view.partitions, NOON).state == "stale"
    move(view, "a", NOON - 50_000)
    verdict = health.judge(view.partitions, NOON + 250)
    assert verdict.state == "rebuilding"
    assert verdict.reason == "a: catching up, 50 s behind"
    assert health.judge(view.partitions, NOON + 3_500).state == "stale"


def test_a_partition_that_is_not_loaded_is_rebuilding_and_says_since_when() -> None:
    view, health = floor(a=NOON, b=NOON), Health(is_replay=False)
    view.unload("b")
    health.why_missing["b"] = "being rebuilt by the worker after a failed write"
    health.judge(view.partitions, NOON)
    verdict = health.judge(view.partitions, NOON + 700)
    assert verdict.state == "rebuilding"
    assert verdict.reason == "b: being rebuilt by the worker after a failed write, since 2026-11-20T12:00:00.000Z"


def test_nothing_to_show_yet_is_rebuilding() -> None:
    health = Health(is_replay=False)
    assert health.judge({}, NOON).state == "rebuilding"
    assert health.judge(floor(a=0).partitions, NOON).reason == "a: no tick has arrived yet"


def test_a_redis_that_does_not_answer_is_stale_and_named() -> None:
    health = Health(is_replay=False, redis_down_since_ms=NOON - 4_000)
    verdict = health.judge(floor(a=NOON).partitions, NOON)
    assert verdict.state == "stale"
    assert verdict.reason is not None
    assert verdict.reason.startswith("Redis has not answered since 2026-11-20T11:59:56")


def test_before_anything_was_read_a_redis_that_does_not_answer_leaves_nothing_to_show() -> None:
    health = Health(is_replay=False, redis_down_since_ms=NOON - 4_000)
    half = floor(a=NOON, b=NOON)
    half.unload("b")
    for partitions in ({}, floor(a=0).partitions, half.partitions):
        verdict = health.judge(partitions, NOON)
        assert verdict.state == "rebuilding"
        assert verdict.reason is not None
        assert verdict.reason.startswith("Redis has not answered")


def test_a_clock_that_runs_behind_the_ticks_does_not_make_data_from_the_future() -> None:
    verdict = Health(is_replay=False).judge(floor(a=NOON + 5_000).partitions, NOON)
    assert (verdict.state, verdict.true_at_ms) == ("fresh", NOON)


def test_a_replay_is_at_its_lowest_tick_and_judged_by_its_progress_on_the_wall_clock() -> None:
    monday = NOON - 10**10
    view, health = floor(a=monday, b=monday + 60_000), Health(is_replay=True)
    verdict = health.judge(view.partitions, NOON)
    assert (verdict.state, verdict.now_ms, verdict.true_at_ms) == ("fresh", monday, monday)
    assert health.judge(view.partitions, NOON + 3_001).state == "stale"
    move(view, "a", monday + 10_000)
    move(view, "b", monday + 70_000)
    verdict = health.judge(view.partitions, NOON + 4_000)
    assert (verdict.state, verdict.now_ms, verdict.updated_wall_ms) == ("fresh", monday + 10_000, NOON + 4_000)


def test_a_replay_of_which_one_partition_stands_still_is_stale() -> None:
    view, health = floor(a=NOON, b=NOON), Health(is_replay=True)
    health.judge(view.partitions, NOON)
    move(view, "a", NOON + 1)
    verdict = health.judge(view.partitions, NOON + 3_500)
    assert verdict.state == "stale"
    assert verdict.reason == "b: the replay stands still since 2026-11-20T12:00:00.000Z"
