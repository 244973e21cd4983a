"""Every Redis key name, and every Kafka topic name, in one place: nobody builds or takes apart a name elsewhere.

All keys of one partition share the hash tag `{namespace/topic/partition}`, so that position, records, panes and
live sets stand on one Redis Cluster node and one script can change them together.
"""

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

LIVE = "live"
CONTACT_TOPICS = ("calls.events", "chats.events", "cases.events")
BASE_TOPICS = (*CONTACT_TOPICS, "agents.events", "customers.events", "floor.events")
DEADLETTER_TOPIC = "events.deadletter"
# What is true now of one queue and channel ...
LIVE_SETS = (
    "waiting", "ringing", "in_service", "outbound", "unanswered", "callbacks", "lost",
    "open_cases", "case_new", "case_open", "case_pending", "case_on_hold", "unassigned",
    "due", "due_first_response", "due_next_response", "due_resolution", "snapshot", "snapshot_at",
)  # fmt: skip
# ... and of the whole floor: these, and what agents do, stand under no queue.
FLOOR_SETS = ("agents", "agent_heartbeat", "agent_team", "source", "source_heartbeat")
NO_QUEUE = ""
AGENTS_CHANNEL = "agents"

_UNSAFE = re.compile(r"[%:{}\s\x00-\x1f\x7f-\x9f]")
# What Kafka allows in a topic name, short enough to leave room for the topic itself.
_NAMESPACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class PaneName(NamedTuple):
    """What the name of a pane says: its length and start (ms UTC), and the queue and channel it belongs to."""

    res_ms: int
    start_ms: int
    queue: str
    channel: str


class LiveName(NamedTuple):
    """What the name of a live set says."""

    kind: str
    queue: str
    channel: str


@lru_cache(maxsize=16384)
def escape(text: str) -> str:
    """`text` with %, :, {, }, white space and control characters percent-escaped; letters of any script stay."""
    return _UNSAFE.sub(lambda found: "".join(f"%{byte:02X}" for byte in found.group().encode()), text)


@lru_cache(maxsize=16384)
def unescape(text: str) -> str:
    """The text that `escape` was given."""
    return unquote(text) if "%" in text else text


def check_namespace(text: str) -> str:
    """`text` if it can name a namespace; ValueError with what is wanted otherwise."""
    if not _NAMESPACE.fullmatch(text):
        raise ValueError(f"namespace: {text!r}; wanted letters, digits, '.', '_' or '-', at most 100, e.g. monday")
    return text


def topic_name(ns: str, base_topic: str) -> str:
    """Kafka's name of a topic: the base name in `live`, prefixed with the namespace in a replay."""
    return base_topic if ns == LIVE else f"{ns}.{base_topic}"


def base_topic_of(ns: str, topic: str) -> str:
    """The base name of Kafka topic `topic`, the opposite of `topic_name`."""
    return topic if ns == LIVE else topic.removeprefix(f"{ns}.")


def partition_prefix(ns: str, base_topic: str, partition: int) -> str:
    """What all keys of one partition begin with, e.g. `fp:{live/calls.events/0}`."""
    return f"fp:{{{ns}/{base_topic}/{partition}}}"


def position_key(prefix: str) -> str:
    """Hash: next, epoch, watermark, tick, schema, dirty, first."""
    return f"{prefix}:position"


def records_key(prefix: str) -> str:
    """Hash: record key -> what is known of one contact, msgpack."""
    return f"{prefix}:records"


def ledger_key(prefix: str) -> str:
    """Hash: how many records of the log were applied, repeated, refused ..."""
    return f"{prefix}:ledger"


def panes_key(prefix: str) -> str:
    """Set of the pane suffixes that exist."""
    return f"{prefix}:panes"


def lives_key(prefix: str) -> str:
    """Hash: live suffix -> next offset of the commit that last changed that set."""
    return f"{prefix}:lives"


def expiry_key(prefix: str) -> str:
    """Sorted set of what falls due for sweeping."""
    return f"{prefix}:expiry"


def deltas_key(prefix: str) -> str:
    """Stream of what each commit changed."""
    return f"{prefix}:deltas"


def pane_suffix(res_ms: int, start_ms: int, queue: str, channel: str) -> str:
    """Name of a pane within its partition: `<10|900>:<start ms>:<queue>:<channel>`."""
    return f"{res_ms // 1000}:{start_ms}:{escape(queue)}:{escape(channel)}"


def parse_pane_suffix(suffix: str) -> PaneName:
    """The parts of a pane's name; ValueError when it is none."""
    res, start, queue, channel = suffix.split(":")
    return PaneName(int(res) * 1000, int(start), unescape(queue), unescape(channel))


def pane_key(prefix: str, suffix: str) -> str:
    """Hash of pane fields."""
    return f"{prefix}:pane:{suffix}"


def live_suffix(kind: str, queue: str, channel: str) -> str:
    """Name of a live set within its partition: `<set>:<queue>:<channel>`."""
    return f"{kind}:{escape(queue)}:{escape(channel)}"


def parse_live_suffix(suffix: str) -> LiveName:
    """The parts of a live set's name; ValueError when it is none."""
    kind, queue, channel = suffix.split(":")
    return LiveName(kind, unescape(queue), unescape(channel))


def live_key(prefix: str, suffix: str) -> str:
    """Sorted set of what is true now, score in ms."""
    return f"{prefix}:live:{suffix}"


def live_member(contact_id: str, leg_id: str) -> str:
    """How a leg stands in a live set: `<contact>|<leg>`."""
    return f"{contact_id}|{leg_id}"


def partitions_key(ns: str) -> str:
    """Hash: base topic -> number of partitions."""
    return f"fp:{ns}:partitions"


def replay_key(ns: str) -> str:
    """JSON descriptor of a replay."""
    return f"fp:{ns}:replay"


def queue_suffix(queue: str, channel: str) -> str:
    """A queue and channel in a key or a hash field: `<queue>:<channel>`, escaped."""
    return f"{escape(queue)}:{escape(channel)}"


def parse_queue_suffix(suffix: str) -> tuple[str, str]:
    """(queue, channel) of a `queue_suffix`."""
    queue, channel = suffix.split(":")
    return unescape(queue), unescape(channel)


def snapshot_key(ns: str, queue: str, channel: str) -> str:
    """JSON snapshot of one queue and channel; expires."""
    return f"fp:{ns}:snapshot:{queue_suffix(queue, channel)}"


def snapshots_channel(ns: str) -> str:
    """Pub/sub channel on which every snapshot is announced."""
    return f"fp:{ns}:snapshots"


def queues_key(ns: str) -> str:
    """Hash: queue suffix -> "seen", of every queue that ever had an event."""
    return f"fp:{ns}:queues"


def floor_key(ns: str) -> str:
    """JSON snapshot of the floor as a whole; expires."""
    return f"fp:{ns}:floor"


def staffing_key(ns: str) -> str:
    """Hash: instant (ms) -> JSON of how many agents served each queue then; expires."""
    return f"fp:{ns}:staffing"


def staffed_key(ns: str) -> str:
    """Hash: every queue of which a source ever named the members -> "1"; expires."""
    return f"fp:{ns}:staffed"


def notes_key(ns: str) -> str:
    """Hash: note id -> JSON of the note; "#": a word that is new after every change."""
    return f"fp:{ns}:notes"


def simulator_channel(ns: str) -> str:
    """Pub/sub channel on which a running simulator hears orders."""
    return f"fp:{ns}:simulator"


def claims_key(ns: str) -> str:
    """Hash: contact id -> JSON of who calls back, and since when."""
    return f"fp:{ns}:claims"


def quiet_key(ns: str) -> str:
    """Hash: id -> JSON of a planned quiet; "#": a word that is new after every change."""
    return f"fp:{ns}:quiet"


def alerts_key(ns: str) -> str:
    """Hash: rule, severity, queue suffix -> JSON of the alert's state; "#": a word that is new after every change."""
    return f"fp:{ns}:alerts"


def alerts_lease_key(ns: str) -> str:
    """Who evaluates the alerts; expires unless renewed."""
    return f"fp:{ns}:alerts:lease"


def alerts_channel(ns: str) -> str:
    """Pub/sub channel on which changes of alerts are announced."""
    return f"fp:{ns}:alerts:changed"
