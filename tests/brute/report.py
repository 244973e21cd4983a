"""A report by brute force: everything from `begin` to `end`, by queue, local hour and day, agent and team."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.brute.agents import STATES, Agent
from tests.brute.contacts import Happening
from tests.brute.days import QUARTER, Hours
from tests.brute.floor import BruteFloor, Where, longest_queue
from tests.brute.floors import queue_of
from tests.brute.log import HOUR
from tests.brute.measures import CHATS, Place, distribution, measures, ratio, short_distribution
from tests.brute.people import here, occupancy
from tests.brute.state import backlog_of, callbacks

Numbers = dict[str, Any]
Stretch = tuple[int, int]


class Report:
    """What a floor came to, told on the event or the arrival basis, hours and days on the clock of `zone`."""

    def __init__(self, floor: BruteFloor, span: Stretch, basis: str, zone: str, hours: Mapping[str, Hours]) -> None:
        floor.tell()
        self.span, self._arrival, self._zone, self._hours = span, basis == "arrival", ZoneInfo(zone), hours
        self._ever, self._live, self._agents = floor.happened(0), floor.live(), floor.agents
        self._places = sorted(place for place in self._ever.keys() | self._live.keys() if place[0])
        self._served = self._by_agent()
        self._levels = {name: agent.spent(*span) for name, agent in self._agents.items()}
        there = {name for name, levels in self._levels.items() if any(levels.get(what) for what in (*STATES, "slots"))}
        self._names = sorted(there | self._served.keys())

    def whole(self) -> Numbers:
        """Every part of it."""
        total = {**self._measures([self.span], self._places), "channel_mix": self._mix()}
        total["agents"] = self._times(self._names, [self.span])
        return {
            "total": total,
            "per_queue": {queue: self._measures([self.span], places) for queue, places in self._queues().items()},
            "per_hour": self._parts("%Y-%m-%dT%H"),
            "per_day": self._parts("%Y-%m-%d"),
            "per_agent": {name: self._agent(name) for name in self._names},
            "per_team": {team: self._times(some, [self.span]) for team, some in self._teams().items()},
            "floor": self._floor(),
            "backlog": self._backlog(),
        }

    def _at(self, one: Happening) -> int:
        return one.joined if self._arrival and one.joined is not None else one.time

    def _in(self, one: Happening, stretches: Sequence[Stretch]) -> bool:
        at = self._at(one)
        return any(begin <= at < end for begin, end in stretches)

    def _measures(self, stretches: Sequence[Stretch], places: Sequence[Where]) -> Numbers:
        end = stretches[-1][1]
        parts, ever = [], [one for place in places for one in self._ever.get(place, ())]
        for place in places:
            mine = self._ever.get(place, ())
            happened = [one for one in mine if self._in(one, stretches)]
            parts.append(Place(place[1], queue_of(place[0]).settings, happened, _waiting(mine, end), None, place[0]))
            if end >= self.span[1]:
                parts[-1].over = self._over(place, stretches)
        most = max(longest_queue(ever, {"": stretch})[""] for stretch in stretches)
        return measures(parts, most)

    def _over(self, place: Where, stretches: Sequence[Stretch]) -> int:
        since = list(self._live.get(place, {}).get("waiting", {}).values())
        if self._arrival:
            since = [at for at in since if any(begin <= at < end for begin, end in stretches)]
        return sum(self.span[1] - at > queue_of(place[0]).settings.target * 1000 for at in since)

    def _mix(self) -> Numbers:
        found: dict[str, int] = {}
        for place, happened in self._ever.items():
            joins = sum(one.what == "join" for one in happened)
            if joins:
                found[place[1]] = found.get(place[1], 0) + joins
        return dict(sorted(found.items()))

    def _queues(self) -> dict[str, list[Where]]:
        found: dict[str, list[Where]] = {}
        for place in self._places:
            found.setdefault(place[0], []).append(place)
        return found

    def _parts(self, form: str) -> Numbers:
        stretches: dict[str, list[Stretch]] = {}
        for begin in range(self.span[0] - self.span[0] % QUARTER, self.span[1], QUARTER):
            key = datetime.fromtimestamp(begin / 1000, UTC).astimezone(self._zone).strftime(form)
            piece = max(begin, self.span[0]), min(begin + QUARTER, self.span[1])
            known = stretches.setdefault(key, [])
            if known and known[-1][1] == piece[0]:
                known[-1] = known[-1][0], piece[1]
            else:
                known.append(piece)
        return {
            key: {**self._measures(some, self._places), "agents": self._times(self._names, some)}
            for key, some in stretches.items()
        }

    def _by_agent(self) -> dict[str, list[Happening]]:
        found: dict[str, list[Happening]] = {}
        for happened in self._ever.values():
            for one in happened:
                if one.agent is not None and _counts_for(one):
                    found.setdefault(one.agent, []).append(one)
        return found

    def _agent(self, name: str) -> Numbers:
        mine = self._served.get(name, [])

        def of(what: str) -> list[Any]:
            return [one.value for one in mine if one.what == what]

        answered, refused = len(of("leave")), len(of("refused"))
        talks = [talk for talk, *_ in of("end") if talk is not None]
        wrapups, replies = of("wrapup"), of("response")
        block = self._times([name], [self.span])
        del block["agents"]
        return {
            "answered": answered,
            "talk_seconds": distribution(talks),
            "hold_seconds": distribution(hold for _, hold, *_ in of("end")),
            "wrapup_seconds": short_distribution(len(wrapups), sum(wrapups)),
            "handle_seconds": short_distribution(len(talks), sum(talks) + sum(wrapups)),
            "responses": short_distribution(len(replies), sum(replies)),
            "transfers": len(of("transfer")),
            "offers_unanswered": refused,
            "unanswered_rate": ratio(refused, refused + answered),
            **block,
        }

    def _times(self, names: Sequence[str], stretches: Sequence[Stretch]) -> Numbers:
        levels: dict[str, int] = {}
        for name in names:
            agent = self._agents.get(name) or Agent(name)
            for begin, end in stretches:
                for what, ms in agent.spent(begin, end).items():
                    levels[what] = levels.get(what, 0) + ms
        states = {state: levels[state] / 1000 for state in (*STATES, "offline") if levels.get(state)}
        return {
            "agents": len(names),
            "state_seconds": dict(sorted(states.items())),
            "occupancy": ratio(*occupancy(levels)),
            "slot_occupancy": ratio(levels.get("chats", 0), levels.get("slots", 0)),
            "chat_concurrency": ratio(levels.get("chats", 0), levels.get("chatting", 0)),
        }

    def _teams(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name in self._names:
            found.setdefault((self._agents.get(name) or Agent(name)).team, []).append(name)
        return found

    def _floor(self) -> Numbers:
        there = here(self._agents).values()
        teams: dict[str, dict[str, int]] = {}
        for agent in there:
            of_team = teams.setdefault(agent.team, {})
            of_team[agent.state] = of_team.get(agent.state, 0) + 1
        end = self.span[1]
        states = [agent.state for agent in there]
        return {
            "agents": {state: states.count(state) for state in sorted(set(states))},
            "teams": teams,
            "unanswered": self._now("unanswered", len),
            "active_chats": self._now("in_service", len, CHATS),
            "lost": self._now("lost", lambda at: sum(one >= end - HOUR for one in at)),
            "callbacks": self._now("callbacks", lambda at: callbacks(at, end)),
        }

    def _now(self, kind: str, what: Callable[[list[int]], Any], channels: Sequence[str] | None = None) -> Numbers:
        found: dict[str, list[int]] = {}
        for (queue, channel), live in self._live.items():
            if live.get(kind) and (channels is None or channel in channels):
                found.setdefault(queue, []).extend(live[kind].values())
        shown = {queue: what(times) for queue, times in found.items()}
        return {queue: value for queue, value in shown.items() if value}

    def _backlog(self) -> Numbers:
        found = {}
        for place, live in self._live.items():
            none = {"opened": 0, "reopened": 0, "resolved": 0}
            told = backlog_of(live, self.span[1], self._hours[place[0]], none)
            if told["open"]:
                names = ("status", "unassigned", "actionable", "age", "age_business", "clocks")
                found[place[0]] = {name: told[name] for name in names}
                found[place[0]]["oldest_age_seconds"] = told["oldest_actionable_seconds"]
        return found


def _counts_for(one: Happening) -> bool:
    """Whether a happening says anything of its agent."""
    if one.what == "end":
        return one.value[0] is not None or one.value[1] is not None
    return one.what in ("leave", "transfer", "refused", "wrapup", "response")


def _waiting(happened: Sequence[Happening], end: int) -> int:
    """Waiting after the last second of a span."""
    last = -(-end // 1000) * 1000
    joins = sum(one.what == "join" and one.time < last for one in happened)
    return joins - sum(one.what == "leave" and one.time < last for one in happened)
