"""Alerts in Redis as the alert engine writes them."""

from __future__ import annotations

import secrets
from typing import Any

import redis

from kpi import keys
from kpi.alert_state import VERSION_FIELD, Held


def held(
    rule: str = "QueueLongestWaitHigh", severity: str = "critical", queue: str = "support", channel: str = "voice",
    **fields: Any,
) -> Held:  # fmt: skip
    """An alert that fires, unless `fields` say something else."""
    since = fields.get("since_ms", 0)
    known = {"phase": "firing", "since_ms": since, "fired_ms": since, "threshold": 180.0, "value": 200.0, "peak": 210.0}
    return Held(rule=rule, severity=severity, queue=queue, channel=channel, **{**known, **fields})


def tell(url: str, *alerts: Held, ns: str = "live", alive: bool = True) -> None:
    """Write exactly these, as an engine that lives, or has died since."""
    with redis.Redis.from_url(url) as client:
        client.delete(keys.alerts_key(ns))
        told = {each.field: each.to_json() for each in alerts}
        client.hset(keys.alerts_key(ns), mapping={**told, VERSION_FIELD: secrets.token_hex(4)})
        if alive:
            client.set(keys.alerts_lease_key(ns), "an engine", px=600_000)
        else:
            client.delete(keys.alerts_lease_key(ns))
