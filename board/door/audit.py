"""One line in the log for every change that somebody ordered: what, who, from where, on what."""

from __future__ import annotations

import logging

from starlette.requests import Request

from board.door.access import Who

log = logging.getLogger("floorpulse.audit")
# Whatever level the rest of the log has: an order that left no trace is worse than a long log.
log.setLevel(logging.INFO)

MAX_CHARACTERS = 200


def audit(request: Request, action: str, **details: object) -> None:
    """Write the line. `action` like `note_added`; `details` are plain values, such as `queue` or `contact`."""
    who: Who | None = getattr(request.state, "who", None)
    peer = request.client.host if request.client else "unknown"
    line = {
        "action": action,
        "who": who.shown if who else "nobody",
        "via": who.via if who else "none",
        "scope": who.scope if who else "none",
        "address": who.address if who else peer,
        "target": {name: _clipped(value) for name, value in details.items()},
    }
    log.info("audit", extra=line)


def _clipped(value: object) -> object:
    return value if value is None or isinstance(value, int | float) else str(value)[:MAX_CHARACTERS]
