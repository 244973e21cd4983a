"""One Alertmanager (API v2): told of what changed at once, of everything again and again, and asked what it holds.

Alertmanagers do not tell one another of alerts, so each of them is told, by a task of its own: one that is slow or away
holds up nobody. Only what comes from the settings is ever called, and no redirection is followed.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import msgspec

from alerts.notices import Notice

log = logging.getLogger("floorpulse.alerts")

ANSWER_SECONDS = 5.0
CONNECT_SECONDS = 2.0
# So many alerts in one call; each has its texts in three languages.
MOST_IN_ONE = 500
MOST_ANSWER_BYTES = 50_000_000
MOST_SAID_BYTES = 2_000
# A server that sends a byte now and then never lets a time-out of the connection pass.
WHOLE_SECONDS = 10.0
_WRONG = (400, 422)
# Something before it takes no call so large.
_TOO_LARGE = 413
_JSON = {"content-type": "application/json"}


class Address(str):
    """Where a server is. `repr`, and `shown`, leave out user and password."""

    @property
    def shown(self) -> str:
        """HOST:PORT and the path, for people and metrics."""
        url = urlsplit(self)
        return url.netloc.rpartition("@")[2] + url.path.rstrip("/")

    def __repr__(self) -> str:
        return repr(self.shown)


def addresses(text: str) -> tuple[Address, ...]:
    """The addresses in `http://one:9093,https://two/alertmanager`; each once.

    Raises ValueError that says what is wanted, without what was found: there may be a password in it.
    """
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            url = urlsplit(part)
            is_one = url.scheme in ("http", "https") and bool(url.hostname) and (url.port is None or url.port > 0)
        except ValueError:
            is_one = False
        if not is_one or url.query or url.fragment:
            raise ValueError("wanted addresses like http://127.0.0.1:9093, with commas between them")
        found.append(Address(urlunsplit(url._replace(path=url.path.rstrip("/")))))
    return tuple(dict.fromkeys(found))


def client(address: Address) -> httpx.AsyncClient:
    """A client for one server: it keeps its connection, takes no proxy from the environment, follows nobody."""
    return httpx.AsyncClient(
        base_url=str(address),
        timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
        limits=httpx.Limits(max_connections=4, max_keepalive_connections=2, keepalive_expiry=60),
        follow_redirects=False,
        trust_env=False,
        # The machine's own authorities, SSL_CERT_FILE included.
        verify=ssl.create_default_context() if address.startswith("https") else False,
    )


@dataclass(frozen=True, slots=True)
class Told:
    """How a call went: `taken` were accepted, `refused` never will be; `error` "" when nothing has to be said again."""

    taken: int = 0
    refused: int = 0
    error: str = ""


class Alertmanager:
    """The API of one replica. Its methods never raise for what the other side does."""

    def __init__(self, address: Address, http: httpx.AsyncClient | None = None) -> None:
        self.name = address.shown
        self._http = http or client(address)

    async def tell(self, notices: Sequence[Notice], wall_ms: int) -> Told:
        """Post notices, in one call as far as they fit; what it refuses as wrong is found and left out."""
        taken = refused = 0
        for first in range(0, len(notices), MOST_IN_ONE):
            told = await self._post([notice.posted(wall_ms) for notice in notices[first : first + MOST_IN_ONE]])
            taken, refused = taken + told.taken, refused + told.refused
            if told.error:
                return Told(taken, refused, told.error)
        return Told(taken, refused)

    async def _post(self, alerts: list[dict[str, Any]]) -> Told:
        body = msgspec.json.encode(alerts)
        try:
            status, text, _ = await self._ask("POST", MOST_SAID_BYTES, content=body, headers=_JSON)
        except (httpx.HTTPError, OSError) as error:
            return Told(error=_why(error))
        if 200 <= status < 300:
            return Told(taken=len(alerts))
        if status not in _WRONG and not (status == _TOO_LARGE and len(alerts) > 1):
            return Told(error=f"it answers {status}")
        if len(alerts) == 1:
            said = " ".join(text.decode("utf-8", "replace").split())
            log.error("%s refuses an alert", self.name, extra={"alert": alerts[0]["labels"], "said": said})
            return Told(refused=1)
        # One alert that it cannot take must not keep back the others, nor too many of them one another.
        half = len(alerts) // 2
        one, other = await self._post(alerts[:half]), await self._post(alerts[half:])
        return Told(one.taken + other.taken, one.refused + other.refused, one.error or other.error)

    async def held(self, matchers: Sequence[str]) -> list[dict[str, Any]] | None:
        """The alerts that it holds and that have not ended, silenced ones too; None when it does not say."""
        found = await self.held_at(matchers)
        return None if found is None else found[0]

    async def held_at(self, matchers: Sequence[str]) -> tuple[list[dict[str, Any]], int | None] | None:
        """What it holds, and when that was by its own clock: ms UTC, whole seconds, None when it does not say that."""
        try:
            status, text, date = await self._ask(
                "GET", MOST_ANSWER_BYTES, params=[("filter", matcher) for matcher in matchers]
            )
            return (msgspec.json.decode(text, type=list[dict[str, Any]]), _when(date)) if status == 200 else None
        except (httpx.HTTPError, OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None

    async def _ask(self, method: str, most: int, **request: Any) -> tuple[int, bytes, str]:
        """(status, what was said, cut at `most` bytes, its date); TimeoutError when all of it takes too long."""
        async with (
            asyncio.timeout(WHOLE_SECONDS),
            self._http.stream(method, "/api/v2/alerts", **request) as answer,
        ):
            parts, size = list[bytes](), 0
            async for part in answer.aiter_bytes():
                parts.append(part)
                size += len(part)
                if size > most:
                    break
            return answer.status_code, b"".join(parts)[:most], answer.headers.get("date", "")

    async def close(self) -> None:
        """Give its connections back."""
        await self._http.aclose()


def _when(date: str) -> int | None:
    try:
        return int(parsedate_to_datetime(date).timestamp()) * 1000
    except (ValueError, OverflowError, OSError):
        return None


def _why(error: Exception) -> str:
    """One line without an address: there may be a password in it."""
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return "it does not answer in time"
    return f"it cannot be reached ({type(error).__name__})"
