"""How an alert stands in Redis: written by the alert engine alone, read by the board and whoever else wants to know.

One hash per namespace (`kpi.keys.alerts_key`): field -> JSON of a `Held`, and under "#" a word that is new after every
change. A limit that is calm has no entry; one that ended keeps its entry for an hour, with `resolved_ms` set.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kpi.keys import queue_suffix

VERSION_FIELD = "#"
# How long an alert that ended can still be read.
KEEP_RESOLVED_MS = 3_600_000

Phase = Literal["ok", "pending", "firing", "resolving"]


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """One limit of one queue and channel that is not calm, or ended within the hour.

    Times are ms UTC. `since_ms`, `fired_ms`, `clear_ms`, `looked_ms` go by the log's clock: when the limit was
    exceeded, when that became an alert, since when it is good again (phase "resolving"), the snapshot last looked at.
    `resolved_ms` (the log's clock too; phase "ok") says when it ended, `updated_ms` (wall clock) when this was
    written, and `ended_ms` (wall clock) when the end was decided. `value` is that of the last look, `peak` the worst
    since it began, `threshold` the value to enter at.
    `incident`, `group` and `annotations` (name -> text) are empty until it fires, and fixed or kept current from then
    on: `incident` and `group` never change while it does, for they name the alert.
    `reason` is the policy's word for the last change.
    """

    rule: str
    severity: str
    queue: str
    channel: str
    group: str = ""
    incident: str = ""
    phase: Phase = "ok"
    since_ms: int = 0
    fired_ms: int = 0
    clear_ms: int = 0
    looked_ms: int = 0
    value: float | None = None
    peak: float | None = None
    threshold: float = 0.0
    resolved_ms: int | None = None
    ended_ms: int | None = None
    annotations: dict[str, str] = {}
    reason: str = ""
    updated_ms: int = 0

    @property
    def field(self) -> str:
        """Where it stands in the hash."""
        return held_field(self.rule, self.severity, self.queue, self.channel)

    @property
    def is_active(self) -> bool:
        """Whether people are told about it now: it fires, or is good for less than its keep."""
        return self.phase in ("firing", "resolving")

    def to_json(self) -> bytes:
        """UTF-8 JSON, keys in the order above."""
        return _encoder.encode(self)

    @classmethod
    def from_json(cls, text: bytes | str) -> Held:
        """The alert that `to_json` wrote; unknown keys are ignored. ValueError when it is none."""
        try:
            return _decoder.decode(text)
        except msgspec.MsgspecError as error:
            raise ValueError(f"alert: {error}; wanted the JSON of a held alert") from error


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Held)


def held_field(rule: str, severity: str, queue: str, channel: str) -> str:
    """The hash field of one limit: `<rule>|<severity>|<queue>:<channel>`, the last two escaped."""
    return f"{rule}|{severity}|{queue_suffix(queue, channel)}"
