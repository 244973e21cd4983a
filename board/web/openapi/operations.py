"""One operation of the API as OpenAPI says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from board.door.scopes import PUBLIC, rule_for
from board.web.csv_answers import CSV_TYPE, FORMAT
from board.web.openapi.shapes import Schema, ref
from board.web.params import Param

#: What errors mean, whatever was asked.
ERRORS = {
    400: "What was asked is not what may be asked; the sentence says what is wanted.",
    401: "Nobody known asks: log in first.",
    403: "Whoever asks may not do this.",
    404: "There is no such thing.",
    409: "Not as things are: somebody else has it, or it is over; the sentence says which.",
    413: "The body is too long.",
    415: "The body is not called JSON.",
    429: "Too much at once; Retry-After says when to try again.",
    503: "Redis or Alertmanager does not answer, or nothing is known yet; try again later.",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """A method of an address. `answers`: the schema, or (media type, schema), of status `status`.

    `body`: the schema of what is sent; `errors`: those beside 400 (and 401, 403 where it is not for everybody).
    """

    id: str
    summary: str
    answer: str | tuple[str, Schema]
    params: Sequence[Param[Any]] = ()
    status: int = 200
    body: str = ""
    errors: Sequence[int] = ()
    other: Mapping[int, str] = field(default_factory=dict)

    def told(self, method: str, path: str, path_params: Mapping[str, str]) -> dict[str, Any]:
        """Its Operation Object; `path_params`: name -> what it is."""
        need = rule_for(method.upper(), path).need
        found: dict[str, Any] = {
            "operationId": self.id,
            "summary": self.summary,
            "parameters": [
                *(_in_path(name, path_params[name]) for name in path_params if f"{{{name}}}" in path),
                *(_in_query(param) for param in self.params),
            ],
            "responses": self._responses(method, need),
        }
        if self.body:
            found["requestBody"] = {"required": True, "content": _json(ref(self.body))}
        if need == PUBLIC:
            found["security"] = []
        else:
            found["security"] = [{"bearer": [need]}, {"session": [need]}]
        return found

    def _responses(self, method: str, need: str) -> dict[str, Any]:
        content = (
            _json(ref(self.answer)) if isinstance(self.answer, str) else {self.answer[0]: {"schema": self.answer[1]}}
        )
        ok: dict[str, Any] = {"description": "Done." if method != "get" else "The answer.", "content": content}
        found: dict[str, Any] = {str(self.status): ok}
        if method == "get" and isinstance(self.answer, str):
            ok["headers"] = {"ETag": {"schema": {"type": "string"}, "description": "A hash of the body."}}
            found["304"] = {"description": "The body is the one that If-None-Match names."}
        if FORMAT in self.params:
            content[CSV_TYPE] = {"schema": {"type": "string", "description": "UTF-8 with a byte order mark."}}
        codes = {400, *(() if need == PUBLIC else (401, 403)), *((413, 415) if self.body else ()), *self.errors}
        for code in sorted(codes | self.other.keys()):
            schema = ref(self.other.get(code, "Error"))
            found[str(code)] = {"description": ERRORS[code], "content": _json(schema)}
        return found


def _json(schema: Schema) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _in_path(name: str, about: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "description": about, "schema": {"type": "string"}}


def _in_query(param: Param[Any]) -> dict[str, Any]:
    schema = dict(param.schema)
    if param.default is not None:
        schema["default"] = param.default
    return {"name": param.name, "in": "query", "description": param.about, "schema": schema}
