"""The body of one server-sent event: what changed of what the page shows, since the tick that a client has seen."""

from __future__ import annotations

from typing import Any

import msgspec

from board.publish import Publication

_encode = msgspec.json.Encoder().encode


def event(publication: Publication, since_tick: int, namespace: str, *, order: bool = True, tv: bool = False) -> bytes:
    """One event: the state of the whole, and the cards that changed after `since_tick` (0: all of them).

    With `order` it lists all queues worst first, as [queue, channel]; null means as before, as it does for `groups`,
    `floor`, `notes` and `alerts`. For a television (`tv`), which anybody who walks by can read, no agent is named, no
    note told, nor who acknowledged an alert.
    """
    verdict, floor, groups = publication.verdict, publication.floor, publication.groups
    alerts = publication.alerts
    body: dict[str, Any] = {
        "namespace": namespace,
        "state": verdict.state,
        "reason": verdict.reason,
        "now_ms": verdict.now_ms,
        "true_at_ms": verdict.true_at_ms,
        "updated_ms": verdict.updated_wall_ms,
        "published_at_ms": publication.wall_ms,
        "whole": since_tick == 0,
        "order": list(publication.entries) if order else None,
        "unconfigured": publication.unconfigured,
        "floor": msgspec.Raw(floor.card) if floor is not None and floor.changed > since_tick and not tv else None,
        "groups": msgspec.Raw(groups.json) if groups.changed > since_tick else None,
        "notes": publication.notes if publication.notes_changed > since_tick and not tv else None,
        "alerts": msgspec.Raw(alerts.on_tv if tv else alerts.json) if alerts.changed > since_tick else None,
        "queues": [
            msgspec.Raw(entry.tv_card if tv else entry.card)
            for entry in publication.entries.values()
            if entry.changed > since_tick
        ],
    }
    return b"event: snapshots\nid: %d\ndata: %s\n\n" % (publication.tick, _encode(body))
