"""Cells of a table as times and durations: pure functions of their texts."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS_MS = {"seconds": 1000, "milliseconds": 1, "minutes": 60_000}


class CellError(ValueError):
    """A cell that is not what the mapping says; the message says what it is and what was wanted."""


@lru_cache(maxsize=1 << 17)
def parse_moment(text: str, formats: tuple[str, ...]) -> datetime:
    """A cell's time: aware when it says so, else naive; without a day in its format it lies in the year 1900.

    Raises CellError when no format fits.
    """
    for form in formats:
        try:
            if form == "epoch":
                return _EPOCH + timedelta(milliseconds=round(float(text) * 1000))
            # Naive on purpose: the zone of local times is the mapping's.
            return datetime.fromisoformat(text) if form == "iso" else datetime.strptime(text, form)  # noqa: DTZ007
        except (ValueError, OverflowError):
            continue
    raise CellError(f"{text!r} is not a time; wanted {' or '.join(formats)}")


def nearest(moment: datetime, reference: datetime) -> datetime:
    """`moment`, a time of day, on the day that brings it nearest to `reference` (both naive)."""
    on_day = datetime.combine(reference.date(), moment.time())
    if on_day - reference > DAY / 2:
        return on_day - DAY
    return on_day + DAY if reference - on_day > DAY / 2 else on_day


def to_ms(moment: datetime, zone: ZoneInfo, not_before: int | None = None) -> int:
    """Milliseconds UTC of a local time, naive or aware.

    In the hour that a clock set back repeats, the second pass is meant when the first would lie before `not_before`.
    """
    if moment.tzinfo is not None:
        return (moment - _EPOCH) // timedelta(milliseconds=1)
    first, second = ((moment.replace(tzinfo=zone, fold=fold) - _EPOCH) // timedelta(milliseconds=1) for fold in (0, 1))
    return second if not_before is not None and first < not_before <= second else first


def on_day(moment: datetime, day: date) -> datetime:
    """A time of day on a day."""
    return datetime.combine(day, moment.time())


def parse_duration(text: str, unit: str) -> int:
    """A cell's duration in ms; `unit` as in a mapping. Raises CellError when it is none."""
    try:
        if unit == "h:m:s":
            seconds = 0.0
            for part in text.split(":"):
                seconds = seconds * 60 + float(part)
            return round(seconds * 1000)
        return round(float(text) * _UNITS_MS[unit])
    except (ValueError, OverflowError):
        raise CellError(f"{text!r} is not a duration; wanted {unit}") from None
