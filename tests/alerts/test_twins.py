"""A stream rule and its twin in Prometheus say the same, second by second, over simulated hours full of trouble."""

from collections import Counter
from pathlib import Path

import pytest

from alerts.rulebook import STREAM_RULES
from kpi.events import parse_time
from sources.simulator import Simulation
from sources.simulator.spikes import Cause
from tests.alerts.twin_series import Alert, Event, Span, by_prometheus, packed, seconds_of, simulate

pytestmark = [pytest.mark.observability, pytest.mark.slow]

# Low limits, so that everything is crossed often; exits, times of their own, hours that end, a planned quiet.
FLOOR = """
[defaults]
zone = "Asia/Shanghai"
[defaults.thresholds]
longest_wait_seconds = { warning = { enter = 20, exit = 12 }, critical = 45, keep_seconds = 20 }
waiting = { warning = { enter = 3, exit = 2 }, critical = 6, for_seconds = 5, keep_seconds = 15 }
closed_wait_seconds = { warning = 10 }
growth_ratio = { warning = 0.05, critical = 0.3, for_seconds = 10, keep_seconds = 20 }
ready_agents = { warning = { enter = 2, exit = 3 }, critical = 1, for_seconds = 5, keep_seconds = 10 }
[queue.sales]
channel = "voice"
[queue.sales.hours]
daily = ["09:00-11:10", "11:20-16:40"]
[queue.billing]
thresholds = { waiting = { warning = 4, for_seconds = 0, keep_seconds = 0 }, ready_agents = { alert = false } }
[[quiet]]
from = 2026-01-05T11:00:00+08:00
to = 2026-01-05T11:05:00+08:00
queue = "support"
reason = "team meeting"
"""
WARM, SECONDS = 1_500, 2_100
# Seconds between two evaluations.
INTERVAL = 1


def spike(at: int, queue: str, factor: float, seconds: int, cause: Cause) -> Event:
    def do(simulation: Simulation, now_ms: int) -> object:
        return simulation.spike(queue, factor, now_ms, seconds * 1000, cause)

    return Event(at, do)


#: (begins, seed, what goes wrong)
SPANS = {
    "morning": (
        "2026-01-05T10:20:00+08:00",
        1,
        [
            spike(120, "support", 8, 400, "volume"),
            spike(700, "general", 1000, 300, "staff"),
            spike(1_300, "sales", 6, 300, "volume"),
            spike(1_500, "support", 1000, 240, "staff"),
        ],
    ),
    "afternoon": (
        "2026-01-05T16:00:00+08:00",
        2,
        [
            spike(60, "returns", 1000, 200, "staff"),
            spike(800, "sales", 10, 400, "volume"),
            spike(1_400, "wechat", 12, 300, "volume"),
        ],
    ),
    "night": ("2026-01-05T21:30:00+08:00", 3, [spike(300, "billing", 9, 500, "volume")]),
}


def differences(span: Span, theirs: list[frozenset[Alert]]) -> list[str]:
    """The seconds at which the two differ though neither has changed its mind within an interval."""
    wrong = []
    for second in range(span.seconds):
        for alert in span.fires[second] ^ theirs[second]:
            near = range(max(0, second - INTERVAL), min(span.seconds, second + INTERVAL + 1))
            if len({alert in span.fires[other] for other in near}) == 1:
                wrong.append(
                    f"{second} s: {alert} fires by {'us' if alert in span.fires[second] else 'Prometheus'} alone"
                )
    return wrong


@pytest.mark.parametrize("name", SPANS)
async def test_an_engine_and_its_twin_agree_but_within_an_interval_of_a_crossing(name: str, tmp_path: Path) -> None:
    begins, seed, events = SPANS[name]
    floor = tmp_path / "floor.toml"
    floor.write_text(FLOOR, encoding="utf-8")
    span = await simulate(floor, seed, parse_time(begins), WARM, SECONDS, events)
    theirs = by_prometheus(span, tmp_path)
    assert differences(span, theirs) == []
    crossings = Counter(
        alert[0] for before, after in zip(span.fires, span.fires[1:], strict=False) for alert in before ^ after
    )
    if name == "morning":
        assert crossings.keys() == {rule.name for rule in STREAM_RULES}


def test_series_are_written_as_promtool_reads_them() -> None:
    assert packed(["1.0", "1.0", "stale", "_", "_", "2.0"], 6) == "1.0x1 stale _x2 2.0"
    assert packed(["1.0"], 6) == "1.0 stale"
    assert [seconds_of(text) for text in ("0s", "59s", "1m", "1h2m3s")] == [0, 59, 60, 3723]
