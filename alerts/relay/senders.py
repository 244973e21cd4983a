"""One message to one robot: signed, posted, and what the platform's answer means. Nothing here waits or repeats."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

import httpx

from alerts.relay.answers import Verdict, judge
from alerts.relay.bodies import DINGTALK, FEISHU, WECOM, Body, Shape, encoded
from alerts.relay.cards import Draft
from alerts.relay.config import Robot
from alerts.relay.fitting import fit, plain
from alerts.relay.signing import dingtalk_url, feishu_fields

TIMEOUT_SECONDS = 10.0
#: A server that says a byte now and then never lets a time-out of the connection pass.
WHOLE_SECONDS = 20.0
MOST_ANSWER_BYTES = 65_536
_SHAPES = {"wecom": WECOM, "dingtalk": DINGTALK, "feishu": FEISHU}
Clock = Callable[[], int]
_HEADERS = {"content-type": "application/json; charset=utf-8"}

# Both write addresses into their logs, httpx at INFO, and a robot's address is its key.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class Sender(Protocol):
    """Speaks for one robot."""

    #: Whether a message that was sent can be changed.
    can_change: bool

    async def send(self, message: Draft, *, once: str, card: str = "", short: int = 0) -> Verdict:
        """Send `message`, or change the card `card` into it. `short`: 0, or the level of its plain text.

        `once`: the same for the same message, so that a platform that knows such a thing drops a repetition.
        """


class Webhook:
    """A group's robot: WeCom, DingTalk or Feishu. `client`: follows no redirects; `clock_ms`: the wall clock."""

    can_change = False

    def __init__(self, robot: Robot, client: httpx.AsyncClient, clock_ms: Clock) -> None:
        self._robot, self._client, self._clock_ms = robot, client, clock_ms
        self._shape = _SHAPES[robot.platform]

    async def send(self, message: Draft, *, once: str, card: str = "", short: int = 0) -> Verdict:
        """Sign and post."""
        robot, url = self._robot, self._robot.url
        body = body_of(self._shape, message, short=short)
        if robot.secret and robot.platform == "dingtalk":
            url = dingtalk_url(url, robot.secret, self._clock_ms())
        elif robot.secret:
            body = {**feishu_fields(robot.secret, self._clock_ms()), **body}
        return await ask(self._client, robot, "POST", url, body)


def body_of(shape: Shape, message: Draft, *, short: int) -> Body:
    """The body of a card that fits, or of the plain text of that level."""
    return shape.text(plain(message, short), message.words) if short else shape.card(fit(message, shape.layout))


async def ask(
    client: httpx.AsyncClient, robot: Robot, method: str, url: str, body: object, headers: dict[str, str] | None = None
) -> Verdict:
    """One request; its answer, judged. Whatever goes wrong on the way is `failed`, and says no address."""
    try:
        status, answer = await exchange(client, method, url, body, headers)
    except httpx.HTTPError as error:
        return Verdict("failed", type(error).__name__)
    return judge(robot.platform, status, without(answer, robot))


async def exchange(
    client: httpx.AsyncClient, method: str, url: str, body: object, headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """Status and body of an answer, the body cut at 64 KB: no platform says more. Raises httpx.HTTPError."""
    sent = {**_HEADERS, **(headers or {})}
    try:
        async with (
            asyncio.timeout(WHOLE_SECONDS),
            client.stream(method, url, content=encoded(body), headers=sent) as answer,
        ):
            taken = b""
            async for part in answer.aiter_bytes():
                taken += part
                if len(taken) > MOST_ANSWER_BYTES:
                    break
            return answer.status_code, taken[:MOST_ANSWER_BYTES]
    except TimeoutError:
        raise httpx.ReadTimeout("the answer has no end") from None


def without(answer: bytes, robot: Robot) -> bytes:
    """A platform's answer without secrets, should it repeat one: its words stand in the log."""
    for secret in robot.secrets:
        answer = answer.replace(secret.encode(), b"***")
    return answer


def make_client() -> httpx.AsyncClient:
    """The client all robots share. It follows no redirect: an answer does not say where we post to."""
    return httpx.AsyncClient(
        timeout=TIMEOUT_SECONDS,
        follow_redirects=False,
        limits=httpx.Limits(max_connections=20, max_keepalive_connections=5),
    )
