from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from kpi.events import Event, make_event
from sources.cloudevents import RawLine
from sources.replay import DUPLICATE_SPREAD_MS, Due, Plan, Ticker, make_plan


def fact(number: int, time_ms: int, sequence: int = 0) -> Event:
    data = {"contact_id": f"c{number}", "sequence": sequence}
    return make_event("contact.queued", source="/acd", id=str(number), time_ms=time_ms, data=data)


def ids(plan: Plan) -> list[str]:
    return [entry.item.id for entry in plan.due if isinstance(entry.item, Event)]


def test_events_are_sent_by_time_then_by_the_sources_own_order() -> None:
    assert ids(make_plan([fact(1, 2000, 2), fact(2, 2000, 1), fact(3, 1000, 9)])) == ["3", "2", "1"]


def test_the_span_runs_from_the_first_event_to_the_last_plus_one_millisecond() -> None:
    plan = make_plan([fact(1, 2000), fact(2, 1000)])
    assert (plan.from_ms, plan.to_ms) == (1000, 2001)


def test_an_event_of_an_impossible_time_is_sent_but_does_not_begin_the_span() -> None:
    history = [fact(1, 2000), fact(2, 3), fact(3, 5000)]
    plan = make_plan(history, earliest_ms=1000)
    assert (ids(plan), plan.from_ms, plan.to_ms) == (["2", "1", "3"], 2000, 5001)
    assert make_plan(history[1:2], earliest_ms=1000).from_ms == 3


def test_a_raw_line_keeps_its_place() -> None:
    raw = RawLine(b"oops", 1000)
    plan = make_plan([fact(1, 1000), raw, fact(2, 2000)])
    assert plan.due[1].item is raw


def test_one_seed_gives_one_order_and_another_seed_another() -> None:
    history = [fact(number, 1000 * number) for number in range(200)]
    orders = [ids(make_plan(history, shuffle_ms=60_000, duplicate=0.1, seed=seed)) for seed in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]


def test_events_of_one_instant_are_shuffled_too() -> None:
    history = [fact(number, 1000, number) for number in range(50)]
    assert ids(make_plan(history, shuffle_ms=1, seed=3)) != [str(number) for number in range(50)]


@settings(max_examples=200, deadline=None)
@given(
    times=st.lists(st.integers(0, 10**7), min_size=1, max_size=60),
    shuffle_ms=st.integers(0, 600_000),
    duplicate=st.floats(0, 1),
    seed=st.integers(0, 10**6),
)
def test_every_event_is_sent_once_or_twice_and_never_later_than_the_disorder_allows(
    times: list[int], shuffle_ms: int, duplicate: float, seed: int
) -> None:
    plan = make_plan(
        [fact(number, time_ms) for number, time_ms in enumerate(times)],
        shuffle_ms=shuffle_ms,
        duplicate=duplicate,
        seed=seed,
    )
    sent = Counter(ids(plan))
    assert set(sent) == {str(number) for number in range(len(times))}
    assert set(sent.values()) <= {1, 2}
    assert [entry.at_ms for entry in plan.due] == sorted(entry.at_ms for entry in plan.due)
    bound = shuffle_ms or DUPLICATE_SPREAD_MS
    assert all(0 <= entry.at_ms - entry.item.time_ms <= bound for entry in plan.due)
    first: dict[str, Due] = {}
    for entry in plan.due:
        assert isinstance(entry.item, Event)
        first.setdefault(entry.item.id, entry)
    assert all(entry.at_ms - entry.item.time_ms <= shuffle_ms for entry in first.values())


def test_about_the_wanted_share_is_sent_twice() -> None:
    plan = make_plan([fact(number, number) for number in range(10_000)], duplicate=0.05, seed=1)
    assert 400 < len(plan.due) - 10_000 < 600


def test_a_tick_comes_at_most_ten_times_a_wall_second() -> None:
    ticker = Ticker(0, 0)
    assert [ticker.due(second * 1000, second / 100) for second in range(21)] == [
        0, *[None] * 9, 10_000, *[None] * 9, 20_000,
    ]  # fmt: skip


def test_a_second_is_ticked_once_however_long_it_lasts() -> None:
    ticker = Ticker(0, 0)
    assert [ticker.due(time_ms, time_ms / 10) for time_ms in (0, 500, 999, 1000, 1999)] == [0, None, None, 1000, None]


def test_a_tick_stays_behind_what_may_still_come_shuffled() -> None:
    ticker = Ticker(0, 60_000)
    assert ticker.due(59_999, 0.0) is None
    assert ticker.due(61_500, 1.0) == 1000


def test_no_tick_comes_before_the_span() -> None:
    assert Ticker(5000, 0).due(4999, 0.0) is None
