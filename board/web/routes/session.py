"""/api/session: who is at the page, logging in and out."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from board.door.access import Token, Who
from board.door.audit import audit
from board.door.auth import session_holder
from board.door.hosts import neighbourhood
from board.door.session_cookie import cookie_name, life_seconds
from board.web.answers import answer
from board.web.json_body import read_body
from board.web.parts import Parts

EXAMPLE = '{"token": "..."}'


class Login(msgspec.Struct, forbid_unknown_fields=True):
    """What is sent to log in."""

    token: str


def add(app: FastAPI, parts: Parts) -> None:
    """Add the routes to `app`."""

    @app.get("/api/session")
    async def session(request: Request) -> Response:
        return answer(_told(parts, request.state.who))

    @app.post("/api/session")
    async def log_in(request: Request) -> Response:
        if not parts.auth.access.is_on:
            return answer(_told(parts, request.state.who))
        return _begin(parts, request, await _checked(parts, request))

    @app.delete("/api/session")
    async def log_out(request: Request) -> Response:
        auth, who = parts.auth, request.state.who
        now = parts.wall_ms() // 1000
        found = auth.session(request.headers, now)
        if found is not None:
            auth.end(found, now)
            audit(request, "logout")
        response = answer(_told(parts, None if who.via == "cookie" else who))
        name = cookie_name(is_https=auth.access.is_https)
        response.delete_cookie(name, secure=True, httponly=True, samesite="strict")
        return response


def _told(parts: Parts, who: Who | None) -> dict[str, Any]:
    """What the page is told. `csrf` belongs into the header X-Floorpulse-CSRF of whatever changes something."""
    return {
        "auth": parts.auth.access.is_on,
        "scope": who.scope if who else None,
        "user": who.name if who else None,
        "csrf": who.csrf if who else None,
        "demo": parts.demo,
    }


async def _checked(parts: Parts, request: Request) -> Token:
    """The token that is shown. Raises HTTPException when it is none, or when too many were none."""
    auth = parts.auth
    address = auth.address(request.scope, request.headers)
    place = neighbourhood(address)
    shown = (await read_body(request, Login, EXAMPLE)).token
    # From here on nothing is waited for: of many tries at once none gets past the count of the others.
    wait = auth.attempts.wait_seconds(place)
    if wait:
        raise HTTPException(429, f"too many failed logins; try again in {wait} s", {"Retry-After": str(wait)})
    token = auth.access.token(shown)
    if token is None:
        auth.attempts.failed(place)
        audit(request, "login_failed", address=address)
        raise HTTPException(401, "no such token", {"WWW-Authenticate": "Bearer"})
    if token.scope == "metrics":
        raise HTTPException(403, "this token is for metrics only")
    return token


def _begin(parts: Parts, request: Request, token: Token) -> Response:
    auth = parts.auth
    cookie, session = auth.begin(token, parts.wall_ms() // 1000)
    request.state.who = who = session_holder(session, auth.address(request.scope, request.headers))
    audit(request, "login")
    response = answer(_told(parts, who))
    response.set_cookie(
        cookie_name(is_https=auth.access.is_https),
        cookie,
        max_age=life_seconds(token.scope),
        secure=True,
        httponly=True,
        samesite="strict",
    )
    return response
