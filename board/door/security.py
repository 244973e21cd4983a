"""Headers that keep a page from doing what it should not, on every response, and who may order something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

YEAR_SECONDS = 31_536_000


def security_headers(frame_ancestors: Sequence[str] = (), *, is_https: bool = False) -> dict[str, str]:
    """The headers by lower-case name. `frame_ancestors`: who may show the board in a frame, by default nobody.

    `is_https`: people reach the board by TLS alone, and browsers shall remember that.
    """
    headers = {
        "content-security-policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
            "font-src 'self'; base-uri 'none'; form-action 'self'; "
            "frame-ancestors " + (" ".join(frame_ancestors) or "'none'")
        ),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    }
    if is_https:
        headers["strict-transport-security"] = f"max-age={YEAR_SECONDS}"
    return headers


HEADERS = security_headers()


class SecurityHeaders:
    """Wraps the whole application, error pages included."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str] = HEADERS) -> None:
        self._app, self._headers = app, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to whatever the application answers."""

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, add)


def is_same_origin(headers: Headers, public_url: str = "") -> bool:
    """Whether a request comes from our own page or from no page at all: other sites may not order anything.

    `public_url` is where people find us when a proxy asks us by another name.
    """
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    if origin is None:
        return True
    try:
        found = urlsplit(origin)
    except ValueError:
        return False
    is_public = bool(public_url) and (found.scheme, found.netloc) == urlsplit(public_url)[:2]
    return is_public or (bool(found.netloc) and found.netloc == headers.get("host"))
