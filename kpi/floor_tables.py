"""Reading the tables of a floor.toml key by key, so that every error names file, line and key."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NoReturn, TypeVar

from kpi.floor_lines import Path, line_of
from kpi.floor_values import Wrong

T = TypeVar("T")


class FloorError(ValueError):
    """A floor.toml that cannot be used; the message is one line: file:line: key: what stands there; what is wanted."""


@dataclass(frozen=True)
class Source:
    """A file's name and text, for errors."""

    name: str
    text: str

    def fail(self, path: Path, what: str) -> NoReturn:
        """Raise the error for a key."""
        raise FloorError(f"{self.name}:{line_of(self.text, path)}: {'.'.join(map(str, path))}: {what}")


@dataclass
class Table:
    """One table: every key that is read is remembered, and `done` refuses the ones nobody read."""

    source: Source
    path: Path
    values: Mapping[str, object]
    known: list[str] = field(default_factory=list)

    def get(self, key: str, parse: Callable[[object], T]) -> T | None:
        """A key's value, parsed; None when it is not there."""
        self.known.append(key)
        return self._parsed(self.values[key], (*self.path, key), parse) if key in self.values else None

    def need(self, key: str, parse: Callable[[object], T], example: str) -> T:
        """A key's value, parsed; an error when it is not there."""
        value = self.get(key, parse)
        if value is None:
            self.source.fail(self.path, f"no {key}; wanted {key} = {example}")
        return value

    def items(self, parse: Callable[[object], T]) -> Iterator[tuple[str, T]]:
        """Every key with its value, parsed."""
        for key in self.values:
            value = self.get(key, parse)
            if value is not None:
                yield key, value

    def each(self, key: str, parse: Callable[[object], T], wanted: str) -> list[T] | None:
        """The entries of a list, each parsed; None when it is not there."""
        self.known.append(key)
        if key not in self.values:
            return None
        entries = self.values[key]
        if not isinstance(entries, list):
            self.source.fail((*self.path, key), f"{shown(entries)}; wanted {wanted}")
        return [self._parsed(entry, (*self.path, key, index), parse) for index, entry in enumerate(entries)]

    def table(self, key: str) -> Table | None:
        """The table under a key; None when it is not there."""
        self.known.append(key)
        return self._table(self.values[key], (*self.path, key)) if key in self.values else None

    def children(self, key: str) -> list[Table]:
        """The tables that stand in a table, by name: [key.one], [key.two]."""
        parent = self.table(key)
        return [self._table(values, (*parent.path, name)) for name, values in parent.values.items()] if parent else []

    def tables(self, key: str) -> list[Table]:
        """The tables of an array of tables."""
        self.known.append(key)
        entries = self.values.get(key, [])
        if not isinstance(entries, list):
            self.source.fail((*self.path, key), f"wanted [[{key}]] with double brackets")
        return [self._table(entry, (*self.path, key, index)) for index, entry in enumerate(entries)]

    def done(self) -> None:
        """Refuse the first key that nobody read."""
        for key in self.values:
            if key not in self.known:
                near = difflib.get_close_matches(key, self.known, 1)
                hint = f"did you mean {near[0]}?" if near else f"wanted one of {', '.join(sorted(set(self.known)))}"
                self.source.fail((*self.path, key), f"unknown key; {hint}")

    def fail(self, key: str, what: str) -> NoReturn:
        """Raise the error for a key of this table."""
        self.source.fail((*self.path, key), what)

    def place(self, key: str) -> str:
        """Where a key of this table stands, for a note: "floor.toml line 7"."""
        return f"{self.source.name} line {line_of(self.source.text, (*self.path, key))}"

    def _table(self, values: object, path: Path) -> Table:
        if not isinstance(values, dict):
            self.source.fail(path, f"{shown(values)}; wanted a table")
        return Table(self.source, path, values)

    def _parsed(self, value: object, path: Path, parse: Callable[[object], T]) -> T:
        try:
            return parse(value)
        except Wrong as wrong:
            self.source.fail(path, f"{shown(value)}; wanted {wrong}")


def open_text(text: str, name: str) -> Table:
    """The top table of a TOML text; FloorError when it is not TOML."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # tomllib names the place only in its message: "... (at line 3, column 5)" or "(at end of document)".
        place = re.fullmatch(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", str(error), re.DOTALL)
        what = place[1] if place else str(error)
        line = place[2] if place and place[2] else max(1, text.rstrip("\n").count("\n") + 1)
        raise FloorError(f"{name}:{line}: not TOML: {what[:1].lower()}{what[1:]}") from None
    return Table(Source(name, text), (), values)


def shown(value: object) -> str:
    """A value as an error shows it: short, on one line."""
    text = f"'{value}'" if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    return text if len(text) <= 60 else text[:57] + "..."
