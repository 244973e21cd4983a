"""Lines of a queue_log, and the events that they are."""

from typing import Any

from kpi.events import TYPES, Event
from sources.asterisk import QueueLogTranslator

T = 1_795_317_000


def events(*lines: str) -> list[Event]:
    translator = QueueLogTranslator()
    found = [event for line in lines for event in translator.feed(line)]
    for event in found:
        TYPES[event.noun_verb].model_validate(event.data)
    return found


def told(*lines: str) -> list[tuple[str, str, Any]]:
    """(event type, leg, the word that says how) of every event."""
    return [
        (e.noun_verb, e.data.get("leg_id", ""), e.data.get("reason") or e.data.get("ended_by") or e.data.get("result"))
        for e in events(*lines)
    ]


def join(call: str = "c", queue: str = "support", at: int = 0) -> str:
    return f"{T + at}|{call}|{queue}|NONE|ENTERQUEUE||+442079460687|1"


def connect(call: str = "c", queue: str = "support", agent: str = "Ana", at: int = 5) -> str:
    return f"{T + at}|{call}|{queue}|{agent}|CONNECT|5|{call}.1|2"
