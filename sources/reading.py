"""What reading a recording gives, whatever its kind."""

from collections import Counter
from dataclasses import dataclass, field

from kpi.events import Event


@dataclass(slots=True)
class ReadResult:
    """Events in the order of the file, and what is to be said about the rest.

    `lines` counts the lines or rows that were looked at; `unknown` counts native events we do not translate,
    by name; `ignored` those we know and leave out on purpose; `problems` are sentences that begin with
    ``file:line``. `cut_off` is the one of them that says that the newest file ends in the middle of a line, None when
    it does not. `zone`: the IANA zone that the file's local times were read in, None when it has none.
    """

    events: list[Event] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    lines: int = 0
    problems: list[str] = field(default_factory=list)
    cut_off: str | None = None
    zone: str | None = None
