"""Whether Prometheus' sign of life in Alertmanager is renewed, by the times at which a Prometheus tells its alerts."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.alive import MATCHERS, is_alive
from alerts.prometheus.pipeline import PIPELINE
from alerts.watch import SILENT_MS
from kpi.instants import format_time

T0 = 1_795_168_800_000
#: The delay of the compose file, and that of a Prometheus which is told nothing.
DELAYS_MS = (10_000, 60_000)
#: How often groups of rules are looked at: ours, and what others take for theirs.
INTERVALS_MS = (1_000, 5_000, 15_000, 30_000, 60_000)
#: From one question of the engine to the next: Prometheus refuses, cannot be reached, hangs as one Alertmanager does.
QUESTIONS_MS = (5_000, 7_000, 12_000)


def sign(renewed_ms: int, lasts_ms: int) -> dict[str, Any]:
    return {"updatedAt": format_time(renewed_ms), "endsAt": format_time(renewed_ms + lasts_ms), "labels": {}}


def sent_every_ms(delay_ms: int, interval_ms: int) -> int:
    """Prometheus tells anew at the first look that is later than the delay."""
    return interval_ms * (delay_ms // interval_ms + 1)


def lasts_ms(delay_ms: int, interval_ms: int) -> int:
    return 4 * max(delay_ms, interval_ms)


@pytest.mark.parametrize("delay_ms", DELAYS_MS)
def test_a_living_one_is_alive_at_every_moment_and_a_sign_may_be_seconds_late(delay_ms: int) -> None:
    every, lasts = sent_every_ms(delay_ms, 1_000), lasts_ms(delay_ms, 1_000)
    assert all(is_alive([sign(T0, lasts)], T0 + age) for age in range(0, every + 3_500, 500))


@pytest.mark.parametrize("every_ms", QUESTIONS_MS)
@pytest.mark.parametrize("interval_ms", INTERVALS_MS)
@pytest.mark.parametrize("delay_ms", DELAYS_MS)
def test_a_dead_one_is_gone_before_the_first_of_its_alerts_can_end(
    delay_ms: int, interval_ms: int, every_ms: int
) -> None:
    # It gave its sign of life as it died, and told the other alert as long before as can be.
    signs = [sign(T0, lasts_ms(delay_ms, 1_000))]
    ends = lasts_ms(delay_ms, interval_ms) - sent_every_ms(delay_ms, interval_ms)
    for first in range(every_ms - 5_000, every_ms + 1, 100):
        gone = next(
            at
            for at in itertools.count(first, every_ms)
            # Alertmanager says its time in whole seconds.
            if at >= SILENT_MS and not is_alive(signs, T0 + at - 999)
        )
        assert gone < ends


def test_without_a_sign_of_life_nothing_is_proved() -> None:
    assert not is_alive([], T0)


def test_of_several_the_oldest_counts() -> None:
    assert is_alive([sign(T0, 40_000), sign(T0 + 5_000, 40_000)], T0 + 10_000)
    assert not is_alive([sign(T0 - 6_000, 40_000), sign(T0 + 5_000, 40_000)], T0 + 10_000)


@pytest.mark.parametrize(
    "alert", [{}, {"updatedAt": None, "endsAt": 7}, {"updatedAt": "yesterday", "endsAt": "2026-11-23T10:00:40.000Z"}]
)
def test_what_is_not_understood_proves_nothing(alert: dict[str, Any]) -> None:
    assert not is_alive([alert], T0)


@given(st.integers(0, 600_000), st.integers(0, 600_000), st.integers(1, 600_000))
def test_who_is_older_is_not_more_alive(age: int, more: int, lasts: int) -> None:
    signs = [sign(T0, lasts)]
    assert is_alive(signs, T0 + age) or not is_alive(signs, T0 + age + more)


def test_it_is_asked_for_the_sign_of_life_that_our_rules_have() -> None:
    [rule] = [each for each in PIPELINE if each.name == "Watchdog"]
    assert list(MATCHERS) == [f'alertname="{rule.name}"', 'source="prometheus"', f'audience="{rule.audience}"']
