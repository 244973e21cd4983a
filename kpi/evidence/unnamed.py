"""Who gave up without a name: abandonments of which no customer's record knows, for their events name no customer."""

from kpi.contact import Contact
from kpi.evidence.pieces import Told
from kpi.facts import LEFT_QUEUE


def unnamed_legs(told: Told) -> frozenset[str]:
    """The legs of a contact that were given up, by events that name no customer, and after which nobody answered it.

    With a customer such an event has a copy, and the customer's record knows whether somebody reached him since.
    Without one nothing is known but the contact itself: an answer of a later leg of it.
    """
    if not isinstance(told.state, Contact):
        return frozenset()
    legs = told.state.legs.values()
    gone = {leg.id: leg.left for leg in legs if leg.outcome == "abandoned" and not leg.is_outbound}
    if not gone:
        return frozenset()
    answered_ms = max((leg.left for leg in legs if leg.outcome == "answered"), default=None)
    named = {
        fact.leg
        for fact in told.facts
        if fact.rank == LEFT_QUEUE and fact.what == "abandoned" and fact.more and fact.more.get("customer_key")
    }
    return frozenset(
        leg for leg, left in gone.items() if leg not in named and (answered_ms is None or answered_ms < left)
    )
