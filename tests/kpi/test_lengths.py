"""How many wait at any second, forward from nothing or backwards from who waits now."""

from hypothesis import given
from hypothesis import strategies as st

from kpi.lengths import Lengths, add_net, net_seconds, span_seconds, waiting_over

nets = st.dictionaries(st.integers(0, 40), st.integers(-3, 3), max_size=12)


def test_the_length_at_a_second_counts_what_happened_in_it() -> None:
    lengths = Lengths.forward({10: 2, 12: -1})

    assert [lengths.at(second) for second in (9, 10, 11, 12, 13)] == [0, 2, 2, 1, 1]


def test_the_maximum_counts_those_carried_in() -> None:
    lengths = Lengths.forward({10: 3, 20: -3, 30: 1})

    assert lengths.maximum(15, 40) == 3
    assert lengths.maximum(20, 40) == 1


def test_a_leg_that_joins_and_leaves_in_one_second_is_never_seen_waiting() -> None:
    assert Lengths.forward({10: 0}).maximum(0, 100) == 0


def test_an_empty_span_has_no_maximum() -> None:
    assert Lengths.forward({}, 4).maximum(5, 4) == 0


@given(nets, st.integers(0, 5), st.integers(-2, 45), st.integers(0, 20))
def test_forward_and_backwards_agree_with_counting_second_by_second(
    net: dict[int, int], carried_in: int, first: int, more: int
) -> None:
    level, levels = carried_in, {}
    for second in range(-5, 70):
        level += net.get(second, 0)
        levels[second] = level

    for lengths in (Lengths.forward(net, carried_in), Lengths.backwards(net, level)):
        assert lengths.at(first) == levels[first]
        assert lengths.maximum(first, first + more) == max(levels[s] for s in range(first, first + more + 1))


def test_the_last_second_of_a_span_is_the_one_in_which_it_ends() -> None:
    assert span_seconds(10_000, 12_000) == (10, 11)
    assert span_seconds(10_000, 12_001) == (10, 12)


def test_net_counts_of_panes_become_seconds_of_the_epoch() -> None:
    net = net_seconds([(20_000, {"net.3": 1, "net.9": -1, "offered": 1}), (30_000, {"net.0": 2})])
    add_net(net, 20_000, {"net.3": 4})

    assert net == {23: 5, 29: -1, 30: 2}


def test_waiting_exactly_as_long_as_the_target_is_not_over_it() -> None:
    #   joined 20.001 s, 20 s and 5 s ago, target 20 s
    assert waiting_over([79_999, 80_000, 95_000], 100_000, 20) == 1
