"""The document as a whole."""

from __future__ import annotations

from typing import Any

from board.door.session_cookie import cookie_name
from board.web.openapi.paths import DEMO_PATHS, PATH_PARAMS, PATHS
from board.web.openapi.schemas import schemas

ABOUT = """\
Live numbers of a contact centre. Names, formulas and examples: docs/contracts.md and docs/glossary.md.

Errors are one sentence. Answers have an ETag. Long lists come in pages (limit, offset, next), tables as CSV, too. A
board without tokens and without a proxy asks nobody who he is; otherwise each operation names the scope it needs under
`security`."""


def document(*, demo: bool = False, is_https: bool = False) -> dict[str, Any]:
    """OpenAPI 3.1 of a board's API."""
    paths = {**PATHS, **DEMO_PATHS} if demo else PATHS
    return {
        "openapi": "3.1.0",
        "info": {"title": "Floorpulse board", "version": "1", "description": ABOUT},
        "servers": [{"url": "/"}],
        "paths": {
            path: {method: operation.told(method, path, PATH_PARAMS) for method, operation in methods.items()}
            for path, methods in paths.items()
        },
        "components": {
            "schemas": schemas(),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": cookie_name(is_https=is_https)},
            },
        },
    }
