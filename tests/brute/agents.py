"""One agent, told from what sources declare and from the contacts the agent is engaged in: which state, since when."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.brute.chats import CHATS
from tests.brute.log import Told

STATES = ("error", "busy", "acw", "ringing", "break", "has_capacity", "idle")
AWAY = ("break", "offline", "error")


@dataclass
class Desk:
    """What one source system says of the agent. `queues`: why paused there, None when not paused."""

    login: bool | None = None
    declared: str | None = None
    reason: str | None = None
    queues: dict[str, str | None] = field(default_factory=dict)
    ever_member: bool = False
    capacity: dict[str, int] = field(default_factory=dict)

    @property
    def here(self) -> bool:
        if self.login is not None:
            return self.login
        if self.ever_member:
            return bool(self.queues)
        return self.declared not in (None, "offline")

    @property
    def says(self) -> tuple[str, str]:
        """(state, reason) that the source declares while the agent is logged in there."""
        told = self.declared or "idle"
        pauses = list(self.queues.values())
        if pauses and None not in pauses and told not in ("error", "busy", "acw", "ringing"):
            return "break", pauses[-1] or ""
        return told, self.reason or ""

    def pause(self, queue: str, why: str) -> None:
        """Paused there; the newest pause stands last."""
        self.queues.pop(queue, None)
        self.queues[queue] = why


@dataclass
class Work:
    """One contact's leg in the agent's hands. Times in ms."""

    queue: str | None
    channel: str
    ring: int | None = None
    talk: int | None = None
    held: int | None = None
    acw: int | None = None

    @property
    def phase(self) -> tuple[str, int] | None:
        for name, since in (("hold", self.held), ("talking", self.talk), ("acw", self.acw), ("ringing", self.ring)):
            if since is not None:
                return name, since
        return None


@dataclass
class Moment:
    """What holds from `time` on."""

    time: int
    state: str
    reason: str
    chats: int
    slots: int


@dataclass
class Agent:
    """The story so far: every change of what is counted over time, and everything that is true at its end."""

    name: str
    desks: dict[str, Desk] = field(default_factory=dict)
    work: dict[str, Work] = field(default_factory=dict)
    moments: list[Moment] = field(default_factory=list)
    state: str = "offline"
    reason: str = ""
    since: int = 0
    heartbeat: int | None = None
    team: str = ""
    site: str = ""
    moved: int = 0

    @property
    def logged_in(self) -> bool:
        """Logged in at a source; an agent whom nobody declares may be engaged all the same."""
        return any(desk.here for desk in self.desks.values())

    @property
    def queues(self) -> dict[str, str | None]:
        """The queues of the agent, by every source; paused (why) unless one of them has it open to him."""
        found: dict[str, str | None] = {}
        for _, desk in sorted(self.desks.items()):
            if desk.here:
                for queue, why in desk.queues.items():
                    open_elsewhere = queue in found and found[queue] is None
                    found[queue] = None if open_elsewhere else why
        return found

    @property
    def capacity(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for desk in self.desks.values():
            for channel, most in desk.capacity.items():
                if desk.here:
                    found[channel] = found.get(channel, 0) + most
        return found

    def spent(self, begin: int, end: int) -> dict[str, int]:
        """Milliseconds of [begin, end) by state; chats and slots by their number; `chatting` with at least one chat."""
        found: dict[str, int] = {}
        for index, moment in enumerate(self.moments):
            until = self.moments[index + 1].time if index + 1 < len(self.moments) else end
            length = min(until, end) - max(moment.time, begin)
            if length <= 0:
                continue
            for what, number in (
                (moment.state, 1), ("chats", moment.chats), ("chatting", int(moment.chats > 0)), ("slots", moment.slots)
            ):  # fmt: skip
                found[what] = found.get(what, 0) + number * length
        found["offline"] = end - begin - sum(found.get(state, 0) for state in STATES)
        return found


def agent_story(name: str, events: Iterable[Told]) -> Agent:
    """The agent `name`, from native events and copies."""
    agent = Agent(name)
    for told in sorted(events):
        if told.type.startswith("agent."):
            _declare(agent, told)
        else:
            _engage(agent, told)
        _conclude(agent, told.time)
    return agent


def _declare(agent: Agent, told: Told) -> None:
    data = told.data
    desk = agent.desks.setdefault(told.source, Desk())
    attrs = data.get("attrs") or {}
    place = attrs.get("team") or data.get("team") or agent.team, data.get("site") or agent.site
    if place != (agent.team, agent.site):
        agent.team, agent.site, agent.moved = *place, told.time
    verb = told.type.removeprefix("agent.")
    if verb == "heartbeat":
        agent.heartbeat = told.time if agent.logged_in else None
    elif verb == "logged_in":
        desk.login = True
        if desk.declared in (None, "offline"):
            desk.declared, desk.reason = "idle", None
    elif verb == "logged_out":
        desk.login, desk.declared, desk.reason = False, "offline", None
    elif verb == "membership_changed":
        _membership(desk, data)
    elif verb == "state_changed":
        _state_changed(desk, data)
    if not agent.logged_in:
        agent.heartbeat = None  # a sign of life of yesterday says nothing about today's login
        if verb == "logged_out":
            _clear(agent, "ring", "acw")


def _membership(desk: Desk, data: dict[str, Any]) -> None:
    queue = data["queue_id"]
    if data.get("member") is False:
        desk.queues.pop(queue, None)
        return
    desk.ever_member = True
    desk.queues.setdefault(queue, None)
    if data.get("paused"):
        desk.pause(queue, data.get("reason") or "paused")
    elif data.get("paused") is False:
        desk.queues[queue] = None


def _state_changed(desk: Desk, data: dict[str, Any]) -> None:
    state, reason, queue = data["state"], data.get("reason"), data.get("queue_id")
    if data.get("capacity") is not None:
        desk.capacity = {slot["channel"]: slot["max"] for slot in data["capacity"]}
    if queue is not None:
        desk.ever_member = True
        if state == "break":
            desk.pause(queue, reason or "")
            return
        desk.queues[queue] = None
        if desk.declared == "break":
            desk.declared, desk.reason = "idle", None
        return
    desk.declared, desk.reason = state, reason
    if state == "offline":
        desk.login = False
    elif desk.login is False:
        desk.login = True
    for name in desk.queues:
        desk.queues[name] = (reason or "") if state == "break" else None


def _engage(agent: Agent, told: Told) -> None:
    data, verb = told.data, told.type.removeprefix("contact.")
    for key in _meant(agent, verb, data):
        if verb in ("offered", "answered", "wrapup_started"):
            agent.work.setdefault(key, Work(data.get("queue_id"), data["channel"]))
        if key in agent.work:
            _go_on(agent.work[key], verb, told.time)
    if verb == "answered" and data["channel"] not in CHATS:
        _clear(agent, "acw")  # who takes the next call has done with the last one
    _clear(agent)


def _clear(agent: Agent, *ended: str) -> None:
    """End these phases of all work, and forget what is over."""
    for key, work in list(agent.work.items()):
        for name in ended:
            setattr(work, name, None)
        if work.phase is None:
            del agent.work[key]


def _meant(agent: Agent, verb: str, data: dict[str, Any]) -> list[str]:
    """What an event without a leg speaks of: all of the contact, wrap-up of what is talked on there, if anything is."""
    contact, leg = data["contact_id"], data.get("leg_id") or ""
    if leg:
        return [f"{contact}|{leg}"]
    mine = [key for key in agent.work if key.startswith(f"{contact}|")]
    if verb in ("ended", "wrapup_ended"):
        return mine
    talking = [key for key in mine if agent.work[key].talk is not None]
    return (talking if verb == "wrapup_started" else []) or [f"{contact}|"]


def _go_on(work: Work, verb: str, time: int) -> None:
    if verb == "offered":
        work.ring = time if work.ring is None else work.ring
    elif verb in ("offer_ended", "left_queue"):
        work.ring = None
    elif verb == "answered":
        work.talk, work.ring = time if work.talk is None else work.talk, None
    elif verb == "held" and work.talk is not None:
        work.held = time if work.held is None else work.held
    elif verb == "resumed" and work.talk is not None:
        work.held = None
    elif verb == "ended":
        work.ring = work.talk = work.held = None
    elif verb == "wrapup_started":
        work.talk = work.held = None
        work.acw = time if work.acw is None else work.acw
    elif verb == "wrapup_ended":
        work.talk = work.held = work.acw = None


def _conclude(agent: Agent, time: int) -> None:
    """One state of all that is declared and done, by precedence; noted when anything of it changed."""
    said = {source: desk.says for source, desk in sorted(agent.desks.items()) if desk.here}
    at_work = {work.phase[0] for work in agent.work.values() if work.phase is not None}
    if any(work.talk is not None for work in agent.work.values()):
        at_work.add("busy")
    if any(work.ring is not None for work in agent.work.values()):
        at_work.add("ringing")
    if any(work.acw is not None for work in agent.work.values()):
        at_work.add("acw")
    states = {state for state, _ in said.values()} | at_work
    state = next((one for one in STATES if one in states), "offline")
    reason = next((why for one, why in said.values() if one == state), "")
    if (state, reason) != (agent.state, agent.reason):
        agent.state, agent.reason, agent.since = state, reason, time
    chats = sum(work.talk is not None and work.channel in CHATS for work in agent.work.values())
    slots = 0
    if state not in AWAY:
        slots = sum(
            most
            for desk in agent.desks.values()
            if desk.here
            for channel, most in desk.capacity.items()
            if channel in CHATS
        )
    agent.moments.append(Moment(time, state, reason, chats, slots))
