"""What one leg counts once its story is told, each at the instant where it stands, its arrival twin at the join."""

from collections.abc import Callable

from floorpulse.batch.leg import Leg
from floorpulse.batch.telling import Counts, whole_up

UNANSWERED = ("no_answer", "rejected", "busy", "agent_unavailable")
TEXT_KEPT = 64

Count = Callable[..., None]


def count_leg(leg: Leg, counts: Counts) -> None:
    """Everything one leg counts. A leg that our side opened (outbound) counts under names of its own, without twins."""
    queue, channel, joined = leg["queue"], leg["channel"], leg["joined"]
    is_served = leg["outcome"] == "answered" and leg["ended"] is not None

    def once(time: int, name: str, amount: int = 1) -> None:
        counts[time, queue, channel, name] += amount

    def count(time: int, name: str, amount: int = 1) -> None:
        once(time, name, amount)
        once(joined, f"@{name}", amount)

    def by(time: int, name: str, agent: str | None, amount: int = 1) -> None:
        count(time, name, amount)
        if agent:
            count(time, f"~{name}.{agent}", amount)

    if leg["is_outbound"]:
        _count_outbound(leg, is_served, once)
        return
    _count_join(leg, once)
    _count_agents_part(leg, count, by)
    if leg["outcome"] is not None:
        once(leg["left"], "net", -1)
        _count_wait(leg, count, by)
    if is_served:
        _count_service(leg, count, by)


def _count_join(leg: Leg, once: Count) -> None:
    """How the leg came into the queue."""
    joined, reason = leg["joined"], leg["reason"]
    once(joined, "offered")
    once(joined, "net")
    once(joined, "contacts", int(leg["is_first"]))
    once(joined, "orphan", int(leg["is_orphan"]))
    if leg["is_first"] and leg["entry"]:
        once(joined, f"entry.{leg['entry'][:TEXT_KEPT]}")
    if reason not in (None, "initial"):
        once(joined, f"join.{reason}")
    if reason == "transfer":
        once(joined, f"transfer_in.{leg['came_by']}")


def _count_agents_part(leg: Leg, count: Count, by: Count) -> None:
    """Offers nobody took, the transfer, and the work after the leg where its length is known."""
    for offer in leg["offers"].values():
        if offer["result"] in UNANSWERED:
            by(offer["ended"], "unanswered", offer["agent"])
    if leg["transfer"] is not None:
        told = leg["transfer"].fields
        by(leg["transfer"].time, "transfers", told.get("from_agent") or told.get("agent_id"))
        count(leg["transfer"].time, f"transfer_out.{told.get('kind', 'unknown')}")
    if leg["wrapup"] is not None:
        time, length, agent = leg["wrapup"]
        _count_wrapup(time, length, agent or leg["agent"], count)


def _count_wrapup(time: int, length: int | None, agent: str | None, count: Count) -> None:
    if length is None:
        return
    count(time, f"wrapup.{whole_up(length)}")
    count(time, "wrapup_ms", length)
    if agent:
        count(time, f"~wrapup.{agent}")
        count(time, f"~wrapup_ms.{agent}", length)


def _count_wait(leg: Leg, count: Count, by: Count) -> None:
    """How the leg left the queue, and after what wait."""
    left, outcome, wait = leg["left"], leg["outcome"], leg["wait"]
    if outcome == "answered":
        by(left, "answered", leg["agent"])
    else:
        count(left, "abandoned" if outcome == "abandoned" else f"exit.{outcome}")
    kind = outcome if outcome in ("answered", "abandoned") else "other"
    if wait is None:
        count(left, "unknown")
        return
    count(left, f"wait.{kind}.{whole_up(wait)}")
    count(left, f"wait_ms.{kind}", wait)
    if outcome == "callback_requested":
        count(left, f"callback_wait.{whole_up(wait)}")


def talk_of(leg: Leg) -> int | None:
    """Answered to ended of a leg that was served, in ms; None when it is not known."""
    if leg["lost"] or leg["talk_unknown"]:
        return None
    talk: int = max(leg["ended"] - leg["left"], 0) if leg["talk"] is None else leg["talk"]
    return talk


def _count_service(leg: Leg, count: Count, by: Count) -> None:
    """Who ended it, talk and hold of a leg that was answered and has ended."""
    ended = leg["ended"]
    count(ended, f"ended_by.{leg['ended_by'] or 'unknown'}")
    if leg["on_hold"] and leg["ended_by"] in (None, "customer"):
        count(ended, "hold_abandoned")
    for name, ms in (("talk", talk_of(leg)), ("hold", leg["hold"])):
        if ms is not None:
            by(ended, f"{name}.{whole_up(ms)}", leg["server"])
            by(ended, f"{name}_ms", leg["server"], ms)


def _count_outbound(leg: Leg, is_served: bool, once: Count) -> None:
    once(leg["joined"], "out_attempted")
    if leg["outcome"] == "answered":
        once(leg["left"], "out_answered")
    if is_served:
        once(leg["ended"], "out_ended")
        once(leg["ended"], "out_talk_ms", talk_of(leg) or 0)
