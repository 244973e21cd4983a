"""A snapshot as it was announced: read for what every look needs, and as a whole only when there is something to tell.

Of a thousand queues hardly one has changed, and reading all of a snapshot costs five times as much as reading this.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from kpi.snapshot import QueueSnapshot, State


class Opening(msgspec.Struct, frozen=True):
    """Of the state now: is the queue open."""

    open: bool


class Glance(msgspec.Struct, frozen=True):
    """What a look needs of a `QueueSnapshot`; the fields are those of the whole, under the same names."""

    queue: str
    channel: str
    state: State
    true_at_ms: int
    published_at_ms: int
    epoch: int
    now: Opening
    judged: dict[str, float | None] = {}
    since_ms: dict[str, dict[str, int]] = {}


_decoder = msgspec.json.Decoder(Glance)


@dataclass(frozen=True, slots=True)
class Announced:
    """A snapshot: `glance` at it, and its JSON."""

    glance: Glance
    text: bytes

    @classmethod
    def read(cls, text: bytes) -> Announced:
        """The snapshot in a text; ValueError when it is none."""
        try:
            return cls(_decoder.decode(text), text)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise ValueError(f"snapshot: {error}; wanted the JSON of a queue snapshot") from error

    def whole(self) -> QueueSnapshot:
        """All of it. ValueError when the rest is none."""
        return QueueSnapshot.from_json(self.text)
