"""The board's web application: every route, the errors, and around them the security headers."""

from __future__ import annotations

from functools import partial

from fastapi import FastAPI
from starlette.types import ASGIApp

from board.door.auth import Gate
from board.door.bodies import BodyLimit
from board.door.security import SecurityHeaders, security_headers
from board.door.slashes import EscapedSlashes
from board.web.answers import add_errors
from board.web.etags import Tagged
from board.web.methods import Heads, methods_of
from board.web.parts import Parts
from board.web.routes import (
    agents,
    alerts,
    backlog,
    claims,
    contacts,
    explain,
    floor,
    health,
    metrics,
    notes,
    openapi,
    page,
    queues,
    quiet,
    report,
    session,
    simulator,
    stream,
    trends,
)

ROUTES = (
    queues,
    claims,
    contacts,
    explain,
    agents,
    backlog,
    report,
    notes,
    alerts,
    quiet,
    openapi,
    floor,
    session,
    stream,
    metrics,
    health,
    page,
    trends,
    simulator,
)


def make_app(parts: Parts) -> ASGIApp:
    """The application behind its door, with its security headers."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    for routes in ROUTES:
        routes.add(app, parts)
    add_errors(app)
    app.add_middleware(Tagged)
    app.add_middleware(BodyLimit)
    # Inside of what answers errors, so that nothing goes wrong unseen, and outside of every route.
    app.add_middleware(Gate, auth=parts.auth, wall_ms=parts.wall_ms, methods=partial(methods_of, app.routes))
    access = parts.auth.access
    headers = security_headers(access.frame_ancestors, is_https=access.is_https)
    return SecurityHeaders(Heads(EscapedSlashes(app)), headers)
