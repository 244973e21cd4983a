"""Which visit a queue_log line belongs to. The log names the call and the queue; a visit is (call, queue, entry).

A call may visit two queues, or one queue twice, and a transfer is logged after the next entry at times, so visits are
found by what they can still do: an exit ends a visit that waits, a completion one that is in service.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

Phase = Literal["waiting", "serving", "over", "lost"]

# A call without an open visit is forgotten after so long without a line: longer than a caller stays on the line.
FORGET_OVER_S = 6 * 3600
# A visit whose end never came keeps its call remembered for a week.
FORGET_OPEN_S = 7 * 86_400


@dataclass(slots=True)
class Visit:
    """The n-th visit of a call: its queue, what it does since second `since`, and the agent who answered."""

    call: str
    n: int
    queue: str
    phase: Phase
    since: int
    agent: str | None = None

    @property
    def leg_id(self) -> str:
        """The id of the leg in events."""
        return f"{self.call}/{self.n}"

    @property
    def is_open(self) -> bool:
        """True while it waits or is in service."""
        return self.phase in ("waiting", "serving")


@dataclass(slots=True)
class _Call:
    last: int
    visits: list[Visit] = field(default_factory=list)


class Visits:
    """The visits of all calls that may still matter. Times are whole seconds of the log."""

    def __init__(self) -> None:
        self._calls: dict[str, _Call] = {}  # the call that was silent longest comes first

    def last(self, call: str) -> Visit | None:
        """The latest visit of a call."""
        found = self._calls.get(call)
        return found.visits[-1] if found else None

    def open(self) -> list[Visit]:
        """Every visit that waits or is in service."""
        return [visit for call in self._calls.values() for visit in call.visits if visit.is_open]

    def enter(self, call: str, queue: str, second: int) -> Visit:
        """A new visit begins; one that still waits is over, for a caller waits in one queue at a time."""
        entry = self._touch(call, second)
        for other in entry.visits:
            if other.phase == "waiting":
                other.phase, other.since = "over", second
        visit = Visit(call, len(entry.visits) + 1, queue, "waiting", second)
        entry.visits.append(visit)
        return visit

    def waiting(self, call: str, queue: str, second: int, wait: int | None) -> Visit:
        """The visit that a line about waiting means; `wait`: the seconds it says to have waited.

        A visit that nobody saw enter begins here: the log may start in the middle.
        """
        mine = self._of(call, queue, second)
        found = _latest(mine, "waiting") or _latest(mine, "lost") or _same(mine, second - (wait or 0), wait is None)
        return found or self.enter(call, queue, second)

    def serving(self, call: str, queue: str, agent: str | None, second: int, spent: int | None) -> Visit:
        """The visit that a line about the end of a conversation means; `spent`: its wait and talk in seconds."""
        mine = self._of(call, queue, second)
        served = [visit for visit in mine if visit.phase == "serving"]
        found = next((visit for visit in reversed(served) if visit.agent == agent), None)
        found = found or (served[-1] if served else None) or _latest(mine, "waiting") or _latest(mine, "lost")
        return found or _same(mine, second - (spent or 0), spent is None) or self.enter(call, queue, second)

    def forget(self, second: int) -> None:
        """Drop calls that were silent for so long that no line can mean them any more."""
        for name in self._stale(second):
            del self._calls[name]

    def _stale(self, second: int) -> list[str]:
        stale: list[str] = []
        for name, call in self._calls.items():
            age = second - call.last
            if age <= FORGET_OVER_S:
                break
            if age > FORGET_OPEN_S or not any(visit.is_open for visit in call.visits):
                stale.append(name)
        return stale

    def _touch(self, call: str, second: int) -> _Call:
        found = self._calls.pop(call, None) or _Call(second)
        found.last = max(second, found.last)
        self._calls[call] = found
        return found

    def _of(self, call: str, queue: str, second: int) -> list[Visit]:
        if call not in self._calls:
            return []
        return [visit for visit in self._touch(call, second).visits if visit.queue == queue]

    def to_json(self) -> dict[str, Any]:
        """A value that `from_json` makes the same visits of."""
        return {
            name: [call.last, [[visit.queue, visit.phase, visit.since, visit.agent] for visit in call.visits]]
            for name, call in self._calls.items()
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Visits":
        """The visits that `to_json` described."""
        visits = cls()
        for name, (last, rows) in value.items():
            made = [Visit(name, n, *row) for n, row in enumerate(rows, 1)]
            visits._calls[name] = _Call(last, made)
        return visits


def _latest(visits: list[Visit], phase: Phase) -> Visit | None:
    return next((visit for visit in reversed(visits) if visit.phase == phase), None)


def _same(visits: list[Visit], began: int, unknown: bool) -> Visit | None:
    """The last visit, though over, when what the line tells began before it was over (a late or repeated line)."""
    if not visits or not (unknown or began < visits[-1].since):
        return None
    return visits[-1]
