"""A queue_log as Asterisk and logrotate write it, and whoever follows it."""

import gzip
import os
import shutil
from pathlib import Path

from kpi.events import Event
from sources.asterisk import read_files
from sources.asterisk_follow import QueueLogFollower

CALM = Path(__file__).parents[1] / "data" / "asterisk-calm" / "queue_log"
LINES = CALM.read_bytes().splitlines(keepends=True)
T = 1_795_317_000


class Asterisk:
    """A log that is written and rotated as Asterisk, logrotate and an operator do it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "queue_log"
        self._writing = self.path  # a renamed file is written on until the log is reopened
        self.path.touch()

    def write(self, raw: bytes) -> None:
        with self._writing.open("ab") as file:
            file.write(raw)

    def rename(self) -> None:
        self._shift()
        self._writing = self.path.rename(self.path.with_name("queue_log.1"))

    def reopen(self, *, created_before: bool = False) -> None:
        if created_before:
            self.path.touch()
        self._writing = self.path
        self.path.touch()

    def copy_and_truncate(self) -> None:
        self._shift()
        shutil.copyfile(self.path, self.path.with_name("queue_log.1"))
        with self.path.open("r+b") as file:
            file.truncate(0)

    def compress(self) -> None:
        """Compress every rotated file but the newest, as logrotate's delaycompress does; gzip keeps file times."""
        for old in self._numbered():
            if old.suffix not in (".1", ".gz"):
                stat = old.stat()
                with gzip.open(f"{old}.gz", "wb") as file:
                    file.write(old.read_bytes())
                os.utime(f"{old}.gz", ns=(stat.st_atime_ns, stat.st_mtime_ns))
                old.unlink()

    def _shift(self) -> None:
        for old in sorted(self._numbered(), key=_number, reverse=True):
            end = ".gz" if old.suffix == ".gz" else ""
            old.rename(self.path.with_name(f"queue_log.{_number(old) + 1}{end}"))

    def _numbered(self) -> list[Path]:
        return [old for old in self.path.parent.glob("queue_log.*") if old.name.split(".")[1].isdecimal()]


def _number(path: Path) -> int:
    return int(path.name.split(".")[1])


class Reader:
    """A follower and what its publisher has acknowledged."""

    def __init__(self, path: Path, *, from_start: bool = True, read_bytes: int = 1 << 16) -> None:
        self._how = (path, from_start, read_bytes)
        self.told: list[Event] = []
        self.problems: list[str] = []
        self.follower = self._follower()

    def poll(self, *, commit: bool = True) -> list[Event]:
        events = self.follower.poll()
        self.problems += self.follower.problems()
        if commit:
            self.told += events
            self.follower.commit()
        return events

    def drain(self) -> None:
        while self.poll():
            pass

    def restart(self) -> None:
        self.follower.close()
        self.follower = self._follower()

    def _follower(self) -> QueueLogFollower:
        log, from_start, read_bytes = self._how
        position = log.with_name("position.json")
        return QueueLogFollower(log, position, from_start=from_start, read_bytes=read_bytes)

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self.follower.close()


def history(path: Path, *chunks: bytes) -> list[Event]:
    whole = path.with_name("whole-history")
    whole.write_bytes(b"".join(chunks))
    return read_files([whole]).events
