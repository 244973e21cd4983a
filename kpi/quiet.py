"""Planned quiet: spans in which nobody wants to be told, such as a team meeting. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec


class Quiet(msgspec.Struct, frozen=True, kw_only=True):
    """Quiet over [from, to), ms UTC: of one queue, of one group, or (both None) of the whole floor; maybe of a channel.

    `created_ms` is 0 for what stands in floor.toml, which nobody can end but by editing that file.
    """

    id: str
    from_ms: int
    to_ms: int
    queue: str | None = None
    channel: str | None = None
    group: str | None = None
    reason: str = ""
    author: str = ""
    created_ms: int = 0

    def covers(self, queue: str, channel: str, group: str) -> bool:
        """Whether it is about this queue and channel, which is in `group` ("": in none)."""
        return (
            self.queue in (None, queue)
            and self.channel in (None, channel)
            and (self.group is None or self.group == group)
        )


def quiet_at(quiets: Iterable[Quiet], queue: str, channel: str, group: str, now_ms: int) -> Quiet | None:
    """The quiet that a queue has at an instant; of several the one that ends last, None without any."""
    found = [each for each in quiets if each.from_ms <= now_ms < each.to_ms and each.covers(queue, channel, group)]
    return max(found, key=lambda each: (each.to_ms, each.id), default=None)
