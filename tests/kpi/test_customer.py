"""One customer: who came again, who was lost, who was recovered, and who never came back."""

from collections.abc import Callable
from functools import partial

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.customer import KEPT, Customer, memberships, step
from kpi.facts import Count, Fact, Memberships
from kpi.kinds import KINDS
from kpi.record import Record
from tests.builders import T0, fact, summed, totals
from tests.kpi.customer_lists import DAY, HOUR, brute_force, stories
from tests.laws import WIDE

fold = partial(KINDS["u"].fold, None)


def queued(contact: str, at: float, leg: str = "1", queue: str = "support") -> Fact:
    return fact("queued", at, f"{contact}|{leg}", queue=queue)


def gave_up(contact: str, at: float, leg: str = "1", queue: str = "support") -> Fact:
    return fact("left_queue", at, f"{contact}|{leg}", what="abandoned", queue=queue)


def answered(contact: str, at: float, leg: str = "1", queue: str = "support") -> Fact:
    return fact("answered", at, f"{contact}|{leg}", queue=queue)


def ended(contact: str, at: float, leg: str = "1") -> Fact:
    return fact("ended", at, f"{contact}|{leg}", queue=None, what="customer")


def told(*facts: Fact) -> dict[str, int]:
    _, counts = fold(facts)
    return totals(counts)


def lost(*facts: Fact) -> dict[str, float]:
    """Leg -> seconds after T0, of the live set `lost`."""
    state, _ = fold(facts)
    return {leg: (score - T0) / 1000 for (_, _, _, leg), score in memberships("u1", state).items()}


class TestArrivals:
    def test_a_contact_arrives_once_in_the_queue_and_pane_of_its_first_fact(self) -> None:
        _, counts = fold([queued("a", 15), answered("a", 95, queue="sales"), ended("a", 200)])
        assert counts == [(T0 + 10_000, "support", "voice", "cust_arrived", 1)]

    @pytest.mark.parametrize(
        ("since", "repeats"),
        [
            (HOUR, ["1h", "24h", "7d"]), (HOUR + 0.001, ["24h", "7d"]), (DAY, ["24h", "7d"]), (DAY + 1, ["7d"]),
            (7 * DAY, ["7d"]), (7 * DAY + 0.001, []),
        ],
    )  # fmt: skip
    def test_a_contact_is_a_repeat_of_whatever_was_heard_last(self, since: float, repeats: list[str]) -> None:
        found = told(queued("a", 0), ended("a", 500), queued("b", 500 + since))
        assert found == {"cust_arrived": 2} | {f"repeat.{name}": 1 for name in repeats}

    def test_a_first_fact_without_a_queue_arrives_nowhere_and_is_remembered(self) -> None:
        assert told(ended("a", 0), queued("a", 5)) == {}
        assert told(ended("a", 0), queued("b", 5))["repeat.1h"] == 1

    @pytest.mark.parametrize(
        ("last", "after", "arrived"),
        [
            (ended, DAY, 1), (ended, DAY + 1, 2), (gave_up, DAY, 1), (gave_up, DAY + 1, 2),
            (answered, 8 * DAY, 1), (answered, 8 * DAY + 1, 2),
        ],
    )  # fmt: skip
    def test_a_contact_is_known_for_a_day_after_it_is_over_and_eight_days_before(
        self, last: Callable[[str, float], Fact], after: float, arrived: int
    ) -> None:
        assert told(queued("a", 0), last("a", 10), queued("a", 10 + after, "2"))["cust_arrived"] == arrived

    def test_a_contact_that_goes_on_after_an_end_is_not_over(self) -> None:
        facts = [queued("a", 0), ended("a", 10), queued("a", 20, "2"), answered("a", 2 * DAY, "2")]
        assert told(*facts)["cust_arrived"] == 1


class TestLostAndRecovered:
    def test_who_gave_up_is_lost_where_and_when_it_happened(self) -> None:
        facts = [queued("a", 0), gave_up("a", 31)]
        state, _ = fold(facts)
        assert told(*facts) == {"cust_arrived": 1, "cust_abandoned": 1}
        assert memberships("u1", state) == {("lost", "support", "voice", "a|1"): T0 + 31_000}

    @pytest.mark.parametrize("what", ["timeout", "callback_requested", "overflow", "lost_unknown"])
    def test_only_giving_up_is_lost(self, what: str) -> None:
        assert lost(queued("a", 0), fact("left_queue", 30, "a|1", what=what)) == {}

    @pytest.mark.parametrize(("after", "minutes"), [(0, 0), (1, 1), (60, 1), (60.001, 2), (3600, 60)])
    def test_an_answer_of_another_leg_recovers_it_in_the_pane_of_the_abandonment(
        self, after: float, minutes: int
    ) -> None:
        facts = [queued("a", 0), gave_up("a", 25), queued("b", 25), answered("b", 25 + after, queue="sales")]
        _, counts = fold(facts)
        assert (T0 + 20_000, "support", "voice", f"recovered.{minutes}", 1) in counts
        assert lost(*facts) == {}

    def test_an_answer_of_another_leg_of_the_same_contact_recovers_it_too(self) -> None:
        facts = [queued("a", 0), gave_up("a", 30), queued("a", 40, "2"), answered("a", 50, "2")]
        assert told(*facts)["recovered.1"] == 1

    def test_one_answer_recovers_everything_before_it_and_nothing_after(self) -> None:
        facts = [queued("a", 0), gave_up("a", 30), queued("b", 40), gave_up("b", 50), answered("c", 60)]
        assert told(*facts)["recovered.1"] == 2
        assert told(*facts, gave_up("d", 70))["cust_abandoned"] == 3
        assert lost(*facts, gave_up("d", 70)) == {"d|1": 70}

    def test_an_answer_of_the_same_leg_withdraws_the_abandonment(self) -> None:
        facts = [queued("a", 0), gave_up("a", 30), answered("a", 31)]
        assert told(*facts) == {"cust_arrived": 1}
        assert lost(*facts) == {}

    def test_what_is_withdrawn_takes_back_its_recovery_and_return_as_well(self) -> None:
        facts = [queued("a", 0), gave_up("a", 30), queued("b", 60), answered("b", 70)]
        assert told(*facts) == {
            "cust_arrived": 2, "cust_abandoned": 1, "repeat.1h": 1, "repeat.24h": 1, "repeat.7d": 1,
            "returned.1": 1, "recovered.1": 1,
        }  # fmt: skip
        assert told(*facts, answered("a", 71)) == {
            "cust_arrived": 2, "repeat.1h": 1, "repeat.24h": 1, "repeat.7d": 1,
        }  # fmt: skip

    def test_a_second_abandonment_of_a_leg_changes_nothing(self) -> None:
        twice = [queued("a", 0), gave_up("a", 30), gave_up("a", 31)]
        assert told(*twice)["cust_abandoned"] == 1
        assert lost(*twice) == {"a|1": 30}

    def test_an_abandonment_is_forgotten_after_seven_days(self) -> None:
        facts = [queued("a", 0), gave_up("a", 0), queued("a", 3 * DAY, "2")]
        assert "recovered.10080" in told(*facts, answered("b", 7 * DAY))
        assert lost(*facts, ended("a", 7 * DAY, "2")) == {"a|1": 0}
        assert lost(*facts, ended("a", 7 * DAY + 1, "2")) == {}


class TestComingBack:
    @pytest.mark.parametrize(("after", "hours"), [(0, 0), (1, 1), (HOUR, 1), (HOUR + 1, 2), (7 * DAY, 168)])
    def test_the_next_contact_is_the_return_in_the_pane_of_the_abandonment(self, after: float, hours: int) -> None:
        _, counts = fold([queued("a", 0), gave_up("a", 25), queued("b", 25 + after, queue="sales")])
        assert (T0 + 20_000, "support", "voice", f"returned.{hours}", 1) in counts

    def test_the_share_that_never_came_back_is_abandoned_minus_returned(self) -> None:
        stays_away = [queued("a", 0), gave_up("a", 30)]
        comes_back = [*stays_away, queued("b", 600), answered("b", 660), queued("c", DAY), queued("d", 2 * DAY)]
        found = [told(*facts) for facts in (stays_away, comes_back)]
        returned = [sum(n for field, n in one.items() if field.startswith("returned.")) for one in found]
        assert [one["cust_abandoned"] for one in found] == [1, 1]
        assert returned == [0, 1]

    def test_who_was_recovered_in_the_same_contact_still_comes_back_with_the_next(self) -> None:
        facts = [queued("a", 0), gave_up("a", 30), queued("a", 40, "2"), answered("a", 50, "2"), queued("b", HOUR)]
        assert told(*facts)["returned.1"] == 1

    def test_neither_the_same_contact_nor_one_that_was_there_before_is_a_return(self) -> None:
        facts = [queued("b", 0), queued("a", 5), gave_up("a", 30), answered("b", 60), queued("a", 90, "2")]
        assert not any(field.startswith("returned") for field in told(*facts))


@given(stories())
@WIDE
def test_a_story_told_in_order_is_what_the_whole_list_adds_up_to(facts: list[Fact]) -> None:
    state, counts = fold(sorted(facts))
    found, away = brute_force(sorted(facts))
    assert {(pane, queue, field): n for (pane, queue, _, field), n in summed(counts).items()} == found
    assert {leg: at for (_, _, _, leg), at in memberships("u1", state).items()} == away


@given(stories())
@WIDE
def test_a_state_that_was_stored_goes_on_as_if_it_had_not_been(facts: list[Fact]) -> None:
    plain, stored = Customer(), Customer()
    for one in sorted(facts):
        plain, counts = step(plain, one)
        stored, same = step(msgspec.msgpack.decode(msgspec.msgpack.encode(stored), type=Customer), one)
        assert stored == plain
        assert same == counts


def deliver(sent: list[list[Fact]]) -> tuple[dict[tuple[int, str, str, str], int], Memberships]:
    """What a record of the customer adds up to, batch by batch, stored and read back in between."""
    record, counts = Record("u:u1"), list[Count]()
    standing: Memberships = {}
    for batch in sent:
        for one in batch:
            record.add(one)
        more, gained, gone = record.settle()
        counts += more
        standing = {name: score for name, score in standing.items() if name not in gone} | gained
        record = Record.unpack("u:u1", record.pack())
    return summed(counts), standing


@given(stories(longest=3600), st.data())
@WIDE
def test_order_and_repetition_change_nothing_of_a_customer(facts: list[Fact], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(facts + data.draw(st.lists(st.sampled_from(facts), max_size=4))))
    cut = data.draw(st.integers(0, len(shuffled)))
    assert deliver([shuffled[:cut], shuffled[cut:]]) == deliver([sorted(facts)])


def test_a_key_that_thousands_of_anonymous_callers_share_stays_bounded() -> None:
    state, sizes = Customer(), []
    for day in range(10):
        for n in range(2_000):
            at, name = day * DAY + n * 40, f"anonymous-{day}-{n}"
            last = (gave_up, answered, ended)[n % 3]
            # Two days of nothing but giving up, and contacts whose end never comes.
            last = gave_up if day in (4, 5) else last
            for one in (queued(name, at), last(name, at + 30)):
                state, _ = step(state, one)
        sizes.append(len(msgspec.msgpack.encode(state)))
    assert max(len(state.active), len(state.over), len(state.lost), len(state.recovered), len(state.away)) <= KEPT
    assert max(sizes) < 80_000
    assert max(sizes[6:]) <= 1.2 * max(sizes[:6])


def test_a_customer_is_never_open() -> None:
    state, _ = fold([queued("a", 0)])
    assert not state.is_open
