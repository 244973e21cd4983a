"""Copies on the agents' and customers' topics: what they tell there, and what of them only moves the clock."""

from typing import Any

from kpi.envelope import AGENT_TOPIC, CUSTOMER_TOPIC, Event
from kpi.keys import live_suffix
from streams.decode import Decoded, Limits, decode
from streams.partition import Partition, Taken
from streams.store import Position
from tests.builders import T0, event

LIMITS = Limits(0, live=False)
WEEK_MS = 7 * 86_400_000


def partition() -> Partition:
    return Partition("fp:{test}", Position(0, 1, 0, 0, 0), WEEK_MS, keeps_all=True, sources={})


def read(one: Event, topic: str) -> Decoded:
    return decode(one.to_json(), topic, T0, LIMITS)


def take(into: Partition, topic: str, *events: Event) -> Taken:
    decoded = [read(one, topic) for one in events]
    into.remember(into.missing(one.key for one in decoded if one.key is not None), {})
    taken = into.take(range(len(events)), decoded, [])
    into.advance((into.position.next or 0) + len(events), taken, 0)
    return taken


def agent_event(verb: str, at: float, **data: Any) -> Event:
    return event(f"agent.{verb}", at, agent_id="ana", **data)


def test_an_agent_is_told_by_his_own_events_and_by_copies_of_the_contacts_he_has() -> None:
    here = partition()
    taken = take(
        here, AGENT_TOPIC, agent_event("logged_in", 0), event("contact.answered", 3, agent_id="ana", sequence=1),
    )  # fmt: skip
    assert taken.difference.ledger == {"applied": 1, "copies": 1}
    [pane] = [fields for suffix, fields in taken.difference.panes.items() if suffix.startswith("10:")]
    assert pane == {
        "step.busy.ana": 1, "into.busy.ana": 7_000, "into.idle.ana": 10_000 - 7_000,
    }  # fmt: skip
    [card] = taken.difference.lives[live_suffix("agents", "", "")]
    assert '"ana","busy"' in card


def test_a_quarter_hour_holds_the_rest_of_a_level_that_lasts() -> None:
    taken = take(partition(), AGENT_TOPIC, agent_event("logged_in", 65))
    [pane] = [fields for suffix, fields in taken.difference.panes.items() if suffix.startswith("900:")]
    assert pane == {"step.idle.ana": 1, "into.idle.ana": 900_000 - 65_000}


def test_a_copy_that_tells_nothing_of_an_agent_moves_the_clock_and_no_more() -> None:
    here = partition()
    taken = take(here, AGENT_TOPIC, event("contact.rated", 30, agent_id="ana", score=4, scale=5))
    assert (taken.difference.ledger, taken.watermark, taken.difference.records) == ({"copies": 1}, T0 + 30_000, {})


def test_a_copy_that_is_too_late_changes_nothing_not_even_the_clock() -> None:
    here = partition()
    take(here, AGENT_TOPIC, agent_event("logged_in", WEEK_MS / 1000 + 100))
    taken = take(here, AGENT_TOPIC, event("contact.answered", 0, agent_id="ana"))
    assert (taken.difference.ledger, taken.difference.records) == ({"copies": 1}, {})


def test_a_copy_told_twice_counts_once_but_is_ledgered_twice() -> None:
    here, copy = partition(), event("contact.queued", 0, customer_key="k1")
    taken = take(here, CUSTOMER_TOPIC, copy, copy)
    assert taken.difference.ledger == {"copies": 2}
    [pane] = [fields for suffix, fields in taken.difference.panes.items() if suffix.startswith("10:")]
    assert pane == {"cust_arrived": 1}


def test_a_customer_who_gave_up_stands_in_the_list_until_somebody_answers_him() -> None:
    here, lost = partition(), live_suffix("lost", "support", "voice")
    gone = take(
        here, CUSTOMER_TOPIC, event("contact.queued", 0, customer_key="k1"),
        event("contact.left_queue", 60, customer_key="k1", reason="abandoned"),
    )  # fmt: skip
    assert gone.difference.lives[lost] == {"c1|c1/1": T0 + 60_000}
    back = take(here, CUSTOMER_TOPIC, event("contact.answered", 600, contact_id="c2", leg_id="c2/1", customer_key="k1"))
    assert back.difference.lives[lost] == {"c1|c1/1": False}
    assert sum(fields.get("recovered.9", 0) for fields in back.difference.panes.values()) == 2


def test_what_a_copy_does_not_need_is_not_kept() -> None:
    one = read(event("contact.answered", 0, agent_id="ana", customer_key="k1", reported={"wait_ms": 5}), AGENT_TOPIC)
    assert one.fact is not None
    assert (one.fact.leg, one.fact.agent, one.fact.wait, one.fact.source) == ("c1|c1/1", "ana", None, "")


def test_the_newest_time_of_a_source_never_goes_back() -> None:
    here, sources = partition(), live_suffix("source", "", "")
    first = take(here, AGENT_TOPIC, agent_event("heartbeat", 50))
    assert list(first.difference.lives[sources].values()) == [T0 + 50_000]
    assert sources not in take(here, AGENT_TOPIC, agent_event("heartbeat", 20)).difference.lives
