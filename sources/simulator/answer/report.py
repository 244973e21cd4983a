"""The key: a report of everything that was sent, in the shape of `floorpulse replay --report`."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sources.simulator.answer.bins import QUARTER_MS, Bin, Ledger, Place
from sources.simulator.answer.cases import tell_case
from sources.simulator.answer.contacts import tell_contact
from sources.simulator.answer.customers import tell_customer
from sources.simulator.answer.facts import Deliveries
from sources.simulator.answer.measures import Part, measures, ratio, short, spread
from sources.simulator.answer.now import backlog, floor_now
from sources.simulator.answer.people import Times, tell_agents
from sources.simulator.answer.targets import Targets

Quarters = list[int]
WORK = ("error", "busy", "acw", "ringing", "break", "has_capacity", "idle")


class Key:
    """Everything told, ready to be read by part. The span is [first event, last event + 1 ms)."""

    def __init__(self, sent: Deliveries, targets: Targets, zone: str = "UTC") -> None:
        if sent.first_ms is None:
            raise ValueError("nothing was sent, so there is nothing to answer")
        self.sent, self.targets, self.zone = sent, targets, zone
        self.from_ms, self.to_ms = sent.first_ms, sent.last_ms + 1
        self.book = Ledger()
        for facts in sent.contacts.values():
            tell_contact(facts, self.book)
        for facts in sent.cases.values():
            tell_case(facts, self.book)
        for facts in sent.customers.values():
            tell_customer(facts, self.book)
        self.times: Times = tell_agents(sent.agents, self.to_ms)
        self.agents = sorted({agent for _, agent in self.times.spent} | set(self.book.by_agent))
        self.first, self.last = self.from_ms // QUARTER_MS, (self.to_ms - 1) // QUARTER_MS
        self.places = sorted({place for _, place in self.book.bins} | {place for _, place in self.book.now})
        self.levels: dict[tuple[Place, ...], _Level] = {}

    def report(self) -> dict[str, Any]:
        """The whole report; `per_minute` is left out."""
        quarters = [list(range(self.first, self.last + 1))]
        hours, days = self._by("%Y-%m-%dT%H"), self._by("%Y-%m-%d")
        mix: dict[str, int] = defaultdict(int)
        for (_, channel), found in self._bins(quarters[0], self.places).items():
            mix[channel] += found.counts["offered"]
        return {
            "span": {"from": self._local(self.from_ms), "to": self._local(self.to_ms), "basis": "event"},
            "events": {
                "sent": self.sent.sent, "applied": self.sent.sent - self.sent.repeated,
                "duplicate": self.sent.repeated, "conflict": 0, "late_dropped": 0, "dead_lettered": 0,
            },
            "total": {
                **self._whole(quarters),
                "channel_mix": {channel: n for channel, n in sorted(mix.items()) if n},
            },
            "per_queue": {
                queue: self._measures(quarters, [place for place in self.places if place[0] == queue])
                for queue in sorted({place[0] for place in self.places})
            },
            "per_hour": {key: self._whole(some) for key, some in hours.items()},
            "per_day": {key: self._whole(some) for key, some in days.items()},
            "per_agent": {agent: self._agent(agent) for agent in self.agents},
            "per_team": self._teams(),
            "floor": floor_now(self.book, self.times, self.targets, self.to_ms),
            "backlog": backlog(self.book, self.targets, self.to_ms),
        }  # fmt: skip

    def _whole(self, stretches: list[Quarters]) -> dict[str, Any]:
        return {**self._measures(stretches, self.places), "agents": self._staff(_flat(stretches))}

    def _local(self, ms: int) -> str:
        at = datetime.fromtimestamp(ms // 1000, ZoneInfo(self.zone)).replace(microsecond=ms % 1000 * 1000)
        return at.isoformat(timespec="milliseconds")

    def _by(self, shape: str) -> dict[str, list[Quarters]]:
        """Local hours or days: stretches of quarter-hours; a repeated hour is two stretches of one name."""
        found: dict[str, list[Quarters]] = {}
        before = ""
        for quarter in range(self.first, self.last + 1):
            name = datetime.fromtimestamp(quarter * QUARTER_MS // 1000, ZoneInfo(self.zone)).strftime(shape)
            if name != before:
                found.setdefault(name, []).append([])
            found[name][-1].append(quarter)
            before = name
        return found

    def _bins(self, quarters: Iterable[int], places: Sequence[Place]) -> dict[Place, Bin]:
        found = {place: Bin() for place in places}
        for quarter in quarters:
            for place in places:
                if (quarter, place) in self.book.bins:
                    found[place].add(self.book.bins[quarter, place])
        return found

    def _ends(self, stretch: Quarters) -> tuple[int, int]:
        """First and last whole second of a stretch within the span."""
        begin, end = max(self.from_ms, stretch[0] * QUARTER_MS), min(self.to_ms, (stretch[-1] + 1) * QUARTER_MS)
        return begin // 1000, -(-end // 1000) - 1

    def _measures(self, stretches: list[Quarters], places: Sequence[Place]) -> dict[str, Any]:
        last = stretches[-1][-1] == self.last
        level = self._level(tuple(places))
        parts = []
        for place, found in self._bins(_flat(stretches), places).items():
            target = self.targets.of(*place)
            late = sum(self.to_ms - joined > target.seconds * 1000 for joined in self.book.now["waiting", place])
            parts.append(Part(place, found, target, late if last else None))
        most = max(level.most(*self._ends(stretch)) for stretch in stretches)
        return measures(parts, level.after(self._ends(stretches[-1])[1]), most)

    def _level(self, places: tuple[Place, ...]) -> "_Level":
        if places not in self.levels:
            self.levels[places] = _Level(change for place in places for change in self.book.changes.get(place, []))
        return self.levels[places]

    def _time(self, agents: Iterable[str], quarters: Iterable[int]) -> dict[str, int]:
        found: dict[str, int] = defaultdict(int)
        names = list(agents)
        for quarter in quarters:
            for agent in names:
                for level, ms in self.times.spent.get((quarter, agent), {}).items():
                    found[level] += ms
        return found

    def _shares(self, agents: Sequence[str], quarters: Sequence[int]) -> dict[str, Any]:
        """Seconds in each state, and what share of them was work, of these agents together."""
        time = self._time(agents, quarters)
        length = min(self.to_ms, (quarters[-1] + 1) * QUARTER_MS) - max(self.from_ms, quarters[0] * QUARTER_MS)
        states = {state: time[state] for state in WORK}
        states["offline"] = length * len(agents) - sum(states.values())
        handling = time["busy"] + time["acw"]
        return {
            "state_seconds": {state: ms / 1000 for state, ms in sorted(states.items()) if ms},
            "occupancy": ratio(handling, handling + time["idle"] + time["has_capacity"]),
            "slot_occupancy": ratio(time["chats"], time["slots"]),
            "chat_concurrency": ratio(time["chats"], time["chatting"]),
        }

    def _staff(self, quarters: Sequence[int]) -> dict[str, Any]:
        return {"agents": len(self.agents), **self._shares(self.agents, quarters)}

    def _teams(self) -> dict[str, Any]:
        teams: dict[str, list[str]] = defaultdict(list)
        for agent in self.agents:
            _, team = self.times.last.get(agent, ("", ""))
            teams[self.targets.team(agent) or team].append(agent)
        quarters = list(range(self.first, self.last + 1))
        return {team: {"agents": len(them), **self._shares(them, quarters)} for team, them in sorted(teams.items())}

    def _agent(self, agent: str) -> dict[str, Any]:
        of = self.book.by_agent[agent]
        counts, lists = of.counts, of.lists
        talk, wrapup = lists["talk"], lists["wrapup"]
        return {
            "answered": counts["answered"], "talk_seconds": spread(talk), "hold_seconds": spread(lists["hold"]),
            "transfers": counts["transfers"], "offers_unanswered": counts["unanswered"],
            "wrapup_seconds": short(len(wrapup), sum(wrapup)),
            "handle_seconds": short(len(talk), sum(talk) + sum(wrapup)),
            "unanswered_rate": ratio(counts["unanswered"], counts["unanswered"] + counts["answered"]),
            "responses": short(len(lists["response"]), sum(lists["response"])),
            **self._shares([agent], list(range(self.first, self.last + 1))),
        }  # fmt: skip


class _Level:
    """How many waited after each second."""

    def __init__(self, changes: Iterable[tuple[int, int]]) -> None:
        by_second: dict[int, int] = defaultdict(int)
        for second, change in changes:
            by_second[second] += change
        self.seconds = sorted(by_second)
        self.levels = [0]
        for second in self.seconds:
            self.levels.append(self.levels[-1] + by_second[second])

    def after(self, second: int) -> int:
        """After that second."""
        return self.levels[bisect_right(self.seconds, second)]

    def most(self, first: int, last: int) -> int:
        """The most after any second of these, those carried in included."""
        return max(self.levels[bisect_right(self.seconds, first) : bisect_right(self.seconds, last) + 1], default=0)


def _flat(stretches: Iterable[Quarters]) -> list[int]:
    return [quarter for stretch in stretches for quarter in stretch]
