"""`floorpulse init`: a first floor.toml from the queues and people that a queue_log shows."""

from pathlib import Path
from typing import Annotated

import typer

from floorpulse.errors import WRONG_USE, UserError, for_people
from floorpulse.floor_draft import draft
from kpi.floor import parse_floor
from sources.asterisk import SOURCE, read_files


def init(
    files: Annotated[
        list[Path], typer.Argument(metavar="QUEUE_LOG...", help="Asterisk's log, plain, .gz or .xz; also several.")
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where it is written; - is standard output.")] = Path(
        "floor.toml"
    ),
    source: Annotated[str, typer.Option(help="The name this Asterisk has in events.")] = SOURCE,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a commented floor.toml with the queues and agents of an Asterisk, to be edited.

    Example: `floorpulse init /var/log/asterisk/queue_log`
    """
    if out.exists() and not force:
        raise UserError(f"{out}: is there already; --force replaces it, --out FILE writes another one", WRONG_USE)
    with for_people():
        result = read_files(files, source=source)
        text = draft(result.events, ", ".join(path.name for path in files), source)
        queues = len(parse_floor(text, str(out)).configured)
    if not queues:
        raise UserError(f"{', '.join(map(str, files))}: no queue in it; name a queue_log with some calls")
    if str(out) == "-":
        typer.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{out}: cannot be written: {error.strerror}", WRONG_USE) from None
    typer.echo(f"{out}: {queues} queue{'' if queues == 1 else 's'}; edit it, then: floorpulse board --config {out}")
