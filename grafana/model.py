"""What a dashboard is made of, before it is Grafana's JSON: queries, panels of five kinds, and where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

# tile: numbers to be read across the floor; stat: the same, small; bars: one bar per series.
Kind = Literal["tile", "stat", "trend", "table", "bars"]
Line = Literal["", "warning", "critical", "target"]
Link = Literal["queue", "agents", "backlog", "pipeline", "alerts", "overview", "runbook"]


@dataclass(frozen=True, slots=True)
class Query:
    """One query. `say` is the key of a word, `legend` a template of labels; both stand under its values.

    `severity`: the colour of all its values, 0, 1 warning, 2 critical. `line`: in a trend, which limit it is.
    In a table it is a column with `say` above it; a hidden one only sorts.
    """

    expr: str
    say: str = ""
    legend: str = ""
    severity: int = 0
    line: Line = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel. `key` names its texts. `size`: width, height; `place`: x, y; on the grid of 24 columns.

    `rows`: in a table, the labels that stand as columns, label -> key of a word; `sort`: (ref id, descending).
    `speaks`: values of labels that are words, to be said in the reader's language. `slow`: asks workers, which are
    scraped every 15 s. `mapped`: value -> key of the word for it.
    """

    kind: Kind
    key: str
    size: tuple[int, int]
    queries: Sequence[Query]
    unit: str = "none"
    decimals: int = 0
    link: Link | None = None
    steps: Sequence[tuple[float, str]] = ()
    rows: Sequence[tuple[str, str]] = ()
    sort: tuple[str, bool] | None = None
    speaks: Sequence[str] = ()
    mapped: Sequence[tuple[str, str, str]] = ()
    stacked: bool = False
    slow: bool = False
    signed: bool = False
    minimum: float | None = 0
    maximum: float | None = None
    place: tuple[int, int] = (0, 0)
    panel_id: int = 0

    def refs(self) -> list[tuple[str, Query]]:
        """The queries with their ref ids: A, B, C ..."""
        return [(chr(ord("A") + number), query) for number, query in enumerate(self.queries)]


@dataclass(frozen=True, slots=True)
class Row:
    """A heading between panels; `key` names its word."""

    key: str


@dataclass(frozen=True, slots=True)
class Board:
    """One dashboard in no language yet. `variables` are names that grafana.frame knows."""

    name: str
    panels: Sequence[Panel | Row]
    variables: Sequence[str]
    since: str = "now-30m"
    refresh: str = "5s"


def laid_out(panels: Sequence[Panel | Row]) -> list[Panel | tuple[Row, int, int]]:
    """Panels from left to right, a new line where one does not fit or a heading stands; ids in this order."""
    placed: list[Panel | tuple[Row, int, int]] = []
    x, y, height = 0, 0, 0
    for number, panel in enumerate(panels, 1):
        if isinstance(panel, Row):
            y, x = y + height, 0
            placed.append((panel, y, number))
            y, height = y + 1, 0
            continue
        width, tall = panel.size
        if x + width > 24:
            x, y, height = 0, y + height, 0
        placed.append(replace(panel, place=(x, y), panel_id=number))
        x, height = x + width, max(height, tall)
    return placed
