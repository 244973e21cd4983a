"""The two metrics pages: what stands on them, and what vanishes. What is summed up: test_overflow.py."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from board.gauges import MAX_AGE_MS
from board.metrics import BoardState, full_page, live_page
from board.metrics_doc import TARGET, markdown
from board.publish import Publication
from board.stream.listener_counts import ListenerCounts
from kpi.catalogue import BY_NAME, CATALOGUE, served_by
from kpi.cause import Cause, Handling, People, Volume
from kpi.panes import METRIC_WINDOWS
from tests.board.conftest import BoardMaker
from tests.board.fake_worker import FakeWorker
from tests.board.metrics_pages import NOON, both, busy_floor, series, settled

STAYS = {"cc_queue_state_updated_timestamp_seconds"}
GOES = ("floor", "staff", "backlog", "window", "doubt")
TERMS = ("answered_in_target", "answered", "abandoned", "other_exit_in_target", "missed_target")
SUPPORT, TALKS, MAIL = ("support", "voice"), ("talks", "chat"), ("mail", "email")


@pytest.fixture
async def busy(redis_url: str, make_board: BoardMaker) -> Publication:
    return await busy_floor(redis_url, make_board)


HALF_HOUR, FIVE_MIN = (*SUPPORT, "30m"), (*TALKS, "5m")
NUMBERS: dict[str, dict[str, Mapping[tuple[str, ...], float]]] = {
    "who waits now": {
        "cc_queue_contacts_waiting": {SUPPORT: 1},
        "cc_queue_contacts_ringing": {SUPPORT: 1},
        "cc_queue_contacts_in_service": {SUPPORT: 1},
        "cc_queue_contacts_waiting_over_target": {(*SUPPORT, "1"): 1, (*SUPPORT, "2"): 1, (*SUPPORT, "4"): 0},
        "cc_queue_contacts_at_risk": {SUPPORT: 0},
        "cc_queue_contacts_outbound": {SUPPORT: 1},
        "cc_queue_contacts_unanswered": {TALKS: 1},
        "cc_queue_unattended_contacts": {SUPPORT: 0, ("sales", "voice"): 0},
        "cc_queue_lost_contacts": {SUPPORT: 1},
        "cc_callbacks": {(*SUPPORT, "scheduled"): 1, (*SUPPORT, "due"): 2, (*SUPPORT, "overdue"): 1},
    },
    "moments": {
        "cc_queue_oldest_contact_enqueued_timestamp_seconds": {SUPPORT: (NOON - 49_000) / 1000},
        "cc_queue_oldest_unanswered_timestamp_seconds": {TALKS: (NOON - 70_000) / 1000},
        "cc_queue_state_updated_timestamp_seconds": {SUPPORT: NOON / 1000},
        "cc_backlog_oldest_contact_timestamp_seconds": {MAIL: (NOON - 7_200_000) / 1000},
        "cc_source_last_event_timestamp_seconds": {("/acd/one",): (NOON - 91_001) / 1000},
    },
    "what is judged": {
        "cc_queue_open": {SUPPORT: 1},
        "cc_queue_severity": {SUPPORT: 0},
        "cc_queue_longest_wait_threshold_seconds": {(*SUPPORT, "critical"): 180},
        "cc_queue_target_wait_seconds": {SUPPORT: 20},
        "cc_queue_target_service_level_ratio": {SUPPORT: 0.8},
        "cc_queue_short_abandon_seconds": {SUPPORT: 5},
        # One ahead, one call of 120 s at a time: the first of them ends after 120 s on average, the second after 240 s.
        "cc_queue_expected_wait_seconds": {("sales", "voice"): 240},
    },
    "agents": {
        "cc_queue_agents_serving": {(*SUPPORT, "idle"): 1, (*SUPPORT, "break"): 1, (*TALKS, "busy"): 1},
        "cc_agents": {("Front", "busy"): 1, ("Front", "idle"): 1, ("Back", "break"): 1},
        "cc_agents_phantom": {("Back",): 1, ("Front",): 0},
        "cc_agent_slots": {("Front", "chat", "busy"): 1, ("Front", "chat", "free"): 2},
        "cc_team_window_state_seconds": {("Front", "busy", "15m"): 61, ("Back", "break", "1h"): 601},
    },
    "half an hour": {
        "cc_queue_window_offered_contacts": {HALF_HOUR: 6},
        "cc_queue_window_answered_contacts": {HALF_HOUR: 2},
        "cc_queue_window_answered_in_target_contacts": {HALF_HOUR: 1},
        "cc_queue_window_abandoned_contacts": {HALF_HOUR: 1},
        "cc_queue_window_short_abandoned_contacts": {HALF_HOUR: 1},
        "cc_queue_window_other_exit_contacts": {(*HALF_HOUR, "timeout"): 1, (*HALF_HOUR, "key_exit"): 1},
        "cc_queue_window_other_exit_in_target_contacts": {HALF_HOUR: 1},
        "cc_queue_window_missed_target_contacts": {HALF_HOUR: 1},
        "cc_queue_window_wait_seconds": {HALF_HOUR: 44},
        "cc_queue_window_max_wait_seconds": {HALF_HOUR: 60},
        "cc_queue_window_handle_seconds": {(*HALF_HOUR, "talk"): 40, (*HALF_HOUR, "wrapup"): 7.5},
        "cc_queue_window_completed_contacts": {HALF_HOUR: 1},
    },
    "chats": {
        "cc_queue_window_first_response_seconds": {FIVE_MIN: 11.5},
        "cc_queue_window_first_responses_contacts": {FIVE_MIN: 1},
        "cc_queue_window_missed_contacts": {FIVE_MIN: 1},
    },
    "cases": {
        "cc_backlog_contacts": {(*MAIL, "new"): 1, (*MAIL, "open"): 0, (*MAIL, "pending"): 1},
        "cc_backlog_unassigned_contacts": {MAIL: 1},
        "cc_backlog_clock_overdue_contacts": {(*MAIL, "resolution"): 1},
        "cc_backlog_clock_due_soon_contacts": {(*MAIL, "resolution"): 1},
        "cc_backlog_overdue_contacts": {MAIL: 1},
        "cc_backlog_due_soon_contacts": {MAIL: 1},
    },
    "doubts": {
        "cc_source_silent": {("/acd/one",): 1, ("/acd/two",): 0},
        "cc_queue_drift_contacts": {SUPPORT: 1},
        "cc_queue_ghost_contacts": {SUPPORT: 1},
        "cc_queue_orphan_contacts": {TALKS: 1},
        "cc_doubtful_events": {("late_dropped",): 2, ("duplicate",): 3, ("conflict",): 0, ("dead_lettered",): 1},
        "cc_queues_unconfigured": {(): 4},
        "cc_board_queues": {(): 4},
        "cc_exporter_redis_up": {(): 1},
    },
}


@pytest.mark.parametrize("theme", NUMBERS)
def test_the_numbers_are_those_of_the_snapshot(busy: Publication, theme: str) -> None:
    live, full = both(busy, NOON + 1_000)
    found = live | full
    expected = {(name, labels): value for name, values in NUMBERS[theme].items() for labels, value in values.items()}
    assert {key: found.get(key) for key in expected} == pytest.approx(expected)


def test_what_does_not_apply_to_a_queue_has_no_series(busy: Publication) -> None:
    live, full = both(busy, NOON + 1_000)
    assert ("cc_queue_contacts_unanswered", SUPPORT) not in live
    assert ("cc_queue_window_first_responses_contacts", HALF_HOUR) not in full
    assert ("cc_queue_window_first_responses_contacts", (*TALKS, "day")) in full
    assert ("cc_queue_expected_wait_seconds", MAIL) not in live
    assert ("cc_queue_drift_contacts", TALKS) not in full


def test_the_load_is_told_by_what_made_it(busy: Publication) -> None:
    cause = Cause("staff", None, Volume(12.0, 3.0), People(2, 9.0), Handling(140.0, 100.0))
    live = series(live_page(caused(busy, cause), NOON + 1_000))
    ratios = {labels[2]: value for (name, labels), value in live.items() if name == "cc_queue_load_ratio"}
    assert ratios == pytest.approx({"volume": 4, "staff": 4.5, "handle_time": 1.4})


def test_nothing_is_said_of_a_load_that_was_not_seen_before(busy: Publication) -> None:
    cause = Cause(None, None, Volume(None, None), People(2, None), Handling(140.0, None))
    live = series(live_page(caused(busy, cause), NOON + 1_000))
    assert [labels for name, labels in live if name == "cc_queue_load_ratio"] == []
    nobody_left = Cause("staff", None, Volume(5.0, 0.0), People(0, 2.0), Handling(None, None))
    live = series(live_page(caused(busy, nobody_left), NOON + 1_000))
    assert [(labels[2], value) for (name, labels), value in live.items() if name == "cc_queue_load_ratio"] == [
        ("staff", 8)
    ]


def caused(publication: Publication, cause: Cause) -> Publication:
    """The queue `support` alone, in trouble for this reason."""
    entry = publication.entries[SUPPORT]
    return replace(
        publication,
        entries={SUPPORT: replace(entry, snapshot=msgspec.structs.replace(entry.snapshot, cause=cause))},
    )


def test_the_gauges_of_a_window_give_the_service_level_of_the_snapshot(busy: Publication) -> None:
    _, full = both(busy, NOON + 1_000)
    for (queue, channel), entry in busy.entries.items():
        for name in METRIC_WINDOWS:
            measures = entry.snapshot.windows[name]
            count = {what: full[(f"cc_queue_window_{what}_contacts", (queue, channel, name))] for what in TERMS}
            exits = sum(
                value
                for (family, labels), value in full.items()
                if family == "cc_queue_window_other_exit_contacts" and labels[:3] == (queue, channel, name)
            )
            late = exits - count["other_exit_in_target"] + count["missed_target"]
            level = measures["service_level"]["sl_event"]
            assert level["numerator"] == count["answered_in_target"]
            assert level["denominator"] == count["answered"] + count["abandoned"] + late


def test_together_the_two_pages_hold_every_family_the_board_serves_and_no_series_twice(busy: Publication) -> None:
    live, full = both(settled(busy), NOON + 1_000)
    caused_by = Cause("staff", None, Volume(12.0, 3.0), People(2, 9.0), Handling(140.0, 100.0))
    live |= series(live_page(caused(busy, caused_by), NOON + 1_000))
    assert {name for name, _ in live} == {metric.name for metric in served_by("board_live")}
    assert {name for name, _ in full} == {metric.name for metric in served_by("board")}
    assert not live.keys() & full.keys()


SETTLED: dict[tuple[str, tuple[str, ...]], float | None] = {
    ("cc_queue_longest_wait_threshold_seconds", (*SUPPORT, "warning")): 60,
    ("cc_queue_limit_contacts", (*SUPPORT, "unattended_contacts", "critical")): 1,
    ("cc_queue_limit_seconds", (*TALKS, "closed_wait_seconds", "warning")): 60,
    ("cc_queue_limit_ratio", (*SUPPORT, "growth_ratio", "warning")): 0.2,
    ("cc_queue_exit_limit_ratio", (*TALKS, "growth_ratio", "warning")): 0.1,
    ("cc_queue_exit_limit_seconds", (*SUPPORT, "longest_wait_seconds", "warning")): 45,
    ("cc_queue_exit_limit_seconds", (*SUPPORT, "longest_wait_seconds", "critical")): None,
    ("cc_queue_exit_limit_contacts", (*SUPPORT, "waiting", "warning")): 6,
    ("cc_team_occupancy_limit_ratio", ("critical",)): 0.93,
    ("cc_team_occupancy_exit_limit_ratio", ("warning",)): 0.85,
    ("cc_team_occupancy_exit_limit_ratio", ("critical",)): None,
    ("cc_alert_for_seconds", ("occupancy_ratio",)): 900,
    ("cc_alert_for_seconds", ("growth_ratio",)): 45,
    ("cc_alert_keep_seconds", ("service_level_ratio",)): 300,
    ("cc_alert_minimum_contacts", ("service_level_ratio",)): 20,
    ("cc_alert_only_open", ("closed_wait_seconds",)): 0,
    ("cc_queue_alert_for_seconds", (*SUPPORT, "longest_wait_seconds")): 5,
    ("cc_queue_alert_for_seconds", (*SUPPORT, "growth_ratio")): None,
    ("cc_queue_alert_keep_seconds", (*SUPPORT, "longest_wait_seconds")): 60,
    ("cc_queue_alert_minimum_contacts", (*SUPPORT, "abandonment_ratio")): 50,
    ("cc_queue_alert_only_open", (*SUPPORT, "abandonment_ratio")): 0,
    ("cc_queue_alert_off", (*SUPPORT, "waiting")): 1,
    ("cc_queue_alert_off", (*TALKS, "waiting")): None,
    ("cc_queue_agents_available", SUPPORT): 1,
    ("cc_queue_quiet", SUPPORT): 1,
    ("cc_queue_quiet", TALKS): None,
    ("cc_alert_also", ("EventDelayHigh",)): 1,
    ("cc_queue_display_name_info", (*SUPPORT, "zh-CN", "客服")): 1,
}


def test_limits_and_how_alerts_behave_are_told_where_they_are_not_as_everywhere(busy: Publication) -> None:
    live, full = both(settled(busy), NOON + 1_000)
    found = live | full
    assert {key: found.get(key) for key in SETTLED} == SETTLED


def test_a_floor_without_a_file_has_two_series_more_per_queue_for_all_of_its_alerts(busy: Publication) -> None:
    live, full = both(busy, NOON + 1_000)
    new = {name for name, _ in (*live, *full) if name.startswith(("cc_queue_limit", "cc_queue_exit", "cc_queue_alert"))}
    assert new == {"cc_queue_limit_contacts", "cc_queue_limit_seconds"}
    assert {labels for name, labels in live if name in new and labels[:2] == SUPPORT} == {
        (*SUPPORT, "unattended_contacts", "critical"),
        (*SUPPORT, "closed_wait_seconds", "warning"),
    }


def test_limits_and_quiet_stay_when_numbers_vanish(busy: Publication) -> None:
    live, full = both(settled(busy), NOON + MAX_AGE_MS + 1)
    assert {"cc_queue_limit_contacts", "cc_queue_quiet"} <= {name for name, _ in live}
    assert {"cc_queue_alert_off", "cc_alert_for_seconds"} <= {name for name, _ in full}


def test_a_queue_in_which_nobody_waits_has_no_oldest_contact(busy: Publication) -> None:
    live, _ = both(busy, NOON + 1_000)
    assert ("cc_queue_oldest_contact_enqueued_timestamp_seconds", ("mail", "email")) not in live


@pytest.mark.parametrize(("age_ms", "there"), [(MAX_AGE_MS, True), (MAX_AGE_MS + 1, False)])
def test_numbers_vanish_when_the_state_is_older_than_twelve_seconds(
    busy: Publication, age_ms: int, there: bool
) -> None:
    live, full = both(busy, NOON + age_ms)
    numbers = {name for name, _ in (*live, *full) if BY_NAME[name].group in GOES}
    assert (numbers - STAYS - {"cc_queue_info"} != set()) is there
    assert STAYS | {"cc_queue_info"} <= numbers, "when it was last true must still be told"


def test_numbers_vanish_at_once_while_they_are_rebuilt(busy: Publication) -> None:
    rebuilding = replace(busy, verdict=replace(busy.verdict, state="rebuilding"))
    live, _ = both(rebuilding, NOON + 1_000)
    assert ("cc_queue_contacts_waiting", ("support", "voice")) not in live


async def test_instants_of_a_replay_are_shifted_to_the_wall_clock(redis_url: str, make_board: BoardMaker) -> None:
    monday = 933_500_000_000
    worker, board = FakeWorker(redis_url, namespace="monday"), make_board(namespace="monday", now_ms=NOON)
    worker.join("support", "a", monday - 45_000)
    worker.commit(monday)
    live, _ = both(await board.catch_up(), NOON)
    assert live[("cc_queue_oldest_contact_enqueued_timestamp_seconds", ("support", "voice"))] == (NOON - 45_000) / 1000
    assert live[("cc_queue_state_updated_timestamp_seconds", ("support", "voice"))] == NOON / 1000


def test_a_name_stands_once_in_the_catalogue_and_says_what_prometheus_expects_of_its_kind() -> None:
    assert len(BY_NAME) == len(CATALOGUE)
    for metric in CATALOGUE:
        assert metric.name.startswith("cc_")
        assert metric.name.endswith("_total") == (metric.kind == "counter")
        assert bool(metric.buckets) == (metric.kind == "histogram")
        assert list(metric.buckets) == sorted(metric.buckets)


def test_the_page_about_metrics_is_that_of_the_catalogue() -> None:
    written = (Path(__file__).parents[2] / TARGET).read_text("utf-8")
    assert written == markdown(), "run: python -m board.metrics_doc"


@pytest.mark.observability
def test_promtool_finds_nothing_to_say_about_both_pages(busy: Publication) -> None:
    live = live_page(busy, NOON + 1_000)
    full = full_page(busy, NOON + 1_000, BoardState())
    for page in (live, full):
        check = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True, check=False)
        assert (check.returncode, check.stdout, check.stderr) == (0, b"", b"")


def test_a_page_tells_of_the_board_itself(busy: Publication) -> None:
    counts = ListenerCounts()
    counts.drop("stalled")
    counts.refuse("address")
    state = BoardState(False, True, "abc", listeners=3, connections=5, counts=counts)
    page = full_page(busy, NOON + 1_000, state)
    full = series(page)
    expected = {
        ("cc_exporter_redis_up", ()): 0,
        ("cc_config_reload_failed", ()): 1,
        ("cc_board_listeners", ()): 3,
        ("cc_board_connections", ()): 5,
        ("cc_board_listeners_dropped_total", ("stalled",)): 1,
        ("cc_board_listeners_dropped_total", ("expired",)): 0,
        ("cc_board_listeners_refused_total", ("address",)): 1,
        ("cc_board_listeners_refused_total", ("total",)): 0,
        ("cc_board_publications_total", ()): busy.tick,
        ("cc_exporter_series", ()): len(full),
    }
    assert {key: full.get(key) for key in expected} == expected
    assert b"# TYPE cc_board_publications_total counter" in page
