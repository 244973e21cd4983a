"""The plain batch program that `floorpulse verify` compares Redis with: dictionaries and sorting, nothing clever.

It reads one partition's records in offset order and says what must stand in Redis afterwards. It shares no code with
the streaming path: no `step`, no differences, no fast decoders. Every contact is told once, from its sorted facts, when
all of them are known. It is slow on purpose. What the design leaves open is decided here as follows.

Which records count
 1. A record is refused (`dead_lettered`) when it is not UTF-8 JSON, breaks a model of `kpi.events`, has a known type in
    another version, a time before `earliest`, or (live only) more than 60 s after the earlier of `recordedtime` and
    Kafka's timestamp. A type nobody knows is `applied`, changes nothing, and moves the watermark.
 2. In the agents' and customers' topics a contact's or case's event is a copy: ledgered as `copies`, never judged late.
    Copies, ticks, duplicates and conflicts move the watermark as well; refused and late records do not.
 3. Judged in this order: late (older than watermark - lateness), absent record begun anew, folded (a message older than
    the record's newest fact - 10 min; a native agent or floor event: 1 h), then same id: duplicate or conflict.
 4. A body is what the contract knows of it: unknown fields, `subject`, `partitionkey` and `recordedtime` make no other
    body. The smaller canonical bytes (`_canonical`) win. A loser that comes again is a conflict again.
 5. A record is absent when newest fact + horizon < watermark and it is not open: contacts 7 days, cases 35, agents and
    floor 8. What it had counted stays. A case nobody named a queue for is not open.

What a contact's facts mean
 6. A leg exists from its first fact that names its queue, of the types queued, offered, offer_ended, answered,
    left_queue, held, resumed, transferred, ended. Facts of a leg unknown so far without a queue say nothing.
 7. It joins at `queued`; else at a deciding fact minus its reported wait; else at its first fact, its wait unknown. A
    later deciding fact with a reported wait moves a join that no `queued` told. Later `queued` of that leg say nothing.
 8. When a leg joins, every other waiting leg of the contact left at that instant (not before its own join) with
    `unknown_exit`; so it does when the contact ends (`ended` without leg_id), which also ends every leg in service.
 9. Deciding facts that contradict: lost_unknown < unknown_exit < any other; the last of the highest rank stands, with
    its own time, agent and reported wait. `ended`: lost_unknown < any other, likewise.
10. `ended` of a leg that waits, or left as lost_unknown or unknown_exit (and the end is not lost_unknown), says that it
    was answered: at ended - reported talk, else at ended with talk and wait unknown. Not before a join that was told
    or reported; one that is only the first fact's instant moves back with it.
11. Talk: reported, else ended - answered; none after lost_unknown, nor hold. Hold: reported when not 0, else held to
    resumed summed, an open hold ending with the leg; only of legs with a hold. Both are the agent's who answered, else
    who is named by `ended`, and stand at `ended`. A leg that was not answered counts neither.
12. The first `transferred` of a leg counts, for `from_agent`, else `agent_id`. An offer is named by `offer_id`, else by
    its agent; its last end counts, for the agent an end of it names.
13. Durations below 0 are 0. Waiting scores are joins, ringing: the oldest open offer of a waiting leg, in service: the
    answer.

Cases
14. A case is opened by its first fact that names a queue. `due` is the earliest of its clocks (default: resolution) as
    last set by opened, sla_set or reopened. Resolved and reopened count when they change something.

Panes past their keep by the watermark are left out (live; a replay keeps all unless told otherwise).
"""

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pydantic import ValidationError

from kpi.events import RANKS, TYPES, Envelope, parse_time
from kpi.keys import live_suffix, pane_suffix

DAY = 86_400_000
HOUR = 3_600_000
FINE, COARSE = 10_000, 900_000
KEEP = {FINE: 2 * HOUR, COARSE: 35 * DAY}
HORIZON = {"c": 7 * DAY, "k": 35 * DAY, "a": 8 * DAY, "f": 8 * DAY}
UNANSWERED = ("no_answer", "rejected", "busy", "agent_unavailable")
LEG_VERBS = ("queued", "offered", "offer_ended", "answered", "left_queue", "held", "resumed", "transferred", "ended")

Counts = dict[tuple[int, str, str, str], int]
Live = dict[tuple[str, str, str, str], int]


class Limits(NamedTuple):
    """What a deployment decides, in ms: the earliest plausible time, the lateness, and whether old panes go."""

    earliest: int
    lateness: int
    live: bool
    expires: bool


class Event(NamedTuple):
    """One accepted event. `fields`: the contract's fields of `data` that are set; `noun_verb`: None when unknown."""

    time: int
    id: str
    source: str
    noun_verb: str | None
    fields: dict[str, Any]

    @property
    def order(self) -> tuple[int, int, int, str]:
        """The total order of facts."""
        return self.time, self.fields.get("sequence", 0), RANKS[self.noun_verb or ""], self.id


@dataclass
class Expected:
    """What must stand in Redis for one partition. `absent`: records past their horizon, swept already or not."""

    ledger: dict[str, int]
    watermark: int
    tick: int
    panes: dict[str, dict[str, int]]
    live: dict[str, dict[str, int]]
    records: dict[str, frozenset[str]]
    absent: frozenset[str]


@dataclass
class _Book:
    """All that is known of one record key."""

    facts: dict[str, Event] = field(default_factory=dict)
    newest: int = 0


class Refused(Exception):  # noqa: N818 - a verdict about one record
    """The record belongs into the dead-letter topic."""


class Batch:
    """One partition of one base topic, recomputed."""

    def __init__(self, base_topic: str, limits: Limits) -> None:
        """Nothing known yet."""
        self.topic, self.limits = base_topic, limits
        self.ledger: dict[str, int] = defaultdict(int)
        self.watermark = self.tick = 0
        self.books: dict[str, _Book] = {}
        self.counts: Counts = defaultdict(int)

    def take(self, value: bytes | None, kafka_ms: int) -> None:
        """Judge the next record of the log."""
        try:
            event = read_event(value, kafka_ms, self.limits)
        except Refused:
            self.ledger["dead_lettered"] += 1
            return
        noun = (event.noun_verb or "").partition(".")[0]
        if noun == "tick":
            self.ledger["ticks"] += 1
            self.tick = max(self.tick, event.time)
        elif noun in ("contact", "case") and self.topic in ("agents.events", "customers.events"):
            self.ledger["copies"] += 1
        else:
            verdict = self._judge(event, noun)
            self.ledger[verdict] += 1
            if verdict == "late_dropped":
                return
        self.watermark = max(self.watermark, event.time)

    def _judge(self, event: Event, noun: str) -> str:
        if event.time < self.watermark - self.limits.lateness:
            return "late_dropped"
        if event.noun_verb is None:
            return "applied"
        key = record_key(event, noun)
        book = self.books.setdefault(key, _Book())
        if book.facts and self._is_absent(key, book):
            self._close(key, book)
            book = self.books[key] = _Book()
        fold = _fold_after(event)
        if fold is not None and event.time < book.newest - fold:
            return "late_dropped"
        known = book.facts.get(event.id)
        if known is None or _canonical(event) < _canonical(known):
            book.facts[event.id] = event
            book.newest = max(book.newest, event.time)
        if known is None:
            return "applied"
        return "duplicate" if _canonical(event) == _canonical(known) else "conflict"

    def _is_absent(self, key: str, book: _Book) -> bool:
        return book.newest + HORIZON[key[0]] < self.watermark and not _effect(key, book)[2]

    def _close(self, key: str, book: _Book) -> None:
        for where, count in _effect(key, book)[0].items():
            self.counts[where] += count

    def result(self) -> Expected:
        """What must stand in Redis after the records taken so far."""
        counts: Counts = defaultdict(int, self.counts)
        live: dict[str, dict[str, int]] = {}
        records, absent = {}, set()
        for key, book in self.books.items():
            effect, members, _ = _effect(key, book)
            for where, count in effect.items():
                counts[where] += count
            for (kind, queue, channel, member), score in members.items():
                live.setdefault(live_suffix(kind, queue, channel), {})[member] = score
            if self._is_absent(key, book):
                absent.add(key)
            else:
                records[key] = frozenset(e.id for e in book.facts.values() if not _is_folded(e, book.newest))
        ledger = {name: count for name, count in self.ledger.items() if count}
        panes = self._panes(counts)
        return Expected(ledger, self.watermark, self.tick, panes, live, records, frozenset(absent))

    def _panes(self, counts: Counts) -> dict[str, dict[str, int]]:
        panes: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for (second, queue, channel, name), count in counts.items():
            for length in (FINE, COARSE):
                start = second * 1000 // length * length
                if self.limits.expires and start + length + KEEP[length] <= self.watermark:
                    continue
                name_there = f"net.{second - start // 1000}" if name == "net" else name
                panes[pane_suffix(length, start, queue, channel)][name_there] += count
        cleaned = {suffix: {name: n for name, n in fields.items() if n} for suffix, fields in panes.items()}
        return {suffix: fields for suffix, fields in cleaned.items() if fields}


def read_event(value: bytes | None, kafka_ms: int, limits: Limits) -> Event:
    """The event in a record's bytes; Refused when the contract does not allow it."""
    try:
        wire = json.loads((value or b"").decode("utf-8"), parse_constant=_no_constant)
        # Half a surrogate pair is JSON for Python, and text for nobody.
        json.dumps(wire, ensure_ascii=False).encode("utf-8")
        data = wire.pop("data", None)
        envelope = Envelope.model_validate(wire)
        time = parse_time(envelope.time)
        recorded = kafka_ms if envelope.recordedtime is None else min(kafka_ms, parse_time(envelope.recordedtime))
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise Refused from error
    if time < limits.earliest or (limits.live and time > recorded + 60_000):
        raise Refused
    name = envelope.type.removeprefix("io.floorpulse.")
    noun_verb, _, version = name.rpartition(".v")
    known = name != envelope.type and noun_verb in TYPES
    if known and version != "1":
        raise Refused
    if not known:
        if data is not None and not isinstance(data, dict):
            raise Refused
        return Event(time, envelope.id, envelope.source, None, {})
    if noun_verb == "tick":
        return Event(time, envelope.id, envelope.source, noun_verb, {})
    try:
        fields = TYPES[noun_verb].model_validate(data).model_dump(exclude_none=True)
    except ValidationError as error:
        raise Refused from error
    return Event(time, envelope.id, envelope.source, noun_verb, fields)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def record_key(event: Event, noun: str) -> str:
    """Kind and id of the record an event belongs to, as in Redis."""
    ids = {"contact": ("c:", "contact_id"), "case": ("k:", "case_id"), "agent": ("a:", "agent_id")}
    if noun in ids:
        prefix, name = ids[noun]
        return prefix + str(event.fields[name])
    return f"f:queue/{event.fields['queue_id']}" if noun == "queue" else f"f:source{event.source}"


def _fold_after(event: Event) -> int | None:
    """How long before its record's newest fact an event like this is folded; None: never."""
    verb = event.noun_verb or ""
    if verb == "contact.message":
        return 600_000
    return None if verb.startswith(("contact.", "case.")) else HOUR


def _is_folded(event: Event, newest: int) -> bool:
    fold = _fold_after(event)
    return fold is not None and event.time < newest - fold


_WORDS = ("reason", "result", "ended_by", "kind", "author", "clock", "initiation")
_NAMED = ("leg_id", "queue_id", "channel", "agent_id", "offer_id")


def _canonical(event: Event) -> bytes:
    """One line of bytes for one body: time, order, type, names, the type's own word, durations, due, then the rest."""
    data = dict(event.fields)
    head = [event.time, data.pop("sequence", 0), RANKS[event.noun_verb or ""], event.id, event.source]
    head += [data.pop(name, None) for name in _NAMED]
    words = ("state",) if event.noun_verb == "agent.state_changed" else _WORDS
    word = next((name for name in words if name in TYPES[event.noun_verb or ""].model_fields), "")
    reported = dict(data.pop("reported", {}))
    head += [data.pop(word, None), *(reported.pop(name, None) for name in ("wait_ms", "talk_ms", "hold_ms"))]
    due = data.pop("due_at", None)
    head += [None if due is None else parse_time(due), {**data, **({"reported": reported} if reported else {})} or None]
    return json.dumps(head, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _effect(key: str, book: _Book) -> tuple[Counts, Live, bool]:
    """(counts by second, live memberships, is open) of one record."""
    facts = sorted(book.facts.values(), key=lambda event: event.order)
    if key[0] == "c":
        return contact_effect(key[2:], facts)
    if key[0] == "k":
        return case_effect(key[2:], facts)
    return {}, {}, False


# --- A contact -----------------------------------------------------------------------------------------------------


def contact_effect(contact: str, facts: list[Event]) -> tuple[Counts, Live, bool]:
    """(counts, memberships, is open) of one contact from its facts in order."""
    legs: dict[str, dict[str, Any]] = {}
    for event in facts:
        verb, fact = (event.noun_verb or "").partition(".")[2], event.fields
        if verb not in LEG_VERBS:
            continue
        name = fact.get("leg_id")
        if name is None:
            _contact_ends(legs, event)
            continue
        if name not in legs:
            if fact.get("queue_id") is None:
                continue
            legs[name] = _new_leg(event, verb, legs)
        _TELL[verb](legs[name], event)
    counts: Counts = defaultdict(int)
    live: Live = {}
    for name, leg in legs.items():
        _count_leg(leg, counts)
        _place_leg(leg, f"{contact}|{name}", live)
    return counts, live, any(kind in ("waiting", "in_service") for kind, *_ in live)


def _reported(event: Event, name: str) -> int | None:
    found = event.fields.get("reported", {}).get(name)
    return None if found is None else max(found, 0)


def _new_leg(event: Event, verb: str, legs: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Rules 6 to 8: when it joined, and who left because it did."""
    joined, known_by = event.time, "queued" if verb == "queued" else None
    wait, talk = _reported(event, "wait_ms"), _reported(event, "talk_ms")
    if verb == "ended" and talk is not None:
        joined -= talk
    if wait is not None and (verb in ("answered", "left_queue") or (verb == "ended" and talk is not None)):
        joined, known_by = joined - wait, "reported"
    for other in legs.values():
        if other["outcome"] is None:
            _decide(other, max(joined, other["joined"]), "unknown_exit", None, None)
    return {
        "queue": event.fields["queue_id"], "channel": event.fields["channel"], "joined": joined, "known_by": known_by,
        "outcome": None, "left": None, "wait": None, "agent": None, "talk_unknown": False, "offers": {}, "held": 0,
        "held_since": None, "had_hold": False, "transfer": None, "ended": None,
    }  # fmt: skip


def _decide(leg: dict[str, Any], time: int, outcome: str, agent: str | None, wait: int | None) -> None:
    """Rule 9: the leg left the queue this way, unless something that knows more was told before."""
    knows = {"lost_unknown": 0, "unknown_exit": 1}
    if leg["outcome"] is not None and knows.get(outcome, 2) < knows.get(leg["outcome"], 2):
        return
    if wait is not None and leg["known_by"] != "queued":
        leg["joined"], leg["known_by"] = time - wait, "reported"
    if wait is None and leg["known_by"] is not None:
        wait = max(time - leg["joined"], 0)
    if leg["known_by"] is None:
        leg["joined"] = min(leg["joined"], time)
    leg.update(left=time, outcome=outcome, agent=agent, wait=wait, talk_unknown=False)


def _contact_ends(legs: dict[str, dict[str, Any]], event: Event) -> None:
    """Rule 8: an `ended` that names no leg."""
    if event.noun_verb != "contact.ended":
        return
    for leg in legs.values():
        if leg["outcome"] is None:
            _decide(leg, max(event.time, leg["joined"]), "unknown_exit", None, None)
        elif leg["outcome"] == "answered" and leg["ended"] is None:
            _ended(leg, event)


def _queued(leg: dict[str, Any], event: Event) -> None:
    pass


def _offer(leg: dict[str, Any], event: Event) -> dict[str, Any]:
    fact = event.fields
    name = ("offer", fact["offer_id"]) if "offer_id" in fact else ("agent", fact.get("agent_id"))
    offer: dict[str, Any] = leg["offers"].setdefault(name, {"since": None, "ended": None, "result": "", "agent": None})
    return offer


def _offered(leg: dict[str, Any], event: Event) -> None:
    offer = _offer(leg, event)
    if offer["since"] is None:
        offer["since"] = event.time


def _offer_ended(leg: dict[str, Any], event: Event) -> None:
    offer = _offer(leg, event)
    agent = event.fields.get("agent_id") or offer["agent"]
    offer.update(ended=event.time, result=event.fields["result"], agent=agent)


def _answered(leg: dict[str, Any], event: Event) -> None:
    _decide(leg, event.time, "answered", event.fields.get("agent_id"), _reported(event, "wait_ms"))


def _left_queue(leg: dict[str, Any], event: Event) -> None:
    _decide(leg, event.time, event.fields["reason"], None, _reported(event, "wait_ms"))


def _held(leg: dict[str, Any], event: Event) -> None:
    leg["had_hold"] = True
    if leg["held_since"] is None:
        leg["held_since"] = event.time


def _resumed(leg: dict[str, Any], event: Event) -> None:
    if leg["held_since"] is not None:
        leg["held"] += event.time - leg["held_since"]
        leg["held_since"] = None


def _transferred(leg: dict[str, Any], event: Event) -> None:
    if leg["transfer"] is None:
        leg["transfer"] = event.time, event.fields.get("from_agent") or event.fields.get("agent_id")


def _ended(leg: dict[str, Any], event: Event) -> None:
    """Rules 9 to 11."""
    lost = event.fields.get("ended_by") == "lost_unknown"
    if leg["outcome"] is None or (leg["outcome"] in ("lost_unknown", "unknown_exit") and not lost):
        _answered_before_its_end(leg, event)
    if leg["ended"] is not None and lost and not leg["lost"]:
        return
    held = leg["held"] + (event.time - leg["held_since"] if leg["held_since"] is not None else 0)
    reported, said_hold = _reported(event, "hold_ms"), event.fields.get("reported", {}).get("hold_ms")
    hold = held if reported is None else reported
    leg.update(
        ended=event.time,
        lost=lost,
        talk=_reported(event, "talk_ms"),
        hold=None if lost or not (leg["had_hold"] or said_hold) else hold,
        server=leg["agent"] or event.fields.get("agent_id"),
    )


def _answered_before_its_end(leg: dict[str, Any], event: Event) -> None:
    """Rule 10."""
    talk, agent = _reported(event, "talk_ms"), event.fields.get("agent_id")
    if talk is not None:
        answered = event.time - talk
        if leg["known_by"] is not None:
            answered = max(answered, leg["joined"])
        _decide(leg, answered, "answered", agent, _reported(event, "wait_ms"))
        return
    _decide(leg, event.time, "answered", agent, None)
    leg.update(wait=None, talk_unknown=True)


_TELL = {
    "queued": _queued, "offered": _offered, "offer_ended": _offer_ended, "answered": _answered, "held": _held,
    "left_queue": _left_queue, "resumed": _resumed, "transferred": _transferred, "ended": _ended,
}  # fmt: skip


def _count_leg(leg: dict[str, Any], counts: Counts) -> None:
    """Everything one leg counts, at the second where it stands; the arrival twins at the join."""
    queue, channel, joined = leg["queue"], leg["channel"], leg["joined"] // 1000

    def count(time: int, name: str, amount: int = 1) -> None:
        counts[time // 1000, queue, channel, name] += amount
        counts[joined, queue, channel, f"@{name}"] += amount

    def by(time: int, name: str, agent: str | None, amount: int = 1) -> None:
        count(time, name, amount)
        if agent:
            count(time, f"~{name}.{agent}", amount)

    counts[joined, queue, channel, "offered"] += 1
    counts[joined, queue, channel, "net"] += 1
    for offer in leg["offers"].values():
        if offer["result"] in UNANSWERED:
            by(offer["ended"], "unanswered", offer["agent"])
    if leg["transfer"] is not None:
        by(leg["transfer"][0], "transfers", leg["transfer"][1])
    if leg["outcome"] is not None:
        counts[leg["left"] // 1000, queue, channel, "net"] -= 1
        _count_wait(leg, count, by)
    if leg["outcome"] == "answered" and leg["ended"] is not None:
        _count_service(leg, by)


def _count_wait(leg: dict[str, Any], count: Callable[..., None], by: Callable[..., None]) -> None:
    """How the leg left the queue, and after what wait."""
    left, outcome, wait = leg["left"], leg["outcome"], leg["wait"]
    if outcome == "answered":
        by(left, "answered", leg["agent"])
    else:
        count(left, "abandoned" if outcome == "abandoned" else f"exit.{outcome}")
    kind = outcome if outcome in ("answered", "abandoned") else "other"
    if wait is None:
        count(left, "unknown")
    else:
        count(left, f"wait.{kind}.{(wait + 999) // 1000}")
        count(left, f"wait_ms.{kind}", wait)


def _count_service(leg: dict[str, Any], by: Callable[..., None]) -> None:
    """Talk and hold of a leg that was answered and has ended."""
    ended, lengths = leg["ended"], {"hold": leg["hold"]}
    if not leg["lost"] and not leg["talk_unknown"]:
        lengths["talk"] = leg["talk"] if leg["talk"] is not None else max(ended - leg["left"], 0)
    for name, ms in lengths.items():
        if ms is not None:
            by(ended, f"{name}.{(ms + 999) // 1000}", leg["server"])
            by(ended, f"{name}_ms", leg["server"], ms)


def _place_leg(leg: dict[str, Any], member: str, live: Live) -> None:
    """Which live sets the leg is in."""
    queue, channel = leg["queue"], leg["channel"]
    if leg["outcome"] is None:
        live["waiting", queue, channel, member] = leg["joined"]
        open_offers = [o["since"] for o in leg["offers"].values() if o["since"] is not None and o["ended"] is None]
        if open_offers:
            live["ringing", queue, channel, member] = min(open_offers)
    elif leg["outcome"] == "answered" and leg["ended"] is None:
        live["in_service", queue, channel, member] = leg["left"]


# --- A case --------------------------------------------------------------------------------------------------------


def case_effect(case: str, facts: list[Event]) -> tuple[Counts, Live, bool]:
    """(counts, memberships, is open) of one case from its facts in order."""
    counts: Counts = defaultdict(int)
    place: tuple[str, str] | None = None
    opened, resolved, due = 0, False, {}
    for event in facts:
        verb, fact = (event.noun_verb or "").partition(".")[2], event.fields
        if place is None:
            if "queue_id" not in fact:
                continue
            place, opened = (fact["queue_id"], fact["channel"]), event.time
            counts[event.time // 1000, *place, "case_opened"] += 1
        if verb == "resolved" and not resolved:
            resolved = True
            counts[event.time // 1000, *place, "case_resolved"] += 1
        if verb == "reopened" and resolved:
            resolved = False
            counts[event.time // 1000, *place, "case_reopened"] += 1
        if "due_at" in fact and verb in ("opened", "sla_set", "reopened"):
            due[fact.get("clock", "resolution")] = parse_time(fact["due_at"])
    if place is None or resolved:
        return counts, {}, False
    live: Live = {("open_cases", *place, case): opened}
    if due:
        live["due", *place, case] = min(due.values())
    return counts, live, True
