"""One customer: who comes again, who gave up, and who came back."""

from dataclasses import dataclass

from sources.simulator.answer.bins import Ledger, Place
from sources.simulator.answer.facts import Fact, in_order

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
WEEK_MS = 7 * DAY_MS
AGAIN = {"1h": HOUR_MS, "24h": DAY_MS, "7d": WEEK_MS}


@dataclass
class _GaveUp:
    """A leg that its customer abandoned."""

    contact: str
    leg: str | None
    time: int
    place: Place
    recovered_after: int | None = None
    returned: bool = False


def tell_customer(facts: list[Fact], book: Ledger) -> None:
    """Write down everything that one customer's facts say."""
    known: set[str] = set()
    gone: list[_GaveUp] = []
    latest: int | None = None
    for fact in in_order(facts):
        lately = [each for each in gone if fact.time - each.time <= WEEK_MS]
        if fact.contact not in known:
            known.add(fact.contact)
            _arrive(fact, latest, book)
            for each in lately:
                each.returned = each.returned or each.contact != fact.contact
        if fact.verb == "contact.answered":
            gone = [each for each in gone if (each.contact, each.leg) != (fact.contact, fact.leg)]
            for each in lately:
                if each.recovered_after is None:
                    each.recovered_after = fact.time - each.time
        elif fact.word == "abandoned" and (fact.contact, fact.leg) not in {(each.contact, each.leg) for each in gone}:
            gone.append(_GaveUp(fact.contact, fact.leg, fact.time, (fact.queue or "", fact.channel)))
        latest = fact.time
    for each in gone:
        _write(each, book)


def _arrive(fact: Fact, latest: int | None, book: Ledger) -> None:
    place = (fact.queue or "", fact.channel)
    book.count(fact.time, place, "cust_arrived")
    for name, within in AGAIN.items():
        if latest is not None and fact.time - latest <= within:
            book.count(fact.time, place, f"repeat.{name}")


def _write(each: _GaveUp, book: Ledger) -> None:
    book.count(each.time, each.place, "cust_abandoned")
    if each.returned:
        book.count(each.time, each.place, "returned")
    if each.recovered_after is None:
        book.stands("lost", each.place, each.time)
    elif each.recovered_after <= HOUR_MS:
        book.count(each.time, each.place, "recovered")
