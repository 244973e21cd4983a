"""What `floorpulse top` knows, all from Redis: the newest snapshots of queues and floor, and the engine's alerts."""

import time
from typing import Any

import redis

from kpi.alert_state import VERSION_FIELD, Held
from kpi.floor_snapshot import FloorSnapshot
from kpi.keys import alerts_key, floor_key, parse_queue_suffix, queues_key, snapshot_key, snapshots_channel
from kpi.snapshot import QueueSnapshot

Key = tuple[str, str]


class Feed:
    """The newest snapshot of every queue: what stands in Redis at first, then what is announced; and of the floor.

    `alerts`: those of the alert engine of which people are told, the worst first. Prometheus' rules tell Alertmanager
    only.
    """

    def __init__(self, client: "redis.Redis", ns: str) -> None:
        self._client, self.namespace = client, ns
        self.snapshots: dict[Key, QueueSnapshot] = {}
        self.floor: FloorSnapshot | None = None
        self.seen: list[Key] = []
        self.alerts: list[Held] = []
        self._alerts_version: Any = None
        self._channel: Any = client.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
        self._channel.subscribe(snapshots_channel(ns))
        self.refresh()

    def refresh(self) -> None:
        """Read what Redis knows of the floor and of the queues that had an event."""
        told = self._client.get(floor_key(self.namespace))
        try:
            self.floor = FloorSnapshot.from_json(told) if isinstance(told, (bytes, str)) else None
        except ValueError:
            self.floor = None
        self._read_alerts()
        suffixes = self._client.hkeys(queues_key(self.namespace))
        self.seen = [parse_queue_suffix(_text(suffix)) for suffix in suffixes]
        if self.seen:
            for text in self._client.mget([snapshot_key(self.namespace, *key) for key in self.seen]):
                if text is not None:
                    self._take(text)

    def listen(self, seconds: float) -> None:
        """Take announced snapshots for so many seconds."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            message = self._channel.get_message(timeout=left)
            if message is not None:
                self._take(message["data"])
        self.refresh()

    def _read_alerts(self) -> None:
        """Take the alerts of which people are told, if any is other than before."""
        key = alerts_key(self.namespace)
        version = self._client.hget(key, VERSION_FIELD)
        if version == self._alerts_version:
            return
        self._alerts_version = version
        told: Any = self._client.hgetall(key)
        self.alerts = [each for each in map(_held, told.values()) if each is not None and each.is_active]
        self.alerts.sort(key=lambda each: (each.severity != "critical", each.since_ms))

    def _take(self, text: bytes | str) -> None:
        try:
            snapshot = QueueSnapshot.from_json(text)
        except ValueError:  # another version's; what it says cannot be shown
            return
        key = snapshot.queue, snapshot.channel
        known = self.snapshots.get(key)
        if known is None or known.published_at_ms <= snapshot.published_at_ms:
            self.snapshots[key] = snapshot


def _held(text: bytes | str) -> Held | None:
    """An alert in Redis; None for the version beside them, and for one of another version of ours."""
    try:
        return Held.from_json(text)
    except ValueError:
        return None


def _text(raw: bytes | str) -> str:
    return raw if isinstance(raw, str) else raw.decode()
