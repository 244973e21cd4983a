"""Queues and sources as source systems list them: who waits by their own list, and that they live.

1. What counts of a queue is each source's newest `queue.snapshot` per channel (none told: voice): whom it lists waits
   since when it says, or since the snapshot's own time. Of two sources that list one contact, the one whose first
   snapshot of the queue came later is right.
2. `queue.configured` and `source.restarted` say nothing here.
"""

from floorpulse.batch.telling import Effect, Event, Live


def floor_effect(name: str, facts: list[Event]) -> Effect:
    """What one queue's or one source's facts, in order, leave to be true; they count nothing."""
    live: Live = {}
    newest: dict[str, dict[str, Event]] = {}
    for event in facts:
        if event.noun_verb == "queue.snapshot":
            newest.setdefault(event.source, {})[event.fields.get("channel", "voice")] = event
        if event.noun_verb == "source.heartbeat":
            live["source_heartbeat", "", "", event.source] = event.time
    for source, channels in newest.items():
        for channel, event in channels.items():
            queue = event.fields["queue_id"]
            live["snapshot_at", queue, channel, source] = event.time
            for contact, since in event.fields.get("waiting", []):
                live["snapshot", queue, channel, contact] = event.time if since is None else since
    return Effect({}, live, False)
