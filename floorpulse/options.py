"""What options of several commands mean, and the one line that says what is wrong with them."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from floorpulse.errors import FAILED, WRONG_USE, UserError
from floorpulse.settings_read import PREFIX
from kpi.keys import check_namespace
from kpi.panes import zone_of


def namespace_of(option: str | None, otherwise: str) -> str:
    """`--namespace`, else the setting `otherwise`. Raises UserError naming the one that is wrong."""
    try:
        return check_namespace(option or otherwise)
    except ValueError as error:
        said = str(error)
        text = f"--{said}" if option else f"{PREFIX}NAMESPACE{said.removeprefix('namespace')}"
        raise UserError(text, WRONG_USE) from None


def check_zone(text: str) -> None:
    """Raise UserError when `--zone` is no IANA zone."""
    try:
        zone_of(text)
    except ValueError:
        raise UserError(f"--zone {text}: wanted an IANA zone, e.g. Europe/Berlin", WRONG_USE) from None


def instant(option: str, text: str, zone: str) -> int:
    """The instant (ms UTC) that somebody wrote; a time without an offset is one of `zone`. Raises UserError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(f"{option} {text}: wanted a time, e.g. 2026-11-20T08:00+01:00", WRONG_USE) from None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone_of(zone))
    return round(aware.timestamp() * 1000)


def within_seconds(text: str) -> list[int]:
    """The whole seconds of `--within`, each once and in order. Raises UserError."""
    parts = text.split(",")
    if not all(part.isascii() and part.isdecimal() and len(part) <= 6 for part in parts):
        raise UserError(f"--within {text}: wanted whole seconds with commas between, e.g. 5,10,20,60", WRONG_USE)
    return sorted({int(part) for part in parts})


@contextmanager
def listening_on(host: str, port: int) -> Iterator[None]:
    """Turn the OSError of a port that something else listens on into a UserError; any other passes through."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        text = f"port {port} on {host} is in use; stop what uses it, or choose another with --port"
        raise UserError(text, FAILED) from None
