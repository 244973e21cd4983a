"""Long lists in parts: `?limit=` and `?offset=`, how many there are in all, and where the next part stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from starlette.requests import Request

from board.web.params import Param, whole

T = TypeVar("T")
MAX_LIMIT = 1_000
USUAL_LIMIT = 200
OFFSET: Param[int] = whole("offset", "How many to pass over.", 0, 1_000_000_000, 0)


def limit_param(default: int = USUAL_LIMIT) -> Param[int]:
    """The parameter `limit` of a list that gives `default` when it is not asked otherwise."""
    return whole("limit", f"How many at most; {default} when it is not given.", 1, MAX_LIMIT, default)


LIMIT = limit_param()


@dataclass(frozen=True, slots=True)
class Page:
    """The part of a list that was asked for."""

    limit: int
    offset: int

    def of(self, items: Sequence[T]) -> Sequence[T]:
        """Those of `items` that stand on it."""
        return items[self.offset : self.offset + self.limit]

    def told(self, request: Request, total: int) -> dict[str, Any]:
        """What the body says of it: `total`, `offset`, `limit`, `next` (an address on this server, or None)."""
        end = self.offset + self.limit
        there = next_address(request, self.limit, end) if end < total else None
        return {"total": total, "offset": self.offset, "limit": self.limit, "next": there}


def page_of(request: Request, limit: Param[int] = LIMIT) -> Page:
    """The part that a request asks for; HTTPException 400 when limit or offset is none."""
    return Page(limit.of(request.query_params), OFFSET.of(request.query_params))


def next_address(request: Request, limit: int, offset: int) -> str:
    """The address of the request, with another limit and offset."""
    rest = [(name, value) for name, value in request.query_params.multi_items() if name not in ("limit", "offset")]
    query = urlencode([*rest, ("limit", limit), ("offset", offset)])
    # As it was sent: a slash inside a name stays escaped there, and only there.
    raw: bytes = request.scope.get("raw_path") or quote(request.url.path).encode()
    return f"{raw.partition(b'?')[0].decode('ascii', 'replace')}?{query}"
