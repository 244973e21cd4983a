"""A Feishu app's messages: the one kind among these platforms that can be changed after it was sent."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import quote

import httpx

from alerts.relay.answers import Verdict
from alerts.relay.bodies import FEISHU_APP
from alerts.relay.cards import Draft
from alerts.relay.config import Robot
from alerts.relay.senders import Clock, ask, body_of, exchange

#: A token lives for two hours; another one is to be had once less than half an hour is left.
EARLY_MS = 10 * 60_000


class FeishuApp:
    """Writes cards into a group and changes them. `clock_ms`: the wall clock, for the token's end."""

    can_change = True

    def __init__(self, robot: Robot, client: httpx.AsyncClient, clock_ms: Clock) -> None:
        self._robot, self._client, self._clock_ms = robot, client, clock_ms
        self._token, self._ends_ms = "", 0

    async def send(self, message: Draft, *, once: str, card: str = "", short: int = 0) -> Verdict:
        """Send or change; a token that is refused is fetched anew, once."""
        body = body_of(FEISHU_APP, message, short=short)
        verdict = await self._try(body, once, card)
        if verdict.kind == "token":
            self._token = ""
            verdict = await self._try(body, once, card)
        # A fresh token that is no good means that the app's secret or rights are wrong.
        return replace(verdict, kind="refused") if verdict.kind == "token" else verdict

    async def _try(self, body: dict[str, object], once: str, card: str) -> Verdict:
        robot = self._robot
        if not self._token or self._clock_ms() >= self._ends_ms:
            failed = await self._fetch_token()
            if failed:
                return failed
        headers = {"authorization": f"Bearer {self._token}"}
        base = f"{robot.api}/open-apis/im/v1/messages"
        if card:
            # Only a card can be changed, and only into a card.
            changed = {"content": body["content"]}
            verdict = await ask(self._client, robot, "PATCH", f"{base}/{quote(card, safe='')}", changed, headers)
            return replace(verdict, message_id=card) if verdict.kind == "sent" else verdict
        sent = {"receive_id": robot.chat_id, "uuid": once, **body}
        return await ask(self._client, robot, "POST", f"{base}?receive_id_type=chat_id", sent, headers)

    async def _fetch_token(self) -> Verdict | None:
        """None when there is one now."""
        robot = self._robot
        url = f"{robot.api}/open-apis/auth/v3/tenant_access_token/internal"
        wanted = {"app_id": robot.app_id, "app_secret": robot.app_secret}
        try:
            status, answer = await exchange(self._client, "POST", url, wanted)
            found = json.loads(answer)
            code, token, seconds = found.get("code"), found.get("tenant_access_token"), found.get("expire")
        except httpx.HTTPError as error:
            return Verdict("failed", f"no access token: {type(error).__name__}")
        except (ValueError, AttributeError, RecursionError):
            return Verdict("failed", f"no access token: HTTP {status} and no JSON")
        if code != 0 or not isinstance(token, str) or not isinstance(seconds, int) or not _is_token(token):
            known = code if isinstance(code, int) else "?"
            why = f"no access token: code {known}; look at app_id and app_secret_file"
            return Verdict("busy" if status == 429 or code == 99991400 else "refused", why)
        self._token, self._ends_ms = token, self._clock_ms() + max(seconds * 1000 - EARLY_MS, 60_000)
        return None


def _is_token(text: str) -> bool:
    return bool(text) and text.isascii() and text.isprintable() and " " not in text and len(text) <= 8_192
