"""The mapping of a table: a TOML file that says which column means what. One row is one contact.

    source = "/import/bank"                    # names the system in every event; default: /import/ and the file's name
    [file]
    delimiter = ","                            # default: a comma
    encoding = "utf-8-sig"                     # default: UTF-8, with or without a byte order mark

    [contact]                                  # a text is a column's name; a table says more:
    queue = "type"                             #   { constant = "main" }             the same for every row
    channel = { constant = "voice" }           #   { column = "c", none = ["-"] }    these cells mean nothing
    direction = { constant = "inbound" }       #   { column = "c", values = { Tel = "voice" } }   cells are translated
    agent = { column = "server", none = ["NO_SERVER"] }
    key = "call_id"                            # only when no two rows have the same; default: file content and row

    [times]
    zone = "Asia/Jerusalem"                    # IANA zone of times without offset; default UTC; --zone wins
    date = { column = "date", formats = ["%Y-%m-%d"] }     # the day; or a constant, 1999-08-01, over which --date wins
    formats = ["%H:%M:%S"]                     # strptime; also "iso" and "epoch". With a day in them, no date is needed
    none = ["0:00:00"]                         # these cells mean "never"; an empty cell always does
    began = "vru_entry"                        # a time of the row's own day; default: entered
    entered = ["q_start", "vru_exit"]          # joined the queue: the first of these columns that is not "never"
    left = ["q_exit", "vru_exit"]              # left the queue, answered or not; default: entered + wait
    ended = "ser_exit"                         # the conversation ended; default: left + talk

    [durations]                                # as the source measured them; they win over differences of times
    wait = "q_time"                            # seconds; or { column = "w", unit = "h:m:s" }, "minutes", "milliseconds"
    talk = "ser_time"

    [[rows]]                                   # the first rule that fits a row says what became of it
    when = { outcome = "HANG", q_start = { never = true } }    # every column must fit
    is = "dropped"                             # dropped: no contact. answered. Or how it left: abandoned, timeout ...

A condition is a text that the cell must equal, a list of such texts, { not = [...] }, { matches = "regex" },
{ empty = true } or { never = true } (empty, or one of [times].none). A rule without `when` fits every row.

A time of day belongs to the day that brings it nearest to the time before it: 0:00:10 after 23:59:50 is the next day,
10:00:30 after 10:00:31 is a clock that ran late.
"""

import datetime as dt
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from kpi.events import LeaveReason
from sources.errors import WrongUseError

Outcome = Literal["dropped", "answered", LeaveReason]


class _Table(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def _column(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


def _columns(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _has_day(form: str) -> bool:
    return form in ("iso", "epoch") or re.search(r"%[djcxs]", form) is not None


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise ValueError("wanted an IANA zone, e.g. Europe/Berlin") from None
    return name


def _regex(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from None
    return text


class Text(_Table):
    """Where a word comes from: a column or a constant; cells in `none` mean nothing, `values` translates them."""

    column: str | None = None
    constant: str | None = None
    none: list[str] = []
    values: dict[str, str] = {}

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.column is None) == (self.constant is None):
            raise ValueError("wanted either column or constant")
        return self


class Day(_Table):
    """A column that holds the day of a row."""

    column: str
    formats: list[str] = ["%Y-%m-%d"]


class Duration(_Table):
    """A column that holds a duration."""

    column: str
    unit: Literal["seconds", "milliseconds", "minutes", "h:m:s"] = "seconds"
    none: list[str] = []


class Condition(_Table):
    """What a cell must be: exactly one of these is set."""

    equals: list[str] | None = None
    other_than: list[str] | None = Field(default=None, alias="not")
    matches: Annotated[str, AfterValidator(_regex)] | None = None
    empty: bool | None = None
    never: bool | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("wanted exactly one condition, e.g. { empty = true }")
        return self

    def fits(self, cell: str, never: frozenset[str]) -> bool:
        """Whether a cell (without surrounding blanks) fulfils it; `never`: the texts that mean no time."""
        if self.equals is not None:
            return cell in self.equals
        if self.other_than is not None:
            return cell not in self.other_than
        if self.matches is not None:
            return re.search(self.matches, cell) is not None
        if self.empty is not None:
            return (not cell) is self.empty
        return (not cell or cell in never) is self.never


def _condition(value: object) -> object:
    if isinstance(value, str | list):
        return {"equals": [value] if isinstance(value, str) else value}
    return value


TextOf = Annotated[Text, BeforeValidator(_column)]
DurationOf = Annotated[Duration, BeforeValidator(_column)]
Columns = Annotated[list[str], BeforeValidator(_columns), Field(min_length=1)]
ConditionOf = Annotated[Condition, BeforeValidator(_condition)]


class FileTable(_Table):
    """[file]"""

    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    encoding: str = "utf-8-sig"


class ContactTable(_Table):
    """[contact]"""

    queue: TextOf
    channel: TextOf = Text(constant="voice")
    direction: TextOf = Text(constant="inbound")
    agent: TextOf | None = None
    key: str | None = None


class TimesTable(_Table):
    """[times]"""

    zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    date: Annotated[dt.date | Day | None, BeforeValidator(_column)] = None
    formats: Annotated[list[str], Field(min_length=1)]
    none: frozenset[str] = Field(default=frozenset(), strict=False)
    began: Columns | None = None
    entered: Columns
    left: Columns | None = None
    ended: Columns | None = None

    @model_validator(mode="after")
    def _alike(self) -> Self:
        if len({_has_day(text) for text in self.formats}) > 1:
            raise ValueError("formats with a day and formats without one cannot be mixed")
        if not self.need_day and self.date is not None:
            raise ValueError("date is not needed: the formats hold the day")
        return self

    @property
    def need_day(self) -> bool:
        """True when the formats hold a time of day only."""
        return not _has_day(self.formats[0])


class DurationsTable(_Table):
    """[durations]"""

    wait: DurationOf | None = None
    talk: DurationOf | None = None


class Rule(_Table):
    """[[rows]]: what became of the rows that fit."""

    when: dict[str, ConditionOf] = {}
    what: Outcome = Field(alias="is")


class TableMapping(_Table):
    """A whole mapping. `name` is the file's name, for messages."""

    name: str
    source: Annotated[str, Field(min_length=1, max_length=200)]
    file: FileTable = FileTable()
    contact: ContactTable
    times: TimesTable
    durations: DurationsTable = DurationsTable()
    rows: Annotated[list[Rule], Field(min_length=1)]

    def columns(self) -> Iterator[tuple[str, str]]:
        """(column, where the mapping names it) of every column that must be there."""
        contact, times = self.contact, self.times
        for key in ("queue", "channel", "direction", "agent"):
            text: Text | None = getattr(contact, key)
            if text is not None and text.column is not None:
                yield text.column, f"[contact].{key}"
        if contact.key is not None:
            yield contact.key, "[contact].key"
        if isinstance(times.date, Day):
            yield times.date.column, "[times].date"
        for key in ("began", "entered", "left", "ended"):
            yield from ((column, f"[times].{key}") for column in getattr(times, key) or ())
        for key in ("wait", "talk"):
            duration: Duration | None = getattr(self.durations, key)
            if duration is not None:
                yield duration.column, f"[durations].{key}"
        for number, rule in enumerate(self.rows, 1):
            yield from ((column, f"[[rows]] {number}") for column in rule.when)


def parse_mapping(text: str, name: str) -> TableMapping:
    """Read the text of a mapping; `name` is its file's name. Raises SourceError with one sentence."""
    try:
        values: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WrongUseError(f"{name}: not TOML: {error}") from None
    source = f"/import/{name.removesuffix('.toml')}"
    try:
        return TableMapping.model_validate({"source": source, **values, "name": name})
    except ValidationError as error:
        raise WrongUseError(f"{name}: {_first(error)}") from None


def _first(error: ValidationError) -> str:
    """The first thing that is wrong, by its key."""
    found = error.errors(include_url=False)[0]
    words = [str(part) for part in found["loc"] if not isinstance(part, str) or part.isidentifier()]
    said = found["msg"].removeprefix("Value error, ")
    given = found["input"]
    shown = "" if isinstance(given, Mapping | list) else f" ({given!r})"
    return f"{'.'.join(words) or 'the file'}: {said[:1].lower()}{said[1:]}{shown}"


def shipped() -> list[str]:
    """The names of the mappings that come with the project."""
    entries = resources.files("sources.mappings").iterdir()
    return sorted(entry.name.removesuffix(".toml") for entry in entries if entry.name.endswith(".toml"))


def load_mapping(path_or_name: Path | str) -> TableMapping:
    """A mapping by its file's path, or a shipped one by its name. Raises SourceError with one sentence."""
    path = Path(path_or_name)
    try:
        if path.is_file():
            return parse_mapping(path.read_text(encoding="utf-8"), path.name)
        if str(path_or_name) in shipped():
            text = resources.files("sources.mappings").joinpath(f"{path_or_name}.toml").read_text(encoding="utf-8")
            return parse_mapping(text, f"{path_or_name}.toml")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUseError(f"{path}: the mapping cannot be read: {error}") from None
    names = ", ".join(shipped())
    raise WrongUseError(f"{path}: there is no such mapping; name a TOML file or one that is shipped: {names}")
