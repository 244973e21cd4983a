"""Where a key of a TOML text stands: tomllib tells values, not lines, and an error message needs both."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field

Path = tuple[str | int, ...]

_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_STRING = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL)
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN = re.compile(r"[^,\]}\n#]+")


def line_of(text: str, path: Path) -> int:
    """The 1-based line where a key (or the nearest table around it) stands in valid TOML text; 1 when nothing fits."""
    lines = _Scan(text).run()
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


@dataclass
class _Scan:
    """One walk over a text that tomllib has already accepted, so nothing is checked here."""

    text: str
    at: int = 0
    lines: dict[Path, int] = field(default_factory=dict)
    counts: dict[Path, int] = field(default_factory=dict)

    def run(self) -> dict[Path, int]:
        table: Path = ()
        self.skip(_SPACE)
        while self.at < len(self.text):
            table = self.header() if self.text[self.at] == "[" else self.pair(table)
            self.skip(_SPACE)
        return self.lines

    def header(self) -> Path:
        """[a.b] or [[a]]: its path, with the index of the entry where it is an array of tables."""
        array = self.text.startswith("[[", self.at)
        self.at += 2 if array else 1
        start = self.at
        path = self.resolve(self.key())
        if array:
            index = self.counts.get(path, 0)
            self.counts[path] = index + 1
            path = (*path, index)
        self.note(path, start)
        self.at += 2 if array else 1
        return path

    def pair(self, table: Path) -> Path:
        """key = value: notes the key and walks into the value; gives back the table it stands in."""
        start = self.at
        path = (*table, *self.key())
        self.note(path, start)
        self.at += 1  # the equals sign
        self.value(path)
        return table

    def value(self, path: Path) -> None:
        self.skip(_SPACE)
        if self.text[self.at] == "{":
            self.members(path, "}")
        elif self.text[self.at] == "[":
            self.members(path, "]")
        elif not self.skip(_STRING):
            self.skip(_PLAIN)

    def members(self, path: Path, closing: str) -> None:
        """The members of an inline table or of an array."""
        self.at += 1
        index = 0
        self.skip(_SPACE)
        while self.text[self.at] != closing:
            if closing == "}":
                self.pair(path)
            else:
                self.note((*path, index), self.at)
                self.value((*path, index))
                index += 1
            self.skip(_SPACE)
            if self.text[self.at] == ",":
                self.at += 1
                self.skip(_SPACE)
        self.at += 1

    def key(self) -> Path:
        """A bare, quoted or dotted key; stands behind it afterwards."""
        parts: list[str | int] = []
        while True:
            self.skip(_BLANK)
            start = self.at
            if self.skip(_STRING):
                parts.append(_unquote(self.text[start : self.at]))
            else:
                self.skip(_BARE)
                parts.append(self.text[start : self.at])
            self.skip(_BLANK)
            if self.text[self.at] != ".":
                return tuple(parts)
            self.at += 1

    def resolve(self, path: Path) -> Path:
        """A header below an array of tables means its newest entry."""
        out: Path = ()
        for part in path[:-1]:
            out = (*out, part)
            if out in self.counts:
                out = (*out, self.counts[out] - 1)
        return (*out, path[-1])

    def note(self, path: Path, at: int) -> None:
        line = self.text.count("\n", 0, at) + 1
        for size in range(1, len(path) + 1):
            self.lines.setdefault(path[:size], line)

    def skip(self, pattern: re.Pattern[str]) -> bool:
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return bool(found and found.end() > found.start())


def _unquote(quoted: str) -> str:
    """A quoted key's text."""
    return str(tomllib.loads(f"key = {quoted}")["key"])
