"""Since when a limit has been passed without a break."""

from __future__ import annotations

from datetime import datetime

from kpi.floor import parse_floor
from kpi.live_state import LiveState, now_of
from kpi.opening import Opening
from kpi.since import above_since, closed_since, crossing_ms, since_of

NOON = 1_795_176_000_000
SECOND = NOON // 1000


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def test_a_wait_passes_its_limit_so_long_after_its_beginning() -> None:
    now = now_of(LiveState(waiting_since=(NOON - 100_000,)), NOON, 20, True)
    limits = {"longest_wait_seconds": {"warning": 60, "critical": 180}, "waiting": {"warning": 5}}
    found = since_of({"longest_wait_seconds": 1}, limits, now, NOON, (Opening(), "UTC"), lambda _: 0)

    assert found == {"longest_wait_seconds": {"warning": NOON - 40_000}}


def test_the_length_is_asked_for_only_when_it_is_bad() -> None:
    now = now_of(LiveState(waiting_since=(NOON - 9, NOON - 5)), NOON, 20, True)
    limits = {"waiting": {"warning": 2, "critical": 3}}

    assert since_of({"waiting": 1}, limits, now, NOON, (Opening(), "UTC"), lambda _: NOON - 5) == {
        "waiting": {"warning": NOON - 5}
    }
    assert since_of({"waiting": 0}, limits, now, NOON, (Opening(), "UTC"), lambda limit: int(1 / 0)) == {}


def test_who_waits_while_closed_counts_from_the_closing_on() -> None:
    floor = parse_floor('[queue.a]\nzone = "Europe/Berlin"\nhours = { daily = ["08:00-18:00"] }')
    config = floor.queue("a", "voice")
    closing = at("2026-11-20T18:00:00+01:00")
    limits = {"closed_wait_seconds": {"warning": 60}}

    def since(joined_ms: int, now_ms: int) -> int:
        now = now_of(LiveState(waiting_since=(joined_ms,)), now_ms, 20, False)
        calendar = config.opening, config.zone
        return since_of({"closed_wait_seconds": 1}, limits, now, now_ms, calendar, lambda _: 0)["closed_wait_seconds"][
            "warning"
        ]

    assert since(closing - 600_000, closing + 5_000) == closing
    assert since(closing - 10_000, closing + 55_000) == closing + 50_000
    assert since(closing + 600_000, closing + 700_000) == closing + 660_000
    assert closed_since((config.opening, config.zone), closing + 1, closing + 2) == closing + 1


def test_a_crossing_is_told_to_the_millisecond_where_those_who_made_it_still_wait() -> None:
    joined = [NOON - 5_500, NOON - 4_300, NOON - 2_100]

    assert crossing_ms(SECOND - 5, joined, NOON, 2) == NOON - 4_300
    assert crossing_ms(SECOND - 9, joined, NOON, 2) == NOON - 9_000
    assert crossing_ms(None, joined, NOON, 3) == NOON - 2_100
    assert crossing_ms(None, joined, NOON, 2.5) == NOON - 2_100
    assert crossing_ms(None, [], NOON, 0) == NOON


def test_the_length_is_counted_back_to_the_last_second_below_its_limit() -> None:
    net = {SECOND - 40: 3, SECOND - 30: -2, SECOND - 20: 2, SECOND - 10: -1, SECOND - 5: 1}
    joined = [NOON - 40_000, NOON - 19_500, NOON - 5_000]

    assert above_since(net, joined, NOON, 2) == NOON - 19_500
    assert above_since(net, joined, NOON, 3) == NOON - 5_000
    assert above_since(net, joined, NOON, 1) == NOON - 40_000
