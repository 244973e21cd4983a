"""What a leg counts: a part each for joining, leaving, service, offers, a transfer and the work after it.

Every part is a pure function of the leg, counted with sign +1 or taken back with -1. In the event basis
a count stands in the pane of its own instant; its arrival twin (prefix ``@``) in the pane of the join.
A leg that our side opened (outbound) is apart: nobody waited, so it counts under names of its own.
"""

from kpi.facts import PANE_MS, Count, second_up
from kpi.leg import Leg, Offer


def count_join(leg: Leg, sign: int, counts: list[Count]) -> None:
    """One leg more was offered, and one more waits from the second of its join."""
    pane = leg.joined - leg.joined % PANE_MS
    queue, channel = leg.queue, leg.channel
    if leg.is_outbound:
        counts.append((pane, queue, channel, "out_attempted", sign))
        return
    counts.append((pane, queue, channel, "offered", sign))
    counts.append((pane, queue, channel, f"net.{(leg.joined - pane) // 1000}", sign))
    if leg.is_first:
        counts.append((pane, queue, channel, "contacts", sign))
        if leg.entry is not None:
            counts.append((pane, queue, channel, f"entry.{leg.entry}", sign))
    if leg.joined_by != "queued":
        counts.append((pane, queue, channel, "orphan", sign))
    elif leg.reason is not None:
        counts.append((pane, queue, channel, f"join.{leg.reason}", sign))
        if leg.transfer_in is not None:
            counts.append((pane, queue, channel, f"transfer_in.{leg.transfer_in}", sign))


def count_leave(leg: Leg, sign: int, counts: list[Count]) -> None:
    """The leg was decided: one less waits, its outcome and its wait are counted on both bases."""
    outcome = leg.outcome or ""
    pane = leg.left - leg.left % PANE_MS
    if leg.is_outbound:
        if outcome == "answered":
            counts.append((pane, leg.queue, leg.channel, "out_answered", sign))
        return
    counts.append((pane, leg.queue, leg.channel, f"net.{(leg.left - pane) // 1000}", -sign))
    if outcome in ("answered", "abandoned"):
        kind = name = outcome
    else:
        kind, name = "other", f"exit.{outcome}"
    _both(leg, pane, name, sign, counts)
    if outcome == "answered" and leg.agent is not None:
        _both(leg, pane, f"~answered.{leg.agent}", sign, counts)
    if leg.wait is None:
        _both(leg, pane, "unknown", sign, counts)
        return
    seconds = second_up(leg.wait)
    _both(leg, pane, f"wait.{kind}.{seconds}", sign, counts)
    if leg.wait:
        _both(leg, pane, f"wait_ms.{kind}", sign * leg.wait, counts)
    if outcome == "callback_requested":
        _both(leg, pane, f"callback_wait.{seconds}", sign, counts)


def count_service(leg: Leg, sign: int, counts: list[Count]) -> None:
    """The conversation closed: who ended it, talk, and hold where there was one; nothing for a leg never answered."""
    if leg.outcome != "answered" or leg.ended is None:
        return
    pane = leg.ended - leg.ended % PANE_MS
    if leg.is_outbound:
        counts.append((pane, leg.queue, leg.channel, "out_ended", sign))
        if leg.talk:
            counts.append((pane, leg.queue, leg.channel, "out_talk_ms", sign * leg.talk))
        return
    _both(leg, pane, f"ended_by.{leg.ended_by}", sign, counts)
    if leg.hold_open and leg.ended_by in ("customer", "unknown"):
        _both(leg, pane, "hold_abandoned", sign, counts)
    for name, length in (("talk", leg.talk), ("hold", leg.hold)):
        if length is None:
            continue
        _both(leg, pane, f"{name}.{second_up(length)}", sign, counts)
        if length:
            _both(leg, pane, f"{name}_ms", sign * length, counts)
        if leg.served_by is not None:
            _both(leg, pane, f"~{name}.{second_up(length)}.{leg.served_by}", sign, counts)
            if length:
                _both(leg, pane, f"~{name}_ms.{leg.served_by}", sign * length, counts)


def count_offer(leg: Leg, offer: Offer, sign: int, counts: list[Count]) -> None:
    """An offer that ended without an answer, by the agent who did not take it."""
    if offer.ended is None or not offer.unanswered or leg.is_outbound:
        return
    pane = offer.ended - offer.ended % PANE_MS
    _both(leg, pane, "unanswered", sign, counts)
    if offer.agent is not None:
        _both(leg, pane, f"~unanswered.{offer.agent}", sign, counts)


def count_transfer(leg: Leg, sign: int, counts: list[Count]) -> None:
    """The agent handed the contact on."""
    if leg.transferred is None or leg.is_outbound:
        return
    pane = leg.transferred - leg.transferred % PANE_MS
    _both(leg, pane, "transfers", sign, counts)
    _both(leg, pane, f"transfer_out.{leg.transfer_kind}", sign, counts)
    if leg.transferred_by is not None:
        _both(leg, pane, f"~transfers.{leg.transferred_by}", sign, counts)


def count_wrapup(leg: Leg, sign: int, counts: list[Count]) -> None:
    """The work after the conversation is done, by the agent who did it; nothing while its length is not known."""
    if leg.wrapup_ended is None or leg.wrapup is None or leg.is_outbound:
        return
    pane = leg.wrapup_ended - leg.wrapup_ended % PANE_MS
    _both(leg, pane, f"wrapup.{second_up(leg.wrapup)}", sign, counts)
    if leg.wrapup:
        _both(leg, pane, "wrapup_ms", sign * leg.wrapup, counts)
    agent = leg.wrapup_by or leg.agent
    if agent is not None:
        _both(leg, pane, f"~wrapup.{agent}", sign, counts)
        if leg.wrapup:
            _both(leg, pane, f"~wrapup_ms.{agent}", sign * leg.wrapup, counts)


def count_all(leg: Leg, sign: int, counts: list[Count]) -> None:
    """Every part of the leg: what is taken back, and counted anew, when its story changes."""
    count_join(leg, sign, counts)
    if leg.outcome is not None:
        count_leave(leg, sign, counts)
    count_service(leg, sign, counts)
    count_transfer(leg, sign, counts)
    count_wrapup(leg, sign, counts)
    for offer in leg.offers.values():
        count_offer(leg, offer, sign, counts)


def _both(leg: Leg, pane: int, field: str, n: int, counts: list[Count]) -> None:
    counts.append((pane, leg.queue, leg.channel, field, n))
    counts.append((leg.joined - leg.joined % PANE_MS, leg.queue, leg.channel, "@" + field, n))
