import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.incidents import TOGETHER_MS, Incidents, Member, Place, incident_for
from kpi.label_names import label_name
from tests.alerts.looks import T0
from tests.laws import WIDE

SUPPORT = Place("support", "voice", "After-sales", "0800 1", "asterisk")
BILLING = Place("billing", "voice", "After-sales")
SALES = Place("sales", "voice", "Pre-sales", "0800 2", "asterisk")
LONE = Place("lone", "voice")

NAMES = st.sampled_from(["", "a", "b"])
PLACES = st.builds(Place, st.sampled_from(["q", "r", "s t"]), st.sampled_from(["voice", "chat"]), NAMES, NAMES, NAMES)
STARTS = st.integers(-4, 4).map(lambda n: T0 + n * 40_000)
MEMBERS = st.lists(st.builds(Member, PLACES, STARTS), min_size=1, max_size=3)
OPEN = st.dictionaries(st.sampled_from(["i1", "i2", "i3", "q-20261120T100000Z"]), MEMBERS, max_size=3)


def test_a_first_alert_is_an_incident_of_its_own_named_by_queue_and_start() -> None:
    assert incident_for(SUPPORT, T0 + 999, {}) == "support-20261120T100000Z"


def test_the_name_holds_letters_of_any_script_and_nothing_that_needs_escaping() -> None:
    assert incident_for(Place("会员 专线/a{b}\n", "voice"), T0, {}) == "会员_专线_a_b__-20261120T100000Z"


@pytest.mark.parametrize("long", ["x" * 500, "客服专线" * 60])
def test_a_name_is_short_enough_to_be_a_label_as_it_is(long: str) -> None:
    first = incident_for(Place(long, "voice"), T0, {})
    second = incident_for(Place(long, long), T0, {first: [Member(Place(long, "voice"), T0)]})
    third = incident_for(Place(long, long + "x"), T0, {name: [Member(LONE, T0)] for name in (first, second)})
    assert len({first, second, third}) == 3
    assert all(label_name(name) == name for name in (first, second, third))


def test_one_that_waits_to_fire_again_does_not_make_its_incident_young() -> None:
    open_ = Incidents()
    open_.add("old", Member(SUPPORT, T0 + 300_000), is_shared=False)
    assert open_.name_for(BILLING, T0 + 310_000) != "old"
    assert open_.name_for(SUPPORT, T0 + 310_000) == "old"


def test_queues_that_share_a_group_entry_point_or_source_and_begin_together_are_one() -> None:
    open_ = {"first": [Member(SUPPORT, T0)]}
    assert incident_for(BILLING, T0 + TOGETHER_MS, open_) == "first"
    assert incident_for(BILLING, T0 - TOGETHER_MS, open_) == "first"
    assert incident_for(SALES, T0, open_) == "first"
    assert incident_for(Place("x", "chat", entry_point="0800 1"), T0, open_) == "first"


def test_what_begins_later_or_shares_nothing_is_another() -> None:
    open_ = {"first": [Member(SUPPORT, T0)]}
    assert incident_for(BILLING, T0 + TOGETHER_MS + 1, open_) != "first"
    assert incident_for(BILLING, T0 - TOGETHER_MS - 1, open_) != "first"
    assert incident_for(LONE, T0, open_) != "first"
    assert incident_for(Place("x", "voice"), T0, {"first": [Member(LONE, T0)]}) != "first"


def test_only_the_first_start_counts_so_that_an_incident_does_not_go_on_for_ever() -> None:
    open_ = {"first": [Member(SUPPORT, T0), Member(BILLING, T0 + 110_000)]}
    assert incident_for(Place("c", "voice", "After-sales"), T0 + 130_000, open_) != "first"


def test_another_alert_of_the_same_queue_joins_whenever_it_begins() -> None:
    assert incident_for(SUPPORT, T0 + 3_600_000, {"first": [Member(SUPPORT, T0)]}) == "first"


def test_its_own_queue_comes_before_its_group() -> None:
    open_ = {"group": [Member(BILLING, T0 - 60_000)], "own": [Member(SUPPORT, T0)]}
    assert incident_for(SUPPORT, T0, open_) == "own"


def test_of_several_the_one_that_began_first() -> None:
    open_ = {"a": [Member(BILLING, T0)], "b": [Member(BILLING, T0 - 60_000)], "c": [Member(BILLING, T0 - 60_000)]}
    assert incident_for(SUPPORT, T0, open_) == "b"


def test_the_same_queue_on_another_channel_has_a_name_of_its_own() -> None:
    open_ = {"lone-20261120T100000Z": [Member(LONE, T0)]}
    assert incident_for(Place("lone", "chat"), T0, open_) == "lone-chat-20261120T100000Z"
    open_["lone-chat-20261120T100000Z"] = [Member(Place("lone", "email"), T0)]
    assert incident_for(Place("lone", "chat"), T0, open_) == "lone-20261120T100000Z-2"


@given(PLACES, STARTS, OPEN)
@WIDE
def test_it_joins_what_it_shares_with_and_nothing_else(
    place: Place, since_ms: int, open_: dict[str, list[Member]]
) -> None:
    name = incident_for(place, since_ms, open_)
    if name in open_:
        began = min(member.since_ms for member in open_[name])
        places = [member.place for member in open_[name]]
        same = any((place.queue, place.channel) == (other.queue, other.channel) for other in places)
        shared = any(
            getattr(place, what) and getattr(place, what) == getattr(other, what)
            for other in places
            for what in ("group", "entry_point", "source")
        )
        assert same or (shared and abs(since_ms - began) <= 120_000)
    else:
        assert re.fullmatch(r"[\w.-]+-\d{8}T\d{6}Z(-\d+)?", name)


@given(PLACES, STARTS, OPEN)
@WIDE
def test_whoever_asks_gets_the_same_answer_and_stays_with_it(
    place: Place, since_ms: int, open_: dict[str, list[Member]]
) -> None:
    name = incident_for(place, since_ms, open_)
    assert incident_for(place, since_ms, dict(reversed(open_.items()))) == name
    joined = {**open_, name: [*open_.get(name, []), Member(place, since_ms)]}
    if not any(_holds(members, place) for members in open_.values()):
        assert incident_for(place, since_ms + 3_600_000, joined) == name


@given(st.lists(st.tuples(PLACES, STARTS), max_size=12))
@WIDE
def test_one_after_the_other_they_get_the_names_that_each_would_get_alone(alerts: list[tuple[Place, int]]) -> None:
    known, open_ = Incidents(), dict[str, list[Member]]()
    for place, since_ms in alerts:
        name = known.name_for(place, since_ms)
        assert name == incident_for(place, since_ms, open_)
        known.add(name, Member(place, since_ms))
        open_.setdefault(name, []).append(Member(place, since_ms))


@pytest.mark.parametrize("since_ms", [-(10**18), 10**18])
def test_an_instant_that_no_calendar_holds_costs_no_alert(since_ms: int) -> None:
    assert re.fullmatch(r"lone-\d{8}T\d{6}Z", incident_for(LONE, since_ms, {}))


def test_names_that_look_alike_where_they_are_cut_are_told_apart() -> None:
    known = Incidents()
    names = []
    for number in range(1_000):
        place = Place(f"{'x' * 120}{number}", "voice")
        names.append(known.name_for(place, T0))
        known.add(names[-1], Member(place, T0))
    assert len(set(names)) == 1_000
    assert names[2].endswith("-2") and names[-1].endswith("-999")


def _holds(members: list[Member], place: Place) -> bool:
    return any((each.place.queue, each.place.channel) == (place.queue, place.channel) for each in members)
