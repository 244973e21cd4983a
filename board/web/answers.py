"""The shape of the board's answers, errors included: JSON, and never a word about how it is made inside."""

from __future__ import annotations

import logging
import secrets
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

log = logging.getLogger("floorpulse.board")


def answer(body: Any, status: int = 200) -> Response:
    """A body of msgspec's types as JSON."""
    return Response(msgspec.json.encode(body), status, media_type="application/json")


def add_errors(app: FastAPI) -> None:
    """Every error is `{"error": "..."}`; what went wrong inside is in the log, under the id that the client gets."""

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        return JSONResponse({"error": str(error.detail)}, error.status_code, error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return JSONResponse({"error": "bad request"}, 400)

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        number = secrets.token_hex(4)
        log.error("request failed", exc_info=error, extra={"path": request.url.path, "error_id": number})
        return JSONResponse({"error": "internal error", "id": number}, 500)
