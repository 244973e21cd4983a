"""One partition of the log, record by record: which records count, and where.

1. In the agents' and customers' topics a contact's or case's event is a copy: ledgered as `copies` and nothing else.
   Of the types in `COPIED` it is a fact of the agent or customer that Kafka's key names if the event names it too,
   else of its `agent_id` or `customer_key`; a copy older than watermark - lateness, or folded, changes nothing.
2. Copies, ticks, duplicates and conflicts move the watermark as well; refused and late records do not.
3. Judged in this order: late (older than watermark - lateness), absent record begun anew, folded (older than the
   record's newest fact by more than `FOLD`), then same id: duplicate or conflict. A fact that is folded itself by then
   has no id any more: another event of that id is a new fact.
4. A record is absent when newest fact + horizon < watermark and it is not open. What it had counted stays; where it
   stood goes with it, swept already or not. An end told as lost_unknown is not its newest fact, unless the first.
5. The newest time of each source is that of all its events that were applied, duplicate or conflict, native ones of
   known types alone; it never goes back.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from floorpulse.batch.agent import agent_effect
from floorpulse.batch.case import case_effect
from floorpulse.batch.contact import contact_effect
from floorpulse.batch.customer import customer_effect
from floorpulse.batch.floor import floor_effect
from floorpulse.batch.panes import Panes, panes_of
from floorpulse.batch.reading import Limits, Refused, read_event
from floorpulse.batch.telling import DAY, HOUR, MINUTE, Counts, Effect, Event
from kpi.keys import live_suffix

HORIZON = {"c": 7 * DAY, "k": 35 * DAY, "a": 8 * DAY, "u": 8 * DAY, "f": 8 * DAY}
# How long before its record's newest fact a fact is folded; of contacts only messages are.
FOLD = {"c": 10 * MINUTE, "a": HOUR, "u": HOUR, "f": MINUTE}
EFFECTS: dict[str, Callable[[str, list[Event]], Effect]] = {
    "c": contact_effect, "k": case_effect, "a": agent_effect, "u": customer_effect, "f": floor_effect,
}  # fmt: skip


@dataclass
class Expected:
    """What must stand in Redis for one partition.

    `absent`: records past their horizon, and `fading` where those stood: swept already or not.
    """

    ledger: dict[str, int]
    watermark: int
    tick: int
    panes: Panes
    live: dict[str, dict[str, int]]
    records: dict[str, frozenset[str]]
    absent: frozenset[str]
    fading: dict[str, frozenset[str]]


@dataclass
class _Book:
    """All that is known of one record key. `facts`: by id; `folded`: those whose id is forgotten."""

    facts: dict[str, Event] = field(default_factory=dict)
    folded: list[Event] = field(default_factory=list)
    newest: int = 0


class Batch:
    """One partition of one base topic, recomputed."""

    def __init__(self, base_topic: str, limits: Limits) -> None:
        """Nothing known yet."""
        self.topic, self.limits = base_topic, limits
        self.ledger: dict[str, int] = defaultdict(int)
        self.watermark = self.tick = 0
        self.books: dict[str, _Book] = {}
        self.counts: Counts = defaultdict(int)
        self.sources: dict[str, int] = {}

    def take(self, value: bytes | None, kafka_ms: int, key: bytes | None = None) -> None:
        """Judge the next record of the log: its bytes, Kafka's own time (ms) and key."""
        try:
            event = read_event(value, kafka_ms, self.limits, self.topic)
        except Refused:
            self.ledger["dead_lettered"] += 1
            return
        if event.noun_verb == "tick":
            self.ledger["ticks"] += 1
            self.tick = max(self.tick, event.time)
        elif event.is_copy:
            self.ledger["copies"] += 1
            name = _copied_for(event, self.topic, key)
            if name is not None and event.time >= self.watermark - self.limits.lateness:
                self._enter(name, event)
        else:
            verdict = self._judge(event)
            self.ledger[verdict] += 1
            if verdict == "late_dropped":
                return
        self.watermark = max(self.watermark, event.time)

    def _judge(self, event: Event) -> str:
        if event.time < self.watermark - self.limits.lateness:
            return "late_dropped"
        if event.noun_verb is None:
            return "applied"
        verdict = self._enter(record_key(event), event)
        if verdict != "late_dropped":
            self.sources[event.source] = max(event.time, self.sources.get(event.source, 0))
        return verdict

    def _enter(self, key: str, event: Event) -> str:
        """Put a fact into its record, and say what became of it."""
        book = self.books.setdefault(key, _Book())
        if self._is_absent(key, book):
            self._close(key, book)
            book = self.books[key] = _Book()
        if _folds(key, event) and event.time < book.newest - FOLD[key[0]]:
            return "late_dropped"
        known = book.facts.get(event.id)
        if known is None or event.body < known.body:
            book.facts[event.id] = event
            if not (book.newest and _is_lost(event)):
                book.newest = max(book.newest, event.time)
            _fold(key, book)
        if known is None:
            return "applied"
        return "duplicate" if event.body == known.body else "conflict"

    def _is_absent(self, key: str, book: _Book) -> bool:
        is_old = bool(book.facts) and book.newest + HORIZON[key[0]] < self.watermark
        return is_old and not _effect(key, book).is_open

    def _close(self, key: str, book: _Book) -> None:
        for where, count in _effect(key, book).counts.items():
            self.counts[where] += count

    def result(self) -> Expected:
        """What must stand in Redis after the records taken so far."""
        counts: Counts = defaultdict(int, self.counts)
        live: dict[str, dict[str, int]] = defaultdict(dict)
        records, absent = {}, set()
        fading: dict[str, set[str]] = defaultdict(set)
        for key, book in self.books.items():
            effect, is_gone = _effect(key, book), self._is_absent(key, book)
            for where, count in effect.counts.items():
                counts[where] += count
            for (kind, queue, channel, member), score in effect.live.items():
                suffix = live_suffix(kind, queue, channel)
                if is_gone:
                    fading[suffix].add(member)
                else:
                    live[suffix][member] = score
            if is_gone:
                absent.add(key)
            else:
                records[key] = frozenset(book.facts)
        if self.sources:
            live[live_suffix("source", "", "")] = dict(self.sources)
        ledger = {name: count for name, count in self.ledger.items() if count}
        panes = panes_of(counts, self.watermark if self.limits.expires else None)
        faded = {suffix: frozenset(members) for suffix, members in fading.items()}
        return Expected(ledger, self.watermark, self.tick, panes, dict(live), records, frozenset(absent), faded)


def record_key(event: Event) -> str:
    """Kind and id of the record a native event belongs to, as in Redis."""
    noun = (event.noun_verb or "").partition(".")[0]
    ids = {"contact": ("c:", "contact_id"), "case": ("k:", "case_id"), "agent": ("a:", "agent_id")}
    if noun in ids:
        prefix, name = ids[noun]
        return prefix + str(event.fields[name])
    return f"f:queue/{event.fields['queue_id']}" if noun == "queue" else f"f:source{event.source}"


def _copied_for(event: Event, topic: str, key: bytes | None) -> str | None:
    """The record of a copy (rule 1); None when it is a fact of none."""
    if event.noun_verb is None:
        return None
    prefix, *names = ("a:", "agent_id", "from_agent") if topic == "agents.events" else ("u:", "customer_key")
    named = [event.fields[name] for name in names if name in event.fields]
    keyed = (key or b"").decode("utf-8", "replace")
    if keyed in named:
        return prefix + keyed
    return prefix + str(event.fields[names[0]]) if names[0] in event.fields else None


def _is_lost(event: Event) -> bool:
    """An end that only the reaper tells: it makes nothing old."""
    if event.noun_verb not in ("contact.left_queue", "contact.ended"):
        return False
    return "lost_unknown" in (event.fields.get("reason"), event.fields.get("ended_by"))


def _folds(key: str, event: Event) -> bool:
    return key[0] in ("a", "u", "f") or event.noun_verb == "contact.message"


def _fold(key: str, book: _Book) -> None:
    """Move what is folded by now to where ids are forgotten."""
    if key[0] in FOLD:
        gone = [event for event in book.facts.values() if _folds(key, event)]
        for event in gone:
            if event.time < book.newest - FOLD[key[0]]:
                book.folded.append(book.facts.pop(event.id))


def _effect(key: str, book: _Book) -> Effect:
    """What one record comes to."""
    facts = sorted([*book.folded, *book.facts.values()], key=lambda event: event.order)
    return EFFECTS[key[0]](key[2:], facts)
