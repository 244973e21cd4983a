"""What snapshots change: alerts that begin with their true start, end once, survive restarts, and fail alone."""

from __future__ import annotations

import dataclasses

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import evaluate
from alerts.changes import LIMIT_GONE, QUEUE_GONE
from alerts.evaluate import Evaluator
from alerts.incidents import STAYS_OPEN_MS
from alerts.policy import step
from alerts.seen_queues import QUEUE_GONE_MS, SNAPSHOT_LIVES_MS
from kpi.alert_state import KEEP_RESOLVED_MS, Held
from kpi.floor import parse_floor
from kpi.keys import queue_suffix
from kpi.quiet import Quiet
from kpi.snapshot import State
from tests.alerts.evaluating import T0, configured, ended, evaluator, look, looked, missed, told
from tests.alerts.published import FLOOR, snapshot

LONG = "QueueLongestWaitHigh"


def test_an_alert_begins_when_its_limit_was_passed_not_when_somebody_looked() -> None:
    one = evaluator()

    changes = look(one, 0, 75)

    (held,) = changes.told
    assert (held.rule, held.severity, held.phase, held.queue) == (LONG, "warning", "firing", "support")
    assert (held.since_ms, held.fired_ms) == (T0 - 15_000, T0)
    assert (held.value, held.threshold, held.incident) == (75, 60, "support-20261120T095945Z")
    assert held.annotations == {"summary": "support 75.0"}
    assert changes.stored == {held.field: held} == one.helds


def test_a_calm_queue_changes_nothing() -> None:
    assert not look(evaluator(), 0, 3, 4)


def test_it_is_over_after_its_keep_and_not_before() -> None:
    one = evaluator()
    look(one, 0, 75)

    held = ended(one, 1_000)

    assert (held.phase, held.resolved_ms, held.ended_ms, held.reason) == ("ok", T0 + 31_000, T0 + 31_000, "resolved")
    assert one.active() == []


def test_what_waits_for_its_time_is_stored_and_told_to_nobody() -> None:
    one = evaluator()

    changes = look(one, 0, *[1] * 10)
    assert told(changes) == []
    assert [held.phase for held in changes.stored.values()] == ["pending"]

    changes = look(one, 1_000)
    assert (told(changes), changes.stored, len(changes.gone)) == ([], {}, 1)
    assert one.helds == {}


def test_a_snapshot_that_is_not_newer_is_passed_over() -> None:
    one = evaluator()
    look(one, 1_000, 3)

    assert not look(one, 1_000, 75)
    assert not look(one, 500, 75)
    assert look(one, 1_001, 75)


@pytest.mark.parametrize("state", ["stale", "rebuilding"])
def test_nothing_begins_or_ends_by_numbers_that_are_not_fresh(state: State) -> None:
    one = evaluator()
    assert not look(one, 0, 75, state=state)
    look(one, 1_000, 75)

    for second in range(2, 200):
        assert not look(one, second * 1_000, state=state)

    assert [held.phase for held in one.active()] == ["firing"]


FLOOR_OF_TWO = parse_floor('[queue.a]\ngroup = "G"\n[queue.b]\ngroup = "G"\n[queue.c]\ngroup = "H"\n')


def test_alerts_of_one_group_that_begin_together_are_one_incident_named_after_the_first() -> None:
    one = evaluator(FLOOR_OF_TWO)
    shots = [
        snapshot((wait,), at_ms=T0, queue=queue, floor=FLOOR_OF_TWO)
        for queue, wait in (("b", 70), ("a", 100), ("c", 90))
    ]

    found = {held.queue: (held.incident, held.group) for held in looked(one, *shots).told}

    assert found["a"] == found["b"] == ("a-20261120T095920Z", "G")
    assert found["c"] == ("c-20261120T095930Z", "H")


def test_the_name_of_an_incident_never_changes_while_it_lasts() -> None:
    one = evaluator(FLOOR_OF_TWO)
    first = looked(one, snapshot((70,), at_ms=T0, queue="b", floor=FLOOR_OF_TWO)).told[0].incident

    worse = looked(one, snapshot((200,), at_ms=T0 + 500, queue="b", floor=FLOOR_OF_TWO)).told

    assert [(held.severity, held.incident) for held in worse] == [("critical", first)]


@pytest.mark.parametrize("where", ["floor.toml", "page"])
def test_while_it_is_quiet_nobody_is_told_and_what_fires_ends(where: str) -> None:
    quiet = Quiet(id="q", from_ms=T0 + 1_000, to_ms=T0 + 60_000, queue="support")
    floor = dataclasses.replace(FLOOR, quiet=(quiet,)) if where == "floor.toml" else FLOOR
    one = evaluator(floor)
    one.quiets = (quiet,) if where == "page" else ()
    look(one, 0, 75)

    (over,) = look(one, 1_000, 76).told
    assert (over.reason, over.resolved_ms, over.is_active) == ("quiet", T0 + 1_000, False)
    assert told(look(one, 30_000, 105)) == []

    (again,) = look(one, 60_000, 135).told
    assert (again.phase, again.since_ms, again.resolved_ms) == ("firing", over.since_ms, None)


def test_a_limit_that_is_gone_ends_its_alerts_and_says_why(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    one = evaluator()
    look(one, 0, 200, *[1] * 9)
    off = parse_floor("[queue.support]\nthresholds = { longest_wait_seconds = false, waiting = false }\n")

    changes = configured(one, off, T0 + 10)

    assert [(held.rule, held.severity, held.reason) for held in changes.told] == [
        (LONG, "warning", LIMIT_GONE),
        (LONG, "critical", LIMIT_GONE),
    ]
    assert len(changes.gone) == 1, "the length was pending: nobody heard of it"
    assert one.active() == []
    assert LIMIT_GONE in [record.__dict__.get("reason") for record in caplog.records]
    assert told(look(one, 1_000, 201, floor=off)) == []


def test_another_limit_holds_from_the_next_look_on() -> None:
    one = evaluator()
    look(one, 0, 75)
    higher = parse_floor("[defaults.thresholds]\nlongest_wait_seconds = { warning = 100, critical = 180 }\n")

    assert not configured(one, higher, T0)

    assert ended(one, 1_000, 76, floor=higher).threshold == 100


def test_a_queue_that_nobody_publishes_any_more_ends_its_alerts_after_a_while() -> None:
    one = evaluator()
    look(one, 0, 75)

    assert not missed(one, set(), T0)
    assert not missed(one, {("support", "voice")}, T0 + QUEUE_GONE_MS)
    assert not missed(one, set(), T0 + QUEUE_GONE_MS + 1)
    (over,) = missed(one, set(), T0 + 2 * QUEUE_GONE_MS + 1).told

    assert (over.reason, over.resolved_ms, over.ended_ms) == (QUEUE_GONE, T0, T0 + 2 * QUEUE_GONE_MS + 1)


def test_while_nobody_publishes_fresh_numbers_no_queue_counts_as_gone() -> None:
    one = evaluator()
    look(one, 0, 75)

    assert not missed(one, set(), T0)
    one.unsure()

    assert not missed(one, set(), T0 + 5 * QUEUE_GONE_MS)
    assert missed(one, set(), T0 + 6 * QUEUE_GONE_MS).told


def test_what_ended_is_forgotten_after_an_hour() -> None:
    one = evaluator()
    look(one, 0, 75)
    ended(one, 1_000)

    assert not one.tidy(T0 + 31_000 + KEEP_RESOLVED_MS)
    assert len(one.tidy(T0 + 31_001 + KEEP_RESOLVED_MS).gone) == 1
    assert one.helds == {}


def test_an_alert_that_comes_again_is_an_alert_of_its_own() -> None:
    one = evaluator()
    first = look(one, 0, 75).told[0]
    ended(one, 1_000)

    second = look(one, 40_000, 61).told[0]

    assert (second.since_ms, second.resolved_ms, second.ended_ms) == (T0 + 39_000, None, None)
    # Trouble that is back so soon is the same incident, so that a value which swings is not a message at each swing.
    assert second.incident == first.incident

    ended(one, 41_000)
    third = look(one, 71_000 + STAYS_OPEN_MS + 1_000, 61).told[0]
    assert third.incident != first.incident


def test_a_rule_that_fails_silences_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(limit: object, *arguments: object) -> object:
        if limit.rule.name == LONG:  # type: ignore[attr-defined]
            raise ZeroDivisionError
        return step(limit, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(evaluate, "step", failing)
    one = evaluator()

    changes = look(one, 0, *[75] * 20)

    assert sorted(told(changes)) == [
        ("QueueLengthHigh", "critical", "firing"),
        ("QueueLengthHigh", "warning", "firing"),
    ]
    assert one.failures == {LONG: 2}


def test_an_alert_whose_texts_fail_is_told_in_bare_words() -> None:
    def failing(*_: object) -> dict[str, str]:
        raise KeyError("size")

    one = Evaluator(FLOOR, failing)

    assert look(one, 0, 75).told[0].annotations == {"summary": f"support: {LONG}"}
    assert one.failures == {LONG: 1}


def test_an_alert_that_fires_again_without_texts_is_not_told_in_the_words_of_its_end() -> None:
    one = evaluator()
    look(one, 0, 75)
    ended(one, 1_000)

    def failing(*_: object) -> dict[str, str]:
        raise KeyError("size")

    again = Evaluator(FLOOR, failing)
    again.load(one.helds.values(), FLOOR, T0 + 40_000)

    (held,) = look(again, 41_000, 75).told
    assert held.annotations == {"summary": f"support: {LONG}"}


def test_a_board_whose_clock_was_put_back_is_believed_again() -> None:
    one = evaluator()
    look(one, 3_600_000, 3)

    assert not look(one, 3_600_000 - SNAPSHOT_LIVES_MS, 75), "late, not another clock"
    assert told(look(one, 0, 75)) == [(LONG, "warning", "firing")]
    assert not look(one, 0, 75)
    assert told(look(one, 1_000, 181)) == [(LONG, "critical", "firing")]


def test_more_queues_than_anybody_has_are_not_remembered_but_those_of_floor_toml_are(
    caplog: pytest.LogCaptureFixture,
) -> None:
    floor = parse_floor("[queue.mine]\n")
    one = evaluator(floor, most_queues=3)
    for number in range(10):
        look(one, 0, 75, queue=f"invented-{number}")

    look(one, 0, 75, queue="mine", floor=floor)

    assert {held.queue for held in one.active()} == {"invented-0", "invented-1", "invented-2", "mine"}
    assert [record.getMessage()[:18] for record in caplog.records] == ["more than 3 queues"]


@pytest.mark.parametrize("queue", ["", "a|b:c%", "x" * 2_000, "客服", "\x00\n\u202e", "{}#", "#", "../../etc"])
def test_a_queue_may_have_any_name(queue: str) -> None:
    one = evaluator()

    (held,) = look(one, 0, 75, queue=queue).told

    assert held.field.endswith(queue_suffix(queue, "voice"))
    assert Held.from_json(held.to_json()) == held
    assert held.incident


WAITS = st.lists(st.tuples(st.integers(1, 40_000), st.sampled_from([0, 5, 59, 60, 61, 90, 180, 300])), max_size=25)


@settings(max_examples=60)
@given(story=WAITS, restarts=st.sets(st.integers(0, 24)))
def test_a_restart_at_any_point_changes_nothing_that_people_hear(
    story: list[tuple[int, int]], restarts: set[int]
) -> None:
    straight, restarted = evaluator(), evaluator()
    stored: dict[str, bytes] = {}
    names: dict[str, tuple[int, str, str]] = {}
    at = 0
    for number, (pause, wait) in enumerate(story):
        at += pause
        waits = (wait,) if wait else ()
        expected, changes = look(straight, at, *waits), look(restarted, at, *waits)
        assert sorted(told(changes)) == sorted(told(expected))
        for held in changes.told:
            # Whoever did not see it begin asks the contacts since when; told once, it stays as it was told.
            called = held.since_ms, held.incident, held.group
            assert names.pop(held.field, called) == called
            if held.is_active:
                names[held.field] = called
        stored |= {name: held.to_json() for name, held in changes.stored.items()}
        for gone in changes.gone:
            stored.pop(gone)
        if number in restarts:
            restarted = evaluator()
            assert not restarted.load([Held.from_json(text) for text in stored.values()], FLOOR, T0 + at)


# Nobody serves them, or somebody does: of this the contacts do not say since when.
UNATTENDED = st.lists(st.tuples(st.integers(100, 4_000), st.integers(0, 1)), min_size=4, max_size=40)


@settings(max_examples=60)
@given(story=UNATTENDED, restarts=st.sets(st.integers(0, 39)))
def test_nor_does_it_where_only_those_who_looked_know_since_when(
    story: list[tuple[int, int]], restarts: set[int]
) -> None:
    straight, restarted = evaluator(), evaluator()
    stored: dict[str, bytes] = {}
    at = 0
    for number, (pause, n) in enumerate(story):
        at += pause
        shot = snapshot((1,) * n, at_ms=T0 + at)
        shot = msgspec.structs.replace(shot, judged={**shot.judged, "unattended_contacts": float(n)}, since_ms={})
        expected, changes = looked(straight, shot), looked(restarted, shot)
        assert [(*one, held.since_ms) for one, held in zip(told(changes), changes.told, strict=True)] == [
            (*one, held.since_ms) for one, held in zip(told(expected), expected.told, strict=True)
        ]
        stored |= {name: held.to_json() for name, held in changes.stored.items()}
        for gone in changes.gone:
            stored.pop(gone)
        if number in restarts:
            restarted = evaluator()
            restarted.load([Held.from_json(text) for text in stored.values()], FLOOR, T0 + at)


@settings(max_examples=60)
@given(story=WAITS)
def test_nothing_begins_twice_without_an_end_between(story: list[tuple[int, int]]) -> None:
    one, at = evaluator(), 0
    on: set[str] = set()
    for pause, wait in story:
        at += pause
        for held in look(one, at, *((wait,) if wait else ())).told:
            assert held.is_active != (held.field in on)
            on ^= {held.field}
        assert on == {held.field for held in one.active()}
