"""relay.toml: which robots there are. Whatever is wrong is one line that names file, table and key, never a secret."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

from alerts.relay.words import WORDS

#: Where each platform's robots live; nothing else is spoken to unless `allow_any_host` says so.
HOSTS: Mapping[str, frozenset[str]] = {
    "wecom": frozenset({"qyapi.weixin.qq.com"}),
    "dingtalk": frozenset({"oapi.dingtalk.com"}),
    "feishu": frozenset({"open.feishu.cn", "open.larksuite.com"}),
}
#: What the platforms allow one robot in a minute.
MOST_PER_MINUTE: Mapping[str, int] = {"wecom": 20, "dingtalk": 20, "feishu": 100}
FEISHU_API = "https://open.feishu.cn"
MOST_KEYWORD = 40
MOST_SECRET_BYTES = 4_096
#: Shorter ones are no secrets, and would be found in any text.
MIN_HIDDEN = 8
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CHAT = re.compile(r"[A-Za-z0-9_-]{1,128}")
_KEYS = (
    "platform", "url", "url_file", "secret", "secret_file", "language", "messages_per_minute", "keyword",
    "allow_any_host", "app_id", "app_secret", "app_secret_file", "chat_id", "api",
)  # fmt: skip


class RelayConfigError(Exception):
    """relay.toml cannot be used; the message is one sentence for people."""


@dataclass(frozen=True, slots=True)
class Robot:
    """One robot. `url` holds its key: it is as secret as `secret`.

    With `app_id` it is a Feishu app that writes into `chat_id` through `api` and can change what it wrote.
    `others`: the secrets of the other robots, which must not be seen either.
    """

    name: str
    platform: str
    url: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    language: str = "en"
    messages_per_minute: int = 20
    keyword: str = ""
    app_id: str = ""
    app_secret: str = field(default="", repr=False)
    chat_id: str = ""
    api: str = FEISHU_API
    others: tuple[str, ...] = field(default=(), repr=False, compare=False)

    @property
    def is_app(self) -> bool:
        """Whether it is a Feishu app, whose cards can be changed."""
        return bool(self.app_id)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be seen: the address whole, its key alone, and the secrets."""
        url = urlsplit(self.url)
        keys = [part.partition("=")[2] for part in url.query.split("&")] + [url.path.rpartition("/")[2]]
        own = (text for text in (self.url, self.secret, self.app_secret, *keys) if len(text) >= MIN_HIDDEN)
        return (*own, *self.others)


def load_robots(path: Path) -> dict[str, Robot]:
    """The robots of a relay.toml by name. Raises RelayConfigError; files that it names are read, beside it."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise RelayConfigError(f"{path}: cannot be read: {why}") from None
    except tomllib.TOMLDecodeError as error:
        raise RelayConfigError(f"{path}: {error}") from None
    _known(str(path), tables, ("robot",))
    robots = tables.get("robot")
    if not isinstance(robots, dict) or not robots:
        raise RelayConfigError(f"{path}: no robot; wanted a table like [robot.floor] with platform and url_file")
    found = {name: _Table(path, name, table).robot() for name, table in robots.items()}
    hidden = tuple(text for robot in found.values() for text in robot.secrets)
    return {name: replace(robot, others=hidden) for name, robot in found.items()}


class _Table:
    """One [robot.NAME], read key by key."""

    def __init__(self, path: Path, name: str, table: Any) -> None:
        self._path, self._name = path, name
        self._where = f"{path}: [robot.{name}]"
        if not _NAME.fullmatch(name):
            raise RelayConfigError(f"{path}: [robot.{name!r}]: wanted a name of letters, digits, - and _")
        if not isinstance(table, dict):
            raise RelayConfigError(f"{self._where}: wanted a table")
        self._table: dict[str, Any] = table
        _known(self._where, table, _KEYS)

    def robot(self) -> Robot:
        platform = self._one_of("platform", tuple(HOSTS))
        if platform is None:
            self._refuse("platform", f"missing; wanted {', '.join(HOSTS)}")
        most = MOST_PER_MINUTE[platform]
        common: dict[str, Any] = {
            "name": self._name,
            "platform": platform,
            "language": self._one_of("language", tuple(WORDS)) or "en",
            "messages_per_minute": self._count("messages_per_minute", most),
            "keyword": self._keyword(),
        }
        any_host = self._flag("allow_any_host")
        if any(key in self._table for key in ("app_id", "app_secret", "app_secret_file", "chat_id", "api")):
            return Robot(**common, **self._app(platform, any_host=any_host))
        url = self._secret("url")
        if not url:
            self._refuse("url_file", "missing; wanted the path of a file with the robot's webhook address")
        self._check_url("url", url, platform, any_host=any_host)
        secret = self._secret("secret")
        if secret and platform == "wecom":
            self._refuse("secret_file", "WeCom's robots have no secret; the key in the address is all there is")
        return Robot(**common, url=url, secret=secret)

    def _app(self, platform: str, *, any_host: bool) -> dict[str, Any]:
        if platform != "feishu":
            self._refuse("app_id", f"only Feishu's apps are spoken to; a {platform} robot has url_file")
        for key in ("url", "url_file", "secret", "secret_file"):
            if key in self._table:
                self._refuse(key, "a webhook's; an app has app_id, app_secret_file and chat_id")
        app_id, chat_id = (self._text(key) for key in ("app_id", "chat_id"))
        for key, text in (("app_id", app_id), ("chat_id", chat_id)):
            if not _CHAT.fullmatch(text):
                self._refuse(key, "wanted letters, digits, - and _, as Feishu shows it")
        secret = self._secret("app_secret")
        if not secret:
            self._refuse("app_secret_file", "missing; wanted the path of a file with the app's secret")
        api = self._text("api") or FEISHU_API
        self._check_url("api", api, platform, any_host=any_host)
        if urlsplit(api).path.strip("/") or urlsplit(api).query:
            self._refuse("api", f"wanted an address without a path, like {FEISHU_API}")
        return {"app_id": app_id, "app_secret": secret, "chat_id": chat_id, "api": api.rstrip("/")}

    def _check_url(self, key: str, url: str, platform: str, *, any_host: bool) -> None:
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError:
            self._refuse(key, "not an address; wanted the webhook's as the platform shows it")
        if not url.isascii() or not url.isprintable() or " " in url or "\\" in url or "#" in url or not host:
            self._refuse(key, "not an address; wanted the webhook's as the platform shows it")
        if "@" in parts.netloc:
            self._refuse(key, "holds a user; wanted the webhook's address as the platform shows it")
        if any_host:
            if parts.scheme not in ("http", "https"):
                self._refuse(key, "wanted an address that begins with https:// or http://")
            return
        known = HOSTS[platform]
        if parts.scheme != "https" or host not in known or port not in (None, 443):
            wanted = " or ".join(f"https://{name}/..." for name in sorted(known))
            shown = re.sub(r"[^a-z0-9.:\[\]-]", "?", f"{parts.scheme}://{parts.netloc}".lower().replace("//", "", 1))
            self._refuse(key, f"{shown[:80]} is not {platform}'s; wanted {wanted}, or allow_any_host = true")

    def _secret(self, key: str) -> str:
        """The text of `key`, or what stands in the file that `key`_file names."""
        if f"{key}_file" not in self._table:
            return self._text(key).strip()
        if key in self._table:
            self._refuse(key, f"there is {key}_file too; wanted one of them")
        path = self._path.parent / self._text(f"{key}_file")
        try:
            with path.open("rb") as file:
                text = file.read(MOST_SECRET_BYTES + 1).decode("utf-8").strip()
        except OSError as error:
            self._refuse(f"{key}_file", f"{path} cannot be read: {error.strerror}")
        except UnicodeDecodeError:
            self._refuse(f"{key}_file", f"{path} is not UTF-8")
        if not text or len(text) > MOST_SECRET_BYTES:
            self._refuse(f"{key}_file", f"{path} is {'too long' if text else 'empty'}")
        return text

    def _text(self, key: str) -> str:
        text = self._table.get(key, "")
        if not isinstance(text, str):
            self._refuse(key, "wanted a text in quotes")
        return text

    def _one_of(self, key: str, wanted: tuple[str, ...]) -> str | None:
        if key not in self._table:
            return None
        text = self._table[key]
        if text not in wanted:
            self._refuse(key, f"{text!r:.60}; wanted {', '.join(wanted)}")
        return str(text)

    def _flag(self, key: str) -> bool:
        flag = self._table.get(key, False)
        if not isinstance(flag, bool):
            self._refuse(key, "wanted true or false")
        return flag

    def _count(self, key: str, most: int) -> int:
        count = self._table.get(key, 20)
        if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= most:
            self._refuse(key, f"{count!r:.60}; wanted a whole number from 1 to {most}, all that the platform allows")
        return count

    def _keyword(self) -> str:
        text = self._text("keyword")
        if len(text) > MOST_KEYWORD or not text.isprintable():
            self._refuse("keyword", f"wanted at most {MOST_KEYWORD} characters on one line")
        return text

    def _refuse(self, key: str, why: str) -> NoReturn:
        raise RelayConfigError(f"{self._where} {key}: {why}")


def _known(where: str, table: Mapping[str, Any], wanted: tuple[str, ...]) -> None:
    for key in table:
        if key not in wanted:
            meant = get_close_matches(key, wanted, 1, 0.6)
            shown = "".join(sign if sign.isprintable() else "?" for sign in key)[:60]
            raise RelayConfigError(f"{where} {shown}: unknown" + (f"; did you mean {meant[0]}?" if meant else ""))
