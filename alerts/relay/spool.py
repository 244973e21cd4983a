"""What waits and what was told, on disk: a call is answered 200 only after it stands here.

SQLite with a write-ahead log, every commit synced. What waits outlives a crash at any instruction. A message that the
platform took and that was not yet marked so is sent once more after a crash: at least once, not exactly once.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from alerts.relay.budget import Spent
from alerts.relay.digest import Pending, Told
from alerts.relay.notice import Alert, Notice

#: The same call again within this time is Alertmanager's retry; later it is its reminder (`repeat_interval`). When its
#: group said something else between the two it is news: an alert that ended and goes on says what it said at first.
RETRY_MS = 120_000
MOST_PENDING = 200_000
MOST_AT_A_TIME = 5_000
OVER_KEPT_MS = 86_400_000
KEPT_MS = 14 * 86_400_000

# `calls` is of older spools: every call of the last minutes, not the last one of each group.
_SCHEMA = """
DROP TABLE IF EXISTS calls;
CREATE TABLE IF NOT EXISTS last_calls (robot TEXT, group_key TEXT, key TEXT NOT NULL, arrived_ms INTEGER NOT NULL,
  PRIMARY KEY (robot, group_key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pending (id INTEGER PRIMARY KEY AUTOINCREMENT, robot TEXT NOT NULL, incident TEXT NOT NULL,
  arrived_ms INTEGER NOT NULL, alerts BLOB NOT NULL, count INTEGER NOT NULL, unnamed INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS pending_robot ON pending (robot, id);
CREATE TABLE IF NOT EXISTS told (robot TEXT, incident TEXT, told BLOB NOT NULL, is_over INTEGER NOT NULL,
  changed_ms INTEGER NOT NULL, PRIMARY KEY (robot, incident)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS spent (robot TEXT PRIMARY KEY, until_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL)
  WITHOUT ROWID;
"""
_INSERT = "INSERT INTO pending (robot, incident, arrived_ms, alerts, count, unnamed) VALUES (?, ?, ?, ?, ?, ?)"
_ALERTS = msgspec.json.Decoder(list[Alert])
_TOLD = msgspec.json.Decoder(Told)


class SpoolError(Exception):
    """The spool cannot be read or written; the message says why in one sentence."""


class Waiting(NamedTuple):
    """How much waits for a robot: alerts, and since when (ms UTC), None when nothing does."""

    alerts: int
    oldest_ms: int | None


class Spool:
    """One file, used by one process; its methods block and may be called from any thread."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # What customers waited for is nobody else's business.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._db = sqlite3.connect(path, timeout=5.0, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(_SCHEMA)
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("COMMIT")
        except OSError as error:
            raise SpoolError(f"{path}: {error.strerror}") from None
        except sqlite3.OperationalError as error:
            why = "another relay uses it" if "locked" in str(error) else str(error)
            raise SpoolError(f"{path}: {why}") from None
        except sqlite3.Error as error:
            raise SpoolError(f"{path}: {error}; move it away to begin anew") from None

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def put(self, robot: str, notice: Notice, now_ms: int) -> bool:
        """Keep a call; on disk when this returns. False when it is the retry of the last one of its group."""
        parts: dict[str, list[Alert]] = {}
        for alert in notice.alerts:
            parts.setdefault(notice.incident_of(alert), []).append(alert)
        with self._lock, _Transaction(self._db, self._path):
            last = self._db.execute(
                "SELECT key, arrived_ms FROM last_calls WHERE robot = ? AND group_key = ?", (robot, notice.group_key)
            ).fetchone()
            if last and last[0] == notice.key and 0 <= now_ms - last[1] < RETRY_MS:
                return False
            (count,) = self._db.execute("SELECT COUNT(*) FROM pending WHERE robot = ?", (robot,)).fetchone()
            if count + len(parts) > MOST_PENDING:
                raise SpoolError(f"{count} calls wait already")
            old = (now_ms - RETRY_MS, now_ms)
            self._db.execute("DELETE FROM last_calls WHERE arrived_ms < ? OR arrived_ms > ?", old)
            row = (robot, notice.group_key, notice.key, now_ms)
            self._db.execute("INSERT OR REPLACE INTO last_calls VALUES (?, ?, ?, ?)", row)
            unnamed = notice.truncated_alerts
            for incident, alerts in parts.items():
                part = (robot, incident, now_ms, msgspec.json.encode(alerts), len(alerts), unnamed)
                self._db.execute(_INSERT, part)
                unnamed = 0
        return True

    def pending(self, robot: str) -> list[Pending]:
        """What waits for a robot, oldest first; at most `MOST_AT_A_TIME`."""
        sql = "SELECT id, incident, arrived_ms, alerts, unnamed FROM pending WHERE robot = ? ORDER BY id LIMIT ?"
        with self._lock, _Transaction(self._db, self._path):
            rows = self._db.execute(sql, (robot, MOST_AT_A_TIME)).fetchall()
        return [Pending(id, incident, at, _ALERTS.decode(alerts), more) for id, incident, at, alerts, more in rows]

    def waiting(self, robot: str) -> Waiting:
        """How much waits for a robot."""
        sql = "SELECT COALESCE(SUM(count + unnamed), 0), MIN(arrived_ms) FROM pending WHERE robot = ?"
        with self._lock, _Transaction(self._db, self._path):
            return Waiting(*self._db.execute(sql, (robot,)).fetchone())

    def robots(self) -> list[str]:
        """The robots that something waits for."""
        with self._lock, _Transaction(self._db, self._path):
            return [name for (name,) in self._db.execute("SELECT DISTINCT robot FROM pending ORDER BY robot")]

    def drop(self, robot: str) -> int:
        """Forget what waits for a robot and what it has told; how many alerts waited. Its budget stays spent."""
        sql = "SELECT COALESCE(SUM(count + unnamed), 0) FROM pending WHERE robot = ?"
        with self._lock, _Transaction(self._db, self._path):
            (alerts,) = self._db.execute(sql, (robot,)).fetchone()
            for table in ("pending", "told", "last_calls"):
                self._db.execute(f"DELETE FROM {table} WHERE robot = ?", (robot,))  # noqa: S608  # names of ours
        return int(alerts)

    def told(self, robot: str, incidents: Sequence[str]) -> dict[str, Told]:
        """What the chat knows of these incidents; those it knows nothing of are missing."""
        found = {}
        with self._lock, _Transaction(self._db, self._path):
            for incident in incidents:
                sql = "SELECT told FROM told WHERE robot = ? AND incident = ?"
                row = self._db.execute(sql, (robot, incident)).fetchone()
                if row:
                    found[incident] = _TOLD.decode(row[0])
        return found

    def settle(self, robot: str, ids: Sequence[int], told: dict[str, Told], now_ms: int) -> None:
        """These calls are dealt with, and this is what the chat knows now: both or neither."""
        with self._lock, _Transaction(self._db, self._path):
            self._db.executemany("DELETE FROM pending WHERE id = ?", [(id,) for id in ids])
            for incident, what in told.items():
                row = (robot, incident, msgspec.json.encode(what), int(all(what.alerts.values())), now_ms)
                self._db.execute("INSERT OR REPLACE INTO told VALUES (?, ?, ?, ?, ?)", row)
            self._db.execute(
                "DELETE FROM told WHERE changed_ms < ? OR (is_over AND changed_ms < ?)",
                (now_ms - KEPT_MS, now_ms - OVER_KEPT_MS),
            )

    def spent(self, robot: str) -> Spent:
        """What the robot's budget has given out, across restarts."""
        sql = "SELECT until_ms, last_ms FROM spent WHERE robot = ?"
        with self._lock, _Transaction(self._db, self._path):
            row = self._db.execute(sql, (robot,)).fetchone()
        return Spent(*row) if row else Spent()

    def spend(self, robot: str, spent: Spent) -> None:
        """Keep what is given out, before the message leaves: a crash must not give it out twice."""
        with self._lock, _Transaction(self._db, self._path):
            row = (robot, spent.until_ms, spent.last_ms)
            self._db.execute("INSERT OR REPLACE INTO spent VALUES (?, ?, ?)", row)


class _Transaction:
    """Commits at its end, takes back on any error, and says SQLite's errors as SpoolError."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db, self._path = db, path

    def __enter__(self) -> None:
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise SpoolError(f"{self._path}: {error}") from None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        try:
            self._db.execute("COMMIT" if kind is None else "ROLLBACK")
        except sqlite3.Error as failed:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise SpoolError(f"{self._path}: {failed}") from None
        if isinstance(error, sqlite3.Error):
            raise SpoolError(f"{self._path}: {error}") from None
