"""The board's web application: every route, the errors, and around them the security headers."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.types import ASGIApp

from board.answers import add_errors
from board.parts import Parts
from board.routes import floor, health, metrics, page, queues, simulator, stream, trends
from board.security import SecurityHeaders
from board.slashes import EscapedSlashes

ROUTES = (queues, floor, stream, metrics, health, page, trends, simulator)


def make_app(parts: Parts) -> ASGIApp:
    """The application with its security headers."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    for routes in ROUTES:
        routes.add(app, parts)
    add_errors(app)
    return SecurityHeaders(EscapedSlashes(app))
