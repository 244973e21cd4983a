"""Made-up call tables in the two shapes that mappings are shipped for, together with the visits they tell of."""

import csv
import datetime as dt
import io
import random
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from tests.recordings.oracle import Visit

_HEADER = (
    "vru+line", "call_id", "type", "vru_entry", "vru_exit", "vru_time", "q_start", "q_exit", "q_time", "outcome",
    "ser_start", "ser_exit", "ser_time", "server", "server_abv",
)  # fmt: skip
_TYPES = ("PS", "PS", "PS", "NW", "NE", "IN", "XX", "new, quoted", "a b", "שירות")
_SERVERS = ("AVI", "SHARON", "", "NO_SERVER", "O'NEIL, B")
_NEVER = "0:00:00"
_DAY = 86_400

Table = tuple[str, list[Visit]]


def technion(seed: int, day: dt.date, rows: int = 120) -> Table:
    """A day of the Anonymous Bank: (text, visits). Calls come until midnight and wait or talk across it."""
    chance, zone = random.Random(seed), ZoneInfo("Asia/Jerusalem")
    midnight = dt.datetime(day.year, day.month, day.day)  # noqa: DTZ001 - wall-clock arithmetic, made aware below

    def at(second: int) -> int:
        return round((midnight + dt.timedelta(seconds=second)).replace(tzinfo=zone).timestamp() * 1000)

    made, visits = [], []
    for _ in range(rows):
        menu = chance.choice(
            (chance.randrange(1, _DAY), chance.randrange(_DAY - 900, _DAY), chance.randrange(25_000, 40_000))
        )
        joins = _not_midnight(menu + chance.randrange(0, 40))
        kind = chance.choice(("AGENT", "AGENT", "HANG", "PHANTOM"))
        queues = chance.random() < (0.7 if kind == "AGENT" else 0.8)
        waits = chance.choice((0, 1, 20, 21, chance.randrange(400))) if queues else 0
        left = _not_midnight(joins + waits)
        said = max(0, left - joins + chance.choice((-1, 0, 0, 1))) if queues else 0
        talk = chance.randrange(900) if kind == "AGENT" else 0
        ended = _not_midnight(left + talk)
        server = chance.choice(_SERVERS) if kind == "AGENT" else "NO_SERVER"
        name = chance.choice(_TYPES)
        made.append(
            ["AA01", chance.randrange(50), name, _clock(menu), _clock(joins), chance.choice((joins - menu, -3)),
             _clock(joins) if queues else _NEVER, _clock(left) if queues else _NEVER, said, kind,
             _clock(max(left - 1, 1)) if talk else _NEVER, _clock(ended) if talk else _NEVER, talk, server, server[:3]]
        )  # fmt: skip
        if kind == "PHANTOM" or (kind == "HANG" and not queues):
            continue
        visit = Visit(name, at(joins), left=at(left), wait=said * 1000)
        visit.outcome = "answered" if kind == "AGENT" else "abandoned"
        if kind == "AGENT":
            visit.agent = server if server not in ("", "NO_SERVER") else None
            visit.talk = talk * 1000
            visit.ended = at(ended) if talk else at(left)
        visits.append(visit)
    return _text(_HEADER, made), visits


def simulated(seed: int, first: dt.date, days: int = 3, rows: int = 60) -> Table:
    """Days of the simulated centre, on a twelve-hour clock: (text, visits); the last calls of a day pass midnight."""
    chance, made, visits = random.Random(seed), [], []
    number = 0
    for day in range(days):
        date = first + dt.timedelta(days=day)
        begin = dt.datetime(date.year, date.month, date.day, tzinfo=dt.UTC)
        for caller in range(rows):
            second = chance.choice(
                (chance.randrange(8 * 3600, 18 * 3600), chance.randrange(86_000, _DAY), chance.randrange(7200))
            )
            started = begin + dt.timedelta(seconds=second)
            wait, service = chance.choice((0, 0, 60, 61, chance.randrange(700))), chance.randrange(1200)
            answered = started + dt.timedelta(seconds=wait)
            ended = answered + dt.timedelta(seconds=service)
            said = service + chance.choice((0, 1))
            number += 1
            clocks = (_noon(moment) for moment in (started, answered, ended))
            made.append([number, date.isoformat(), caller + 1, *clocks, wait, said, str(wait <= 60).upper()])
            visits.append(
                Visit("main", _ms(started), left=_ms(answered), outcome="answered", wait=wait * 1000, ended=_ms(ended),
                      talk=said * 1000)
            )  # fmt: skip
    header = "call_id,date,daily_caller,call_started,call_answered,call_ended,wait_length,service_length,meets_standard"
    return _text(header.split(","), made), visits


def _ms(moment: dt.datetime) -> int:
    return round(moment.timestamp() * 1000)


def _not_midnight(second: int) -> int:
    """The log writes midnight where it means never."""
    return second + (second % _DAY == 0)


def _clock(second: int) -> str:
    second %= _DAY
    return f"{second // 3600}:{second // 60 % 60:02d}:{second % 60:02d}"


def _noon(moment: dt.datetime) -> str:
    return moment.strftime("%I:%M:%S %p").lstrip("0")


def _text(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()
