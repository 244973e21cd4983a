"""The measures of a report from bins: every formula written out once more."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import ceil
from typing import Any, NamedTuple

from sources.simulator.answer.bins import Bin, Place
from sources.simulator.answer.targets import Target

WITHIN = (5, 10, 15, 20, 30, 60)


class Part(NamedTuple):
    """One queue and channel in one part of the span. `late`: who waits past target, None unless the part ends last."""

    place: Place
    bin: Bin
    target: Target
    late: int | None


def ratio(numerator: int, denominator: int) -> dict[str, Any]:
    """A share with what it was made of."""
    return {
        "numerator": numerator,
        "denominator": denominator,
        "value": numerator / denominator if denominator else None,
    }


def seconds_up(values: Iterable[int]) -> list[int]:
    """Whole seconds, rounded up, in order."""
    return sorted(ceil(ms / 1000) for ms in values)


def spread(values: Sequence[int]) -> dict[str, Any]:
    """Count, sum, mean, percentiles by nearest rank, max."""
    n, ordered = len(values), seconds_up(values)
    ranks = {f"p{p}": ordered[ceil(p * n / 100) - 1] if n else None for p in (50, 90, 95)}
    return {**short(n, sum(values)), **ranks, "max": ordered[-1] if n else None}


def short(n: int, ms: int) -> dict[str, Any]:
    """Count, sum and mean alone."""
    return {"count": n, "sum": ms / 1000, "mean": ms / 1000 / n if n else None}


def upto(values: Iterable[int], seconds: int) -> int:
    """How many are at most so long."""
    return sum(ms <= seconds * 1000 for ms in values)


def measures(parts: Sequence[Part], waiting: int, most: int) -> dict[str, Any]:
    """Everything of these queues together; `waiting` at the end of the part, `most` at once in it."""
    whole = Bin()
    for part in parts:
        whole.add(part.bin)
    counts, lists = whole.counts, whole.lists
    exits = whole.named("exit.")
    answered, abandoned = counts["answered"], counts["abandoned"]
    decided = answered + abandoned + sum(exits.values())
    every = decided + waiting
    waits = {"answered": lists["wait.answered"], "abandoned": lists["wait.abandoned"]}
    waits["all"] = [*waits["answered"], *waits["abandoned"], *lists["wait.other"]]
    short_abandoned = sum(upto(p.bin.lists["wait.abandoned"], p.target.short_abandon_seconds) for p in parts)
    levels = service_levels(parts, waiting)
    first, talk = lists["first_response"], lists["talk"]
    in_time = sum(upto(part.bin.lists["first_response"], part.target.seconds) for part in parts)
    return {
        "offered": counts["offered"], "decided": decided, "answered": answered, "abandoned": abandoned,
        "short_abandoned": short_abandoned, "exits": exits, "open": waiting, "waits_unknown": counts["unknown"],
        "answered_within": {str(n): upto(waits["answered"], n) for n in WITHIN},
        "abandoned_within": {str(n): upto(waits["abandoned"], n) for n in WITHIN},
        "wait_seconds": {name: spread(values) for name, values in waits.items()},
        "talk_seconds": spread(talk), "hold_seconds": spread(lists["hold"]),
        "transfers": counts["transfers"], "offers_unanswered": counts["unanswered"],
        "service_level": levels, "max_waiting": most,
        "sl_needed": needed(levels["sl_event"], parts),
        "contacts": counts["contacts"], "joined": whole.named("join."), "orphans": counts["orphan"],
        "transfers_in": whole.named("transfer_in."), "transfers_out": whole.named("transfer_out."),
        "transfer_rate": ratio(counts["transfers"], answered), "blocked": whole.named("blocked."),
        "access_rate": ratio(answered, every),
        "abandonment_rates": {
            "offered": ratio(abandoned, every), "decided": ratio(abandoned, decided),
            "net_short": ratio(abandoned - short_abandoned, every - short_abandoned),
            "answered": ratio(abandoned, answered),
            **{f"within_{n}": ratio(upto(waits["abandoned"], n), every) for n in (15, 20, 30)},
        },
        "abandon_hazard": hazard(waits["abandoned"], waits["all"]),
        "ended_by": whole.named("ended_by."), "hold_abandoned": counts["hold_abandoned"],
        "short_calls": sum(upto(part.bin.lists["talk"], part.target.short_call_seconds) for part in parts),
        "long_contacts": sum(
            len(part.bin.lists["talk"]) - upto(part.bin.lists["talk"], part.target.long_seconds) for part in parts
        ),
        "wrapup_seconds": spread(lists["wrapup"]),
        "handle_seconds": short(len(talk), sum(talk) + sum(lists["wrapup"])),
        "first_response_seconds": spread(first), "response_seconds": spread(lists["response"]),
        "handoff_seconds": spread(lists["handoff"]),
        "first_response_level": ratio(in_time, len(first) + counts["missed"]),
        "missed_chats": counts["missed"], "reassigned_silent": counts["reassigned_silent"],
        **quality(whole), "entry_points": whole.named("entry."), "reasons": whole.named("reason."),
        "outbound": {
            "attempted": counts["out_attempted"], "answered": counts["out_answered"], "ended": counts["out_ended"],
            "talk_seconds": sum(lists["out_talk"]) / 1000,
        },
        "callbacks": {n: counts[f"callback_{n}"] for n in ("requested", "attempted", "reached", "failed")},
        "cases": cases(whole), "customers": customers(whole),
    }  # fmt: skip


def service_levels(parts: Sequence[Part], waiting: int) -> dict[str, Any]:
    """Every variant; each queue under its own target, numerators and denominators summed."""
    a = a_t = b = b_t = b_s = o = o_t = callback_t = again = late = 0
    for part in parts:
        lists, counts, limit = part.bin.lists, part.bin.counts, part.target.seconds
        a, b, o = a + counts["answered"], b + counts["abandoned"], o + sum(part.bin.named("exit.").values())
        a_t, b_t = a_t + upto(lists["wait.answered"], limit), b_t + upto(lists["wait.abandoned"], limit)
        b_s += upto(lists["wait.abandoned"], part.target.short_abandon_seconds)
        o_t, callback_t = o_t + upto(lists["wait.other"], limit), callback_t + upto(lists["wait.callback"], limit)
        again += counts["join.requeue"]
        late += part.late or 0
    q, d = a + b + o + waiting, a + b + o - o_t + late
    last = all(part.late is not None for part in parts)
    found = {
        "answered_only": ratio(a_t, a), "abandon_positive": ratio(a_t + b_t, a + b),
        "abandon_negative": ratio(a_t, a + b),
        "abandon_ignored_within_T": ratio(a_t, a + b - b_t), "short_excluded": ratio(a_t, a + b - b_s),
        "with_flowouts": ratio(a_t, a + b + o), "removed_within": ratio(a_t + b_t + callback_t, q),
        "offered_minus_failures": ratio(q - (a - a_t) - b - again, q),
    }  # fmt: skip
    live = {
        "sl_event": ratio(a_t, d),
        "sl_event_ignored": ratio(a_t, d - b_t),
        "sl_event_positive": ratio(a_t + b_t, d),
    }
    return {**found, **(live if last else dict.fromkeys(live))}


def needed(level: dict[str, Any] | None, parts: Sequence[Part]) -> int | None:
    """How many answers in time are needed until the target is met again, of one queue."""
    targets = {(part.place[0], part.target.percent) for part in parts}
    if level is None or level["value"] is None or len(targets) != 1:
        return None
    target = Fraction(str(next(iter(targets))[1])) / 100
    missing = target * level["denominator"] - level["numerator"]
    if missing <= 0:
        return 0
    return None if target == 1 else ceil(missing / (1 - target))


def hazard(abandoned: Sequence[int], everyone: Sequence[int]) -> list[dict[str, Any]]:
    """Of those who still wait at each step of 20 s: how many give up in it."""
    found = []
    for at in range(0, 300, 20):
        risk = len(everyone) - (upto(everyone, at) if at else 0)
        if risk:
            gone = upto(abandoned, at + 20) - (upto(abandoned, at) if at else 0)
            found.append({"from_seconds": at, "abandoned": gone, "at_risk": risk, "value": gone / risk})
    return found


def quality(whole: Bin) -> dict[str, Any]:
    """Ratings by kind, and the share of ended contacts that was rated."""
    kinds: dict[str, dict[str, Any]] = {}
    for name, n in whole.named("rating.").items():
        kind, scale_text, score_text = name.split("/")
        scale, score = float(scale_text), float(score_text)
        of = kinds.setdefault(kind, {"rated": 0, "positive": 0, "scores": {}})
        of["rated"] += n
        liked = {"csat": score / (scale or 5) >= 0.8, "nps": score >= 9, "resolved": score > 0}[kind]
        of["positive"] += n if liked else 0
        of["scores"][f"{scale_text}/{score_text}"] = n
    rated = sum(of["rated"] for of in kinds.values())
    return {"ratings": kinds, "rating_response": ratio(rated, sum(whole.named("ended_by.").values()))}


def cases(whole: Bin) -> dict[str, Any]:
    """Deferred work as it flowed."""
    counts = whole.counts
    resolved = counts["case_resolved"]
    met, missed = whole.named("case_met."), whole.named("case_missed.")
    return {
        "opened": counts["case_opened"], "resolved": resolved, "reopened": counts["case_reopened"],
        "reopen_rate": ratio(counts["case_reopened"], resolved), "first_replies": counts["case_replied"],
        "first_reply_seconds": counts["case_reply_ms"] / 1000, "resolve_seconds": counts["case_resolve_ms"] / 1000,
        "contacts_to_resolve": ratio(counts["case_contacts"], resolved),
        "agents_to_resolve": ratio(counts["case_agents"], resolved),
        "clocks": {c: {"met": met.get(c, 0), "missed": missed.get(c, 0)} for c in sorted({*met, *missed})},
    }  # fmt: skip


def customers(whole: Bin) -> dict[str, Any]:
    """Who came, came again, gave up, was reached after all, came back."""
    counts = whole.counts
    arrived, abandoned = counts["cust_arrived"], counts["cust_abandoned"]
    lost = abandoned - counts["recovered"]
    return {
        "arrived": arrived, "repeat": {name: ratio(counts[f"repeat.{name}"], arrived) for name in ("1h", "24h", "7d")},
        "abandoned": abandoned, "recovered": counts["recovered"], "lost": lost, "lost_rate": ratio(lost, abandoned),
        "returned": counts["returned"], "never_returned": ratio(abandoned - counts["returned"], abandoned),
    }  # fmt: skip
