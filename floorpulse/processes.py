"""Child processes that never outlive us: in a session of their own, stopped in order, killed when we are killed."""

import atexit
import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import IO

from floorpulse.errors import UserError

_PR_SET_PDEATHSIG = 1
# Looked up before any fork: the child may not take locks, so it must not import or search a library.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
STOP_SECONDS = 10.0
_POLITE = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


class Child:
    """One running child process; its output goes to a nameless temporary file, of which `last_words` shows the end."""

    def __init__(self, name: str, command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        """Start `command`; call it from the main thread only: on Linux the child dies with the thread that made it."""
        self.name = name
        self._output: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as the child
        # A signal in the middle of a fork would be lost: Python only prints exceptions of what it runs there.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _POLITE)
        try:
            self._process = subprocess.Popen(
                command,
                env=None if env is None else dict(env),
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=subprocess.STDOUT,
                # Ctrl-C in a terminal reaches a whole process group: without this Redis would die before the worker.
                start_new_session=True,
                preexec_fn=_in_child(os.getpid(), before),  # noqa: PLW1509  # it calls the kernel and nothing else
            )
        except OSError as error:
            self._output.close()
            raise UserError(f"{name} cannot be started: {command[0]}: {error.strerror}") from None
        else:
            _running.append(self)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; minus the signal's number when a signal ended it."""
        return self._process.poll()

    def check(self) -> None:
        """Raise UserError with its last line of output when it has ended although nobody stopped it."""
        code = self.exit_code
        if code is not None:
            how = f"exit code {code}" if code >= 0 else f"signal {-code}"
            raise UserError(f"{self.name} ended by itself ({how}): {self.last_words() or 'it said nothing'}")

    def last_words(self) -> str:
        """The last line of its output with more than blanks, without control characters, cut at 500 characters."""
        # Read at a place: a seek would move the child's writing too, for both hold the same open file.
        size = os.fstat(self._output.fileno()).st_size
        tail = os.pread(self._output.fileno(), 8192, max(0, size - 8192))
        lines = [line.strip() for line in tail.decode("utf-8", "replace").splitlines()]
        text = next((line for line in reversed(lines) if line), "")
        return "".join(char for char in text if char.isprintable())[:500]

    def kill(self) -> None:
        """SIGKILL, at once; returns when it is gone."""
        self._process.kill()
        self._process.wait()

    def ask_to_stop(self) -> None:
        """SIGTERM, without waiting."""
        if self._process.poll() is None:
            self._process.terminate()

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """SIGTERM, then SIGKILL after `seconds`; returns when it is gone. Doing it twice does no harm."""
        if self._process.poll() is None:
            self.ask_to_stop()
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
        self._output.close()
        if self in _running:
            _running.remove(self)


class Children:
    """Children that stop together; a context manager."""

    def __init__(self) -> None:
        self._children: list[Child] = []

    def start(self, name: str, command: Sequence[str], env: Mapping[str, str] | None = None) -> Child:
        """Start one more child."""
        child = Child(name, command, env)
        self._children.append(child)
        return child

    def check(self) -> None:
        """Raise UserError when a child has ended by itself."""
        for child in self._children:
            child.check()

    def remove(self, child: Child) -> None:
        """Stop one child and forget it."""
        self._children.remove(child)
        child.stop()

    def stop(self) -> None:
        """Stop all at once; returns when they are gone."""
        for child in reversed(self._children):
            child.ask_to_stop()
        while self._children:
            self._children.pop().stop()

    def __enter__(self) -> "Children":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def floorpulse_command(*arguments: str) -> list[str]:
    """The command line of another Floorpulse process, with this very Python."""
    return [sys.executable, "-m", "floorpulse", *arguments]


def wait_until(ready: Callable[[], bool], child: Child, seconds: float, what: str) -> None:
    """Ask `ready` every 10 ms until it says yes. Raises UserError when the child ends or the time is over."""
    end = time.monotonic() + seconds
    while not ready():
        child.check()
        if time.monotonic() > end:
            said = child.last_words() or "it said nothing"
            raise UserError(f"{child.name} was not {what} after {seconds:g} s: {said}")
        time.sleep(0.01)


@contextmanager
def stopping_on_signals() -> Iterator[None]:
    """Within it SIGTERM and SIGHUP unwind the program as Ctrl-C does: every child is stopped, nothing is left."""
    before = {name: signal.signal(name, _leave) for name in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _in_child(parent: int, mask: set[int | signal.Signals]) -> Callable[[], None]:
    """What a child does between its fork and its program: nothing that could need a lock."""
    libc = _LIBC

    def prepare() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if libc is not None:
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:  # it died between the fork and the line above
                os.kill(os.getpid(), signal.SIGKILL)

    return prepare


_running: list[Child] = []


@atexit.register
def _stop_the_rest() -> None:
    for child in reversed(_running[:]):
        child.stop(seconds=2)
