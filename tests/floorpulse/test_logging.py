"""Service logs: one line of JSON each, never too long, never twice too often."""

import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from floorpulse.logging import BURST, MAX_LINE_BYTES, PERIOD_SECONDS, JsonFormatter, Repeats, setup


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """What a service wrote."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    setup("worker", "info", stream)
    yield stream
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    """The lines, read back."""
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_line_holds_the_event_and_what_belongs_to_it(out: io.StringIO) -> None:
    logging.getLogger("streams.pipeline").info(
        "committed", extra={"topic": "calls.events", "partition": 3, "offset": 7}
    )

    (line,) = lines(out)
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info", "service": "worker", "logger": "streams.pipeline", "event": "committed",
        "topic": "calls.events", "partition": 3, "offset": 7,
    }  # fmt: skip


def test_a_hostile_text_stays_on_its_line(out: io.StringIO) -> None:
    logging.getLogger("x").warning('a\n{"level": "critical"}\r\x1b[31m\u2028%s', "\x00")

    (line,) = lines(out)
    assert line["event"] == 'a\n{"level": "critical"}\r\x1b[31m\u2028\x00'
    assert out.getvalue().isascii()
    assert out.getvalue().count("\n") == 1


@pytest.mark.parametrize("letter", ["x", "ä", "\x00", "\U0001f600"])
def test_no_line_is_longer_than_8_kib(out: io.StringIO, letter: str) -> None:
    logging.getLogger("x").error(letter * 100_000, extra={"offset": 1})

    assert len(out.getvalue().encode()) <= MAX_LINE_BYTES + 1
    assert lines(out)[0]["cut"] is True


def test_an_exception_is_in_its_line(out: io.StringIO) -> None:
    try:
        raise ValueError("no")
    except ValueError:
        logging.getLogger("x").exception("failed")

    (line,) = lines(out)
    assert line["error"] == "ValueError: no"
    assert "Traceback" in line["traceback"]


def test_arguments_that_do_not_fit_cost_no_line() -> None:
    record = logging.makeLogRecord({"msg": "half %d", "args": ("a",)})

    assert json.loads(JsonFormatter("worker").format(record))["event"] == "half %d"


def test_what_is_below_the_level_is_not_written(out: io.StringIO) -> None:
    logging.getLogger("x").debug("no")

    assert out.getvalue() == ""


def test_warnings_are_lines_too(out: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", stacklevel=1)

    assert lines(out)[0]["logger"] == "py.warnings"


def test_a_message_that_repeats_is_held_back_and_counted() -> None:
    now = 0.0
    repeats = Repeats(clock=lambda _record: now)

    def passes() -> logging.LogRecord | None:
        record = logging.makeLogRecord({"name": "aiokafka", "msg": "gone %s", "levelno": logging.ERROR})
        return record if repeats.filter(record) else None

    passed = [passes() is not None for _ in range(BURST + 3)]
    now = PERIOD_SECONDS
    after = passes()

    assert passed == [True] * BURST + [False] * 3
    assert after is not None
    assert vars(after)["held_back"] == 3


def test_what_people_ordered_is_written_one_by_one_however_often_it_comes(out: io.StringIO) -> None:
    for _ in range(BURST * 3):
        logging.getLogger("floorpulse.audit").info("audit", extra={"action": "note_added"})
    assert [line["action"] for line in lines(out)] == ["note_added"] * BURST * 3


def test_no_call_to_another_server_is_told_with_its_address_which_may_hold_a_password(out: io.StringIO) -> None:
    logger = logging.getLogger("httpx")
    before = logger.level
    try:
        setup("board", stream=out)
        logger.info("HTTP Request: GET http://user:geheim@127.0.0.1:9093/api/v2/silences")
    finally:
        logger.setLevel(before)
    assert out.getvalue() == ""
