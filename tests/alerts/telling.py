"""Alerts to be put into words: a queue in trouble as the board would publish it, with whatever a test changes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from alerts.rulebook import Rule
from alerts.text import message
from alerts.text.links import Links
from kpi.alert_state import Held
from kpi.cause import Cause, Handling, People, Volume
from kpi.floor import QueueConfig, parse_floor
from kpi.live_state import LiveState, QueueStaff
from kpi.snapshot import QueueSnapshot, build_snapshot
from kpi.tally import Tally

__all__ = ["Cause", "Rule", "Table"]

Table = Mapping[str, Mapping[str, str]]

#: 2026-11-20 14:06:34 in Shanghai.
NOW = 1_795_154_794_000
LINKS = Links("https://board.example", "https://runbooks.example/runbook.md")
FLOOR = parse_floor(
    """
    [defaults]
    zone = "Asia/Shanghai"

    [queue.support]
    name = { en = "Technical support", zh-CN = "技术支持", zh-TW = "技術支援" }
    group = "After-sales"
    """
)
COUNTS = Tally({"offered": 40, "answered": 21, "abandoned": 3})
CROWD = Cause("volume", None, Volume(27.0, 8.0), People(9, 9.0), Handling(245.0, 240.0))
MISSING = Cause("staff", None, Volume(8.2, 8.0), People(4, 9.0), Handling(245.0, 240.0))
SLOWER = Cause("handle_time", None, Volume(8.2, 8.0), People(9, 9.0), Handling(340.0, 240.0))
NOTHING = Cause(None, None, Volume(8.2, 8.0), People(9, 9.0), Handling(None, None))
UNKNOWN = Cause(None, None, Volume(None, None), People(0, None), Handling(None, None))
STAFF = QueueStaff({"busy": 6, "acw": 3, "break": 2}, 0, 9, 0, 0, 9)


def support(channel: str = "voice", **changes: Any) -> QueueConfig:
    """The queue's configuration, with changes."""
    return replace(FLOOR.queue("support", channel), **changes)


def snapshot(
    *,
    channel: str = "voice",
    waits: Sequence[float] = (205, 170, 120, 90, 60, 45, 40, 38, 30, 22, 18, 12, 7, 2),
    staff: QueueStaff = STAFF,
    cause: Cause | None = CROWD,
    counts: Tally = COUNTS,
    is_open: bool = True,
    lost: int = 0,
    config: QueueConfig | None = None,
    **changes: Any,
) -> QueueSnapshot:
    """A snapshot at NOW in which contacts have waited `waits` seconds."""
    live = LiveState(
        waiting_since=sorted(NOW - round(wait * 1000) for wait in waits), ringing=0, in_service=6, lost_at=[NOW] * lost
    )
    made = build_snapshot(
        namespace="live",
        queue="support",
        channel=channel,
        config=config or support(channel),
        is_open=is_open,
        state="fresh",
        reason=None,
        now_ms=NOW,
        published_at_ms=NOW,
        epoch=1,
        live=live,
        tallies=dict.fromkeys(("5m", "15m", "30m", "1h", "day"), counts),
        staff=staff,
    )
    return msgspec.structs.replace(made, **{"cause": cause, "agents_known": True, **changes})


def held(rule: str = "QueueLongestWaitHigh", **changes: Any) -> Held:
    """An alert that began 25 s ago."""
    told: dict[str, Any] = {
        "severity": "critical", "queue": "support", "channel": "voice", "group": "After-sales",
        "incident": "support-20261120T060609Z", "phase": "firing", "since_ms": NOW - 25_000, "fired_ms": NOW - 25_000,
        "value": 205.0, "peak": 205.0, "threshold": 180.0,
    }  # fmt: skip
    return Held(rule=rule, **{**told, **changes})


def told(alert: Held, of: QueueSnapshot | None, config: QueueConfig | None = None, **more: Any) -> Mapping[str, str]:
    """What is said of it."""
    return message.annotations(alert, of, config or support(alert.channel), LINKS, **more)


def lines(text: str) -> dict[str, str]:
    """Label -> text of a description."""
    return dict(re.split(": |：", line, maxsplit=1) for line in text.splitlines())
