"""What each native event of a queue_log says in canonical terms; one small function per kind of line.

Hold, wait, talk and the ring time of CONNECT are in seconds, the ring time of RINGNOANSWER and RINGCANCELED in ms.
Asterisk's own "abandoned" counter and manager event also fire on timeouts and withdrawals; the log tells them apart.
"""

from collections.abc import Callable, Iterator
from typing import Any

from sources.asterisk_lines import NONE, Line
from sources.asterisk_visits import Visit, Visits

# (event type, what tells it from other events of the same line, data)
Fact = tuple[str, str, dict[str, Any]]
Tell = Callable[[Line, Visits], Iterator[Fact]]

_BLOCKED = {"FULL": "full", "JOINEMPTY": "empty", "JOINUNAVAIL": "empty"}


def named(text: str) -> str | None:
    """A queue's or agent's name as written; None for NONE and nothing."""
    return None if text in ("", NONE) else text


def _ms(seconds: int | None) -> int | None:
    return None if seconds is None else seconds * 1000


def _reported(**durations: int | None) -> dict[str, Any]:
    known = {name: value for name, value in durations.items() if value is not None}
    return {"reported": known} if known else {}


def _of(visit: Visit, agent: str | None = None) -> dict[str, Any]:
    data = {"contact_id": visit.call, "leg_id": visit.leg_id, "channel": "voice", "direction": "inbound",
            "queue_id": visit.queue, "native_id": visit.call}  # fmt: skip
    return data if agent is None else {**data, "agent_id": agent}


def _queued(line: Line, visits: Visits) -> Iterator[Fact]:
    former = visits.last(line.callid)
    visit = visits.enter(line.callid, line.queue, line.second)
    position = line.number(2)
    known = {} if position is None or position < 0 else {"position": position}
    yield "contact.queued", "", {**_of(visit), "reason": "initial" if former is None else "requeue", **known}


def _answered(line: Line, visits: Visits) -> Iterator[Fact]:
    hold, ring = line.number(0), line.number(2)
    visit = visits.waiting(line.callid, line.queue, line.second, hold)
    visit.phase, visit.since, visit.agent = "serving", line.second, named(line.agent)
    yield "contact.answered", "", {**_of(visit, visit.agent), **_reported(wait_ms=_ms(hold), ring_ms=_ms(ring))}


def _finish(line: Line, visits: Visits, hold: int | None, talk: int | None) -> Visit:
    spent = None if talk is None else talk + (hold or 0)
    visit = visits.serving(line.callid, line.queue, named(line.agent), line.second, spent)
    # The end of an engagement goes under the name its start used.
    visit.agent = visit.agent or named(line.agent)
    visit.phase, visit.since = "over", line.second
    return visit


def _completed(ended_by: str) -> Tell:
    def tell(line: Line, visits: Visits) -> Iterator[Fact]:
        hold, talk = line.number(0), line.number(1)
        visit = _finish(line, visits, hold, talk)
        durations = _reported(wait_ms=_ms(hold), talk_ms=_ms(talk))
        yield "contact.ended", "", {**_of(visit, visit.agent), "ended_by": ended_by, **durations}

    return tell


def _transferred(kind: str) -> Tell:
    """Hold and talk stand third and fourth in a blind transfer, whose position old Asterisks leave out.

    In an attended one they stand before the position at its end: what comes first varies with who was bridged to what.
    """
    hold_at, talk_at = (2, 3) if kind == "blind" else (-3, -2)

    def tell(line: Line, visits: Visits) -> Iterator[Fact]:
        hold, talk = line.number(hold_at), line.number(talk_at)
        visit = _finish(line, visits, hold, talk)
        to = "@".join(line.data[:2]) if kind == "blind" else "|".join(line.data[:-3])
        target = {"to_id": to} if to else {}
        agent = {} if visit.agent is None else {"from_agent": visit.agent}
        yield "contact.transferred", "transferred", {**_of(visit), "kind": kind, **agent, **target}
        durations = _reported(wait_ms=_ms(hold), talk_ms=_ms(talk))
        yield "contact.ended", "", {**_of(visit, visit.agent), "ended_by": "transfer", **durations}

    return tell


def _left(reason: str, wait_at: int, position_at: int = 0, key_at: int | None = None) -> Tell:
    def tell(line: Line, visits: Visits) -> Iterator[Fact]:
        wait, position = line.number(wait_at), line.number(position_at)
        visit = visits.waiting(line.callid, line.queue, line.second, wait)
        visit.phase, visit.since = "over", line.second
        data = {**_of(visit), "reason": reason}
        if position is not None and position >= 0:
            data["position"] = position
        if key_at is not None and line.data[key_at : key_at + 1]:
            data["key"] = line.data[key_at]
        yield "contact.left_queue", "", {**data, **_reported(wait_ms=_ms(wait))}

    return tell


def _offer_ended(result: str) -> Tell:
    """One of possibly many offers. No line says when it began, so no `offered` goes with it."""

    def tell(line: Line, visits: Visits) -> Iterator[Fact]:
        visit = visits.waiting(line.callid, line.queue, line.second, None)
        ring = line.number(0)
        known = {} if ring is None or ring < 0 else {"ring_ms": ring}
        yield "contact.offer_ended", "", {**_of(visit, named(line.agent)), "result": result, **known}

    return tell


def _blocked(line: Line, visits: Visits) -> Iterator[Fact]:
    """Not Asterisk's own: the dialplan may log QueueLog(queue,${UNIQUEID},NONE,BLOCKED,${QUEUESTATUS})."""
    data = {"contact_id": line.callid, "channel": "voice", "direction": "inbound", "queue_id": line.queue}
    reason = _BLOCKED.get(line.data[0].strip()) if line.data else None
    yield "contact.blocked", "", {**data, "native_id": line.callid, **({"reason": reason} if reason else {})}


def _agent(noun_verb: str, **said: Any) -> Tell:
    def tell(line: Line, visits: Visits) -> Iterator[Fact]:
        agent, queue = named(line.agent), named(line.queue)
        if agent is None:
            return
        data: dict[str, Any] = {"agent_id": agent, **said}
        if queue is not None:
            data["queue_id"] = queue
        if noun_verb == "agent.state_changed" and line.data and line.data[0]:
            data["reason"] = line.data[0]
        yield noun_verb, "", data

    return tell


def _member(line: Line, visits: Visits) -> Iterator[Fact]:
    """ADDMEMBER and REMOVEMEMBER: whether an agent is one of a queue's."""
    agent, queue = named(line.agent), named(line.queue)
    if agent is None or queue is None:
        return
    data: dict[str, Any] = {"agent_id": agent, "queue_id": queue, "member": line.event != "REMOVEMEMBER"}
    if line.event == "ADDMEMBER":
        data["paused"] = line.data[:1] == ("PAUSED",)
    yield "agent.membership_changed", "", data


def _restarted(line: Line, visits: Visits) -> Iterator[Fact]:
    """Asterisk began anew: nothing that was open is any more, and a clean stop would have said how it ended."""
    yield "source.restarted", "", {"reason": line.event}
    for visit in visits.open():
        waited = visit.phase == "waiting"
        visit.phase, visit.since = "lost", line.second
        if waited:
            yield "contact.left_queue", visit.leg_id, {**_of(visit), "reason": "lost_unknown"}
        else:
            yield "contact.ended", visit.leg_id, {**_of(visit, visit.agent), "ended_by": "lost_unknown"}


_OF_A_CALL: dict[str, Tell] = {
    "ENTERQUEUE": _queued,
    "CONNECT": _answered,
    "COMPLETECALLER": _completed("customer"),
    "COMPLETEAGENT": _completed("agent"),
    "BLINDTRANSFER": _transferred("blind"),
    "TRANSFER": _transferred("blind"),
    "ATTENDEDTRANSFER": _transferred("consult"),
    "ABANDON": _left("abandoned", 2),
    "EXITWITHTIMEOUT": _left("timeout", 2),
    "EXITWITHKEY": _left("key_exit", 3, position_at=1, key_at=0),
    "EXITEMPTY": _left("empty", 2),
    "WITHDRAW": _left("withdrawn", 2),
    "SYSCOMPAT": _left("system_error", 2),
    "RINGNOANSWER": _offer_ended("no_answer"),
    "RINGCANCELED": _offer_ended("customer_left"),
    # The agent hung up during the announcement; the caller stays in the queue.
    "AGENTDUMP": _offer_ended("rejected"),
    "BLOCKED": _blocked,
}
_OF_AN_AGENT: dict[str, Tell] = {
    "PAUSE": _agent("agent.state_changed", state="break"),
    "PAUSEALL": _agent("agent.state_changed", state="break"),
    "UNPAUSE": _agent("agent.state_changed", state="idle"),
    "UNPAUSEALL": _agent("agent.state_changed", state="idle"),
    "AGENTLOGIN": _agent("agent.logged_in"),
    "AGENTLOGOFF": _agent("agent.logged_out"),
    "AGENTCALLBACKLOGIN": _agent("agent.logged_in"),
    "AGENTCALLBACKLOGOFF": _agent("agent.logged_out"),
    "ADDMEMBER": _member,
    "REMOVEMEMBER": _member,
}
# Every native event we translate, and those of them that are nothing without a call id.
TELL: dict[str, Tell] = {**_OF_A_CALL, **_OF_AN_AGENT, "QUEUESTART": _restarted}
OF_CALLS = frozenset(_OF_A_CALL)
# Known, and nothing that is counted: the log was reopened, as after rotation; a member's settings changed, of whom
# these lines name the interface where all others name the member, so that he would seem to be two.
IGNORED = frozenset({"CONFIGRELOAD", "PENALTY", "RINGINUSE"})
