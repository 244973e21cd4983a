"""Reports for whoever asks the board: made beside the loop, few at a time, by what the board was given for it.

How a report is made is no business of the board, which only counts what is now; see `Parts.report`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from threading import BoundedSemaphore, Thread

from kpi.floor import Floor

log = logging.getLogger("floorpulse.board")

AT_ONCE = 2
RETRY_SECONDS = 2


@dataclass(frozen=True, slots=True)
class ReportQuery:
    """What is asked: [from, to) in ms UTC, None for the usual span; `by`: parts, None for all but minutes.

    `queue`: only this one, None for all. `csv`: a table instead of JSON. `now_ms`: the log's clock; `floor`: the
    configuration in force.
    """

    from_ms: int | None
    to_ms: int | None
    now_ms: int
    floor: Floor
    basis: str
    by: tuple[str, ...] | None
    zone: str
    queue: str | None
    csv: bool


class ReportRefusedError(Exception):
    """There is no such report. `status` as in HTTP: 400 for what was asked, 503 for what Redis holds now."""

    def __init__(self, status: int, sentence: str) -> None:
        self.status = status
        super().__init__(sentence)


class BusyError(Exception):
    """AT_ONCE reports are being made already."""


# Gives the body, UTF-8; raises ReportRefusedError.
ReportMaker = Callable[[ReportQuery], bytes]


class ReportRoom:
    """Makes reports in threads of their own, at most `at_once` at a time."""

    def __init__(self, make: ReportMaker, at_once: int = AT_ONCE) -> None:
        self._make = make
        self._free = BoundedSemaphore(at_once)

    async def report(self, query: ReportQuery) -> bytes:
        """The report. Raises BusyError, and what the maker raises."""
        if not self._free.acquire(blocking=False):
            raise BusyError
        done: Future[bytes] = Future()
        # Not a thread of the loop's own pool, which a process waits for before it ends: nobody reads this report then.
        Thread(target=self._work, args=(query, done), name="report", daemon=True).start()
        return await asyncio.wrap_future(done)

    def _work(self, query: ReportQuery, done: Future[bytes]) -> None:
        if not done.set_running_or_notify_cancel():
            self._free.release()
            return
        try:
            body = self._make(query)
        except BaseException as error:  # noqa: BLE001 - whoever asked gets it, whatever it is
            self._free.release()
            done.set_exception(error)
        else:
            self._free.release()
            done.set_result(body)
