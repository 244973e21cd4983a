"""/api/explain: how a number of the board is made, and the contacts behind it."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

import msgspec
from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from board.door.slashes import name_of
from board.evidence.answer import explain
from board.evidence.explainer import BusyError, Explainer
from board.evidence.picture import NoSuchQueueError
from board.evidence.question import PARTS, Question
from board.evidence.read import TooSlowError
from board.evidence.shape import Item
from board.load import REDIS_ERRORS
from board.web.answers import answer
from board.web.csv_answers import FORMAT, csv_answer, wants_csv
from board.web.paging import LIMIT, OFFSET, page_of
from board.web.params import check_known, choice, instant_ms, shown, text
from board.web.parts import Parts
from kpi.formulas.table import FORMULAS, language_of, resolve
from kpi.panes import WINDOWS
from kpi.service_level import VARIANTS
from kpi.snapshot import JUDGED_VARIANT, JUDGED_WINDOW

T = TypeVar("T")
WINDOW = choice("window", "The window of a number that has one.", tuple(WINDOWS), JUDGED_WINDOW)
VARIANT = choice("variant", "The formula of the service level.", VARIANTS, JUDGED_VARIANT)
PART = choice("part", "Only contacts that count in this part of the number.", PARTS, "all")
LANGUAGE = text("lang", "Language of the words: en, zh-CN or zh-TW.")
AT = instant_ms("at_ms", "That of an earlier answer: the next page of the same list.")
PARAMS = (WINDOW, VARIANT, PART, LANGUAGE, AT, LIMIT, OFFSET, FORMAT)
COLUMNS = Item.__struct_fields__


def add(app: FastAPI, parts: Parts) -> None:
    """Add the routes to `app`."""
    explainer = Explainer(parts.redis, parts.namespace, parts.publisher)

    @app.get("/api/explain/{queue}/{channel}/{measure}")
    async def explained(request: Request, queue: str, channel: str, measure: str) -> Response:
        query = request.query_params
        check_known(query, PARAMS)
        table, page = wants_csv(request), page_of(request)
        place, asked = (name_of(queue), name_of(channel)), name_of(measure)
        window, variant = WINDOW.of(query) or JUDGED_WINDOW, VARIANT.of(query) or JUDGED_VARIANT
        part, language = PART.of(query) or "all", language_of(LANGUAGE.of(query) or "en")
        at_ms = AT.of(query)
        check_place(parts, place)
        found = resolve(asked, variant)
        if found is None:
            known = sorted({key.removesuffix(".*") for key in FORMULAS} | {"service_level"})
            return JSONResponse({"error": f"no such measure: {shown(asked)}", "measures": known}, 404)
        question = Question(place, found, asked, window, part, language, page, at_ms)
        body = await answered(explain(parts, explainer, question))
        total, items = int(body.contacts["total"]), body.contacts["items"]
        if table:
            return csv_answer("contacts", COLUMNS, [msgspec.structs.astuple(item) for item in items])
        paging = page.told(request, total)
        if paging["next"] is not None and "at_ms" not in query:
            paging["next"] += f"&at_ms={body.at_ms}"
        return answer(msgspec.structs.replace(body, contacts={**paging, "items": items}))


def check_place(parts: Parts, place: tuple[str, str]) -> None:
    """HTTPException 404 when there is no such queue and channel, 503 while nothing can be told of it."""
    latest = parts.publisher.latest
    if not parts.publisher.ready or latest.verdict.state == "rebuilding":
        raise HTTPException(503, "the numbers are being rebuilt; try again in a moment")
    if place not in latest.entries:
        raise HTTPException(404, "no such queue and channel")


async def answered(what: Awaitable[T]) -> T:
    """What was asked of Redis; HTTPException 429 or 503, with one sentence, when it cannot be said."""
    try:
        return await what
    except BusyError:
        raise HTTPException(429, "two explanations are being made already", {"retry-after": "1"}) from None
    except TooSlowError:
        raise HTTPException(503, "finding the contacts took too long; try a shorter window") from None
    except NoSuchQueueError:
        raise HTTPException(404, "no such queue and channel") from None
    except REDIS_ERRORS:
        raise HTTPException(503, "Redis does not answer") from None
