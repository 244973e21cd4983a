"""Short makers of facts and events, so that a test shows only what it is about."""

from typing import Any

from hypothesis import strategies as st

from kpi.envelope import Event, event_id, make_event
from kpi.events import RANKS
from kpi.facts import Count, Fact

T0 = 1_795_168_800_000  # 2026-11-20T10:00:00Z, the start of a quarter-hour
SOURCE = "/acd/test/one"


def fact(
    kind: str, at: float, leg: str | None = "c1/1", *, sequence: int = 0, id: str | None = None, **more: Any
) -> Fact:
    """A fact `at` seconds after T0; kind without its noun, e.g. ``queued``; `wait`, `talk`, `hold` in seconds."""
    noun_verb = kind if "." in kind else f"contact.{kind}"
    for name in ("wait", "talk", "hold"):
        if name in more:
            more[name] = round(more[name] * 1000)
    if "due" in more:
        more["due"] = T0 + round(more["due"] * 1000)
    more.setdefault("queue", "support")
    more.setdefault("channel", "voice")
    time = T0 + round(at * 1000)
    name = id or f"{noun_verb} {leg} {at} {sequence} {more.get('offer', '')}{more.get('what', '')}"
    return Fact(time, sequence, RANKS[noun_verb], name, SOURCE, leg, **more)


def event(noun_verb: str, at: float, *, id: str | None = None, source: str = SOURCE, **data: Any) -> Event:
    """An event `at` seconds after T0, with a deterministic id."""
    time = T0 + round(at * 1000)
    if noun_verb.startswith("contact."):
        data = {"contact_id": "c1", "leg_id": "c1/1", "channel": "voice", "queue_id": "support", **data}
    found = id or event_id(source, str(sorted(data.items())), noun_verb, time)
    return make_event(noun_verb, source=source, id=found, time_ms=time, data=data)


def totals(counts: list[Count], queue: str = "support") -> dict[str, int]:
    """The event-basis fields of one queue summed over all panes, without lengths and zeroes."""
    found: dict[str, int] = {}
    for _, name, _, field, n in counts:
        if name == queue and field[0] != "@" and not field.startswith("net."):
            found[field] = found.get(field, 0) + n
    return {field: n for field, n in sorted(found.items()) if n}


def summed(counts: list[Count]) -> dict[tuple[int, str, str, str], int]:
    """Counts per pane and field, zeroes left out: two effects are the same when these are."""
    found: dict[tuple[int, str, str, str], int] = {}
    for pane, queue, channel, field, n in counts:
        place = (pane, queue, channel, field)
        found[place] = found.get(place, 0) + n
    return {key: n for key, n in found.items() if n}


_QUEUES = st.sampled_from(["support", "sales"])
_LEGS = st.sampled_from(["c1/1", "c1/2", "c1/3"])
_MS = st.integers(0, 120_000)
_DURATION = st.none() | st.integers(-2_000, 60_000)
_KINDS: dict[str, list[str | None]] = {
    "queued": ["initial", "requeue", "transfer", "bot_handoff"],
    "offered": [None],
    "offer_ended": ["no_answer", "rejected", "lost_race"],
    "answered": [None],
    "left_queue": ["abandoned", "timeout", "lost_unknown", "unknown_exit"],
    "held": [None],
    "resumed": [None],
    "transferred": ["blind"],
    "ended": ["customer", "agent", "lost_unknown"],
    "message": ["customer", "agent", "bot"],
    "wrapup_started": [None],
    "wrapup_ended": [None],
    "blocked": ["full"],
    "callback_requested": [None],
    "callback_attempted": ["no_answer"],
    "callback_completed": ["reached", "failed"],
    "rated": ["csat"],
    "updated": [None],
}
# What some kinds say beside the common fields.
_MORE: dict[str, list[dict[str, Any] | None]] = {
    "queued": [None, {"direction": "outbound"}, {"entry_point": "400"}],
    "answered": [None, {"direction": "outbound"}],
    "message": [None, {"visibility": "private"}],
    "wrapup_ended": [None, {"reported": [None, 7_000]}],
    "rated": [{"score": 4.0, "scale": 5.0}, {"score": 1.0}],
    "updated": [{"attrs": {"reason": "invoice"}}, {"attrs": {"topic": "delivery"}}],
}


@st.composite
def any_facts(draw: st.DrawFn) -> list[Fact]:
    """Any story of one contact, sensible or not: up to 14 facts of up to three legs within two minutes."""
    facts = []
    channel = draw(st.sampled_from(["voice", "chat"]))
    for number in range(draw(st.integers(1, 14))):
        kind = draw(st.sampled_from(sorted(_KINDS)))
        leg = draw(_LEGS | st.none()) if kind in ("ended", "message", "wrapup_ended", "rated") else draw(_LEGS)
        facts.append(
            Fact(
                T0 + draw(_MS), draw(st.integers(0, 3)), RANKS[f"contact.{kind}"], f"e{number}", SOURCE, leg,
                draw(_QUEUES) if kind not in ("held", "message") else draw(_QUEUES | st.none()), channel,
                draw(st.sampled_from(["ana", "bo", None])), draw(st.sampled_from(["o1", "o2", None])),
                draw(st.sampled_from(_KINDS[kind])), draw(_DURATION), draw(_DURATION), draw(_DURATION), None,
                draw(st.sampled_from(_MORE.get(kind, [None]))),
            )
        )  # fmt: skip
    return facts
