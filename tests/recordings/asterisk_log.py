"""Made-up Asterisk queue_logs together with the visits they tell of.

A log is written from visits that are decided first, with the lines that Asterisk's app_queue.c writes for them: hold
times from a clock of its own (up to a second off), equal seconds in any order, calls that return, lines of others.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tests.recordings.oracle import Visit

QUEUES = ("support", "Kunden Service", "客服一线", "VIP/Gold", "a.b:{c}%20", "größe 1")
AGENTS = ("SIP/100", "Local/201@from-queue/n", "张伟", "Ana María", "Agent/1001", "PJSIP/x.y.z")
START = 1_795_316_400  # 2026-11-22T03:00:00Z
_NOISE = (
    "NONE|NONE|NONE|CONFIGRELOAD|", "{c}|NONE|NONE|DID|+49 30 1234", "{c}|support|NONE|INFO|a|b||c=1|",
    "{c}|support|SIP/100|SURVEY|5", "MANAGER|NONE|{a}|PAUSEALL|lunch", "MANAGER|support|{a}|PAUSE|lunch",
    "NONE|NONE|{a}|AGENTLOGIN|SIP/100-000001", "NONE|NONE|{a}|AGENTLOGOFF|SIP/100-000001|3600",
    "CLI|客服一线|{a}|ADDMEMBER|", "REALTIME|support|{a}|PENALTY|3", "{c}|support|{a}|OUTCALL|ANSWER|12|x",
    "{c}|support|NONE|SOMETHINGNEW",
)  # fmt: skip


@dataclass
class Log:
    """Lines with the visits they tell; `second` of every line."""

    lines: list[str] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)


@dataclass
class _Call:
    """One call: its lines as (second, text), its visits, and what each line does to them."""

    lines: list[tuple[int, str]] = field(default_factory=list)
    visits: list[tuple[Visit, int]] = field(default_factory=list)  # and the second until which it is open


class Centre:
    """A seeded centre that writes `calls` calls over `seconds`; Asterisk is killed at the seconds in `kills`."""

    def __init__(self, seed: int, calls: int = 60, seconds: int = 4000, kills: int = 1) -> None:
        self.chance = random.Random(seed)
        self._count, self._seconds = calls, seconds
        self._kills = sorted(START + self.chance.randrange(seconds) for _ in range(kills))

    def log(self) -> Log:
        """The whole history of the centre."""
        chance = self.chance
        boots = [(START - 5, START - 5), *((kill, kill + chance.randrange(1, 90)) for kill in self._kills)]
        lives = [(boot, next((kill for kill, _ in boots if kill > boot), None)) for _, boot in boots]
        calls: list[_Call] = []
        for number in range(self._count):
            at = START + chance.randrange(self._seconds)
            live = next((live for live in reversed(lives) if live[0] <= at), lives[0])
            if live[1] is not None and at > live[1]:
                continue  # Asterisk is down
            calls.append(self._lived(self._call(f"{at}.{number}", at), live[1], boots))
        lines = [self._noise(at) for at in sorted(START + chance.randrange(self._seconds) for _ in range(12))]
        sources = [[(boot, f"{boot}|NONE|NONE|NONE|QUEUESTART|")] for _, boot in boots]
        end = START + self._seconds + 30
        made = _merged([*sources, *([line] for line in lines), *(call.lines for call in calls)], chance)
        kept = [text for second, text in made if second <= end]
        return Log(
            kept, [self._until(visit, end) for call in calls for visit, _ in call.visits if visit.joined <= end * 1000]
        )

    def _noise(self, at: int) -> tuple[int, str]:
        text = self.chance.choice(_NOISE)
        return at, f"{at}|" + text.format(c=f"{at}.x", a=self.chance.choice(AGENTS))

    def _call(self, name: str, at: int) -> _Call:
        call = _Call()
        for _ in range(self.chance.choice((1, 1, 1, 2, 3))):
            at = self._visit(call, name, at)
            if at < 0:
                break
        return call

    def _visit(self, call: _Call, name: str, at: int) -> int:
        """One visit from second `at`; when the same call may join again, -1 for never."""
        chance = self.chance
        queue, wait = (
            chance.choice(QUEUES),
            chance.choice((0, 1, 5, 20, 21, chance.randrange(90), chance.randrange(400))),
        )
        visit = Visit(queue, at * 1000)
        position = chance.randrange(1, 9)
        call.lines.append((at, f"{at}|{name}|{queue}|NONE|ENTERQUEUE||0151{at % 9999}|{position}"))
        left = at + wait
        measured = max(0, wait + chance.choice((-1, 0, 0, 0, 1)))
        for second in sorted(chance.randrange(at, left + 1) for _ in range(chance.choice((0, 0, 1, 4)))):
            self._refusal(call, visit, name, second)
        visit.left, visit.wait = left * 1000, measured * 1000
        if chance.random() < 0.6:
            return self._served(call, visit, name, left, measured)
        return self._exit(call, visit, name, left, measured)

    def _refusal(self, call: _Call, visit: Visit, name: str, second: int) -> None:
        for agent in self.chance.sample(AGENTS, self.chance.choice((1, 1, 3))):  # ring-all rings several
            event = self.chance.choice(("RINGNOANSWER|15000", "RINGNOANSWER|0", "AGENTDUMP|", "AGENTDUMP"))
            call.lines.append((second, f"{second}|{name}|{visit.queue}|{agent}|{event}"))
            visit.refusals.append((second * 1000, agent))

    def _exit(self, call: _Call, visit: Visit, name: str, left: int, measured: int) -> int:
        agent, again = "NONE", left + self.chance.choice((0, 0, 3))
        what = self.chance.choice(
            ("ABANDON", "ABANDON", "ABANDON", "EXITWITHTIMEOUT", "EXITWITHKEY", "EXITEMPTY", "WITHDRAW", "SYSCOMPAT")
        )
        visit.outcome = {"ABANDON": "abandoned", "EXITWITHTIMEOUT": "timeout", "EXITWITHKEY": "key_exit",
                         "EXITEMPTY": "empty", "WITHDRAW": "withdrawn", "SYSCOMPAT": "system_error"}[what]  # fmt: skip
        data = f"1|3|{measured}"
        if what == "ABANDON":
            agent = self.chance.choice(("NONE", self.chance.choice(AGENTS)))
            if self.chance.random() < 0.3:
                call.lines.append((left, f"{left}|{name}|{visit.queue}|SIP/100|RINGCANCELED|4000"))
        elif what == "EXITWITHKEY":
            data = f"9|1|3|{measured}"
        elif what == "WITHDRAW":
            data += self.chance.choice(("|", "|moved by hand", "|a|b"))
        elif what == "SYSCOMPAT":
            data, visit.wait = "", visit.left - visit.joined if visit.left is not None else None
        call.lines.append((left, f"{left}|{name}|{visit.queue}|{agent}|{what}|{data}"))
        call.visits.append((visit, left))
        return -1 if what in ("ABANDON", "SYSCOMPAT") else again

    def _served(self, call: _Call, visit: Visit, name: str, left: int, measured: int) -> int:
        chance = self.chance
        visit.outcome, visit.agent = "answered", chance.choice(AGENTS)
        call.lines.append(
            (left, f"{left}|{name}|{visit.queue}|{visit.agent}|CONNECT|{measured}|{left}.99|{min(wait_of(visit), 4)}")
        )
        lasted = chance.choice((0, 1, chance.randrange(600)))
        talk = max(0, lasted + chance.choice((-1, 0, 0, 1)))
        ended = left + lasted
        visit.ended, visit.talk = ended * 1000, talk * 1000
        tail = f"{measured}|{talk}|2"
        head = f"{ended}|{name}|{visit.queue}|{visit.agent}|"
        call.visits.append((visit, ended))
        kind = chance.choice(("COMPLETECALLER", "COMPLETEAGENT", "COMPLETEAGENT", "BLINDTRANSFER", "ATTENDEDTRANSFER"))
        if kind == "BLINDTRANSFER":
            visit.transferred = (visit.ended, visit.agent)
            line = f"{head}BLINDTRANSFER|600|from-internal|{tail}"
        elif kind == "ATTENDEDTRANSFER":
            visit.transferred = (visit.ended, visit.agent)
            to = chance.choice(("BRIDGE|d2c1-88", "APP|Queue", "LINK|SIP/1-01|SIP/2-02"))
            line = f"{head}ATTENDEDTRANSFER|{to}|{tail}"
        else:
            line = f"{head}{kind}|{tail}"
        call.lines.append((ended, line))
        return ended + chance.choice((0, 0, 2)) if kind == "BLINDTRANSFER" else -1

    def _lived(self, call: _Call, killed: int | None, boots: list[tuple[int, int]]) -> _Call:
        """What a kill leaves of a call: no line after it, and what was open is lost at the next start."""
        if killed is None:
            return call
        boot = next(boot for kill, boot in boots if kill == killed)
        visits = [(visit, end) for visit, end in call.visits if visit.joined <= killed * 1000]
        for visit, _ in visits:
            visit.refusals = [refusal for refusal in visit.refusals if refusal[0] <= killed * 1000]
            if visit.left is None or visit.left > killed * 1000:
                visit.outcome, visit.left, visit.wait = "lost_unknown", boot * 1000, boot * 1000 - visit.joined
                visit.agent = visit.ended = visit.talk = visit.transferred = None
            elif visit.ended is not None and visit.ended > killed * 1000:
                visit.ended, visit.talk, visit.transferred = boot * 1000, None, None
        return _Call([line for line in call.lines if line[0] <= killed], visits)

    @staticmethod
    def _until(visit: Visit, end: int) -> Visit:
        """What is known of a visit when the log ends after second `end`."""
        visit.refusals = [refusal for refusal in visit.refusals if refusal[0] <= end * 1000]
        if visit.left is not None and visit.left > end * 1000:
            visit.outcome = visit.left = visit.wait = visit.agent = visit.ended = visit.talk = visit.transferred = None
        elif visit.ended is not None and visit.ended > end * 1000:
            visit.ended = visit.talk = visit.transferred = None
        return visit


def wait_of(visit: Visit) -> int:
    """How long a decided visit waited by the timestamps, in seconds."""
    return ((visit.left or 0) - visit.joined) // 1000


def _merged(sources: list[list[tuple[int, str]]], chance: random.Random) -> Iterator[tuple[int, str]]:
    """All lines by second; lines of one second in any order, those of one source in their own."""
    queues = [list(source) for source in sources if source]
    while queues:
        second = min(queue[0][0] for queue in queues)
        queue = chance.choice([queue for queue in queues if queue[0][0] == second])
        yield queue.pop(0)
        queues = [queue for queue in queues if queue]


def begun_late(log: Log, second: int) -> Log:
    """What the lines from `second` on tell: the log of a file whose predecessor is gone.

    A visit that only its end names joined the reported wait before it; one of which less is told joined at its first
    line, and its wait is unknown.
    """
    first = second * 1000
    lines = [line for line in log.lines if int(line.partition("|")[0]) >= second]
    return Log(lines, [visit for whole in log.visits if (visit := _seen_from(whole, first)) is not None])


def _seen_from(visit: Visit, first: int) -> Visit | None:
    refusals = [refusal for refusal in visit.refusals if refusal[0] >= first]
    if visit.joined >= first:
        return visit
    made = replace(visit, refusals=refusals)
    lost, left = visit.outcome == "lost_unknown", visit.left
    if left is not None and left >= first and not lost and visit.outcome != "system_error":
        return replace(made, joined=left - (visit.wait or 0))
    if left is None or left >= first:
        if not refusals and (lost or left is None):
            return None
        return replace(made, joined=min([at for at, _ in refusals] or [left or 0]), wait=None)
    if visit.ended is None or visit.ended < first or visit.talk is None:
        return None
    answered = visit.ended - visit.talk
    return replace(made, left=answered, joined=answered - (visit.wait or 0))
