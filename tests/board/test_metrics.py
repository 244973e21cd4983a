"""The two metrics pages: what stands on them, what vanishes, what is summed up."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from board.gauges import MAX_AGE_MS, OVERFLOW, collect
from board.metrics import full_page, live_page
from board.metrics_doc import TARGET, markdown
from board.publish import Publication
from kpi import keys
from kpi.catalogue import BY_NAME, CATALOGUE, served_by
from kpi.panes import METRIC_WINDOWS
from tests.board.conftest import BoardMaker
from tests.board.fake_worker import FakeWorker

NOON = 1_795_176_000_000
STAYS = {"cc_queue_state_updated_timestamp_seconds"}
GOES = ("floor", "staff", "backlog", "window", "doubt")
TERMS = ("answered_in_target", "answered", "abandoned", "other_exit_in_target", "missed_target")
Series = dict[tuple[str, tuple[str, ...]], float]


def series(page: bytes) -> Series:
    """(name, label values in the catalogue's order) -> value."""
    found = {}
    for family in text_string_to_metric_families(page.decode()):
        for sample in family.samples:
            labels = tuple(sample.labels[label] for label in BY_NAME[sample.name].labels)
            found[(sample.name, labels)] = sample.value
    return found


def both(publication: Publication, wall_ms: int, **more: int) -> tuple[Series, Series]:
    live = live_page(publication, wall_ms, **more)
    full = full_page(publication, wall_ms, redis_up=True, reload_failed=False, **more)  # type: ignore[arg-type]
    return series(live), series(full)


@pytest.fixture
async def busy(redis_url: str, make_board: BoardMaker) -> Publication:
    """Support: one waits for 50 s, two were answered (20 s, 24 s), one gave up after 3 s, two left; mail: two cases.

    Besides one of everything else there is: a chat, agents, callbacks, a list of the source, a ledger.
    """
    worker, board = FakeWorker(redis_url), make_board(now_ms=NOON + 1_000)
    worker.join("support", "a", NOON - 49_000)
    for contact, joined, wait, how in (
        ("b", 100_000, 24_000, "answered"),
        ("c", 90_000, 3_000, "abandoned"),
        ("d", 80_000, 60_000, "timeout"),
        ("f", 75_000, 20_000, "key_exit"),
        ("e", 70_000, 20_000, "answered"),
    ):
        worker.join("support", contact, NOON - joined)
        worker.leave("support", contact, NOON - joined, NOON - joined + wait, how)
    worker.hang_up("support", "e", NOON - 50_000, NOON - 10_000)
    worker.live("ringing", "support", "voice", "a", NOON - 2_000)
    for case, status, opened, due in (("m1", "new", 7_200_000, -1), ("m2", "pending", 3_600_000, 60_000)):
        for kind in ("open_cases", f"case_{status}"):
            worker.live(kind, "mail", "email", case, NOON - opened)
        for kind in ("due", "due_resolution"):
            worker.live(kind, "mail", "email", case, NOON + due)
    worker.live("unassigned", "mail", "email", "m1", NOON - 7_200_000)
    everything_else(worker)
    worker.commit(NOON)
    return await board.catch_up()


def everything_else(worker: FakeWorker) -> None:
    """What came with chats, agents, callbacks and doubts."""
    worker.live("outbound", "support", "voice", "out|1", NOON - 9_000)
    worker.live("lost", "support", "voice", "c|1", NOON - 87_000)
    worker.live("lost", "support", "voice", "long ago|1", NOON - 3_700_000)
    for callback, due in (("cb1", 60_000), ("cb2", -60_000), ("cb3", -901_001)):
        worker.live("callbacks", "support", "voice", callback, NOON + due)
    worker.live("snapshot", "support", "voice", "other", NOON - 60_000)
    worker.live("snapshot_at", "support", "voice", "/acd/one", NOON - 30_000)
    worker.live("unanswered", "talks", "chat", "t|1", NOON - 70_000)
    worker.count("talks", "chat", NOON - 80_000, first_response__12=1, first_response_ms=11_500, missed=1, orphan=1)
    worker.count("support", "voice", NOON - 5_000, wrapup__8=1, wrapup_ms=7_500)
    chats = (("talks", "chat", "talking", NOON - 60_000),)
    worker.agent(
        "ana", "busy", NOON - 60_000, team="Front", queues={"talks": None}, capacity={"chat": 3}, engaged=chats
    )
    worker.agent("bo", "idle", NOON - 400_000, team="Front", queues={"support": None, "talks": None})
    worker.agent("cleo", "break", NOON - 600_000, team="Back", queues={"support": "lunch"})
    worker.live("agent_heartbeat", "", "", "cleo", NOON - 301_000)
    worker.live("source", "", "", "/acd/one", NOON - 91_001)
    worker.live("source_heartbeat", "", "", "/acd/two", NOON - 1_000)
    ledger = {"late_dropped": 2, "duplicate": 3, "dead_lettered": 1, "reason:late": 2, "reason:schema": 1}
    worker.redis.hset(keys.ledger_key(worker.prefix()), mapping=ledger)  # type: ignore[arg-type]


def test_the_numbers_are_those_of_the_snapshot(busy: Publication) -> None:
    live, full = both(busy, NOON + 1_000)
    support, half_hour = ("support", "voice"), ("support", "voice", "30m")
    expected_live = {
        ("cc_queue_contacts_waiting", support): 1,
        ("cc_queue_contacts_ringing", support): 1,
        ("cc_queue_contacts_in_service", support): 1,
        ("cc_queue_contacts_waiting_over_target", (*support, "1")): 1,
        ("cc_queue_contacts_waiting_over_target", (*support, "2")): 1,
        ("cc_queue_contacts_waiting_over_target", (*support, "4")): 0,
        ("cc_queue_oldest_contact_enqueued_timestamp_seconds", support): (NOON - 49_000) / 1000,
        ("cc_queue_open", support): 1,
        ("cc_queue_severity", support): 0,
        ("cc_queue_state_updated_timestamp_seconds", support): NOON / 1000,
        ("cc_queue_longest_wait_threshold_seconds", (*support, "critical")): 180,
        ("cc_queue_contacts_outbound", support): 1,
        ("cc_queue_contacts_at_risk", support): 0,
        ("cc_queue_lost_contacts", support): 1,
        ("cc_callbacks", (*support, "scheduled")): 1,
        ("cc_callbacks", (*support, "due")): 2,
        ("cc_callbacks", (*support, "overdue")): 1,
        ("cc_queue_contacts_unanswered", ("talks", "chat")): 1,
        ("cc_queue_oldest_unanswered_timestamp_seconds", ("talks", "chat")): (NOON - 70_000) / 1000,
        ("cc_queue_agents_serving", (*support, "idle")): 1,
        ("cc_queue_agents_serving", (*support, "break")): 1,
        ("cc_queue_agents_serving", ("talks", "chat", "busy")): 1,
        ("cc_agents", ("Front", "busy")): 1,
        ("cc_agents", ("Front", "idle")): 1,
        ("cc_agents", ("Back", "break")): 1,
        ("cc_agents_phantom", ("Back",)): 1,
        ("cc_agents_phantom", ("Front",)): 0,
    }
    expected_full = {
        ("cc_queue_window_offered_contacts", half_hour): 6,
        ("cc_queue_window_answered_contacts", half_hour): 2,
        ("cc_queue_window_answered_in_target_contacts", half_hour): 1,
        ("cc_queue_window_abandoned_contacts", half_hour): 1,
        ("cc_queue_window_short_abandoned_contacts", half_hour): 1,
        ("cc_queue_window_other_exit_contacts", (*half_hour, "timeout")): 1,
        ("cc_queue_window_other_exit_contacts", (*half_hour, "key_exit")): 1,
        ("cc_queue_window_other_exit_in_target_contacts", half_hour): 1,
        ("cc_queue_window_missed_target_contacts", half_hour): 1,
        ("cc_queue_window_wait_seconds", half_hour): 44,
        ("cc_queue_window_max_wait_seconds", half_hour): 60,
        ("cc_queue_window_handle_seconds", (*half_hour, "talk")): 40,
        ("cc_queue_window_completed_contacts", half_hour): 1,
        ("cc_queue_window_handle_seconds", (*half_hour, "wrapup")): 7.5,
        ("cc_queue_window_first_response_seconds", ("talks", "chat", "5m")): 11.5,
        ("cc_queue_window_first_responses_contacts", ("talks", "chat", "5m")): 1,
        ("cc_queue_window_missed_contacts", ("talks", "chat", "5m")): 1,
        ("cc_queue_window_first_responses_contacts", half_hour): 0,
        ("cc_backlog_contacts", ("mail", "email", "new")): 1,
        ("cc_backlog_contacts", ("mail", "email", "open")): 0,
        ("cc_backlog_contacts", ("mail", "email", "pending")): 1,
        ("cc_backlog_unassigned_contacts", ("mail", "email")): 1,
        ("cc_backlog_clock_overdue_contacts", ("mail", "email", "resolution")): 1,
        ("cc_backlog_clock_due_soon_contacts", ("mail", "email", "resolution")): 1,
        ("cc_backlog_overdue_contacts", ("mail", "email")): 1,
        ("cc_backlog_due_soon_contacts", ("mail", "email")): 1,
        ("cc_backlog_oldest_contact_timestamp_seconds", ("mail", "email")): (NOON - 7_200_000) / 1000,
        ("cc_queue_target_wait_seconds", support): 20,
        ("cc_queue_target_service_level_ratio", support): 0.8,
        ("cc_agent_slots", ("Front", "chat", "busy")): 1,
        ("cc_agent_slots", ("Front", "chat", "free")): 2,
        ("cc_team_window_state_seconds", ("Front", "busy", "15m")): 61,
        ("cc_team_window_state_seconds", ("Back", "break", "1h")): 601,
        ("cc_source_silent", ("/acd/one",)): 1,
        ("cc_source_silent", ("/acd/two",)): 0,
        ("cc_source_last_event_timestamp_seconds", ("/acd/one",)): (NOON - 91_001) / 1000,
        ("cc_queue_drift_contacts", support): 1,
        ("cc_queue_ghost_contacts", support): 1,
        ("cc_queue_orphan_contacts", ("talks", "chat")): 1,
        ("cc_doubtful_events", ("late_dropped",)): 2,
        ("cc_doubtful_events", ("duplicate",)): 3,
        ("cc_doubtful_events", ("conflict",)): 0,
        ("cc_doubtful_events", ("dead_lettered",)): 1,
        ("cc_queues_unconfigured", ()): 3,
        ("cc_exporter_redis_up", ()): 1,
    }
    assert {key: live.get(key) for key in expected_live} == expected_live
    assert {key: full.get(key) for key in expected_full} == expected_full


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
    live, full = both(busy, NOON + 1_000)
    assert {name for name, _ in live} == {metric.name for metric in served_by("board_live")}
    assert {name for name, _ in full} == {metric.name for metric in served_by("board")}
    assert not live.keys() & full.keys()


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


def test_queues_beyond_the_cap_are_summed_up_configured_ones_stay(busy: Publication) -> None:
    samples = collect(busy, NOON + 1_000, max_queues=1)
    waiting = dict(samples["cc_queue_contacts_waiting"])
    assert waiting == {("mail", "email"): 0, (OVERFLOW, "chat"): 0, (OVERFLOW, "voice"): 1}
    assert samples["cc_exporter_overflow_queues"] == [((), 2)]
    entries = {
        key: replace(entry, config=replace(entry.config, configured=key[0] == "support"))
        for key, entry in busy.entries.items()
    }
    waiting = dict(collect(replace(busy, entries=entries), NOON, max_queues=1)["cc_queue_contacts_waiting"])
    assert waiting == {("support", "voice"): 1, (OVERFLOW, "chat"): 0, (OVERFLOW, "email"): 0}


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
    full = full_page(busy, NOON + 1_000, redis_up=True, reload_failed=False)
    for page in (live, full):
        check = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True, check=False)
        assert (check.returncode, check.stdout, check.stderr) == (0, b"", b"")


def test_a_queue_with_odd_signs_in_its_name_stands_whole_in_its_label(busy: Publication) -> None:
    name = 'a"b\\c\n客服'
    odd = next(iter(busy.entries.values()))
    snapshot = type(odd.snapshot).from_json(
        odd.snapshot.to_json().replace(f'"queue":"{odd.snapshot.queue}"'.encode(), b'"queue":"x"')
    )
    import msgspec

    renamed = replace(odd, snapshot=msgspec.structs.replace(snapshot, queue=name))
    live, _ = both(replace(busy, entries={(name, "voice"): renamed}), NOON + 1_000)
    assert ("cc_queue_contacts_waiting", (name, snapshot.channel)) in live
    assert keys.parse_queue_suffix(keys.queue_suffix(name, "voice")) == (name, "voice")
