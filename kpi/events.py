"""The canonical events (CloudEvents 1.0): the published contract of everything that enters Kafka.

`TYPES` lists every event type in the order that breaks ties between facts of one time and sequence.
Unknown fields are ignored, unknown types are counted, a missing or wrong field is refused with its path.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from kpi.envelope import (
    AGENT_TOPIC,
    CUSTOMER_TOPIC,
    TYPE_PREFIX,
    TYPE_SUFFIX,
    Event,
    base_topic,
    copies,
    event_id,
    make_event,
)
from kpi.instants import format_time, parse_time

__all__ = [
    "AGENT_TOPIC", "CUSTOMER_TOPIC", "RANKS", "TYPES", "TYPE_PREFIX", "TYPE_SUFFIX", "Envelope", "Event",
    "base_topic", "copies", "event_id", "format_time", "full_type", "make_event", "parse_time",
]  # fmt: skip


def _rfc3339(text: str) -> str:
    parse_time(text)
    return text


Id = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(max_length=1000)]
TimeText = Annotated[str, Field(max_length=40), AfterValidator(_rfc3339)]
Count = Annotated[int, Field(ge=0, le=2**53)]
Level = Annotated[int, Field(ge=-(2**53), le=2**53)]
# A broken clock at the source can measure a negative duration: accepted here, counted as zero by the core.
DurationMs = Annotated[int, Field(ge=-(10**11), le=10**11)]
Score = Annotated[float, Field(ge=-(10**6), le=10**6)]

Channel = Literal["voice", "video", "callback", "chat", "message", "social", "email", "ticket"]
Direction = Literal["inbound", "outbound", "internal"]
LeaveReason = Literal[
    "abandoned", "timeout", "key_exit", "overflow", "callback_requested", "empty", "withdrawn",
    "system_error", "transferred", "lost_unknown", "unknown_exit",
]  # fmt: skip
OfferResult = Literal[
    "answered", "no_answer", "rejected", "busy", "agent_unavailable", "customer_left", "lost_race", "rescinded", "error"
]
EndedBy = Literal["customer", "agent", "system", "transfer", "inactivity", "lost_unknown"]
AgentState = Literal["offline", "idle", "has_capacity", "ringing", "busy", "acw", "break", "error"]
Clock = Literal["first_response", "next_response", "resolution"]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class Envelope(_Strict):
    """The CloudEvents attributes around `data`; `time` is when it happened at the source."""

    specversion: Literal["1.0"]
    id: Id
    source: Id
    type: Id
    time: TimeText
    recordedtime: TimeText | None = None
    subject: Text | None = None
    partitionkey: Id | None = None
    datacontenttype: Text | None = None
    data: dict[str, Any] | None = None


class Reported(_Strict):
    """Durations the source measured itself, in milliseconds; they win over differences of timestamps."""

    wait_ms: DurationMs | None = None
    ring_ms: DurationMs | None = None
    talk_ms: DurationMs | None = None
    hold_ms: DurationMs | None = None
    acw_ms: DurationMs | None = None


class Common(_Strict):
    """What every event may say besides its own fields. `sequence` is the source's own order."""

    sequence: Count = 0
    native_id: Id | None = None
    time_precision: Literal["s", "ms", "us"] | None = None
    site: Text | None = None
    attrs: dict[str, Any] | None = None


class ContactData(Common):
    """Common to every `contact.*` event."""

    contact_id: Id
    channel: Channel
    leg_id: Id | None = None
    direction: Direction | None = None
    queue_id: Id | None = None
    agent_id: Id | None = None
    customer_key: Id | None = None
    conversation_id: Id | None = None
    parent_contact_id: Id | None = None
    entry_point: Text | None = None
    language: Text | None = None
    priority: Level | None = None
    skill: list[Text] | None = None
    reported: Reported | None = None


class LegData(ContactData):
    """A fact of one leg: one stay of one contact in one queue."""

    leg_id: Id
    queue_id: Id


class ContactCreated(ContactData):
    """Seen by the system, not in a queue."""

    initiation: Literal["inbound", "api", "transfer", "callback", "campaign"] | None = None


class ContactQueued(LegData):
    """The leg opens."""

    reason: Literal["initial", "transfer", "requeue", "overflow", "callback_due", "bot_handoff", "resumed"] | None = (
        None
    )
    position: Count | None = None
    origin_at: TimeText | None = None
    resumed_from: Id | None = None


class ContactBlocked(ContactData):
    """Refused at entry."""

    queue_id: Id
    reason: Literal["full", "empty", "closed", "limit"] | None = None


class ContactOffered(LegData):
    """Offered to an agent: ringing, or a reservation."""

    offer_id: Id | None = None
    mode: Literal["single", "parallel"] | None = None


class ContactOfferEnded(LegData):
    """An offer ended; `result` says how."""

    offer_id: Id | None = None
    result: OfferResult
    ring_ms: DurationMs | None = None


class ContactAnswered(LegData):
    """The leg leaves the queue to an agent."""

    offer_id: Id | None = None


class ContactLeftQueue(LegData):
    """The leg leaves the queue unanswered. Only `abandoned` is the customer giving up."""

    reason: LeaveReason
    key: Text | None = None
    position: Count | None = None


class ContactHeld(LegData):
    """Customer put on hold."""


class ContactResumed(LegData):
    """Customer taken off hold."""


class ContactMessage(ContactData):
    """A chat message; never its text."""

    message_id: Id | None = None
    author: Literal["customer", "agent", "bot", "system"]
    visibility: Literal["public", "private"] | None = None


class ContactTransferred(ContactData):
    """Handed on by the agent of the leg."""

    leg_id: Id
    kind: Literal["blind", "consult", "conference"] | None = None
    from_agent: Id | None = None
    to_type: Literal["queue", "agent", "external"] | None = None
    to_id: Text | None = None


class ContactEnded(ContactData):
    """The conversation closes for this agent; without `leg_id` the whole contact ends."""

    ended_by: EndedBy | None = None


class ContactWrapup(ContactData):
    """After-contact work begins or ends."""


class ContactCallback(ContactData):
    """A callback was requested, attempted or completed."""

    due_at: TimeText | None = None
    attempt: Count | None = None
    result: Text | None = None


class ContactRated(ContactData):
    """The customer rated the contact."""

    score: Score
    scale: Score | None = None
    kind: Literal["csat", "nps", "resolved"] | None = None


class ContactUpdated(ContactData):
    """Attributes changed; `attrs` holds them."""


class CaseData(Common):
    """Common to every `case.*` event: deferred work."""

    case_id: Id
    channel: Channel
    queue_id: Id | None = None
    agent_id: Id | None = None
    customer_key: Id | None = None
    status: Literal["new", "open", "pending", "on_hold"] | None = None
    author: Literal["customer", "agent", "bot", "system"] | None = None
    due_at: TimeText | None = None
    clock: Clock | None = None
    priority: Level | None = None


class CaseOpened(CaseData):
    """Deferred work arrives; `due_at` is when its `clock` (default: resolution) runs out."""

    queue_id: Id


class CaseSlaSet(CaseData):
    """A clock of the case gets a due time."""

    due_at: TimeText


class AgentData(Common):
    """Common to every `agent.*` event."""

    agent_id: Id
    queue_id: Id | None = None
    reason: Text | None = None
    team: Text | None = None


class AgentStateChanged(AgentData):
    """The state the agent declared, or the source reports."""

    state: AgentState
    routable: bool | None = None
    since: TimeText | None = None
    capacity: list[dict[str, Any]] | None = None


class AgentMembershipChanged(AgentData):
    """The agent joins, leaves, pauses or changes level in a queue."""

    queue_id: Id
    member: bool | None = None
    paused: bool | None = None
    level: Level | None = None


class QueueData(Common):
    """Common to every `queue.*` event."""

    queue_id: Id
    channel: Channel | None = None


class QueueConfigured(QueueData):
    """A queue's settings as the source knows them."""

    display_name: Text | None = None


class QueueSnapshotTaken(QueueData):
    """Who waits, by the source's own list, for reconciliation."""

    waiting: list[dict[str, Any]] | None = None
    agents: list[dict[str, Any]] | None = None


class SourceData(Common):
    """A source system says that it lives, or that it began anew."""

    reason: Text | None = None


class Tick(_Strict):
    """A record that carries nothing but a time: the log's own clock."""


TYPES: dict[str, type[BaseModel]] = {
    "contact.created": ContactCreated,
    "contact.queued": ContactQueued,
    "contact.blocked": ContactBlocked,
    "contact.offered": ContactOffered,
    "contact.offer_ended": ContactOfferEnded,
    "contact.answered": ContactAnswered,
    "contact.left_queue": ContactLeftQueue,
    "contact.held": ContactHeld,
    "contact.resumed": ContactResumed,
    "contact.message": ContactMessage,
    "contact.transferred": ContactTransferred,
    "contact.ended": ContactEnded,
    "contact.wrapup_started": ContactWrapup,
    "contact.wrapup_ended": ContactWrapup,
    "contact.callback_requested": ContactCallback,
    "contact.callback_attempted": ContactCallback,
    "contact.callback_completed": ContactCallback,
    "contact.rated": ContactRated,
    "contact.updated": ContactUpdated,
    "case.opened": CaseOpened,
    "case.assigned": CaseData,
    "case.replied": CaseData,
    "case.waiting_customer": CaseData,
    "case.reopened": CaseData,
    "case.resolved": CaseData,
    "case.sla_set": CaseSlaSet,
    "agent.logged_in": AgentData,
    "agent.logged_out": AgentData,
    "agent.state_changed": AgentStateChanged,
    "agent.membership_changed": AgentMembershipChanged,
    "agent.heartbeat": AgentData,
    "queue.configured": QueueConfigured,
    "queue.snapshot": QueueSnapshotTaken,
    "source.heartbeat": SourceData,
    "source.restarted": SourceData,
    "tick": Tick,
}

RANKS: dict[str, int] = {noun_verb: rank for rank, noun_verb in enumerate(TYPES)}


def full_type(noun_verb: str) -> str:
    """The CloudEvents `type` of e.g. ``contact.queued``."""
    return f"{TYPE_PREFIX}{noun_verb}{TYPE_SUFFIX}"
