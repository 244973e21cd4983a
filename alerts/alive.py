"""Does Prometheus still speak to an Alertmanager? Its sign of life there says so. Pure.

Prometheus posts an alert that goes on anew at the first look that is more than `--rules.alert.resend-delay` after the
last time, and lets it last four times that delay, or four times the interval of its group where that is longer. So the
sign of life, which is looked at every second, comes after a good quarter of what it lasts, and others, looked at less
often, after half of it at the latest: they cannot end before another half has passed. Between the two lies three
eighths: 15 of 40 s as in the compose file, 90 of 240 s as Prometheus does it by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kpi.instants import parse_time

MATCHERS = ('alertname="Watchdog"', 'source="prometheus"', 'audience="deadman"')
OLD_IN_EIGHTHS = 3


def is_alive(alerts: Iterable[Mapping[str, Any]], now_ms: int) -> bool:
    """Whether signs of life that an Alertmanager holds at `now_ms`, ms of its own clock, are renewed, all of them.

    Without any nothing is proved: False. The alerts are of any shape, unchecked.
    """
    fresh = [_is_fresh(alert, now_ms) for alert in alerts]
    return bool(fresh) and all(fresh)


def _is_fresh(alert: Mapping[str, Any], now_ms: int) -> bool:
    try:
        renewed_ms, ends_ms = (parse_time(str(alert.get(name))) for name in ("updatedAt", "endsAt"))
    except ValueError:
        return False
    return (now_ms - renewed_ms) * 8 < (ends_ms - renewed_ms) * OLD_IN_EIGHTHS
