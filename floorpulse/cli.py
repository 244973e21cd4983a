"""The command `floorpulse`: one file in floorpulse/commands for each word, and one line for every error."""

import asyncio
import errno
import os
import sys
import traceback
from typing import NoReturn

import typer

from floorpulse.commands.alerts import alerts
from floorpulse.commands.backtest import backtest
from floorpulse.commands.board import board
from floorpulse.commands.deadman import deadman
from floorpulse.commands.demo import demo
from floorpulse.commands.import_ import import_
from floorpulse.commands.init import init
from floorpulse.commands.relay import relay
from floorpulse.commands.replay import replay
from floorpulse.commands.report import report
from floorpulse.commands.simulate import simulate
from floorpulse.commands.source_asterisk import source_asterisk
from floorpulse.commands.top import top
from floorpulse.commands.verify import verify
from floorpulse.commands.worker import worker
from floorpulse.errors import FAILED, UserError, for_people

app = typer.Typer(
    name="floorpulse",
    help="Watch a contact centre while it happens: queues, waits, abandonment, service level and backlog, exact.",
    epilog="Start with: floorpulse demo",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    add_completion=False,
)
source = typer.Typer(help="Follow a real system and send what happens there to Kafka.", no_args_is_help=True)

app.command()(demo)
app.command()(worker)
app.command()(board)
app.command()(alerts)
app.command()(relay)
app.command()(deadman)
app.command("import")(import_)
app.command()(simulate)
app.command()(replay)
app.command()(report)
app.command()(verify)
app.command()(backtest)
app.command()(top)
app.command()(init)
source.command("asterisk")(source_asterisk)
app.add_typer(source, name="source")


def main() -> None:
    """Run the command line; ends the process with 0, 1 (something outside failed) or 2 (wrong use)."""
    try:
        with for_people():
            code = app(standalone_mode=False)
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(130)
    except typer.Abort:
        _end("stopped", FAILED)
    except typer.TyperException as error:
        _end(_usage(error), error.exit_code)
    except UserError as error:
        _end(error.message, error.exit_code)
    except OSError as error:
        _end(_system(error), FAILED)
    sys.exit(code if isinstance(code, int) else 0)


def _usage(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "floorpulse"
    said = error.format_message().strip()
    return f"{command}: {said[:1].lower()}{said[1:].rstrip('.')}; see {command} --help" if said else ""


def _system(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"a port is in use already ({error.strerror or error}); stop what uses it or choose another"
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}"


def _end(message: str, code: int) -> NoReturn:
    """One line on stderr, or the whole story with FLOORPULSE_DEBUG=1."""
    if os.environ.get("FLOORPULSE_DEBUG") == "1":
        traceback.print_exc()
    if message:
        line = " ".join("".join(char if char.isprintable() else " " for char in message).split())
        sys.stderr.write(f"error: {line}\n")
    sys.exit(code)
