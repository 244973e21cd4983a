"""Who may hand alerts over: whoever shows the token. Bodies have an end."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

#: Alertmanager does not try a 413 again, so this is far beyond what a thousand alerts take.
MAX_BODY_BYTES = 16 * 1024 * 1024
BODY_SECONDS = 10.0
MIN_TOKEN_CHARACTERS = 32


class Door:
    """Checks one bearer token, "" for none; only its digest is kept."""

    def __init__(self, token: str) -> None:
        self._digest = _digest(token) if token else None

    def check(self, request: Request) -> None:
        """HTTPException 401 unless the request shows the token."""
        if self._digest is None:
            return
        scheme, _, shown = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(_digest(shown.strip()), self._digest):
            raise HTTPException(401, "wanted Authorization: Bearer with the token of FLOORPULSE_RELAY_TOKEN")


async def read_body(request: Request, most: int = MAX_BODY_BYTES) -> bytes:
    """The whole body. HTTPException: 413 when it is longer than `most`, 408 when it does not come."""
    length = request.headers.get("content-length", "0")
    if length.isascii() and length.isdecimal() and int(length) > most:
        raise HTTPException(413, f"the body is too long; wanted at most {most:,} bytes: set max_alerts in the webhook")
    taken: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                size += len(part)
                if size > most:
                    raise HTTPException(413, f"the body is too long; wanted at most {most:,} bytes")
                taken.append(part)
    except ClientDisconnect:
        raise HTTPException(400, "the body did not come whole") from None
    except TimeoutError:
        raise HTTPException(408, f"the body did not come within {BODY_SECONDS:g} s") from None
    return b"".join(taken)


def token_problem(bind: str, token: str) -> str:
    """What is wrong with a door on the address `bind` with this token, as one sentence; "" when nothing is."""
    if token:
        if len(token) < MIN_TOKEN_CHARACTERS or not (token.isascii() and token.isprintable() and " " not in token):
            return (
                f"FLOORPULSE_RELAY_TOKEN: a token of {len(token)} characters; wanted at least {MIN_TOKEN_CHARACTERS} "
                "of ASCII without blanks, such as `openssl rand -hex 32` makes"
            )
        return ""
    if _is_loopback(bind):
        return ""
    return (
        f"FLOORPULSE_BIND is {bind} and anybody there could write into your chats; set FLOORPULSE_RELAY_TOKEN "
        "(or FLOORPULSE_RELAY_TOKEN_FILE), and the same in Alertmanager's http_config.authorization"
    )


def _is_loopback(bind: str) -> bool:
    try:
        return ipaddress.ip_address(bind).is_loopback
    except ValueError:
        return bind == "localhost"


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
