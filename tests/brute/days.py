"""Windows and business days: when each begins and ends, on the clock of a queue's zone; and business hours."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from tests.brute.log import MINUTE

PANE, QUARTER = 10_000, 15 * MINUTE
LENGTHS = {"5m": 5 * MINUTE, "15m": 15 * MINUTE, "30m": 30 * MINUTE, "1h": 60 * MINUTE}


def local(ms: int, zone: str) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(ZoneInfo(zone))


def day_start(now: int, zone: str, reset: int) -> int:
    """The newest quarter-hour at or before `now` at which the clock of `zone` says `reset` (minutes); no DST here."""
    quarter = now - now % QUARTER
    while True:
        clock = local(quarter, zone)
        if clock.hour * 60 + clock.minute == reset:
            return quarter
        quarter -= QUARTER


def windows(now: int, zone: str, reset: int) -> dict[str, tuple[int, int]]:
    """[from, to) of every window at `now`: sums of 10 s panes, the present one included."""
    end, quarter = now - now % PANE + PANE, now - now % QUARTER
    found = {name: ((now - length) - (now - length) % PANE, end) for name, length in LENGTHS.items()}
    found["day"] = (day_start(now, zone, reset), end)
    found["interval"] = (quarter, end)
    found["previous"] = (quarter - QUARTER, quarter)
    return found


@dataclass
class Hours:
    """Business time of one queue over some days: open minutes, counted one by one.

    `weekly`: per weekday (Monday 0) spans in minutes after midnight; None: always open. `closed`: holidays.
    """

    zone: str
    begin: int
    end: int
    weekly: Sequence[Sequence[tuple[int, int]]] | None = None
    closed: Sequence[str] = ()
    _open: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        minutes = range(self.begin, self.end, MINUTE)
        self._open = list(accumulate((self.is_open(minute) * MINUTE for minute in minutes), initial=0))

    def is_open(self, ms: int) -> bool:
        clock = local(ms, self.zone)
        minute = clock.hour * 60 + clock.minute
        today = self._spans(clock.date())
        yesterday = self._spans(clock.date() - timedelta(days=1))
        return any(start <= minute < end for start, end in today) or any(
            start <= minute + 1440 < end for start, end in yesterday
        )

    def _spans(self, day: date) -> Sequence[tuple[int, int]]:
        if day.isoformat() in self.closed:
            return ()
        return ((0, 1440),) if self.weekly is None else self.weekly[day.weekday()]

    def between(self, start: int, end: int) -> int:
        """Milliseconds of business time in [start, end)."""
        return self._until(end) - self._until(start)

    def _until(self, ms: int) -> int:
        whole, rest = divmod(ms - self.begin, MINUTE)
        opened = self._open[whole]
        return opened + (rest if rest and self._open[whole + 1] > opened else 0)
