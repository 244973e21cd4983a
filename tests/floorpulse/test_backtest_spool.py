"""A history in any order comes out in order of time, each event at the first whole second that sees it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from floorpulse.backtest.spool import Item, Spool
from tests.laws import WIDE

T0 = 1_795_168_800_000
items = st.lists(
    st.builds(
        Item, st.integers(T0, T0 + 7_200_000) | st.integers(0, 50).map(lambda n: T0 + 900_000 - 25_000 + n * 1000),
        st.integers(0, 3), st.just(("calls.events",)), st.binary(max_size=4),
    ),
    max_size=60,
)  # fmt: skip
ends = st.integers(-1000, 8_000).map(lambda second: T0 + second * 1000)


@WIDE
@given(items, ends, ends)
def test_everything_comes_out_once_in_order_at_its_second(some: list[Item], from_ms: int, to_ms: int) -> None:
    spool = Spool()
    for item in some:
        spool.add(item)
    found = [(tick, item) for tick, items in spool.seconds(from_ms, to_ms) for item in items]
    assert all(tick - 1000 < item.time_ms <= tick and tick % 1000 == 0 for tick, item in found)
    assert [(item.time_ms, item.sequence) for _, item in found] == sorted(
        (item.time_ms, item.sequence) for item in some if from_ms <= -(-item.time_ms // 1000) * 1000 <= to_ms
    )
    assert spool.count == len(some)
    assert (spool.first_ms, spool.last_ms) == (
        min((item.time_ms for item in some), default=None), max((item.time_ms for item in some), default=None),
    )  # fmt: skip


def test_very_many_events_of_very_many_times_are_all_held() -> None:
    spool = Spool()
    for number in range(5_000):
        spool.add(Item(T0 + (number * 7_919) % 5_000 * 60_000, 0, (), b"x"))
    assert sum(len(items) for _, items in spool.seconds(T0, T0 + 5_000 * 60_000)) == 5_000


@WIDE
@given(items, ends, ends, ends)
def test_two_stretches_one_after_the_other_are_the_whole_though_nothing_is_kept(
    some: list[Item], from_ms: int, middle_ms: int, to_ms: int
) -> None:
    from_ms, middle_ms, to_ms = sorted((from_ms, middle_ms, to_ms))
    kept, passing = Spool(), Spool()
    for item in some:
        kept.add(item)
        passing.add(item)
    parts = [*passing.seconds(from_ms, middle_ms, keeps=False), *passing.seconds(middle_ms + 1000, to_ms, keeps=False)]
    assert parts == list(kept.seconds(from_ms, to_ms))
