"""`floorpulse relay` and `floorpulse deadman` as processes of their own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.eventually import eventually


def environment(**more: str) -> dict[str, str]:
    """This one without settings of ours, and with `FLOORPULSE_` before each name of `more`."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("FLOORPULSE_")}
    return kept | {f"FLOORPULSE_{name}": text for name, text in more.items()}


def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """The command, to its end."""
    command = [sys.executable, "-m", "floorpulse", *arguments]
    return subprocess.run(command, env=environment(**env), capture_output=True, text=True, check=False, timeout=60)


class Running:
    """A command that serves. `said()`: all it has written so far."""

    def __init__(self, output: Path, *arguments: str, **env: str) -> None:
        self.output = output
        with output.open("ab") as file:
            command = [sys.executable, "-m", "floorpulse", *arguments]
            self.process = subprocess.Popen(command, env=environment(**env), stdout=file, stderr=subprocess.STDOUT)
        before = len(self.said())
        eventually(lambda: self.process.poll() is not None or "http://" in self.said()[before:], 60)
        found = re.findall(r"http://[^/\s]+", self.said())
        assert self.process.poll() is None and found, self.said()
        self.url = found[-1]

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="replace")

    def end(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=30)


@contextmanager
def running(output: Path, *arguments: str, **env: str) -> Iterator[Running]:
    """A command that serves, until the end of the block."""
    command = Running(output, *arguments, **env)
    try:
        yield command
    finally:
        command.end(signal.SIGKILL)
