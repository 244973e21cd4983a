"""Every number of a floor at one moment, by brute force, in the shape in which the product shows them."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

from tests.brute.contacts import Happening
from tests.brute.days import Hours, windows
from tests.brute.floor import BruteFloor, Where, longest_queue
from tests.brute.floors import queue_of
from tests.brute.measures import Place, measures
from tests.brute.people import card, here, phantoms, queue_staff, spent, team
from tests.brute.state import backlog_of, flow_of, now_of

Numbers = dict[str, Any]


class Moment:
    """What is true at `now` of everything a floor was told so far."""

    def __init__(self, floor: BruteFloor, now: int, hours: Mapping[str, Hours]) -> None:
        floor.tell()
        self.now, self._hours = now, hours
        self._ever = {place: sorted(some, key=_time) for place, some in floor.happened(0).items()}
        self._live = floor.live()
        self._snapshots = floor.snapshots()
        self._here = here(floor.agents)
        self._agents = floor.agents
        self.places = sorted(self._ever.keys() | self._live.keys())

    def snapshot(self, place: Where) -> Numbers:
        """One queue and channel: the state now, the backlog, every window."""
        queue = place[0]
        settings, live = queue_of(queue).settings, self._live.get(place, {})
        now = now_of(live, self.now, settings)
        spans = self._spans(place)
        ever = self._ever.get(place, [])
        peaks = longest_queue(ever, spans)
        found = {}
        for name, span in spans.items():
            found[name] = measures([self._part(place, name, span)], peaks[name])
        now |= self._doubts(place, live.get("waiting", {}), ever) | queue_staff(self._here.values(), queue)
        now["open"] = self._hours[queue].is_open(self.now)
        return {
            "now": now,
            "backlog": backlog_of(live, self.now, self._hours[queue], found["1h"]["cases"]),
            "flow": flow_of(found["5m"], now["waiting"]),
            "windows": found,
        }

    def agents(self) -> Numbers:
        """Every agent who is not offline."""
        return {name: card(agent) for name, agent in self._here.items()}

    def teams(self) -> Numbers:
        """Every agent of whom a team or a site was told, those at home among them."""
        return {name: team(agent) for name, agent in self._agents.items() if agent.team or agent.site}

    def spent(self, window: str) -> Numbers:
        """By agent the time in each state over one window of the floor, whose day begins at midnight UTC."""
        begin, _ = windows(self.now, "UTC", 0)[window]
        return spent(self._agents, begin, self.now)

    def phantoms(self) -> list[str]:
        """Who is logged in and gave no sign of life for long."""
        return phantoms(self._here.values(), self.now)

    def _spans(self, place: Where) -> dict[str, tuple[int, int]]:
        config = queue_of(place[0])
        return windows(self.now, config.zone, config.reset)

    def _part(self, place: Where, name: str, span: tuple[int, int]) -> Place:
        settings = queue_of(place[0]).settings
        ever = self._ever.get(place, [])
        happened = ever[bisect_left(ever, span[0], key=_time) : bisect_left(ever, span[1], key=_time)]
        if name == "previous":  # it is over, and who waited past target then is not known any more
            return Place(place[1], settings, happened, self._length(place, span[1]), None)
        waiting = self._live.get(place, {}).get("waiting", {}).values()
        over = sum(self.now - since > settings.target * 1000 for since in waiting)
        return Place(place[1], settings, happened, len(waiting), over)

    def _length(self, place: Where, before: int) -> int:
        return _length(self._ever.get(place, ()), before)

    def _doubts(self, place: Where, waiting: Mapping[str, int], ever: Sequence[Happening]) -> Numbers:
        told = self._snapshots.get(place)
        if told is None:
            return {"drift": None, "ghosts": None}
        listed = {one["contact_id"] for one in told.data["waiting"]}
        second = told.time // 1000
        ghosts = [name for name, since in waiting.items() if since < told.time - 5000]
        return {
            "drift": _length(ever, (second + 1) * 1000) - len(listed),
            "ghosts": sum(name.rpartition("|")[0] not in listed for name in ghosts),
        }


def _time(one: Happening) -> int:
    return one.time


def _length(happened: Sequence[Happening], before: int) -> int:
    joins = sum(one.what == "join" and one.time < before for one in happened)
    return joins - sum(one.what == "leave" and one.time < before for one in happened)


def nothing(part: object) -> bool:
    """Whether a part says nothing but that nothing was counted."""
    if isinstance(part, Mapping) and "numerator" in part:
        return not part["numerator"]
    if isinstance(part, Mapping):
        return all(nothing(one) for one in part.values())
    return not part


def differences(want: Any, have: Any, where: str = "") -> list[str]:
    """Where the product's numbers differ, one sentence each; what it leaves out must have come to nothing."""
    if isinstance(want, Mapping) and isinstance(have, Mapping):
        found = []
        for key, part in want.items():
            if key in have:
                found += differences(part, have[key], f"{where}/{key}")
            elif not nothing(part):
                found.append(f"{where}/{key}: wanted {part}, got nothing")
        return found
    if isinstance(want, list) and isinstance(have, list) and len(want) == len(have):
        return [line for n, (one, two) in enumerate(zip(want, have, strict=True))
                for line in differences(one, two, f"{where}/{n}")]  # fmt: skip
    if isinstance(want, int | float) and isinstance(have, int | float):
        return [] if abs(want - have) < 1e-9 * max(1, abs(want)) else [f"{where}: wanted {want}, got {have}"]
    return [] if want == have else [f"{where}: wanted {want}, got {have}"]


def told(part: Any, where: str = "") -> dict[str, bool]:
    """Every number by its path, and whether it is there and not zero; slices of the day have one path together."""
    if isinstance(part, Mapping):
        found: dict[str, bool] = {}
        for key, inner in part.items():
            for path, real in told(inner, f"{where}/{key}").items():
                found[path] = found.get(path, False) or real
        return found
    if isinstance(part, list):
        return {where: any(one["abandoned"] if isinstance(one, Mapping) else one for one in part)}
    return {where: bool(part)}
