"""One stay in a queue, written down: each thing at its own instant."""

from sources.simulator.answer.bins import Ledger
from sources.simulator.answer.legs import Stay

NOT_TAKEN = frozenset({"no_answer", "rejected", "busy", "agent_unavailable"})


def write(stay: Stay, first: bool, book: Ledger) -> None:
    """Write one stay down."""
    if stay.outbound:
        _write_outbound(stay, book)
        return
    _write_join(stay, first, book)
    for offer in stay.offers.values():
        if offer.get("result") in NOT_TAKEN:
            book.count(offer["time"], stay.place, "unanswered")
            book.agent(offer["agent"], "unanswered")
    if stay.passed_on is not None:
        book.count(stay.passed_on.time, stay.place, "transfers")
        book.count(stay.passed_on.time, stay.place, f"transfer_out.{stay.passed_on.more.get('kind', 'unknown')}")
        book.agent(stay.passed_on.more.get("from_agent") or stay.passed_on.agent, "transfers")
    if stay.exit is None:
        book.stands("waiting", stay.place, stay.joined)
    else:
        _write_exit(stay, book)
    if stay.exit == "answered":
        _write_service(stay, book)
    if stay.wrap is not None:
        time, length, agent = stay.wrap
        book.lasted(time, stay.place, "wrapup", length)
        book.agent(agent or stay.agent, "wrapup", length)


def _write_join(stay: Stay, first: bool, book: Ledger) -> None:
    place, time = stay.place, stay.joined
    book.count(time, place, "offered")
    book.changes[place].append((time // 1000, 1))
    if first:
        book.count(time, place, "contacts")
    if first and stay.entry:
        book.count(time, place, f"entry.{stay.entry[:64]}")
    if stay.sure != "queued":
        book.count(time, place, "orphan")
    if stay.reason not in (None, "initial"):
        book.count(time, place, f"join.{stay.reason}")
    if stay.moved_by is not None:
        book.count(time, place, f"transfer_in.{stay.moved_by}")


def _write_exit(stay: Stay, book: Ledger) -> None:
    place, time = stay.place, stay.left
    book.changes[place].append((time // 1000, -1))
    kind = stay.exit if stay.exit in ("answered", "abandoned") else "other"
    book.count(time, place, kind if kind != "other" else f"exit.{stay.exit}")
    if kind == "answered":
        book.agent(stay.agent, "answered")
    if stay.wait is None:
        book.count(time, place, "unknown")
        return
    book.lasted(time, place, f"wait.{kind}", stay.wait)
    if stay.exit == "callback_requested":
        book.lasted(time, place, "wait.callback", stay.wait)


def _write_service(stay: Stay, book: Ledger) -> None:
    if stay.end is None:
        book.stands("in_service", stay.place, stay.left)
        return
    place, time, agent = stay.place, stay.end.time, stay.agent or stay.end.agent
    book.count(time, place, f"ended_by.{stay.end.word or 'unknown'}")
    if stay.hung_up_on_hold:
        book.count(time, place, "hold_abandoned")
    for name, length in (("talk", stay.talk), ("hold", stay.end_hold)):
        if length is not None:
            book.lasted(time, place, name, length)
            book.agent(agent, name, length)


def _write_outbound(stay: Stay, book: Ledger) -> None:
    book.count(stay.joined, stay.place, "out_attempted")
    if stay.exit == "answered":
        book.count(stay.left, stay.place, "out_answered")
        if stay.end is not None:
            book.count(stay.end.time, stay.place, "out_ended")
            if stay.talk is not None:
                book.lasted(stay.end.time, stay.place, "out_talk", stay.talk)
