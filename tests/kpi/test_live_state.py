"""What the live sets say at one instant, worked out by hand."""

import pytest

from kpi.live_state import LiveState, QueueStaff, backlog_of, drift_of, flow_of, ghosts_of, now_of
from kpi.measures import summary
from kpi.opening import Opening
from kpi.tally import Tally

NOW = 1_795_168_830_000  # 2026-11-20T10:00:30Z
HOUR = 3_600_000
ALWAYS = Opening()


def test_at_risk_is_who_passes_the_target_within_ten_seconds() -> None:
    joined = (NOW - 20_001, NOW - 20_000, NOW - 10_001, NOW - 10_000)

    found = now_of(LiveState(joined), NOW, 20, True)

    assert (found.at_risk, found.waiting_over_target["1"]) == (2, 1)


def test_with_a_target_below_ten_seconds_everybody_within_it_is_at_risk() -> None:
    assert now_of(LiveState((NOW - 5_001, NOW - 5_000, NOW)), NOW, 5, True).at_risk == 2


def test_chats_without_a_reply_are_as_old_as_the_oldest() -> None:
    found = now_of(LiveState(unanswered_since=(NOW - 61_500, NOW)), NOW, 20, True)

    assert (found.unanswered, found.oldest_unanswered_since_ms) == (2, NOW - 61_500)
    assert found.oldest_unanswered_seconds == 61.5
    assert now_of(LiveState(), NOW, 20, True).oldest_unanswered_seconds is None


def test_a_callback_is_due_at_its_time_and_overdue_a_quarter_of_an_hour_later() -> None:
    due = (NOW - 900_001, NOW - 900_000, NOW, NOW + 1)

    found = now_of(LiveState(callbacks_at=due), NOW, 20, True).callbacks

    assert (found.scheduled, found.due, found.overdue) == (1, 3, 1)


def test_a_caller_is_shown_as_lost_for_an_hour() -> None:
    assert now_of(LiveState(lost_at=(NOW - HOUR - 1, NOW - HOUR, NOW)), NOW, 20, True).lost == 2


def test_who_serves_the_queue_is_told_as_it_was_counted() -> None:
    found = now_of(LiveState(), NOW, 20, True, QueueStaff({"idle": 2, "break": 1}, 2, 2, 2, 6))

    assert found.agents == {"idle": 2, "break": 1}
    assert (found.available, found.staffed, found.with_capacity, found.free_slots) == (2, 2, 2, 6)


@pytest.mark.parametrize(("offered", "answered", "drain"), [(5, 10, 240), (10, 5, None), (5, 5, None)])
def test_a_queue_that_shrinks_is_empty_when_its_pace_says_so(offered: int, answered: int, drain: float | None) -> None:
    found = flow_of(summary(Tally({"offered": offered, "answered": answered})), waiting=4)

    assert (found.in_per_minute, found.out_per_minute) == (offered / 5, answered / 5)
    assert found.net_per_minute == (offered - answered) / 5
    assert found.drain_seconds == drain


def test_drift_is_ours_less_the_source_s_and_nothing_when_ours_is_not_known() -> None:
    assert (drift_of(3, 5), drift_of(5, 3), drift_of(None, 3)) == (-2, 2, None)


def test_a_ghost_waits_since_more_than_five_seconds_before_the_list_and_is_not_in_it() -> None:
    waiting = [("a|1", NOW - 60_000), ("b|1", NOW - 60_000), ("c|1", NOW - 5_000), ("d|1", NOW - 5_001)]

    assert ghosts_of(waiting, {"a"}, NOW) == 2
    assert ghosts_of([("a|b|a|b/1", NOW - 60_000)], {"a|b"}, NOW) == 0, "an id may hold a bar"
    assert ghosts_of([], {"a"}, NOW) == 0


def test_the_backlog_is_told_by_status_owner_age_and_clock() -> None:
    live = LiveState(
        opened_at=(NOW - 30 * HOUR, NOW - 2 * HOUR, NOW - HOUR),
        due_at=(NOW - 1, NOW + HOUR),
        cases={
            "case_new": (NOW - HOUR,),
            "case_open": (NOW - 2 * HOUR,),
            "case_pending": (NOW - 30 * HOUR,),
            "unassigned": (NOW - HOUR,),
            "due_resolution": (NOW - 1, NOW + HOUR),
        },
    )
    window = summary(Tally({"case_opened": 1, "case_resolved": 4}))

    found = backlog_of(live, NOW, ALWAYS, "UTC", window)

    assert (found.open, found.overdue, found.due_within_1h) == (3, 1, 1)
    assert found.status == {"new": 1, "open": 1, "pending": 1}
    assert (found.unassigned, found.actionable, found.oldest_actionable_seconds) == (1, 2, 7200)
    assert found.oldest_age_seconds == 30 * 3600
    assert found.age == found.age_business == {"4h": 2}
    assert found.clocks == {"resolution": {"overdue": 1, "15m": 0, "1h": 1, "4h": 1}}
    assert (found.net_per_hour, found.clear_seconds) == (-3, 3600)


def test_a_queue_without_cases_has_an_empty_backlog_but_still_a_flow() -> None:
    empty = backlog_of(LiveState(), NOW, ALWAYS, "UTC", {})
    flowing = backlog_of(LiveState(), NOW, ALWAYS, "UTC", summary(Tally({"case_opened": 2, "case_resolved": 3})))

    assert (empty.open, empty.oldest_age_seconds, empty.net_per_hour) == (0, None, 0)
    assert (flowing.open, flowing.net_per_hour, flowing.clear_seconds) == (0, -1, 0)
