"""What a source says about itself: its configuration, signs of life, and who it believes to be waiting."""

from typing import Any

from kpi.events import format_time
from sources.simulator.world import AgentState, QueueState, World

SNAPSHOT_SECONDS = 60.0
HEARTBEAT_SECONDS = 30.0


class Upkeep:
    """Announces sources and queues at the start, then repeats heartbeats and snapshots."""

    def __init__(self, world: World) -> None:
        self.world = world

    def start(self) -> None:
        """Say which sources began anew and which queues they have, and plan the rest."""
        for source in sorted({queue.profile.source for queue in self.world.queues.values()}):
            self.world.emit("source.restarted", source, source, {"reason": "simulation started"})
            self.world.agenda.after(HEARTBEAT_SECONDS, self._beat, source)
        for place, queue in enumerate(self.world.queues.values()):
            profile = queue.profile
            about = {"queue_id": profile.id, "channel": profile.channel, "display_name": profile.name}
            self.world.emit("queue.configured", profile.source, profile.id, dict(about))
            if not profile.deferred:
                self.world.agenda.after(SNAPSHOT_SECONDS + place, self._snapshot, queue)

    def _beat(self, source: str) -> None:
        self.world.emit("source.heartbeat", source, source, {})
        self.world.agenda.after(HEARTBEAT_SECONDS, self._beat, source)

    def _snapshot(self, queue: QueueState) -> None:
        waiting = [
            {"contact_id": contact.id, "leg_id": contact.leg_id, "since": format_time(contact.queued_ms)}
            for contact in queue.waiting.values()
        ]
        agents = [{"id": agent.id, "state": state_of(agent)} for agent in queue.agents if agent.on_duty]
        data: dict[str, Any] = {"queue_id": queue.id, "channel": queue.profile.channel}
        data.update(waiting=waiting, agents=agents)
        self.world.emit("queue.snapshot", queue.profile.source, queue.id, data)
        self.world.agenda.after(SNAPSHOT_SECONDS, self._snapshot, queue)


def state_of(agent: AgentState) -> str:
    """The one state of an agent that the source would show."""
    if agent.away is not None:
        return "break"
    if agent.voice is not None or agent.chats:
        return "busy" if agent.load >= agent.team.slots else "has_capacity"
    return "acw" if agent.load else "idle"
