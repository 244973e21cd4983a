"""The robots' signatures: HMAC-SHA256, by two recipes that look alike and are not."""

from __future__ import annotations

import base64
import hmac
from urllib.parse import quote, urlsplit, urlunsplit


def dingtalk_url(url: str, secret: str, now_ms: int) -> str:
    """The webhook's address with `timestamp` (ms) and `sign`: the secret signs time and secret."""
    sign = _base64(hmac.digest(secret.encode(), f"{now_ms}\n{secret}".encode(), "sha256"))
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, f"timestamp={now_ms}", f"sign={quote(sign, safe='')}") if part)
    return urlunsplit(parts._replace(query=query))


def feishu_fields(secret: str, now_ms: int) -> dict[str, str]:
    """`timestamp` (s) and `sign` for the body: time and secret are the key, and what is signed is nothing."""
    seconds = str(now_ms // 1000)
    return {"timestamp": seconds, "sign": _base64(hmac.digest(f"{seconds}\n{secret}".encode(), b"", "sha256"))}


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
