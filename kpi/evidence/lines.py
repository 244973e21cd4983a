"""How a contact is told to people: one line, without anything about its customer."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

import msgspec

from kpi.case import Case
from kpi.facts import Fact
from kpi.leg import Leg

WAITING = "waiting"


class ContactLine(msgspec.Struct, frozen=True):
    """One leg of a contact, or what is known of a contact without one, or a case. Instants in ms UTC.

    `kind`: contact or case. `outcome`: waiting, answered, or the reason why it left; of a case its status. `native_id`:
    the source's own id. `link`: its address in another system, by floor.toml. `agent` answered, or owns the case.
    """

    contact: str
    leg: str | None = None
    kind: str = "contact"
    native_id: str = ""
    link: str | None = None
    channel: str = ""
    joined_ms: int | None = None
    outcome: str | None = None
    reason: str | None = None
    wait_seconds: float | None = None
    answered_ms: int | None = None
    left_ms: int | None = None
    ended_ms: int | None = None
    ended_by: str | None = None
    due_ms: int | None = None
    agent: str | None = None
    agent_name: str | None = None
    talk_seconds: float | None = None
    hold_seconds: float | None = None
    wrapup_seconds: float | None = None


def native_id(facts: Sequence[Fact]) -> str:
    """The source's own id of a contact, as told last; "" when nobody told one."""
    found = (fact.more["native_id"] for fact in reversed(facts) if fact.more and "native_id" in fact.more)
    return str(next(found, ""))


def line_of(contact: str, leg: Leg | None, now_ms: int, native: str = "", channel: str = "") -> ContactLine:
    """The line of one leg of a contact at `now_ms`; without a leg its ids alone."""
    native = native or contact
    if leg is None:
        return ContactLine(contact, native_id=native, channel=channel)
    waited = now_ms - leg.joined if leg.waiting else leg.wait
    answered = leg.outcome == "answered"
    return ContactLine(
        contact,
        leg.id,
        native_id=native,
        channel=leg.channel,
        joined_ms=leg.joined,
        outcome=WAITING if leg.waiting else leg.outcome,
        reason=leg.reason,
        wait_seconds=_seconds(None if waited is None else max(waited, 0)),
        answered_ms=leg.left if answered else None,
        left_ms=None if leg.waiting else leg.left,
        ended_ms=leg.ended,
        ended_by=None if leg.ended is None else leg.ended_by,
        agent=leg.agent or leg.served_by,
        talk_seconds=_seconds(leg.talk),
        hold_seconds=_seconds(leg.hold),
        wrapup_seconds=_seconds(leg.wrapup),
    )


def line_of_case(id: str, case: Case, native: str = "") -> ContactLine:
    """The line of a case."""
    return ContactLine(
        id,
        kind="case",
        native_id=native or id,
        channel=case.channel,
        joined_ms=case.opened,
        outcome=case.status,
        due_ms=min(case.due.values(), default=None),
        agent=case.owner,
    )


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000


def customer_key(facts: Sequence[Fact]) -> str | None:
    """Whose contact it is. For looking up what became of it, never to be shown."""
    return next(
        (str(fact.more["customer_key"]) for fact in reversed(facts) if fact.more and "customer_key" in fact.more), None
    )


def link_of(links: Mapping[str, str], line: ContactLine, queue: str) -> str | None:
    """The address of a contact by floor.toml's `[links] contact`, each value percent-encoded; None without one.

    Records do not keep which source told of a contact, so `{source}` is empty.
    """
    pattern = links.get("contact")
    if pattern is None:
        return None
    values = {
        "native_id": line.native_id, "contact_id": line.contact, "source": "", "queue_id": queue,
        "channel": line.channel,
    }  # fmt: skip
    address = pattern.format(**{name: quote(value, safe="") for name, value in values.items()})
    return address if address.startswith(("https://", "http://")) else None
