"""floor.toml as the board holds it: read at the start, again on request; a bad file keeps the old one."""

from __future__ import annotations

import logging
from pathlib import Path

from kpi.floor import Floor, FloorError, parse_floor

log = logging.getLogger("floorpulse.board")


class FloorFile:
    """The configuration in force. `error`: one line about why the last reload failed, None when it did not.

    Without a path everything has its defaults. Raises FloorError when the first reading fails.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.error: str | None = None
        self.floor: Floor = self._read()

    def reload(self) -> None:
        """Read the file again; what is wrong with it is logged and kept in `error`, and the old one stays in force."""
        try:
            self.floor = self._read()
        except FloorError as error:
            self.error = str(error)
            log.error("configuration not reloaded, the old one stays in force: %s", error)
        else:
            self.error = None
            log.info("configuration reloaded")

    def _read(self) -> Floor:
        if self._path is None:
            return parse_floor("")
        try:
            text = self._path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise FloorError(f"{self._path}: cannot be read: {error}") from error
        floor = parse_floor(text, self._path.name)
        for line in floor.notes:
            log.warning("%s", line)
        return floor
