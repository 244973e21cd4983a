"""The three platforms: recorded answers, their limits, and signatures checked by other code than ours."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests import loopback

Answer = tuple[int, dict[str, Any]]
OK = {"errcode": 0, "errmsg": "ok"}
FEISHU_OK = {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"}
_WECOM_HINT = (
    "hint: [1600000000_1_abcdef], from ip: 203.0.113.7, more info at https://open.work.weixin.qq.com/devtool/query"
)
RECORDED: dict[str, dict[str, Any]] = {
    "wecom_fast": {"errcode": 45009, "errmsg": f"api freq out of limit, {_WECOM_HINT}?e=45009"},
    "wecom_long": {"errcode": 40058, "errmsg": f"markdown.content exceed max length 4096. {_WECOM_HINT}?e=40058"},
    "wecom_form": {"errcode": 40008, "errmsg": f"invalid message type, {_WECOM_HINT}?e=40008"},
    "wecom_key": {"errcode": 93000, "errmsg": f"invalid webhook url, {_WECOM_HINT}?e=93000"},
    "dingtalk_fast": {
        "status": 1111, "wait": 5, "source": "x5", "punish": "deny", "uuid": "9ff0e7e2346aabb5a8bcbb7c93c71636",
        "errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute",
    },
    "dingtalk_long": {"errcode": 460101, "errmsg": "message too long, exceed 20000 bytes"},
    "dingtalk_form": {"errcode": 40035, "errmsg": "缺少参数 json"},
    "dingtalk_sign": {"errcode": 310000, "errmsg": "sign not match, more: [https://ding-doc.dingtalk.com/doc]"},
    "dingtalk_word": {"errcode": 310000, "errmsg": "keywords not in content, more: [https://ding-doc.dingtalk.com/doc]"},
    "dingtalk_token": {"errcode": 300001, "errmsg": "token is not exist"},
    "feishu_fast": {"code": 11232, "msg": "frequency limited psm[lark.oapi.app_platform]appID[1500]", "data": {}},
    "feishu_form": {"code": 9499, "msg": "Bad Request", "data": {}},
    "feishu_sign": {
        "code": 19021, "msg": "sign match fail or timestamp is not within one hour from current time", "data": {},
    },
    "feishu_key": {"code": 19001, "msg": "param invalid: incoming webhook access token invalid", "data": {}},
    "app_token": {"code": 99991663, "msg": "Invalid access token for authorization. Please make a test attempt."},
    "app_secret": {"code": 10014, "msg": "app secret invalid"},
    "app_old": {"code": 230031, "msg": "The message sent has exceeded the time limit for modification."},
    "app_card": {"code": 230099, "msg": "Failed to create card content, ext=ErrCode: 11310"},
}  # fmt: skip


def other_hmac(key: bytes, text: bytes) -> str:
    """HMAC-SHA256 by RFC 2104, from the hash alone; base64."""
    key = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key) + text).digest()
    return base64.b64encode(hashlib.sha256(bytes(byte ^ 0x5C for byte in key) + inner).digest()).decode()


@dataclass
class Platforms:
    """All three at once. `now_ms`: their clock; `taken`: what was shown in a chat, as text; `times`: of every request.

    `trouble`: answers to give instead, first come first served; None lets a request pass.
    """

    key: str = "key-0123456789"
    secret: str = ""
    keyword: str = ""
    per_minute: int = 20
    now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000
    taken: list[str] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    cards: dict[str, list[str]] = field(default_factory=dict)
    trouble: list[Answer | None] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    uuids: dict[str, str] = field(default_factory=dict)
    blocked_until: int = 0
    sent_ms: list[int] = field(default_factory=list)
    lock: Any = field(default_factory=threading.Lock)

    def answer(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
        with self.lock:
            parts = urlsplit(url)
            if parts.path.endswith("/tenant_access_token/internal"):
                return self._token(body)
            self.times.append(self.now_ms())
            given = self.trouble.pop(0) if self.trouble else None
            if given is not None:
                return given
            query = parse_qs(parts.query)
            if not headers.get("content-type", "").startswith("application/json"):
                return 200, {"errcode": 43004, "errmsg": "require application/json"}
            if parts.path == "/cgi-bin/webhook/send":
                return self._wecom(query, json.loads(body))
            if parts.path == "/robot/send":
                return self._dingtalk(query, body)
            if parts.path.startswith("/open-apis/bot/v2/hook/"):
                return self._feishu(parts.path.rpartition("/")[2], body)
            return self._app(method, parts.path, query, headers, body)

    def _fast(self) -> bool:
        now = self.now_ms()
        self.sent_ms = [at for at in self.sent_ms if at > now - 60_000]
        if now < self.blocked_until or len(self.sent_ms) >= self.per_minute:
            return True
        self.sent_ms.append(now)
        return False

    def _show(self, text: str, body: dict[str, Any]) -> None:
        self.taken.append(text)
        self.bodies.append(body)

    def _wecom(self, query: dict[str, list[str]], body: dict[str, Any]) -> Answer:
        if query != {"key": [self.key]}:
            return 200, RECORDED["wecom_key"]
        if self._fast():
            return 200, RECORDED["wecom_fast"]
        kind, most = body.get("msgtype"), {"markdown": 4_096, "text": 2_048}
        if kind not in most or set(body) != {"msgtype", kind} or set(body[kind]) != {"content"}:
            return 200, RECORDED["wecom_form"]
        if len(body[kind]["content"].encode()) > most[kind]:
            return 200, RECORDED["wecom_long"]
        self._show(body[kind]["content"], body)
        return 200, OK

    def _dingtalk(self, query: dict[str, list[str]], raw: bytes) -> Answer:
        if query.get("access_token") != [self.key]:
            return 200, RECORDED["dingtalk_token"]
        now = self.now_ms()
        if self.secret:
            stamp = query.get("timestamp", [""])[0]
            right = stamp.isdecimal() and abs(int(stamp) - now) < 3_600_000
            if not right or query.get("sign") != [other_hmac(self.secret.encode(), f"{stamp}\n{self.secret}".encode())]:
                return 200, RECORDED["dingtalk_sign"]
        if self._fast():
            self.blocked_until = max(self.blocked_until, now + 600_000)
            return 200, RECORDED["dingtalk_fast"]
        if len(raw) > 20_000:
            return 200, RECORDED["dingtalk_long"]
        body = json.loads(raw)
        kind, fields = body.get("msgtype"), {"markdown": {"title", "text"}, "text": {"content"}}
        if kind not in fields or set(body[kind]) != fields[kind] or set(body) - {"msgtype", kind, "at"}:
            return 200, RECORDED["dingtalk_form"]
        text = "\n".join(body[kind].values())
        if self.keyword not in text:
            return 200, RECORDED["dingtalk_word"]
        self._show(text, body)
        return 200, OK

    def _feishu(self, key: str, raw: bytes) -> Answer:
        if key != self.key:
            return 200, RECORDED["feishu_key"]
        body = json.loads(raw)
        if self.secret:
            stamp = body.pop("timestamp", "")
            right = stamp.isdecimal() and abs(int(stamp) * 1000 - self.now_ms()) < 3_600_000
            if not right or body.pop("sign", "") != other_hmac(f"{stamp}\n{self.secret}".encode(), b""):
                return 200, RECORDED["feishu_sign"]
        if self._fast():
            return 200, RECORDED["feishu_fast"]
        kind = body.get("msg_type")
        wanted = {"interactive": {"msg_type", "card"}, "text": {"msg_type", "content"}}
        if len(raw) > 20_000 or kind not in wanted or set(body) != wanted[kind]:
            return 200, RECORDED["feishu_form"]
        text = card_text(body["card"]) if kind == "interactive" else body["content"]["text"]
        if text is None:
            return 200, RECORDED["feishu_form"]
        self._show(text, body)
        return 200, FEISHU_OK

    def _token(self, raw: bytes) -> Answer:
        wanted = json.loads(raw)
        if wanted != {"app_id": "cli_1", "app_secret": self.secret}:
            return 200, RECORDED["app_secret"]
        self.tokens.append(f"t-{len(self.tokens) + 1:032d}")
        return 200, {"code": 0, "msg": "ok", "tenant_access_token": self.tokens[-1], "expire": 7200}

    def _app(self, method: str, path: str, query: dict[str, list[str]], headers: dict[str, str], raw: bytes) -> Answer:
        if not self.tokens or headers.get("authorization") != f"Bearer {self.tokens[-1]}":
            return 400, RECORDED["app_token"]
        if self._fast():
            return 429, {"code": 99991400, "msg": "request trigger frequency limit"}
        body = json.loads(raw)
        if len(raw) > 30_000:
            return 400, {"code": 230025, "msg": "The length of the message content reaches its limit."}
        content = json.loads(body["content"])
        if method == "POST" and path == "/open-apis/im/v1/messages":
            if query != {"receive_id_type": ["chat_id"]} or set(body) != {"receive_id", "msg_type", "content", "uuid"}:
                return 400, {"code": 230001, "msg": "Your request contains an invalid request parameter."}
            assert len(body["uuid"]) <= 50
            if body["uuid"] in self.uuids:
                return 200, {"code": 0, "msg": "success", "data": {"message_id": self.uuids[body["uuid"]]}}
            id = f"om_{len(self.cards) + 1:04d}"
            self.uuids[body["uuid"]] = id
        elif method == "PATCH" and (id := path.rpartition("/")[2]) in self.cards and set(body) == {"content"}:
            assert content["config"]["update_multi"] is True
        else:
            return 400, {"code": 230011, "msg": "The message is recalled."}
        text = card_text(content) if "elements" in content else content["text"]
        if text is None:
            return 400, RECORDED["app_card"]
        self.cards.setdefault(id, []).append(text)
        self._show(text, body)
        return 200, {"code": 0, "msg": "success", "data": {"message_id": id}}

    def transport(self) -> httpx.MockTransport:
        def handle(request: httpx.Request) -> httpx.Response:
            status, answer = self.answer(request.method, str(request.url), dict(request.headers), request.content)
            return httpx.Response(status, json=answer)

        return httpx.MockTransport(handle)


def card_text(card: dict[str, Any]) -> str | None:
    """The texts of a Feishu card; None when it is none that Feishu would take."""
    if set(card) != {"config", "header", "elements"} or card["header"]["template"] not in ("red", "orange", "green"):
        return None
    texts = [card["header"]["title"]["content"]]
    for element in card["elements"]:
        if element["tag"] == "div":
            if element["text"]["tag"] not in ("plain_text", "lark_md"):
                return None
            texts.append(element["text"]["content"])
        elif element["tag"] == "action":
            if not all(re.match(r"https?://", button["url"]) for button in element["actions"]):
                return None
            texts += [f"[{button['text']['content']}]({button['url']})" for button in element["actions"]]
        else:
            return None
    return "\n".join(texts)


@contextmanager
def served(platforms: Platforms) -> Iterator[str]:
    """The platforms on a loopback port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, answer = platforms.answer(self.command, self.path, headers, self.rfile.read(length))
            body = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in answer.get("headers", {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_PATCH = do_POST  # noqa: N815  # the name that the server calls

        def log_message(self, format: str, *args: object) -> None:
            pass

    with loopback.served(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as address:
        yield f"http://{address}"


#: Where each platform's robots stand, with the key in it.
PATHS = {
    "wecom": "/cgi-bin/webhook/send?key={}",
    "dingtalk": "/robot/send?access_token={}",
    "feishu": "/open-apis/bot/v2/hook/{}",
}
