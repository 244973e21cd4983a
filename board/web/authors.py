"""Who writes or claims something: whoever is logged in by name, else who the request says it is."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request

from kpi.plain_text import plain_text

NAME_CHARS = 80


def cleaned(field: str, text: str, most: int) -> str:
    """`text` fit to be shown (`kpi.plain_text`); HTTPException 400 naming the field when too little or much is left."""
    try:
        return plain_text(text, most)
    except ValueError as error:
        raise HTTPException(400, f"{field}: wanted {error}") from None


def login_name(request: Request) -> str | None:
    """The name of whoever is logged in, None when only a token is known, or nobody."""
    name: str | None = getattr(getattr(request.state, "who", None), "name", None)
    return name or None


def author_of(request: Request, field: str, said: str | None) -> str:
    """The name that stands under what is written: nobody who is known by name writes under another one."""
    known = login_name(request)
    name = said if known is None else known[:NAME_CHARS]
    if name is None:
        raise HTTPException(400, f"{field}: missing; wanted who it is, 1 to {NAME_CHARS} characters")
    return cleaned(field, name, NAME_CHARS)
