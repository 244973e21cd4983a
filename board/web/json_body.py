"""The body of a request that changes something: small, JSON, one object, only what is known."""

from __future__ import annotations

import asyncio
import re
from typing import TypeVar

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

T = TypeVar("T", bound=msgspec.Struct)
MAX_BODY_BYTES = 4_096
BODY_SECONDS = 10.0
_SHOWN = 160
_PATH = re.compile(r"(?P<what>.*) - at `\$\.?(?P<path>[^`]*)`")


async def read_body(request: Request, kind: type[T], example: str) -> T:
    """The body as a `kind`. HTTPException: 415 when it is not called JSON, 413 over 4 KB, 400 when it is no `kind`."""
    called = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if called != "application/json":
        raise HTTPException(415, "content-type: wanted application/json")
    body = await _bytes(request)
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise HTTPException(400, f"{_sentence(str(error))}; wanted a body like {example}") from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise HTTPException(400, f"not JSON; wanted a body like {example}") from None


async def _bytes(request: Request) -> bytes:
    body = b""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                body += part
                if len(body) > MAX_BODY_BYTES:
                    raise HTTPException(413, f"the body is too long; wanted at most {MAX_BODY_BYTES:,} bytes")
    except ClientDisconnect:
        raise HTTPException(400, "the body did not come whole") from None
    except TimeoutError:
        raise HTTPException(408, f"the body did not come within {BODY_SECONDS:g} s") from None
    return body


def _sentence(error: str) -> str:
    """What msgspec says, the field first: "text: expected `str`, got `int`"."""
    # It quotes names that were sent.
    printed = "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in error)
    found = _PATH.fullmatch(printed)
    what, path = (found["what"], found["path"]) if found else (printed, "")
    text = what[:1].lower() + what[1:_SHOWN]
    return f"{path[:_SHOWN]}: {text}" if path else text
