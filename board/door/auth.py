"""The door: one middleware around all routes says who asks, and turns away who may not.

Routes find who it is in `request.state.who`. What each path needs is one table: scopes.py.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from urllib.parse import parse_qsl, quote

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from board.door.access import ANONYMOUS_SCOPE, Access, Token, Who
from board.door.attempts import Attempts
from board.door.hosts import client_address, is_known_host, is_listed
from board.door.scopes import PUBLIC, SAFE, Rule, rule_for
from board.door.security import is_same_origin
from board.door.session_cookie import Session, cookie_name, make_cookie, read_cookie

CSRF_HEADER = "x-floorpulse-csrf"
MAX_ENDED = 10_000
MAX_NAME_CHARACTERS = 200
# A query string stands in logs and histories, where no secret may be.
_SECRET_NAMES = frozenset({"token", "access_token", "auth_token", "api_key", "apikey", "bearer", "authorization"})


class Auth:
    """Knows who asks; remembers failed logins and sessions that were ended before their time."""

    def __init__(self, access: Access | None = None, attempts: Attempts | None = None) -> None:
        self.access = access or Access()
        self.attempts = attempts or Attempts()
        self._ended: dict[str, int] = {}

    def address(self, scope: Scope, headers: Headers) -> str:
        """Where the request began, as far as it can be believed."""
        forwarded = ", ".join(headers.getlist("x-forwarded-for"))
        return client_address(_peer(scope), forwarded, self.access.proxies)

    def who(self, scope: Scope, headers: Headers, now: int) -> Who | None:
        """Who asks, None when nobody known does. `now`: Unix seconds.

        A token that is shown counts first, then the user whom a listed proxy names, then the cookie.
        """
        address = self.address(scope, headers)
        if not self.access.is_on:
            return Who(ANONYMOUS_SCOPE, None, "anonymous", address)
        shown = _bearer(headers)
        token = self.access.token(shown) if shown is not None else None
        if token is not None:
            return Who(token.scope, None, "token", address, token.shown)
        user = self._proxy_user(scope, headers)
        if user:
            return Who(self.access.proxy_scope(user), user, "proxy", address, f"user {user}")
        # Whoever shows a token that is none gets no second chance by a cookie, and so learns that it is none.
        session = self.session(headers, now) if shown is None else None
        if session is None:
            return None
        return session_holder(session, address)

    def session(self, headers: Headers, now: int) -> Session | None:
        """The session of the request's cookie, if it has a valid one that nobody ended."""
        cookies = cookie_parser(headers.get("cookie", ""))
        session = read_cookie(cookies.get(cookie_name(is_https=self.access.is_https), ""), self.access.tokens, now)
        return None if session is None or session.id in self._ended else session

    def begin(self, token: Token, now: int) -> tuple[str, Session]:
        """A new session for whoever has shown `token`, and its cookie."""
        cookie = make_cookie(token, secrets.token_hex(16), now)
        session = read_cookie(cookie, [token], now)
        assert session is not None, "our own cookie"  # noqa: S101  # for the type checker
        return cookie, session

    def end(self, session: Session, now: int) -> None:
        """Nobody gets in by this session on this board any more, even with a copy of its cookie."""
        if len(self._ended) >= MAX_ENDED:
            self._ended = {name: expires for name, expires in self._ended.items() if expires > now}
            while len(self._ended) >= MAX_ENDED:
                self._ended.pop(next(iter(self._ended)))
        self._ended[session.id] = session.expires

    def _proxy_user(self, scope: Scope, headers: Headers) -> str | None:
        names = headers.getlist(self.access.proxy_user_header)
        # Two of them: the proxy added its own to one that the client made up, and nobody knows which is which.
        if len(names) != 1 or not is_listed(_peer(scope), self.access.proxies):
            return None
        try:
            name = names[0].strip().encode("latin-1").decode()
        except UnicodeDecodeError:
            return None
        return name if name.isprintable() and len(name) <= MAX_NAME_CHARACTERS else None


class Gate:
    """Wraps the routes, inside of what answers errors.

    `wall_ms`: the clock that sessions end by; `methods`: what may be done at a request's path, nothing where none is.
    """

    def __init__(
        self, app: ASGIApp, auth: Auth, wall_ms: Callable[[], int], methods: Callable[[Scope], frozenset[str]]
    ) -> None:
        self._app, self._auth, self._wall_ms, self._methods = app, auth, wall_ms, methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on the request with its `state.who`, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refused = self._refusal(scope)
        await (refused or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        headers, access = Headers(scope=scope), self._auth.access
        names = {name.lower() for name, _ in parse_qsl(scope["query_string"].decode("latin-1"), True)}
        if names & _SECRET_NAMES:
            return _error(400, "a token does not belong in an address; send it as Authorization: Bearer")
        if not access.is_on and not is_known_host(headers.get("host", ""), access.hosts):
            return _error(421, "the board is not known by this name; list it in FLOORPULSE_ALLOWED_HOSTS")
        who = self._auth.who(scope, headers, self._wall_ms() // 1000)
        scope.setdefault("state", {})["who"] = who
        method, path = scope["method"], scope["path"]
        if method != "GET":
            known = self._methods(scope)
            if method not in known:
                # Nobody may do what cannot be done, so no scope is asked for; strangers learn of open paths only.
                stranger = self._stranger(scope, rule_for("GET", path), who) if who is None else None
                return stranger or _no_method(known)
        return self._stranger(scope, rule_for(method, path), who) or self._forger(scope, headers, who)

    def _stranger(self, scope: Scope, rule: Rule, who: Who | None) -> Response | None:
        if rule.need == PUBLIC:
            return None
        if who is None:
            return _to_login(scope) if rule.page else _error(401, "log in first", {"WWW-Authenticate": "Bearer"})
        if who.may(rule.need):
            return None
        # One who scrapes would not know what to make of a page's scope.
        is_scraper = who.scope == "metrics"
        return _error(403, "this token may only read metrics" if is_scraper else f"this needs the scope {rule.need}")

    def _forger(self, scope: Scope, headers: Headers, who: Who | None) -> Response | None:
        """Who orders something by what a browser sends by itself must show that our own page ordered it."""
        if scope["method"] in SAFE or (who is not None and who.via == "token"):
            return None
        # Who logs in anew need not know what the session before was told.
        is_login = (scope["method"], scope["path"]) == ("POST", "/api/session")
        word = None if who is None or is_login else who.csrf
        shown = headers.get(CSRF_HEADER, "").encode("utf-8", "replace")
        if word is not None and not hmac.compare_digest(word.encode(), shown):
            return _error(403, "the header X-Floorpulse-CSRF is missing or not this session's")
        if is_same_origin(headers, self._auth.access.public_url):
            return None
        return _error(403, "other sites may not order anything")


def session_holder(session: Session, address: str) -> Who:
    """Whoever came with a session."""
    token = session.token
    return Who(token.scope, None, "cookie", address, token.shown, session.csrf)


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""


def _bearer(headers: Headers) -> str | None:
    scheme, _, text = headers.get("authorization", "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" else None


def _no_method(known: frozenset[str]) -> Response:
    if not known:
        return _error(404, "Not Found")
    return _error(405, "Method Not Allowed", {"Allow": ", ".join(sorted(known))})


def _to_login(scope: Scope) -> Response:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    wanted = raw.partition(b"?")[0] + (b"?" + query if query else b"")
    return RedirectResponse(f"/login?next={quote(wanted, safe='')}", 303)


def _error(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"error": text}, status, headers)
