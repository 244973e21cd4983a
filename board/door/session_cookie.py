"""The cookie of a session: signed, and nothing of it is kept on the board. Pure; the time is an argument.

The key is made of the token that was shown. So two boards with the same tokens agree, a new token ends nobody's
session, and a token that is taken away ends all that were begun with it.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from board.door.access import Token

SECONDS = 12 * 3_600
TV_SECONDS = 90 * 86_400
MAX_CHARACTERS = 300
_VERSION = "v1"


@dataclass(frozen=True, slots=True)
class Session:
    """A session that is valid. `id` is drawn by chance; `expires`: Unix seconds."""

    token: Token
    id: str
    expires: int
    csrf: str


def cookie_name(*, is_https: bool) -> str:
    """With the prefix no other host or path can set it; browsers grant it over TLS only."""
    return "__Host-floorpulse" if is_https else "floorpulse"


def life_seconds(scope: str) -> int:
    """How long a session lasts: a working day, for a television a quarter of a year."""
    return TV_SECONDS if scope == "tv" else SECONDS


def make_cookie(token: Token, session_id: str, now: int) -> str:
    """The cookie of a new session. `session_id`: hexadecimal, drawn by chance; `now`: Unix seconds."""
    said = f"{_VERSION}.{token.fingerprint}.{token.scope}.{now + life_seconds(token.scope)}.{session_id}"
    return f"{said}.{_sign(token, 'session', said)}"


def read_cookie(text: str, tokens: Iterable[Token], now: int) -> Session | None:
    """The session of a cookie; None when it is forged, over, or its token is gone or has another scope now."""
    said, _, signature = text.rpartition(".")
    parts = said.split(".")
    if len(text) > MAX_CHARACTERS or not text.isascii() or len(parts) != 5 or parts[0] != _VERSION:
        return None
    _, fingerprint, scope, expires, session_id = parts
    for token in tokens:
        if token.fingerprint != fingerprint or token.scope != scope:
            continue
        # Nothing of it is believed, not even that its time is a number, before the signature is.
        if hmac.compare_digest(_sign(token, "session", said), signature) and now < int(expires):
            return Session(token, session_id, int(expires), _sign(token, "csrf", said))
    return None


def _sign(token: Token, purpose: str, said: str) -> str:
    return hmac.digest(token.derive(purpose), said.encode(), "sha256").hex()
