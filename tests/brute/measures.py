"""Every measure of some happenings, each counted by going through the list; formulas as in the glossary.

`Place` is one queue and channel with its own targets; what several places come to is summed, divided last.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from tests.brute.contacts import Happening

Measures = dict[str, Any]
WITHIN = (5, 10, 15, 20, 30, 60)
CHATS = ("chat", "message", "social")
HAZARD_STEP, HAZARD_STEPS = 20, 15


@dataclass
class Settings:
    """Targets and limits of one queue, in seconds."""

    percent: float = 80
    target: int = 20
    short: int = 5
    short_call: int = 10
    long: int | None = None

    def long_seconds(self, channel: str) -> int:
        return self.long if self.long is not None else 480 if channel in CHATS else 300


@dataclass
class Place:
    """What happened in one queue and channel in some time, and who waits at its end: how many, how many past target."""

    channel: str
    settings: Settings
    happened: Sequence[Happening] = ()
    open: int = 0
    over: int | None = None
    queue: str = ""
    by: dict[str, list[Happening]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in self.happened:
            self.by.setdefault(one.what, []).append(one)

    def all(self, what: str) -> list[Happening]:
        return self.by.get(what, [])


def ratio(numerator: int, denominator: int) -> Measures:
    return {
        "numerator": numerator,
        "denominator": denominator,
        "value": numerator / denominator if denominator else None,
    }


def seconds_up(ms: int) -> int:
    return -(-ms // 1000)


def distribution(values: Iterable[int | None]) -> Measures:
    known = sorted(value for value in values if value is not None)
    count = len(known)
    ranks = {f"p{p}": seconds_up(known[-(-p * count // 100) - 1]) if count else None for p in (50, 90, 95)}
    most = seconds_up(known[-1]) if count else None
    mean = sum(known) / count / 1000 if count else None
    return {"count": count, "sum": sum(known) / 1000, "mean": mean, **ranks, "max": most}


def short_distribution(count: int, total_ms: int) -> Measures:
    return {"count": count, "sum": total_ms / 1000, "mean": total_ms / count / 1000 if count else None}


def counted(values: Iterable[Any]) -> dict[str, int]:
    return {str(name): number for name, number in sorted(Counter(values).items())}


@dataclass
class Decided:
    """The legs that were decided, by outcome: their waits in ms, None where not known."""

    answered: list[int | None]
    abandoned: list[int | None]
    other: list[tuple[str, int | None]]

    @classmethod
    def of(cls, place: Place) -> "Decided":
        leaves = [one.value for one in place.all("leave")]
        return cls(
            [wait for outcome, wait in leaves if outcome == "answered"],
            [wait for outcome, wait in leaves if outcome == "abandoned"],
            [(outcome, wait) for outcome, wait in leaves if outcome not in ("answered", "abandoned")],
        )


def within(waits: Iterable[int | None], seconds: float) -> int:
    return sum(wait is not None and wait <= seconds * 1000 for wait in waits)


def measures(places: Sequence[Place], max_waiting: int | None) -> Measures:
    """M of some places together."""
    total = Place("", Settings(), [one for place in places for one in place.happened])
    decided = [Decided.of(place) for place in places]
    found = {
        **_legs(total, places, decided),
        **_rates(total, places, decided),
        "service_level": _levels(places, decided),
        **_services(total, places),
        **_chats(total, places),
        **_notes(total),
        "cases": _cases(total),
        "customers": _customers(total),
        "max_waiting": max_waiting,
    }
    found["sl_needed"] = _needed(places, found["service_level"]["sl_event"])
    return found


def _legs(total: Place, places: Sequence[Place], decided: Sequence[Decided]) -> Measures:
    answered = [wait for one in decided for wait in one.answered]
    abandoned = [wait for one in decided for wait in one.abandoned]
    other = [pair for one in decided for pair in one.other]
    all_waits = [*answered, *abandoned, *(wait for _, wait in other)]
    return {
        "offered": len(total.all("join")),
        "contacts": len(total.all("contact")),
        "orphans": len(total.all("orphan")),
        "joined": counted(one.value for one in total.all("reason of join")),
        "transfers_in": counted(one.value for one in total.all("transfer in")),
        "transfers_out": counted(one.value for one in total.all("transfer")),
        "entry_points": counted(one.value for one in total.all("entry")),
        "decided": len(all_waits),
        "answered": len(answered),
        "abandoned": len(abandoned),
        "short_abandoned": _short(places, decided),
        "exits": counted(outcome for outcome, _ in other),
        "open": sum(place.open for place in places),
        "waits_unknown": sum(wait is None for wait in all_waits),
        "answered_within": {str(seconds): within(answered, seconds) for seconds in WITHIN},
        "abandoned_within": {str(seconds): within(abandoned, seconds) for seconds in WITHIN},
        "wait_seconds": {
            "answered": distribution(answered), "abandoned": distribution(abandoned), "all": distribution(all_waits)
        },
        "offers_unanswered": len(total.all("refused")),
        "transfers": len(total.all("transfer")),
        "abandon_hazard": _hazard(abandoned, all_waits),
    }  # fmt: skip


def _short(places: Sequence[Place], decided: Sequence[Decided]) -> int:
    return sum(within(one.abandoned, place.settings.short) for place, one in zip(places, decided, strict=True))


def _hazard(abandoned: Sequence[int | None], waits: Sequence[int | None]) -> list[Measures]:
    """Of those who still waited at the beginning of each 20 s, who gave up in them."""
    found = []
    for step in range(HAZARD_STEPS):
        low, high = step * HAZARD_STEP * 1000, (step + 1) * HAZARD_STEP * 1000
        gone = sum(wait is not None and (low < wait or step == 0) and wait <= high for wait in abandoned)
        there = sum(wait is not None and (wait > low or step == 0) for wait in waits)
        if there:
            found.append({"from_seconds": low // 1000, "abandoned": gone, "at_risk": there, "value": gone / there})
    return found


def _rates(total: Place, places: Sequence[Place], decided: Sequence[Decided]) -> Measures:
    answered = sum(len(one.answered) for one in decided)
    abandoned = [wait for one in decided for wait in one.abandoned]
    gone, short = len(abandoned), _short(places, decided)
    all_decided = answered + gone + sum(len(one.other) for one in decided)
    came = all_decided + sum(place.open for place in places)
    return {
        "abandonment_rates": {
            "offered": ratio(gone, came),
            "decided": ratio(gone, all_decided),
            "net_short": ratio(gone - short, came - short),
            "answered": ratio(gone, answered),
            **{f"within_{seconds}": ratio(within(abandoned, seconds), came) for seconds in (15, 20, 30)},
        },
        "access_rate": ratio(answered, came),
        "transfer_rate": ratio(len(total.all("transfer")), answered),
    }


@dataclass
class Terms:
    """The letters of the formulas: a capital T within target, W waiting past it."""

    q: int
    a: int
    at: int
    b: int
    bt: int
    bs: int
    o: int
    ot: int
    callback_t: int
    requeues: int
    w: int | None

    @classmethod
    def of(cls, place: Place, one: Decided) -> "Terms":
        target = place.settings.target
        a, b, o = len(one.answered), len(one.abandoned), len(one.other)
        called = [wait for outcome, wait in one.other if outcome == "callback_requested"]
        return cls(
            a + b + o + place.open, a, within(one.answered, target), b, within(one.abandoned, target),
            within(one.abandoned, place.settings.short), o, within((wait for _, wait in one.other), target),
            within(called, target), sum(one.value == "requeue" for one in place.all("reason of join")), place.over,
        )  # fmt: skip

    @property
    def d(self) -> int:
        return self.a + self.b + self.o - self.ot + (self.w or 0)


LEVELS: dict[str, Callable[[Terms], tuple[int, int]]] = {
    "answered_only": lambda t: (t.at, t.a),
    "abandon_positive": lambda t: (t.at + t.bt, t.a + t.b),
    "abandon_negative": lambda t: (t.at, t.a + t.b),
    "abandon_ignored_within_T": lambda t: (t.at, t.a + t.b - t.bt),
    "short_excluded": lambda t: (t.at, t.a + t.b - t.bs),
    "with_flowouts": lambda t: (t.at, t.a + t.b + t.o),
    "removed_within": lambda t: (t.at + t.bt + t.callback_t, t.q),
    "offered_minus_failures": lambda t: (t.q - (t.a - t.at) - t.b - t.requeues, t.q),
    "sl_event": lambda t: (t.at, t.d),
    "sl_event_ignored": lambda t: (t.at, t.d - t.bt),
    "sl_event_positive": lambda t: (t.at + t.bt, t.d),
}


def _levels(places: Sequence[Place], decided: Sequence[Decided]) -> Measures:
    terms = [Terms.of(place, one) for place, one in zip(places, decided, strict=True)]
    unknown = any(one.w is None for one in terms)
    found: Measures = {}
    for name, formula in LEVELS.items():
        parts = [formula(one) for one in terms]
        level = ratio(sum(top for top, _ in parts), sum(bottom for _, bottom in parts))
        found[name] = None if unknown and name.startswith("sl_event") else level
    return found


def _needed(places: Sequence[Place], level: Measures | None) -> int | None:
    """Answers in time, one after another, until the target is met again."""
    if level is None or level["value"] is None:
        return None
    if len({(place.queue, place.settings.percent) for place in places}) != 1:
        return None
    target = Fraction(str(places[0].settings.percent)) / 100
    top, bottom = level["numerator"], level["denominator"]
    if target >= 1 and top < bottom:
        return None
    more = 0
    while bottom + more and Fraction(top + more, bottom + more) < target:
        more += 1
    return more


def _services(total: Place, places: Sequence[Place]) -> Measures:
    ends = [one.value for one in total.all("end")]
    talks = [talk for talk, _, _, _ in ends if talk is not None]
    wrapups = [one.value for one in total.all("wrapup")]
    by_place = [(place, talk) for place in places for talk, _, _, _ in (one.value for one in place.all("end"))]
    return {
        "talk_seconds": distribution(talks),
        "hold_seconds": distribution(hold for _, hold, _, _ in ends),
        "wrapup_seconds": distribution(wrapups),
        "handle_seconds": short_distribution(len(talks), sum(talks) + sum(wrapups)),
        "ended_by": counted(who for _, _, who, _ in ends),
        "hold_abandoned": sum(gave_up for _, _, _, gave_up in ends),
        "short_calls": sum(t is not None and t <= p.settings.short_call * 1000 for p, t in by_place),
        "long_contacts": sum(t is not None and t > p.settings.long_seconds(p.channel) * 1000 for p, t in by_place),
        "outbound": {
            "attempted": len(total.all("outbound attempt")),
            "answered": len(total.all("outbound answer")),
            "ended": len(total.all("outbound end")),
            "talk_seconds": sum(one.value or 0 for one in total.all("outbound end")) / 1000,
        },
    }


def _chats(total: Place, places: Sequence[Place]) -> Measures:
    missed = len(total.all("missed"))
    first = [one.value for one in total.all("first response")]
    soon = sum(within((one.value for one in place.all("first response")), place.settings.target) for place in places)
    return {
        "first_response_seconds": distribution(first),
        "response_seconds": distribution(one.value for one in total.all("response")),
        "handoff_seconds": distribution(one.value for one in total.all("handoff")),
        "first_response_level": ratio(soon, len(first) + missed),
        "missed_chats": missed,
        "reassigned_silent": len(total.all("silent")),
    }


def _notes(total: Place) -> Measures:
    rated = [one.value for one in total.all("rated")]
    callbacks = Counter(one.value for one in total.all("callback"))
    return {
        "blocked": counted(one.value for one in total.all("blocked")),
        "reasons": counted(one.value for one in total.all("about")),
        "ratings": {kind: _ratings(kind, rated) for kind in sorted({kind for kind, _, _ in rated})},
        "rating_response": ratio(len(rated), len(total.all("end"))),
        "callbacks": {name: callbacks[name] for name in ("requested", "attempted", "reached", "failed")},
    }


def _ratings(kind: str, rated: Sequence[tuple[str, float, float]]) -> Measures:
    mine = [(scale, score) for one, scale, score in rated if one == kind]
    return {
        "rated": len(mine),
        "positive": sum(_good(kind, scale, score) for scale, score in mine),
        "scores": counted(f"{scale:g}/{score:g}" for scale, score in mine),
    }


def _good(kind: str, scale: float, score: float) -> bool:
    if kind == "csat":
        return score / (scale or 5) >= 0.8
    return score >= 9 if kind == "nps" else score > 0


def _cases(total: Place) -> Measures:
    happened = Counter(one.value for one in total.all("case"))
    solutions = [one.value for one in total.all("solution")]
    replies = [one.value for one in total.all("first reply")]
    clocks = [one.value for one in total.all("clock")]
    return {
        **{name: happened[name] for name in ("opened", "resolved", "reopened")},
        "reopen_rate": ratio(happened["reopened"], happened["resolved"]),
        "first_replies": len(replies),
        "first_reply_seconds": sum(replies) / 1000,
        "resolve_seconds": sum(length for length, _, _ in solutions) / 1000,
        "contacts_to_resolve": ratio(sum(contacts for _, contacts, _ in solutions), happened["resolved"]),
        "agents_to_resolve": ratio(sum(agents for _, _, agents in solutions), happened["resolved"]),
        "clocks": {
            clock: {word: clocks.count((clock, word)) for word in ("met", "missed")}
            for clock in sorted({clock for clock, _ in clocks})
        },
    }


def _customers(total: Place) -> Measures:
    arrived, gave_up = len(total.all("arrived")), len(total.all("gave up"))
    repeats = Counter(one.value for one in total.all("repeat"))
    recovered = sum(one.value <= 60 for one in total.all("recovered"))
    returned = len(total.all("returned"))
    return {
        "arrived": arrived,
        "repeat": {name: ratio(repeats[name], arrived) for name in ("1h", "24h", "7d")},
        "abandoned": gave_up,
        "recovered": recovered,
        "lost": gave_up - recovered,
        "lost_rate": ratio(gave_up - recovered, gave_up),
        "returned": returned,
        "never_returned": ratio(gave_up - returned, gave_up),
    }
