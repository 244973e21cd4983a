"""One row of a table -> the events of one contact with one visit to a queue."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, get_args
from zoneinfo import ZoneInfo

from kpi.events import Channel, Direction, Event, event_id, make_event
from sources.table_cells import CellError, nearest, on_day, parse_duration, parse_moment, to_ms
from sources.table_mapping import Day, Duration, TableMapping, Text

CHANNELS: tuple[str, ...] = get_args(Channel)
DIRECTIONS: tuple[str, ...] = get_args(Direction)
_PER_ROW = 8

# Cells without surrounding blanks, by column; a short row lacks its last columns.
Row = dict[str, str]
# (event type, ms UTC, what else the event says)
Fact = tuple[str, int, dict[str, Any]]


class RowError(ValueError):
    """A row that cannot be used; the message begins with the column."""


@dataclass(frozen=True, slots=True)
class _Times:
    """When a row's contact did what, in ms UTC."""

    entered: int
    left: int | None
    ended: int | None


@dataclass(frozen=True, slots=True)
class Rows:
    """Makes events of rows. `day`: that of every row, None when rows have their own; `digest` names the file.

    `keys`: where each key was first seen, as (digest, row); files of one history share it.
    """

    mapping: TableMapping
    source: str
    day: date | None
    zone: ZoneInfo
    digest: str
    keys: dict[str, tuple[str, int]] = field(default_factory=dict)

    def events(self, number: int, row: Row) -> list[Event]:
        """The events of the row with this number (from 1). Raises RowError."""
        what = self._outcome(row)
        if what == "dropped":
            return []
        wait = self._duration(row, self.mapping.durations.wait)
        talk = self._duration(row, self.mapping.durations.talk)
        times = self._times(row, wait, talk)
        contact = self._contact(number, row)
        if what == "answered":
            facts = self._answered(row, times, wait, talk)
        else:
            facts = self._left(what, times, wait)
        return [self._event(contact, number * _PER_ROW + k, fact) for k, fact in enumerate(facts)]

    def _outcome(self, row: Row) -> str:
        for rule in self.mapping.rows:
            if all(test.fits(_cell(row, column), self.mapping.times.none) for column, test in rule.when.items()):
                return rule.what
        columns = dict.fromkeys(column for rule in self.mapping.rows for column in rule.when)
        said = ", ".join(f"{column} = {_cell(row, column)!r}" for column in columns)
        raise RowError(f"no rule of {self.mapping.name} fits {said}")

    def _contact(self, number: int, row: Row) -> dict[str, str]:
        contact, key = self.mapping.contact, self.mapping.contact.key
        own = f"{self.digest}-{number}" if key is None else self._own_key(number, key, _cell(row, key))
        queue = _word(row, contact.queue)
        if queue is None:
            raise RowError(f"{contact.queue.column}: is empty; it names the queue")
        data = {"contact_id": own, "leg_id": f"{own}/1", "queue_id": queue}
        if key is not None:
            data["native_id"] = own
        for name, text, known in (("channel", contact.channel, CHANNELS), ("direction", contact.direction, DIRECTIONS)):
            word = _word(row, text)
            if word not in known:
                raise RowError(f"{text.column}: {word!r} is no {name}; wanted one of {', '.join(known)}")
            data[name] = word
        return data

    def _own_key(self, number: int, column: str, own: str) -> str:
        if not own:
            raise RowError(f"{column}: is empty; it names the contact")
        file, first = self.keys.setdefault(own, (self.digest, number))
        if (file, first) != (self.digest, number):
            there = f"row {first}" if file == self.digest else f"row {first} of another file"
            raise RowError(f"{column}: {own!r} stands in {there} already; take `key` out of {self.mapping.name}")
        return own

    def _times(self, row: Row, wait: int | None, talk: int | None) -> _Times:
        """Every time follows the one before it; a clock that ran late never puts a contact's end before its start."""
        times = self.mapping.times
        reference = self._began(row)
        moment = self._moment(row, times.entered, reference)
        if moment is None:
            raise RowError(f"{', '.join(times.entered)}: no time; one of them says when the contact joined")
        entered = to_ms(moment, self.zone)
        exit_moment = self._moment(row, times.left, moment)
        left = None if wait is None else entered + max(wait, 0)
        if exit_moment is not None:
            said = to_ms(exit_moment, self.zone, entered)
            # A later column stands in for the first, which may be a midnight that is taken for "never": then it is no
            # later than the join, and the wait knows better.
            stands_in = self._moment(row, (times.left or [])[:1], moment) is None
            left = left if stands_in and said <= entered and left is not None else max(said, entered)
        end_moment = self._moment(row, times.ended, exit_moment or moment)
        ended = None if left is None or talk is None else left + max(talk, 0)
        if end_moment is not None and left is not None:
            ended = max(to_ms(end_moment, self.zone, left), left)
        return _Times(entered, left, ended)

    def _began(self, row: Row) -> datetime | None:
        """A time on the row's own day, from which its other times of day are counted."""
        times, day = self.mapping.times, self.day
        if isinstance(times.date, Day):
            cell = _cell(row, times.date.column)
            try:
                day = parse_moment(cell, tuple(times.date.formats)).date()
            except CellError as error:
                raise RowError(f"{times.date.column}: {error}") from None
        if day is None:
            return None
        first = self._moment(row, times.began or times.entered, None) or self._moment(row, times.entered, None)
        return None if first is None else on_day(first, day)

    def _moment(self, row: Row, columns: list[str] | None, reference: datetime | None) -> datetime | None:
        """The first of these columns that is a time; a time of day lies as near to `reference` as it can."""
        for column in columns or ():
            cell = _cell(row, column)
            if not cell or cell in self.mapping.times.none:
                continue
            try:
                moment = parse_moment(cell, tuple(self.mapping.times.formats))
            except CellError as error:
                raise RowError(f"{column}: {error}") from None
            return moment if reference is None or not self.mapping.times.need_day else nearest(moment, reference)
        return None

    def _duration(self, row: Row, duration: Duration | None) -> int | None:
        if duration is None:
            return None
        cell = _cell(row, duration.column)
        if not cell or cell in duration.none:
            return None
        try:
            return parse_duration(cell, duration.unit)
        except CellError as error:
            raise RowError(f"{duration.column}: {error}") from None

    def _answered(self, row: Row, times: _Times, wait: int | None, talk: int | None) -> Iterator[Fact]:
        if times.left is None:
            raise RowError(f"{self._left_columns()}: no time and no wait; an answered contact needs one of them")
        agent = _word(row, self.mapping.contact.agent)
        who = {} if agent is None else {"agent_id": agent}
        yield "contact.queued", times.entered, {"reason": "initial"}
        yield "contact.answered", times.left, {**who, **_reported("wait_ms", wait)}
        # A table is of the past: a conversation whose end it does not tell is over all the same, with unknown talk.
        ended_by = {} if times.ended is not None else {"ended_by": "lost_unknown"}
        end = times.left if times.ended is None else times.ended
        yield "contact.ended", end, {**who, **ended_by, **_reported("talk_ms", talk)}

    def _left(self, reason: str, times: _Times, wait: int | None) -> Iterator[Fact]:
        # Without a wait and without a time the leg joins and leaves at one instant, and its wait stays unknown.
        if times.left is not None:
            yield "contact.queued", times.entered, {"reason": "initial"}
        left = times.entered if times.left is None else times.left
        yield "contact.left_queue", left, {"reason": reason, **_reported("wait_ms", wait)}

    def _left_columns(self) -> str:
        columns = [*(self.mapping.times.left or ())]
        if self.mapping.durations.wait is not None:
            columns.append(self.mapping.durations.wait.column)
        return ", ".join(columns) or "[times].left"

    def _event(self, contact: dict[str, str], sequence: int, fact: Fact) -> Event:
        noun_verb, time_ms, said = fact
        id = event_id(self.source, contact["contact_id"], noun_verb, time_ms)
        data = {**contact, "sequence": sequence, **said}
        return make_event(noun_verb, source=self.source, id=id, time_ms=time_ms, data=data)


def _cell(row: Row, column: str) -> str:
    """A cell; RowError when the row ends before it."""
    found = row.get(column)
    if found is None:
        raise RowError(f"{column}: the row ends before this column")
    return found


def _word(row: Row, text: Text | None) -> str | None:
    """What a text of the mapping says about a row; None for nothing."""
    if text is None or text.column is None:
        return None if text is None else text.constant
    cell = _cell(row, text.column)
    return None if not cell or cell in text.none else text.values.get(cell, cell)


def _reported(name: str, value: int | None) -> dict[str, Any]:
    return {} if value is None else {"reported": {name: value}}
