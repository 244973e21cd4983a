"""Both programs on one log, number by number."""

from collections.abc import Iterable
from typing import Any

from kpi.floor import parse_floor
from tests.brute.day import DAY, DISORDER, PARTITIONS, START, Line
from tests.brute.days import Hours
from tests.brute.floor import BruteFloor
from tests.brute.floors import TOML, queue_of
from tests.brute.numbers import Moment, differences, told
from tests.brute.product import ProductFloor
from tests.brute.report import Report


class AllHours(dict[str, Hours]):
    """The opening hours of every queue, worked out when they are asked for."""

    def __missing__(self, queue: str) -> Hours:
        self[queue] = queue_of(queue).hours(START, START + DAY + DISORDER)
        return self[queue]


class Comparison:
    """Both programs on one log; `wrong`: where they differed, `seen`: which numbers were ever more than nothing."""

    def __init__(self, seed: int) -> None:
        self.brute = BruteFloor()
        self.product = ProductFloor(parse_floor(TOML), PARTITIONS, seed)
        self.wrong: list[str] = []
        self.seen: dict[str, bool] = {}
        self._hours = AllHours()

    def run(self, lines: Iterable[Line], reports: int) -> None:
        """Take a log in; look at each of its moments, and at some of them at the reports of all before, too."""
        moments = 0
        for line in lines:
            if line.topic:
                self.brute.take(line.topic, line.partition, line.key, line.raw)
                self.product.take(line.topic, line.partition, line.key, line.raw)
                continue
            moments += 1
            self.look(line.at)
            if moments % reports == 0:
                for basis in ("event", "arrival"):
                    self.report(line.at, basis)
        self.product.settle()

    def never(self) -> list[str]:
        """The numbers that never were anything but nothing, in no queue, window or part of a report."""
        found: dict[str, bool] = {}
        for path, real in self.seen.items():
            plain = _plain(path)
            found[plain] = found.get(plain, False) or real
        deeper = {path.rpartition("/")[0] for path in found}
        return sorted(path for path, real in found.items() if not real and path not in deeper)

    def look(self, now: int) -> None:
        """Compare everything at one moment."""
        self.product.settle()
        moment = Moment(self.brute, now, self._hours)
        snapshots = self.product.snapshots(now)
        for place in moment.places:
            if place[0]:
                self._compare(moment.snapshot(place), snapshots.get(place), f"{now}/{place[0]}/{place[1]}")

        self._compare({"phantoms": moment.phantoms()}, {"phantoms": self.product.phantoms(now)}, f"{now}/floor")
        self._exactly(moment.agents(), self.product.agents(), f"{now}/agents/agents")
        self._exactly(moment.teams(), self.product.teams(), f"{now}/agents/teams")
        for window in ("15m", "30m", "1h", "day"):
            self._exactly(moment.spent(window), self.product.spent(window, now), f"{now}/spent/{window}")

    def report(self, now: int, basis: str) -> None:
        """Compare the reports of everything until now."""
        self.product.settle()
        span = (START, now)
        want = Report(self.brute, span, basis, "Asia/Kolkata", self._hours).whole()
        have = self.product.report(span, basis, "Asia/Kolkata")
        self._compare(want, have, f"{now}/{basis}/report")
        for part in ("per_queue", "per_hour", "per_day", "per_agent", "per_team"):
            if want[part].keys() != have[part].keys():
                self.wrong.append(f"{now}/{basis}/{part}: wanted {sorted(want[part])}, got {sorted(have[part])}")

    def _exactly(self, want: Any, have: Any, where: str) -> None:
        """Compare what nothing may be left out of."""
        if want.keys() != have.keys():
            self.wrong.append(f"{where}: wanted {sorted(want)}, got {sorted(have)}")
        self.wrong += [line for name in want.keys() & have.keys()
                       for line in differences(want[name], have[name], f"{where}/{name}")]  # fmt: skip

    def _compare(self, want: Any, have: Any, where: str) -> None:
        self.wrong += differences(want, have, where)
        for path, real in told(want).items():
            self.seen[path] = self.seen.get(path, False) or real


def _plain(path: str) -> str:
    """A number's path without the window, queue, hour, agent ... it was seen in."""
    names = path.split("/")[1:]
    if names[0] in ("windows", "backlog", "floor", "per_queue", "per_hour", "per_day", "per_agent", "per_team"):
        names = names[2:] if names[0] != "floor" else [*names[:2], *names[3:]]
    return "/".join(names[1:] if names[:1] == ["total"] else names)
