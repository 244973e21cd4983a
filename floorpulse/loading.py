"""Files of any known kind -> the history they hold: what `replay` and `import` begin with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from floorpulse.errors import WRONG_USE, UserError
from floorpulse.starting import note
from kpi.envelope import Event
from kpi.floor import Floor, parse_floor
from sources import asterisk, cloudevents, table
from sources.cloudevents import RawLine
from sources.reading import ReadResult
from sources.table_mapping import load_mapping, shipped

KINDS = ("asterisk", "table", "cloudevents")


@dataclass(frozen=True, slots=True)
class History:
    """What files hold. `zone`: the IANA zone of their local times, None when they have none; `remarks`: for people.

    `source`: the source attribute that maps native names to ids, "" when the events of the files have several.
    """

    items: Sequence[Event | RawLine]
    zone: str | None = None
    source: str = ""
    remarks: Sequence[str] = ()


def load_floor(path: Path | None, say: Callable[[str], None] = note) -> Floor:
    """The floor of a floor.toml; the defaults of an empty one without a path. Raises UserError or FloorError.

    `say` gets each of its notes; a process that logs gives the warnings of its log.
    """
    if path is None:
        return parse_floor("")
    try:
        floor = parse_floor(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}; name a floor.toml that is there", WRONG_USE) from None
    except UnicodeDecodeError:
        raise UserError(f"{path}: this is not UTF-8 text; wanted a floor.toml", WRONG_USE) from None
    for line in floor.notes:
        say(line)
    return floor


def load(
    paths: Sequence[Path], kind: str, *, mapping: Path | None = None, date: str | None = None, zone: str | None = None
) -> History:
    """Read files of one kind (`KINDS`); ids stay native, the publisher maps them.

    Raises SourceError when a file is not what `kind` says, UserError when an option is missing or makes no sense.
    """
    if kind not in KINDS:
        raise UserError(f"--as {kind}: wanted one of {', '.join(KINDS)}", WRONG_USE)
    if kind != "table" and (mapping or date):
        raise UserError(f"--mapping and --date are for --as table, not for --as {kind}", WRONG_USE)
    if kind == "cloudevents":
        return History(cloudevents.read_files(paths))
    if kind == "asterisk":
        return _history([asterisk.read_files(paths)], asterisk.SOURCE)
    if mapping is None:
        names = ", ".join(shipped())
        raise UserError(f"--as table needs --mapping: a TOML file, or the name of a shipped one ({names})", WRONG_USE)
    found = load_mapping(mapping)
    keys: dict[str, tuple[str, int]] = {}
    results = [table.read_table(path, found, date=date, zone=zone, keys=keys) for path in paths]
    return _history(results, found.source)


def _history(results: Sequence[ReadResult], source: str) -> History:
    if cut_off := next((result.cut_off for result in results if result.cut_off), None):
        raise UserError(cut_off)
    events = [event for result in results for event in result.events]
    if not events:
        raise UserError("the files hold no event that could be counted")
    return History(events, next((result.zone for result in results if result.zone), None), source, _remarks(results))


def _remarks(results: Sequence[ReadResult]) -> list[str]:
    remarks = [problem for result in results for problem in result.problems]
    for result in results:
        remarks += [f"{count} x {name}: not known, passed over" for name, count in sorted(result.unknown.items())]
    return remarks
