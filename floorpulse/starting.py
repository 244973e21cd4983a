"""How a command begins: its settings from the environment, and a word about variables that are none of them."""

import logging
import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import fields
from difflib import get_close_matches

import typer

from floorpulse.logging import setup
from floorpulse.settings import Settings
from floorpulse.settings_read import PREFIX

log = logging.getLogger("floorpulse.settings")

MOST_CHARACTERS = 80
# What others read: the command itself, the alerts' receiver, the compose files, and the tests.
_OTHERS = (
    "DEBUG", "WEBHOOK_PORT", "ALERTMANAGER_CONFIG", "ASTERISK_GID", "ASTERISK_LOGS", "FLOOR_TOML", "GRAFANA_URL",
    "REDIS_MAXMEMORY", "REDIS_MEM_LIMIT", "RELAY_FOLDER", "BIN", "DATA", "NO_DATA", "REQUIRE_DATA",
)  # fmt: skip


def settings_of_command(service: str = "") -> Settings:
    """The settings, checked; raises UserError. A variable that is none is told once, in one line.

    `service`: the name of a process that logs; its logging begins here, and the line is one of it.
    """
    settings = Settings.from_env()
    if service:
        setup(service, settings.log_level)
    for line in misspelt(os.environ):
        if service:
            log.warning("%s", line)
        else:
            note(line)
    return settings


def note(line: str) -> None:
    """Say what may be a mistake and ends nothing, in one line on stderr."""
    typer.echo(f"note: {line}", err=True)


def known_variables() -> frozenset[str]:
    """The names of all variables that anything here reads."""
    found = {PREFIX + name for name in _OTHERS}
    for setting in fields(Settings):
        name = PREFIX + setting.name.upper()
        found |= {name} if "Path" in str(setting.type) else {name, f"{name}_FILE"}
    return frozenset(found)


def misspelt(names: Iterable[str], known: Collection[str] | None = None) -> Iterator[str]:
    """One line for each name that begins like a setting and is none. Values are not looked at: they may be secret."""
    known = known_variables() if known is None else known
    for name in sorted(name for name in names if name.startswith(PREFIX) and name not in known):
        meant = get_close_matches(name, sorted(known), 1, 0.8)
        shown = "".join(char if char.isprintable() else " " for char in name)[:MOST_CHARACTERS]
        yield f"{shown} is no setting" + (f"; did you mean {meant[0]}?" if meant else "")
