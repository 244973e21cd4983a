from typing import Any

from kpi.events import Event, make_event
from kpi.floor import parse_floor
from sources.identity import identified

FLOOR = parse_floor("""
[[ids]]
source = "/pbx"
native = "100"
queue = "support"
[[ids]]
source = "/pbx"
native = "SIP/7"
agent = "ana"
""")


def event(noun_verb: str, source: str = "/pbx", **data: Any) -> Event:
    return make_event(noun_verb, source=source, id="1", time_ms=0, data=data)


def test_queues_and_agents_get_the_ids_of_their_source() -> None:
    mapped = identified(event("contact.answered", contact_id="c1", queue_id="100", agent_id="SIP/7"), FLOOR)
    assert (mapped.data["queue_id"], mapped.data["agent_id"], mapped.key) == ("support", "ana", "c1")


def test_the_same_names_of_another_source_stay() -> None:
    other = event("contact.answered", "/other", contact_id="c1", queue_id="100", agent_id="SIP/7")
    assert identified(other, FLOOR) is other


def test_a_transfer_names_its_agent_and_its_target_by_their_ids() -> None:
    data = {"contact_id": "c1", "from_agent": "SIP/7", "to_type": "queue", "to_id": "100"}
    mapped = identified(event("contact.transferred", **data), FLOOR)
    assert (mapped.data["from_agent"], mapped.data["to_id"]) == ("ana", "support")
    external = event("contact.transferred", **{**data, "from_agent": "bo", "to_type": "external"})
    assert identified(external, FLOOR).data["to_id"] == "100"


def test_an_agents_own_event_is_keyed_by_the_mapped_id() -> None:
    mapped = identified(event("agent.logged_in", agent_id="SIP/7"), FLOOR)
    assert (mapped.key, mapped.subject, mapped.id) == ("ana", "agent/ana", "1")


def test_the_event_given_stays_as_it_was() -> None:
    given = event("agent.logged_in", agent_id="SIP/7")
    identified(given, FLOOR)
    assert given.data["agent_id"] == "SIP/7"
