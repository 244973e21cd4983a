"""The page and its files: nothing that is not here is looked for."""

from __future__ import annotations

from importlib.resources import files

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.responses import Response

from board.web.parts import Parts

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
# One page with several views, which its own script tells apart by the address.
VIEWS = ("/", "/wall", "/queue/{queue}/{channel}", "/login")
_FOLDER = files("board.page")
PAGE_FILES = {
    file.name: _TYPES[file.name[file.name.rindex(".") :]]
    for file in _FOLDER.iterdir()
    if file.name.endswith(tuple(_TYPES))
}


def add(app: FastAPI, parts: Parts) -> None:
    """Add the routes to `app`."""
    index = _FOLDER.joinpath("index.html").read_text("utf-8")
    page = index.replace('data-demo="no"', 'data-demo="yes"') if parts.demo else index
    static = {name: _FOLDER.joinpath(name).read_bytes() for name in PAGE_FILES}

    async def home() -> Response:
        return Response(page, media_type="text/html; charset=utf-8")

    for view in VIEWS:
        app.get(view)(home)

    @app.get("/static/{name}")
    async def file(name: str) -> Response:
        if name not in static:
            raise HTTPException(404, "no such file")
        return Response(static[name], media_type=PAGE_FILES[name])
