"""A snapshot says what is true of one queue, in JSON that a person understands."""

import json

import pytest

from kpi.floor import QueueConfig
from kpi.live_state import LiveState
from kpi.snapshot import JUDGED_MINIMUM, QueueSnapshot, State, build_snapshot
from kpi.tally import Tally

NOW = 1_795_168_830_000  # 2026-11-20T10:00:30Z
CONFIG = QueueConfig(
    "support",
    "客服",
    group="Front office",
    thresholds={
        ("longest_wait_seconds", "warning"): 20, ("longest_wait_seconds", "critical"): 40,
        ("abandonment_ratio", "warning"): 0.5, ("service_level_ratio", "warning"): 0.8,
    },
)  # fmt: skip
BUSY = Tally({"offered": JUDGED_MINIMUM, "answered": 2, "abandoned": 1, "wait.answered.3": 2, "wait.abandoned.30": 1})


def snapshot(live: LiveState, tally: Tally | None = None, state: State = "fresh") -> QueueSnapshot:
    """A snapshot at NOW with the same tally in all windows."""
    return build_snapshot(
        namespace="live", queue="support", channel="voice", config=CONFIG, is_open=True, state=state, reason=None,
        now_ms=NOW, published_at_ms=NOW + 120, epoch=7, live=live,
        tallies=dict.fromkeys(("5m", "30m", "1h", "day"), tally or Tally()), max_waiting={"30m": 5},
    )  # fmt: skip


def test_the_state_now_counts_who_waits_longer_than_multiples_of_the_target() -> None:
    joined = (NOW - 80_001, NOW - 40_000, NOW - 20_001, NOW - 20_000)

    now = snapshot(LiveState(joined, ringing=1, in_service=3)).now

    assert (now.waiting, now.ringing, now.in_service, now.open) == (4, 1, 3, True)
    assert now.waiting_over_target == {"1": 3, "2": 1, "4": 1}
    assert now.oldest_queued_at_ms == NOW - 80_001
    assert now.oldest_wait_seconds == pytest.approx(80.001)


def test_an_empty_queue_has_no_oldest_wait_and_no_ratios() -> None:
    found = snapshot(LiveState())

    assert found.now.oldest_wait_seconds is None
    assert found.now.oldest_queued_at_ms is None
    assert found.windows["30m"]["abandonment"]["value"] is None
    assert found.severity == 0


def test_a_leg_that_joins_after_the_common_instant_has_waited_no_time() -> None:
    assert snapshot(LiveState((NOW + 400,))).now.oldest_wait_seconds == 0


def test_the_backlog_tells_overdue_cases_from_those_due_within_an_hour() -> None:
    due = (NOW - 1, NOW, NOW + 3_600_000, NOW + 3_600_001)

    backlog = snapshot(LiveState(opened_at=(NOW - 5_000, NOW), due_at=due)).backlog

    assert (backlog.open, backlog.overdue, backlog.due_within_1h) == (2, 1, 2)
    assert backlog.oldest_age_seconds == 5


def test_a_window_holds_every_ratio_with_numerator_and_denominator() -> None:
    window = snapshot(LiveState((NOW - 21_000,)), BUSY).windows["30m"]

    assert window["abandonment"] == {"numerator": 1, "denominator": 3, "value": 1 / 3}
    assert window["service_level"]["sl_event"] == {"numerator": 2, "denominator": 4, "value": 0.5}
    assert (window["open"], window["max_waiting"]) == (1, 5)


def test_severity_is_the_worst_of_the_measures() -> None:
    found = snapshot(LiveState((NOW - 40_000,)), BUSY)

    assert found.severity_by == {"longest_wait_seconds": 2, "abandonment_ratio": 0, "service_level_ratio": 1}
    assert found.severity == 2


def test_a_ratio_of_too_few_contacts_is_shown_and_not_judged() -> None:
    few = Tally({**BUSY.fields, "offered": JUDGED_MINIMUM - 1})

    found = snapshot(LiveState((NOW - 40_000,)), few)

    assert found.windows["30m"]["service_level"]["sl_event"]["value"] == 0.5
    assert found.severity_by == {"longest_wait_seconds": 2, "abandonment_ratio": 0, "service_level_ratio": 0}


def test_nothing_is_judged_while_the_numbers_are_rebuilt() -> None:
    assert snapshot(LiveState((NOW - 400_000,)), BUSY, state="rebuilding").severity == 0


def test_a_snapshot_comes_back_from_its_json() -> None:
    found = snapshot(LiveState((NOW - 1_000,)), BUSY)

    assert QueueSnapshot.from_json(found.to_json()) == found


def test_the_json_is_readable_and_begins_with_what_it_is_about() -> None:
    text = snapshot(LiveState((NOW - 1_000,)), BUSY).to_json().decode()
    found = json.loads(text)

    assert list(found)[:10] == [
        "schema", "namespace", "queue", "channel", "display_name", "group", "state", "reason", "true_at", "true_at_ms"
    ]  # fmt: skip
    assert "客服" in text
    assert found["true_at"] == "2026-11-20T10:00:30.000Z"
    assert found["thresholds"]["longest_wait_seconds"] == {"warning": 20, "critical": 40}
    assert found["target"] == {"percent": 80, "seconds": 20, "short_abandon_seconds": 5}


def test_what_is_no_snapshot_is_refused() -> None:
    with pytest.raises(ValueError, match="wanted the JSON of a queue snapshot"):
        QueueSnapshot.from_json(b'{"schema": 1}')
