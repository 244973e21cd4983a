"""The panels of the dashboards as tests ask them: each query on a real Prometheus, with its variables put in."""

from dataclasses import dataclass

from tests.grafana.boards import ENGLISH, panels_of, put_in
from tests.observability.stack import Prometheus

AGE = "Data age"
# The languages share their queries (tests/grafana/test_dashboards.py), so the English ones stand for all.
KINDS = {"wall-voice": "voice|video|callback", "wall-chat": "chat|message|social"}
Queue = tuple[str, str]


@dataclass(frozen=True)
class Value:
    """One result of a panel: the query's letter, the labels, the number."""

    ref: str
    labels: dict[str, str]
    number: float

    @property
    def queue(self) -> Queue:
        """Whose number it is."""
        return self.labels["queue"], self.labels["channel"]


@dataclass(frozen=True)
class Shown:
    """One panel of a dashboard."""

    board: str
    title: str
    kind: str
    queries: tuple[tuple[str, str], ...]

    @property
    def key(self) -> str:
        """Names the panel among all."""
        return f"{self.board}: {self.title}"

    def values(self, prometheus: Prometheus, at: float, **chosen: str) -> list[Value]:
        """What it shows at an instant, with everything chosen or what is named."""
        if self.board in KINDS:
            chosen = {"channel": KINDS[self.board], **chosen}
        found = []
        for ref, expr in self.queries:
            found += [Value(ref, *result) for result in prometheus.query(put_in(expr, **chosen), at)]
        return found


def _panel(board: str, panel: dict[str, object]) -> Shown:
    targets: list[dict[str, str]] = panel["targets"]  # type: ignore[assignment]
    queries = tuple((target["refId"], target["expr"]) for target in targets)
    return Shown(board, str(panel["title"]), str(panel["type"]), queries)


PANELS: dict[str, Shown] = {
    shown.key: shown for name, board in ENGLISH.items() for shown in (_panel(name, panel) for panel in panels_of(board))
}
