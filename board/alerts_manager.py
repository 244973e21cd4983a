"""Alertmanager's API v2, as far as the board needs it: its alerts, its silences, and one more or one less of these.

Replicas that belong together tell one another of silences, not of alerts, which are sent to each: so the first one
that answers is asked, and the one that answered last is the first.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from typing import Any

import httpx
import msgspec

from board.alerts_silences import CLOCKS_MS, Silence
from board.alerts_wire import Matcher, Told, ToldSilence, ms_of
from kpi.instants import format_time

ANSWER_SECONDS = 2.0
# Of a server that is shared with others, too. One alert is 4 kB in three languages, and a thousand queues in trouble
# have some thousands of them.
MOST_BYTES = 40_000_000
# Only ours: whoever else uses the same server is no business of a floor's.
OURS = ('audience=~"floor|duty|platform"',)
_SHOWN = 200


class AlertmanagerError(Exception):
    """No replica did what it was asked; the text is one sentence for people, without addresses."""


class UnreachableError(AlertmanagerError):
    """No replica answered."""


class RefusedError(AlertmanagerError):
    """A replica answered, and it was a no."""


class Alertmanager:
    """The replicas at `addresses` (`http://HOST:PORT`, with a path where they have one)."""

    def __init__(self, addresses: Sequence[str], transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._addresses = [address.rstrip("/") for address in addresses]
        # What it answered last, and what that means: mostly it says the same again.
        self._heard: dict[str, tuple[bytes, Any]] = {}
        # Neither a proxy of the environment nor a redirect leads anywhere else than the settings say.
        self._client = httpx.AsyncClient(
            timeout=ANSWER_SECONDS,
            transport=transport,
            trust_env=False,
            follow_redirects=False,
            # The machine's own authorities; reading them takes a while, so only where they are needed.
            verify=ssl.create_default_context() if any(each.startswith("https") for each in addresses) else False,
        )

    async def alerts(self) -> list[Told]:
        """Every alert of ours that fires, those that are silenced or inhibited among them."""
        query = [("filter", each) for each in OURS]
        found: list[Told] = await self._ask("GET", "alerts", list[Told], params=query)
        return found

    async def silences(self) -> tuple[Silence, ...]:
        """Every silence that is in force."""
        told = await self._ask("GET", "silences", list[ToldSilence])
        return tuple(
            Silence(
                each.id, each.matchers, ms_of(each.starts_at), ms_of(each.ends_at), each.created_by, each.comment
            )
            for each in told
            if each.status.state == "active"
        )  # fmt: skip

    async def silence(
        self, matchers: Sequence[Matcher], from_ms: int, to_ms: int, by: str, reason: str, instead_of: str = ""
    ) -> str:
        """Make a silence, or change the one called `instead_of`; its id."""
        body = {
            "matchers": matchers,
            # One that begins ahead by its clock would wait; one that began before begins now.
            "startsAt": format_time(from_ms - CLOCKS_MS),
            "endsAt": format_time(to_ms),
            "createdBy": by,
            "comment": reason,
            **({"id": instead_of} if instead_of else {}),
        }
        headers = {"content-type": "application/json"}
        made: dict[str, str] = await self._ask(
            "POST", "silences", dict[str, str], content=msgspec.json.encode(body), headers=headers
        )  # fmt: skip
        return made.get("silenceID", "")

    async def expire(self, silence: str) -> None:
        """End a silence now; RefusedError when there is none."""
        await self._ask("DELETE", f"silence/{silence}", None)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def _ask(self, method: str, path: str, kind: Any, **more: Any) -> Any:
        why: AlertmanagerError = UnreachableError("no Alertmanager is named")
        for address in list(self._addresses):
            try:
                # As a whole: a server that says a byte now and then is none that answers.
                async with asyncio.timeout(ANSWER_SECONDS):
                    answer = await self._read(method, f"{address}/api/v2/{path}", more)
                found = None if kind is None else self._meant(f"{method} {path}", answer, kind)
            except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
                why = UnreachableError(_sentence(error))
            except (msgspec.MsgspecError, UnicodeDecodeError):
                why = UnreachableError("what answers is no Alertmanager")
            except UnreachableError as error:
                why = error
            else:
                # Asked first the next time; whoever asks beside us may have put it there already.
                self._addresses.remove(address)
                self._addresses.insert(0, address)
                return found
        raise why

    def _meant(self, asked: str, answer: bytes, kind: Any) -> Any:
        said, meant = self._heard.get(asked, (b"", None))
        if said != answer:
            meant = msgspec.json.decode(answer, type=kind)
            self._heard[asked] = answer, meant
        return meant

    async def _read(self, method: str, url: str, more: dict[str, Any]) -> bytes:
        async with self._client.stream(method, url, **more) as answer:
            parts, size = list[bytes](), 0
            async for part in answer.aiter_bytes():
                parts.append(part)
                size += len(part)
                if size > MOST_BYTES:
                    raise UnreachableError(f"Alertmanager tells more than {MOST_BYTES // 1_000_000} MB")
        body = b"".join(parts)
        if answer.status_code in (400, 404, 422):
            raise RefusedError(f"Alertmanager refused it: {_words(body)}")
        if answer.status_code != 200:
            raise UnreachableError(f"Alertmanager answers {answer.status_code}")
        return body


def _sentence(error: Exception) -> str:
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return f"Alertmanager does not answer within {ANSWER_SECONDS:g} s"
    if isinstance(error, httpx.ConnectError):
        return "Alertmanager does not answer: no connection"
    return "Alertmanager does not answer"


def _words(body: bytes) -> str:
    text = body[: _SHOWN * 4].decode("utf-8", "replace").strip().strip('"')
    return "".join(sign for sign in text if sign.isprintable())[:_SHOWN] or "it does not say why"
