"""A table of past contacts (CSV) -> events, by a mapping: one row is one contact with one visit to a queue."""

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from kpi.floor import Floor
from sources.errors import SourceError, WrongUseError
from sources.files import read_bytes
from sources.identity import identified
from sources.reading import ReadResult
from sources.table_mapping import Day, TableMapping, load_mapping
from sources.table_rows import Row, RowError, Rows


def read_table(
    path: Path | str,
    mapping: Path | str | TableMapping,
    *,
    date: dt.date | str | None = None,
    zone: str | None = None,
    source: str | None = None,
    floor: Floor | None = None,
    keys: dict[str, tuple[str, int]] | None = None,
) -> ReadResult:
    """Translate a table, plain, .gz or .xz, by a mapping (`load_mapping`).

    `date` is the day of a table without dates, `zone` (IANA) and `source` win over the mapping's. `floor` maps names to
    ids; leave it out where a Publisher does that. Files of one history share `keys`, for a key that stands in two of
    them would make two contacts one. Bad rows are problems, the others go on. Raises SourceError when
    mapping and file do not go together, or when no row can be read.
    """
    used = mapping if isinstance(mapping, TableMapping) else load_mapping(mapping)
    day, where = _day(used, date, path), _zone(zone or used.times.zone)
    content = read_bytes(path)
    # The day is not in the file, so it must be in the ids: the file of another day may hold the same rows.
    digest = hashlib.sha256(content + str(day or "").encode()).hexdigest()[:12]
    rows = Rows(used, source or used.source, day, where, digest, {} if keys is None else keys)
    result = ReadResult(zone=where.key)
    ended = content.endswith((b"\n", b"\r"))
    width = 0
    for number, (line, row) in enumerate(_read_rows(path, content, used), 1):
        result.lines += 1
        result.cut_off = None
        try:
            result.events += rows.events(number, row)
        except RowError as error:
            result.problems.append(f"{path}:{line}: {error}")
            result.cut_off = None if ended else result.problems[-1]
        else:
            # Even a row that can be used may have lost the end of its last cell.
            if not ended and len(row) < width:
                result.cut_off = f"{path}:{line}: the last line is cut off; complete it or take it out"
        width = len(row)
    if result.lines and len(result.problems) == result.lines:
        raise SourceError(f"{path}: no row could be read with {used.name}; the first: {result.problems[0]}")
    if floor is not None:
        result.events = [identified(event, floor) for event in result.events]
    return result


def _day(mapping: TableMapping, date: dt.date | str | None, path: Path | str) -> dt.date | None:
    """The day of every row; None when rows or their times name their own."""
    named = mapping.times.date
    if not mapping.times.need_day or isinstance(named, Day):
        if date is not None:
            raise WrongUseError(f"--date {date}: {mapping.name} takes the days from the table; leave --date out")
        return None
    if date is None and named is None:
        raise WrongUseError(f"{path}: has no dates; say which day it is with --date YYYY-MM-DD")
    try:
        return dt.date.fromisoformat(date) if isinstance(date, str) else date or named
    except ValueError:
        raise WrongUseError(f"--date {date}: this is no date; wanted YYYY-MM-DD") from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise WrongUseError(f"--zone {name}: there is no such zone; wanted an IANA name, e.g. Europe/Berlin") from None


def _read_rows(path: Path | str, content: bytes, mapping: TableMapping) -> Iterator[tuple[int, Row]]:
    """(line number, cells by column) of every row that is not empty; a short row lacks its last columns."""
    try:
        text = content.decode(mapping.file.encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise SourceError(f"{path}: cannot be read as {mapping.file.encoding} text: {error}") from None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mapping.file.delimiter)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_columns(path, header, mapping)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                row = {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
                yield reader.line_num, row
    except csv.Error as error:
        raise SourceError(f"{path}:{reader.line_num}: this is no table: {error}") from None


def _check_columns(path: Path | str, header: list[str], mapping: TableMapping) -> None:
    for column, key in mapping.columns():
        if column not in header:
            has = (", ".join(header) or "no header")[:300]
            raise SourceError(f"{path}: no column {column!r} (mapping {mapping.name}: {key}); the file has: {has}")
        if header.count(column) > 1:
            raise SourceError(f"{path}: two columns {column!r} (mapping {mapping.name}: {key}); rename one")
