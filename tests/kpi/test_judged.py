"""The values that limits are compared with: each formula by hand, and None where there is nothing to judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.alerting import BUILT_IN, JUDGED
from kpi.judged import FORMULAS, Judge, Seen, judged_values
from kpi.live_state import EMPTY_BACKLOG, Callbacks, LiveState, Now, QueueStaff, now_of
from kpi.ratios import ratio

NOW = 1_795_168_830_000
CALM = now_of(LiveState(), NOW, 20, True)


def now(waiting: int = 0, staff: QueueStaff | None = None, *, is_open: bool = True, **more: Any) -> Now:
    """The state with so many waiting, for 100 s, 99 s ... each."""
    joined = [NOW - 100_000 + 1_000 * number for number in range(waiting)]
    found = now_of(LiveState(waiting_since=joined), NOW, 20, is_open, staff or QueueStaff())
    return msgspec.structs.replace(found, **more)


def window(offered: int = 0, decided: int = 0, answered: int = 0, **more: Any) -> dict[str, Any]:
    return {"offered": offered, "decided": decided, "answered": answered, "offers_unanswered": 0, **more}


def level(numerator: int, denominator: int) -> dict[str, Any]:
    return {"service_level": {"sl_event": ratio(numerator, denominator)}}


def mean(count: int, seconds: float) -> dict[str, Any]:
    return {"count": count, "sum": seconds, "mean": seconds / count if count else None}


def value(measure: str, at: Now = CALM, minimum: int = 0, known: bool = True, **windows: Mapping[str, Any]) -> Any:
    """The value of one measure; windows by their names, `m5` for 5m and so on."""
    named = {f"{name[1:]}{name[0]}": dict(found) for name, found in windows.items()}
    return FORMULAS[measure](Seen(at, named, EMPTY_BACKLOG, known), minimum)


def test_of_a_calm_queue_nothing_is_bad() -> None:
    found = judged_values(BUILT_IN, Seen(CALM, {}, EMPTY_BACKLOG, agents_known=True))

    assert {measure for measure, number in found.items() if number is not None} == {
        "waiting", "unattended_contacts", "overdue_contacts", "overdue_callbacks"
    }  # fmt: skip
    assert {number for number in found.values() if number is not None} == {0}


def test_what_a_snapshot_cannot_tell_has_no_value() -> None:
    assert {each.name for each in JUDGED} - FORMULAS.keys() == {
        "occupancy_ratio", "volume_high_ratio", "volume_low_ratio"
    }  # fmt: skip
    assert judged_values(["volume_low_ratio"], Seen(CALM, {}, EMPTY_BACKLOG)) == {"volume_low_ratio": None}


def test_only_what_has_limits_is_worked_out() -> None:
    assert judged_values(["waiting"], Seen(now(3), {}, EMPTY_BACKLOG)) == {"waiting": 3}


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), min_size=1, max_size=8))
def test_what_is_kept_of_the_windows_is_what_they_say(looks: list[tuple[int, int]]) -> None:
    """Windows come back, stay the same or are others, while the queue's length moves."""
    windows = [{"30m": window(20) | level(1, 4 + each), "5m": window(20) | level(1, 5)} for each in range(4)]
    measures = ("waiting", "service_level_ratio", "volume_high_ratio")
    judge = Judge(measures)
    for which, waiting in looks:
        seen = Seen(now(waiting), windows[which], EMPTY_BACKLOG)
        assert judge.values(seen) == judged_values(measures, seen)
        assert list(judge.values(seen)) == list(measures)


def test_a_queue_is_unattended_when_its_people_are_known_and_none_is_at_work() -> None:
    nobody, paused = now(3), now(3, QueueStaff({"break": 2}, serving=0))
    busy = now(3, QueueStaff({"busy": 1}, serving=1))

    assert [value("unattended_contacts", at) for at in (nobody, paused, busy)] == [3, 3, 0]
    assert value("unattended_contacts", nobody, known=False) is None


def test_a_wait_while_closed_is_none_in_opening_hours() -> None:
    assert value("closed_wait_seconds", now(2)) is None
    assert value("closed_wait_seconds", now(2, is_open=False)) == 100
    assert value("closed_wait_seconds", now(0, is_open=False)) is None


@pytest.mark.parametrize(
    ("long_one", "short_one", "expected"),
    [((1, 2), (9, 10), 0.9), ((9, 10), (1, 2), 0.9), ((1, 2), (0, 0), None), ((0, 0), (1, 2), None)],
)
def test_a_service_level_is_low_when_it_is_low_in_half_an_hour_and_in_five_minutes(
    long_one: tuple[int, int], short_one: tuple[int, int], expected: float | None
) -> None:
    half_hour, five_minutes = window(20) | level(*long_one), window(20) | level(*short_one)

    assert value("service_level_ratio", minimum=20, m30=half_hour, m5=five_minutes) == expected
    assert value("service_level_ratio", minimum=21, m30=half_hour, m5=five_minutes) is None


@pytest.mark.parametrize(
    ("decided", "abandoned", "short", "expected"),
    [(20, 5, 0, 0.25), (24, 9, 4, 0.25), (32, 12, 12, 0), (12, 12, 12, None), (24, 9, 5, None), (0, 0, 0, None)],
)
def test_abandonment_is_that_of_half_an_hour_of_enough_contacts_that_did_not_hang_up_at_once(
    decided: int, abandoned: int, short: int, expected: float | None
) -> None:
    half_hour = window(decided=decided, abandoned=abandoned, short_abandoned=short)

    assert value("abandonment_ratio", minimum=20, m30=half_hour) == expected


def test_of_nobody_who_stayed_there_is_no_abandonment() -> None:
    assert value("abandonment_ratio", m30=window(decided=3, abandoned=3, short_abandoned=3)) is None


@pytest.mark.parametrize(
    ("offered", "decided", "waiting", "expected"),
    [(10, 6, 5, 0.4), (10, 6, 4, 0), (10, 10, 9, 0), (10, 12, 9, 0), (0, 3, 9, None), (4, 0, 9, 1)],
)
def test_a_queue_grows_by_what_came_and_did_not_leave_in_five_minutes(
    offered: int, decided: int, waiting: int, expected: float | None
) -> None:
    assert value("growth_ratio", now(waiting), m5=window(offered, decided)) == expected


def test_ready_agents_matter_while_somebody_waits() -> None:
    assert value("ready_agents", now(1, QueueStaff({"idle": 2}, available=2))) == 2
    assert value("ready_agents", now(0, QueueStaff({"idle": 2}, available=2))) is None
    assert value("ready_agents", now(1), known=False) is None


def test_the_mean_answer_speed_is_of_enough_known_waits() -> None:
    quarter = window() | {"wait_seconds": {"answered": mean(20, 900)}}

    assert value("answer_speed_seconds", minimum=20, m15=quarter) == 45
    assert value("answer_speed_seconds", minimum=21, m15=quarter) is None
    assert value("answer_speed_seconds", m15=window() | {"wait_seconds": {"answered": mean(0, 0)}}) is None


def test_the_first_response_is_that_of_nine_of_ten_chats() -> None:
    replies = window() | {"first_response_seconds": {"count": 5, "p90": 71}}

    assert value("first_response_seconds", minimum=5, m30=replies) == 71
    assert value("first_response_seconds", minimum=6, m30=replies) is None
    assert value("first_response_seconds", m30=window()) is None


def test_handling_is_compared_with_the_rest_of_the_hour() -> None:
    quarter, hour = window() | {"handle_seconds": mean(5, 1_500)}, window() | {"handle_seconds": mean(15, 2_500)}

    assert value("handle_time_ratio", minimum=5, m15=quarter, h1=hour) == 3
    assert value("handle_time_ratio", minimum=6, m15=quarter, h1=hour) is None
    assert value("handle_time_ratio", minimum=5, m15=quarter, h1=quarter) is None, "nothing before"


def test_wrapup_is_a_share_of_talk_and_wrapup() -> None:
    half_hour = window() | {"handle_seconds": mean(5, 400), "wrapup_seconds": mean(5, 100)}

    assert value("wrapup_ratio", minimum=5, m30=half_hour) == 0.25
    assert value("wrapup_ratio", minimum=6, m30=half_hour) is None


def test_the_paused_are_a_share_of_those_logged_in() -> None:
    assert value("paused_ratio", now(0, QueueStaff({"break": 1, "busy": 2, "idle": 1}))) == 0.25
    assert value("paused_ratio", now(0)) is None


def test_unanswered_offers_are_a_share_of_all_offers() -> None:
    quarter = window(answered=9) | {"offers_unanswered": 1}

    assert value("unanswered_offers_ratio", minimum=10, m15=quarter) == 0.1
    assert value("unanswered_offers_ratio", minimum=11, m15=quarter) is None
    assert value("unanswered_offers_ratio", m15=window()) is None


def test_what_is_overdue_is_counted() -> None:
    late = msgspec.structs.replace(EMPTY_BACKLOG, overdue=3)

    assert FORMULAS["overdue_contacts"](Seen(CALM, {}, late), 0) == 3
    assert value("overdue_callbacks", now(0, callbacks=Callbacks(1, 4, 2))) == 2
