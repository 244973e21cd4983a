"""/api/queues/{queue}/claims: who calls a lost caller back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from board.claims import Claim, ClaimedError, TooManyError, claim, is_known, release
from board.door.audit import audit
from board.door.slashes import name_of
from board.load import REDIS_ERRORS
from board.web.answers import answer
from board.web.asked import check_queue, entries_of, log_now_ms
from board.web.authors import author_of, login_name
from board.web.json_body import read_body
from board.web.params import check_known, text
from board.web.parts import Parts

# As long as an id of an event may be.
CONTACT_CHARS = 200
EXAMPLE = '{"channel": "voice", "contact": "c1", "by": "Ana"}'
BY = text("by", "Who asks; somebody else's claim is left alone then.")


class NewClaim(msgspec.Struct, forbid_unknown_fields=True):
    """What is sent for a claim: which contact of which channel, and who calls back."""

    contact: str
    channel: str
    by: str | None = None


def add(app: FastAPI, parts: Parts) -> None:
    """Add the routes to `app`."""

    @app.post("/api/queues/{queue}/claims")
    async def mine(request: Request, queue: str) -> Response:
        check_known(request.query_params, ())
        name = entries_of(parts, queue)[0].snapshot.queue
        sent = await read_body(request, NewClaim, EXAMPLE)
        check_queue(parts, name, sent.channel)
        if not 1 <= len(sent.contact) <= CONTACT_CHARS:
            raise HTTPException(400, f"contact: wanted the id of a contact, 1 to {CONTACT_CHARS} characters")
        wanted = Claim(author_of(request, "by", sent.by), log_now_ms(parts), name, sent.channel)
        with _refusals():
            known = parts.publisher.view.partitions
            if not await is_known(parts.redis, parts.namespace, known, sent.contact):
                raise HTTPException(404, "no such contact")
            try:
                made = await claim(parts.redis, parts.namespace, sent.contact, wanted)
            except ClaimedError as error:
                return _taken(sent.contact, error.claim)
        audit(request, "contact_claimed", queue=name, contact=sent.contact, by=made.by)
        return answer({"contact": sent.contact, "by": made.by, "at_ms": made.at_ms})

    @app.delete("/api/queues/{queue}/claims/{contact}")
    async def free(request: Request, queue: str, contact: str) -> Response:
        check_known(request.query_params, (BY,))
        name, wanted = entries_of(parts, queue)[0].snapshot.queue, name_of(contact)
        said = BY.of(request.query_params)
        by = None if login_name(request) is None and said is None else author_of(request, "by", said)
        with _refusals():
            try:
                released = await release(parts.redis, parts.namespace, wanted, by)
            except ClaimedError as error:
                return _taken(wanted, error.claim)
        if not released:
            raise HTTPException(404, "nobody has claimed this contact")
        audit(request, "claim_released", queue=name, contact=wanted)
        return answer({"contact": wanted})


@contextmanager
def _refusals() -> Iterator[None]:
    """What keeps a claim from being written, as an answer."""
    try:
        yield
    except TooManyError:
        raise HTTPException(429, "too many claims at once; try again in a moment", {"Retry-After": "1"}) from None
    except REDIS_ERRORS:
        raise HTTPException(503, "Redis does not answer") from None


def _taken(contact: str, known: Claim) -> Response:
    error = f"{known.by} calls back already"
    return answer({"error": error, "contact": contact, "by": known.by, "at_ms": known.at_ms}, 409)
