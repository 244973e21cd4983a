"""A first floor.toml, written from what a queue_log shows: its queues, what they measured, and its people."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from kpi.events import Event

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_INTERFACE = re.compile(r"(?:SIP|PJSIP|IAX2|DAHDI|SCCP|Local|Agent)/.+", re.ASCII)

_HEAD = """\
# The floor as {files} shows it: {queues}, {people}.
# Every line is optional. Lines that begin with # show what could stand there.

[defaults]                                 # for every queue, also for those that are not named here
# zone = "Europe/Berlin"                   # of the business day and the opening hours; without it UTC
# reset = "04:00"                          # when the business day begins
target = {{ percent = 80, seconds = 20 }}    # so many percent answered within so many seconds
short_abandon_seconds = 5                  # who gives up sooner did not really wait

# [defaults.hours]                         # without this table: always open
# mon-fri = ["08:00-20:00"]
# sat = ["09:00-13:00"]

[defaults.thresholds]                      # where a number turns yellow and red, and an alert begins
longest_wait_seconds = {{ warning = 60, critical = 180 }}
waiting = {{ warning = 10, critical = 20 }}
abandonment_ratio = {{ warning = 0.05, critical = 0.10 }}

# [links]                                  # where a contact leads to on the page: its address in your own system
# contact = "https://crm.example/{{native_id}}"
"""

_IDS = """
# One person under two names? Asterisk's AGENTLOGIN names a login, CONNECT a member's name or an interface.
# Each [[ids]] gives a native name the id that the numbers stand under; it holds from then on, not for what was sent.
"""


@dataclass
class _Queue:
    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    waits: list[int] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)


def draft(events: Iterable[Event], files: str, source: str) -> str:
    """The text of a floor.toml for the queues and agents in `events`; `files` says in words where they come from.

    `source` stands in the examples of [[ids]]. The text of no queue at all is a valid floor.toml, too.
    """
    queues: dict[str, _Queue] = defaultdict(_Queue)
    agents: set[str] = set()
    for event in events:
        agent, queue = event.data.get("agent_id"), event.data.get("queue_id")
        if agent is not None:
            agents.add(agent)
        if queue is not None:
            _add(queues[queue], event, agent)
    parts = [
        _HEAD.format(files=_said(files), queues=_count(queues, "queue"), people=_count(agents, "agent")),
        *(_table(name, queue) for name, queue in sorted(queues.items())),
        _ids(agents, source),
    ]
    return "\n".join(parts)


def _add(queue: _Queue, event: Event, agent: str | None) -> None:
    if agent is not None:
        queue.agents.add(agent)
    wait_ms = event.data.get("reported", {}).get("wait_ms")
    match event.noun_verb:
        case "contact.queued":
            queue.offered += 1
        case "contact.answered":
            queue.answered += 1
            if wait_ms is not None:
                queue.waits.append(wait_ms)
        case "contact.left_queue":
            queue.abandoned += event.data["reason"] == "abandoned"


def _table(name: str, queue: _Queue) -> str:
    lines = [f"# {queue.offered} calls, {queue.answered} answered, {queue.abandoned} abandoned"]
    if queue.waits:
        median = sorted(queue.waits)[(len(queue.waits) - 1) // 2]
        lines[0] += f"; half of the answered waited {median // 1000} s or less"
    if queue.agents:
        lines.append(f"# agents: {', '.join(_said(agent) for agent in sorted(queue.agents))}")
    lines += [
        f"[queue.{_key(name)}]",
        f"name = {_text(name)}",
        'channel = "voice"',
        '# group = "Service"',
        "# target = { percent = 90, seconds = 30 }",
        "",
    ]
    return "\n".join(lines)


def _ids(agents: set[str], source: str) -> str:
    """Examples for names that are no person's: interfaces and login numbers."""
    odd = sorted(agent for agent in agents if _INTERFACE.fullmatch(agent) or agent.isdecimal())
    text = _IDS
    for name in odd or ["SIP/101"]:
        text += f'#\n# [[ids]]\n# source = {_text(source)}\n# native = {_text(name)}\n# agent = "..."\n'
    return text


def _count(of: Iterable[object], noun: str) -> str:
    count = sum(1 for _ in of)
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(text: str) -> str:
    """A TOML basic string; JSON's escapes are TOML's, but TOML wants DEL escaped as well."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _said(text: str) -> str:
    """A text as it may stand in a comment."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
