"""How far a long command is, on stderr: a bar in a terminal, a line every few seconds elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

_LINE_SECONDS = 5.0


@contextmanager
def progress(total: int, what: str) -> Iterator[Callable[[int], None]]:
    """Yields a function to call with how many of `total` are done; `what` names them, e.g. ``events sent``."""
    if sys.stderr.isatty():
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
            bar = bars.add_task(what, total=total)
            yield lambda done: bars.update(bar, completed=done)
    else:
        yield _lines(total, what)


def _lines(total: int, what: str) -> Callable[[int], None]:
    last = time.monotonic()

    def show(done: int) -> None:
        nonlocal last
        if time.monotonic() - last >= _LINE_SECONDS:
            last = time.monotonic()
            typer.echo(f"{done} of {total} {what}", err=True)

    return show


@contextmanager
def counting(what: str) -> Iterator[Callable[[int], None]]:
    """Like `progress` where nobody knows how many there are; `what` names them, e.g. ``events read``."""
    if sys.stderr.isatty():
        with Console(stderr=True).status("") as status:
            yield lambda done: status.update(f"{done:,} {what}")
    else:
        last = time.monotonic()

        def show(done: int) -> None:
            nonlocal last
            if time.monotonic() - last >= _LINE_SECONDS:
                last = time.monotonic()
                typer.echo(f"{done} {what}", err=True)

        yield show
