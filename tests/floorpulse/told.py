"""What the plain batch program makes of a few events, in a form that fits on one line of a test."""

from typing import Any

from floorpulse.batch import Expected
from kpi import keys
from kpi.envelope import Event, make_event
from tests.builders import SOURCE, T0, event
from tests.floorpulse.stored import batch_of

FINE_MS, COARSE_MS = 10_000, 900_000


def told(*events: Event, topic: str = "calls.events") -> Expected:
    """What must stand in Redis after these events; whatever their order, where none can come too late for it."""
    found = batch_of(topic, events).result()
    times = [event.time_ms for event in events]
    if max(times) - min(times) <= 60_000:
        back = batch_of(topic, reversed(events)).result()
        assert (found.panes, found.live) == (back.panes, back.live)
    return found


def pane(expected: Expected, at: float, queue: str = "support", channel: str = "voice", ms: int = FINE_MS) -> Any:
    """Fields of the pane of `ms` milliseconds that `at` seconds after T0 lies in."""
    start = (T0 + round(at * 1000)) // ms * ms
    return expected.panes.get(keys.pane_suffix(ms, start, queue, channel), {})


def counts(expected: Expected, *starts: str, queue: str = "support", channel: str = "voice") -> dict[str, int]:
    """Fields that begin with one of `starts` (none given: all of the event basis but lengths), over all panes."""
    found: dict[str, int] = {}
    for suffix, fields in expected.panes.items():
        name = keys.parse_pane_suffix(suffix)
        if (name.res_ms, name.queue, name.channel) == (FINE_MS, queue, channel):
            for field, n in fields.items():
                if field.startswith(starts) if starts else not field.startswith(("@", "net.")):
                    found[field] = found.get(field, 0) + n
    return dict(sorted(found.items()))


def live(expected: Expected) -> dict[str, dict[str, float]]:
    """Live sets but the sources' newest times, scores in seconds after T0."""
    return {
        suffix: {member: (score - T0) / 1000 for member, score in members.items()}
        for suffix, members in sorted(expected.live.items())
        if suffix != "source::"
    }


def chat(verb: str, at: float, leg: str | None = "k/1", **data: Any) -> Event:
    """An event of the chat `k` in the queue `help`."""
    named = {"leg_id": leg} if leg else {}
    queue = {} if verb == "message" else {"queue_id": "help"}
    data = {"contact_id": "k", "channel": "chat", **named, **queue, **data}
    text = f"{verb} {at} {sorted(data.items())}"
    return make_event(f"contact.{verb}", source=SOURCE, id=text[:200], time_ms=T0 + round(at * 1000), data=data)


def message(author: str, at: float, leg: str | None = "k/1", **data: Any) -> Event:
    """A message in the chat `k`."""
    return chat("message", at, leg, author=author, **data)


def agent(verb: str, at: float, **data: Any) -> Event:
    """A native event of the agent ana; `source` may be another."""
    source = data.pop("source", SOURCE)
    data = {"agent_id": "ana", **data}
    return event(f"agent.{verb}", at, source=source, **data)
