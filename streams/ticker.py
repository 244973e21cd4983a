"""The owner of a live partition writes one tick a second into it: so a quiet night and a dead worker differ."""

from collections.abc import Iterable

from faust.types import TP

from kpi.envelope import event_id, make_event
from streams.dead_letters import Producer

CLOCK_SOURCE = "/floorpulse/clock"


async def tick(producer: Producer, owned: Iterable[TP], now_ms: int) -> None:
    """Hand a tick of `now_ms` over for every owned partition; an unacknowledged one is simply missing."""
    event = make_event(
        "tick",
        source=CLOCK_SOURCE,
        id=event_id(CLOCK_SOURCE, "clock", "tick", now_ms),
        time_ms=now_ms,
        data={},
        recorded_ms=now_ms,
    )
    raw, headers = event.to_json(), [("content-type", b"application/cloudevents+json")]
    for tp in owned:
        await producer.send(tp.topic, value=raw, key=CLOCK_SOURCE.encode(), headers=headers, partition=tp.partition)
