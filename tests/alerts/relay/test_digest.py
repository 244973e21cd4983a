"""What a robot says next."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from alerts.relay.digest import Pending, Story, Told, next_message, stories
from alerts.relay.notice import Alert
from tests.alerts.relay.calls import alert
from tests.laws import WIDE

CALLS = st.lists(
    st.tuples(
        st.sampled_from(["i1", "i2", "i3"]),
        st.lists(
            st.builds(
                lambda queue, severity, is_over, start: alert(
                    queue, severity, status="resolved" if is_over else "firing", started=f"2026-11-20T10:00:0{start}Z"
                ),
                st.sampled_from("abcd"),
                st.sampled_from(["critical", "warning"]),
                st.booleans(),
                st.integers(0, 3),
            ),
            min_size=1,
            max_size=5,
        ),
    ),
    max_size=15,
)


def calls(*given: tuple[str, Sequence[Alert]]) -> list[Pending]:
    return [Pending(number, incident, 1_000 * number, alerts) for number, (incident, alerts) in enumerate(given, 1)]


def only(found: list[Story]) -> Story:
    assert len(found) == 1
    return found[0]


def test_what_is_new_over_and_still_on_is_told_from_what_the_chat_knows() -> None:
    a, b, c = alert("a"), alert("b", "warning"), alert("c")
    first = only(stories(calls(("i", [a, b])), {}))
    over = alert("a", status="resolved")
    second = only(stories(calls(("i", [over, b, c])), {"i": first.after()}))

    assert (first.new, first.over, first.still) == ((a, b), (), ())
    assert (second.new, second.over, second.still) == ((c,), (over,), (b,))
    assert second.flashes == frozenset()


def test_an_alert_that_came_and_went_while_the_robot_was_blocked_is_told_once_as_that() -> None:
    over = alert("a", status="resolved")
    story = only(stories(calls(("i", [alert("a")]), ("i", [over])), {}))

    assert (story.new, story.over) == ((), (over,))
    assert (story.flashes, story.ids) == (frozenset({over.id}), (1, 2))


def test_one_that_came_again_meanwhile_is_two() -> None:
    again = alert("a", started="2026-11-20T10:09:00.000Z")
    over = alert("a", status="resolved")
    story = only(stories(calls(("i", [alert("a")]), ("i", [over]), ("i", [again])), {}))

    assert (story.new, story.over) == ((again,), (over,))


def test_the_second_alertmanagers_word_of_an_end_is_no_news() -> None:
    over = alert("a", status="resolved")
    told = only(stories(calls(("i", [over])), {"i": Told({over.id: False})})).after()

    assert only(stories(calls(("i", [over])), {"i": told})).is_silent


def test_while_there_is_a_message_for_each_incident_each_gets_one_else_all_share_one() -> None:
    waiting = stories(calls(("i1", [alert("a", "warning")]), ("i2", [alert("b")]), ("i3", [alert("c")])), {})

    assert [story.incident for story in waiting] == ["i2", "i3", "i1"]
    assert [story.incident for story in next_message(waiting, 3)] == ["i2"]
    assert len(next_message(waiting, 2)) == 3
    assert len(next_message(waiting[:1], 0)) == 1


@WIDE
@given(given=CALLS, free=st.integers(0, 5))
def test_nothing_is_lost(given: list[tuple[str, list[Alert]]], free: int) -> None:
    pending, told = calls(*given), dict[str, Told]()
    ends = {(incident, one.id): one.is_over for incident, alerts in given for one in alerts}
    said: dict[tuple[str, str], bool] = {}
    while pending:
        message = next_message(stories(pending, told), free)
        settled = {id for story in message for id in story.ids}
        assert settled, "something is said"
        for story in message:
            said |= {(story.incident, one.id): one.is_over for one in story.alerts}
            told[story.incident] = story.after()
        pending = [call for call in pending if call.id not in settled]

    assert said == ends, "every alert of every incident, with how it ended"


@WIDE
@given(given=CALLS)
def test_calls_one_by_one_or_all_at_once_leave_the_chat_knowing_the_same(
    given: list[tuple[str, list[Alert]]],
) -> None:
    one_by_one: dict[str, Told] = {}
    for call in calls(*given):
        for story in stories([call], one_by_one):
            one_by_one[story.incident] = story.after()
    at_once = {story.incident: story.after() for story in stories(calls(*given), {})}

    assert {name: told.alerts for name, told in one_by_one.items()} == {
        name: told.alerts for name, told in at_once.items()
    }
