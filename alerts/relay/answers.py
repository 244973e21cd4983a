"""What a platform's answer means. All of them answer 200 to what they refuse: the code in the body is what counts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

#: sent; busy: too much or too soon; refused: the robot's settings are wrong; content: this very message is not taken;
#: failed: no answer that says anything; token: get another access token; gone: the card cannot be changed any more.
Kind = Literal["sent", "busy", "refused", "content", "failed", "token", "gone"]
MOST_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a message. `why`: for logs, without secrets; `message_id`: of a card that can be changed."""

    kind: Kind
    why: str = ""
    message_id: str = ""


_KNOWN: dict[str, dict[int, Kind]] = {
    "wecom": {
        -1: "failed",  # system busy
        45009: "busy",  # api freq out of limit
        45033: "busy",  # too many at the same time
        40058: "content",  # markdown.content exceed max length 4096
        45002: "content",  # content size out of limit
    },
    "dingtalk": {
        -1: "failed",  # system busy
        130101: "busy",  # send too fast, exceed 20 times per minute
        410100: "busy",
        40035: "content",  # a wrong or missing field
        101002: "content",  # message is too long
        460101: "content",  # message too long, exceed 20000 bytes
        430101: "content",  # unsafe link
        430102: "content",  # improper text
        430103: "content",  # improper picture
        430104: "content",  # improper words
    },
    "feishu": {
        9499: "content",  # Bad Request: the form, or more than 20 KB; see _feishu_9499
        11232: "busy",  # frequency limited
        11246: "content",  # the card
        99991400: "busy",  # request trigger frequency limit
        99991661: "token",  # no token
        99991663: "token",  # invalid or expired tenant token
        99991664: "token",
        99991668: "token",
        230020: "busy",
        230025: "content",  # longer than a message may be
        230099: "content",  # the card
        230011: "gone",  # withdrawn
        230031: "gone",  # older than 14 days
        230050: "gone",
        230110: "gone",  # deleted
        230001: "content",
    },
}
#: What people have to look at, for the codes whose text does not say it.
HINTS: dict[tuple[str, int], str] = {
    ("wecom", 93000): "the key in the address is not, or no longer, that of a robot",
    ("dingtalk", 310000): "the robot's security settings: keyword, signature (secret_file) or address",
    ("dingtalk", 300001): "the access_token in the address is not that of a robot",
    ("dingtalk", 400101): "the access_token in the address is not that of a robot",
    ("dingtalk", 400102): "the robot is switched off",
    ("dingtalk", 400013): "the group is dissolved",
    ("feishu", 19001): "the address is not, or no longer, that of a robot",
    ("feishu", 19021): "the signature: secret_file, or this machine's clock is an hour off",
    ("feishu", 19022): "this machine's address is not in the robot's list",
    ("feishu", 19024): "no keyword of the robot in the message: set keyword",
    ("feishu", 230002): "the app's robot is not in the group of chat_id",
}


def judge(platform: str, status: int, body: bytes) -> Verdict:
    """What an answer means. `platform`: wecom, dingtalk or feishu; `status`: of HTTP."""
    found = _object(body)
    code = _code(platform, found)
    if status == 429:
        return Verdict("busy", "HTTP 429")
    if code is None:
        kind: Kind = "refused" if 300 <= status < 500 else "failed"
        return Verdict(kind, f"HTTP {status} and no code" if status != 200 else "an answer without a code")
    if code == 0:
        if not 200 <= status < 300:
            return Verdict("failed", f"HTTP {status} with code 0")
        return Verdict("sent", "", _message_id(found))
    said = _said(found)
    hint = HINTS.get((platform, code), "")
    why = ": ".join(part for part in (f"code {code}", said, hint) if part)
    if platform == "feishu" and code == 9499 and "many" in said.lower():
        return Verdict("busy", why)  # the same code once meant "too many request"
    default: Kind = "failed" if status >= 500 else "refused"
    return Verdict(_KNOWN[platform].get(code, default), why)


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _code(platform: str, found: dict[str, Any]) -> int | None:
    names = ("code", "StatusCode") if platform == "feishu" else ("errcode",)
    for name in names:
        code = found.get(name)
        if isinstance(code, int) and not isinstance(code, bool):
            return code
    return None


def _said(found: dict[str, Any]) -> str:
    text = str(found.get("errmsg") or found.get("msg") or found.get("StatusMessage") or "")
    return "".join(sign if sign.isprintable() else " " for sign in text)[:MOST_SHOWN].strip()


def _message_id(found: dict[str, Any]) -> str:
    data = found.get("data")
    id = data.get("message_id", "") if isinstance(data, dict) else ""
    return id if isinstance(id, str) and id.replace("_", "").replace("-", "").isalnum() and id.isascii() else ""
