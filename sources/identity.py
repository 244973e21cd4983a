"""floor.toml's identity mapping, applied to an event before it is published: native names become the ids of events."""

from dataclasses import replace

from kpi.envelope import Event
from kpi.floor import Floor


def identified(event: Event, floor: Floor) -> Event:
    """The same event with its queues and agents under the ids that `floor` gives them for its source."""
    changes: dict[str, str] = {}
    for name, value in event.data.items():
        if isinstance(value, str):
            mapped = _mapped(event, floor, name, value)
            if mapped != value:
                changes[name] = mapped
    if not changes:
        return event
    changed = event.with_data(**changes)
    if changed.key == event.key:
        return changed
    return replace(changed, subject=f"{event.noun_verb.partition('.')[0]}/{changed.key}")


def _mapped(event: Event, floor: Floor, name: str, value: str) -> str:
    if name == "to_id":  # a transfer's target is named after its kind
        name = f"{event.data.get('to_type')}_id"
    if name == "queue_id":
        return floor.queue_id(event.source, value)
    if name in ("agent_id", "from_agent"):
        return floor.agent_id(event.source, value)
    return value
