"""Everything that is counted happens on the simulated floor: bots, calls out, clocks, two desks, phantoms."""

from collections import Counter, defaultdict
from collections.abc import Iterable

import pytest

from kpi.events import Event, parse_time
from sources.simulator import Simulation, default_profile

START_MS = parse_time("2026-01-05T08:00:00+08:00")
HOURS = 4
DESKS = ("/acd/simulator/phones", "/chat/simulator/desk")


@pytest.fixture(scope="module")
def events() -> list[Event]:
    return list(Simulation(default_profile("busy"), 3, START_MS).run_until(START_MS + HOURS * 3_600_000))


def of(events: Iterable[Event], *verbs: str) -> list[Event]:
    return [event for event in events if event.noun_verb in verbs]


def by_contact(events: Iterable[Event]) -> dict[str, list[Event]]:
    found: defaultdict[str, list[Event]] = defaultdict(list)
    for event in events:
        if "contact_id" in event.data:
            found[event.data["contact_id"]].append(event)
    return found


def test_customers_come_again_within_the_hour_and_later(events: list[Event]) -> None:
    seen: dict[str, int] = {}
    apart = []
    for event in of(events, "contact.queued"):
        if event.data["reason"] in ("initial", "bot_handoff"):
            key = event.data["customer_key"]
            apart += [event.time_ms - seen[key]] if key in seen else []
            seen[key] = event.time_ms

    assert 0.05 < len(apart) / len(of(events, "contact.queued")) < 0.25
    assert min(apart) < 3_600_000 < max(apart)


def test_what_a_bot_hands_over_was_talked_about_before_the_queue_in_that_queue(events: list[Event]) -> None:
    chats = by_contact(events)
    handed = [event for event in of(events, "contact.queued") if event.data["reason"] == "bot_handoff"]

    assert len(handed) > 100
    for event in handed:
        story = chats[event.data["contact_id"]]
        before = [said for said in story[: story.index(event)] if said.noun_verb == "contact.message"]
        assert {"bot", "customer"} <= {said.data["author"] for said in before}
        assert {said.data["queue_id"] for said in before} == {event.data["queue_id"]}
        assert all("leg_id" not in said.data for said in before)


def test_the_first_queued_and_no_other_names_the_entry_point(events: list[Event]) -> None:
    for story in by_contact(events).values():
        queued = of(story, "contact.queued")
        assert ["entry_point" in event.data for event in queued] == [n == 0 for n in range(len(queued))]


def test_bots_machines_and_private_notes_speak_besides_customers_and_agents(events: list[Event]) -> None:
    said = Counter((e.data["author"], e.data.get("visibility")) for e in of(events, "contact.message"))

    assert set(said) == {("agent", None), ("agent", "private"), ("bot", None), ("customer", None), ("system", None)}
    assert min(said.values()) > 50


def test_some_chats_begin_with_the_agent_and_some_end_before_he_wrote(events: list[Event]) -> None:
    began, unheard = Counter[str](), Counter[str]()
    for story in by_contact(events).values():
        public = [e for e in of(story, "contact.message") if "visibility" not in e.data]
        people = [e for e in public if e.data["author"] in ("agent", "customer")]
        began[story[0].data["direction"] + " " + people[0].data["author"] if people else "nobody"] += 1
        heard = {e.data.get("leg_id") for e in people if e.data["author"] == "agent"}
        for end in of(story, "contact.ended"):
            if end.data["channel"] == "chat" and end.data["leg_id"] not in heard:
                unheard[end.data.get("ended_by", "unknown")] += 1

    assert began["inbound agent"] > 10
    assert began["outbound agent"] > 5
    assert {"customer", "transfer"} <= set(unheard)


def test_calls_out_have_no_queued_and_are_taken_or_not(events: list[Event]) -> None:
    out = [event for event in events if event.data.get("direction") == "outbound"]
    kinds = Counter(event.noun_verb for event in out)

    assert kinds["contact.queued"] == 0
    assert kinds["contact.offered"] >= kinds["contact.answered"] + kinds["contact.left_queue"] > 30
    assert kinds["contact.left_queue"] > 5
    assert all(event.data.get("agent_id") for event in of(out, "contact.left_queue", "contact.ended"))


def test_where_all_telephones_ring_one_wins_and_the_others_are_told(events: list[Event]) -> None:
    parallel = [event for event in of(events, "contact.offered") if event.data["mode"] == "parallel"]
    lost = [event for event in of(events, "contact.offer_ended") if event.data["result"] == "lost_race"]
    answers = Counter(event.data["leg_id"] for event in of(events, "contact.answered"))

    assert {event.data["queue_id"] for event in parallel} == {"会员专线"}
    assert max(Counter(event.data["leg_id"] for event in parallel).values()) >= 2
    assert len(lost) > 20
    assert all(answers[event.data["leg_id"]] == 1 for event in lost)
    assert max(answers.values()) == 1


def test_some_hang_up_on_hold_and_some_calls_are_very_short(events: list[Event]) -> None:
    on_hold: set[str] = set()
    hung_up = short = 0
    for event in events:
        leg = event.data.get("leg_id", "")
        if event.noun_verb == "contact.held":
            on_hold.add(leg)
        elif event.noun_verb == "contact.resumed":
            on_hold.discard(leg)
        elif event.noun_verb == "contact.ended":
            hung_up += leg in on_hold and event.data.get("ended_by") == "customer"
            short += event.data.get("reported", {}).get("talk_ms", 99_000) <= 10_000

    assert hung_up > 5
    assert short > 20


def test_callbacks_are_promised_tried_reached_and_some_are_late(events: list[Event]) -> None:
    due: dict[str, int] = {}
    late = 0
    for event in events:
        if event.noun_verb == "contact.callback_requested":
            due[event.data["contact_id"]] = parse_time(event.data["due_at"])
        elif event.noun_verb == "contact.callback_attempted":
            late += event.time_ms > due[event.data["contact_id"]] + 900_000
    results = Counter(event.data["result"] for event in of(events, "contact.callback_completed"))

    assert late > 0
    assert results["reached"] > 3


def test_contacts_are_rated_on_three_scales_and_some_say_why_they_came(events: list[Event]) -> None:
    kinds = Counter((e.data.get("kind"), e.data.get("scale")) for e in of(events, "contact.rated"))
    told = Counter(name for e in of(events, "contact.updated") for name in e.data["attrs"])

    assert set(kinds) == {("csat", 5), ("nps", 10), ("resolved", 1), (None, None)}
    assert min(told["reason"], told["topic"]) > 50


def test_every_contact_that_an_agent_ended_in_peace_is_worked_up(events: list[Event]) -> None:
    ended = {event.data["leg_id"] for event in of(events, "contact.ended") if event.data.get("ended_by") != "system"}
    started = {event.data["leg_id"] for event in of(events, "contact.wrapup_started")}

    assert ended == started


def test_cases_have_three_clocks_wait_for_customers_stand_aside_and_come_back(events: list[Event]) -> None:
    clocks = Counter(event.data["clock"] for event in of(events, "case.opened", "case.sla_set"))
    statuses = Counter(e.data["status"] for e in events if e.noun_verb.startswith("case.") and "status" in e.data)
    handled: defaultdict[str, set[str]] = defaultdict(set)
    for event in of(events, "case.replied"):
        handled[event.data["case_id"]] |= {event.data["agent_id"]} if "agent_id" in event.data else set()

    assert set(clocks) == {"first_response", "next_response", "resolution"}
    assert set(statuses) == {"new", "open", "pending", "on_hold"}
    assert {e.data["author"] for e in of(events, "case.replied")} == {"agent", "customer", "system"}
    assert max(len(agents) for agents in handled.values()) > 1
    assert of(events, "case.reopened")


def test_whoever_works_on_a_case_says_so_and_when_it_is_over(events: list[Event]) -> None:
    busy: dict[str, bool] = {}
    for event in events:
        if event.noun_verb == "agent.state_changed":
            busy[event.data["agent_id"]] = event.data["state"] == "busy"
        elif event.noun_verb == "case.replied" and event.data["author"] == "agent":
            assert busy[event.data["agent_id"]]

    assert of(events, "case.replied")


def test_agents_name_their_team_and_a_few_are_known_to_two_systems(events: list[Event]) -> None:
    native = [event for event in events if event.noun_verb.startswith("agent.")]
    systems: defaultdict[str, set[str]] = defaultdict(set)
    for event in native:
        systems[event.data["agent_id"]].add(event.source)
    twice = {agent for agent, sources in systems.items() if sources == set(DESKS)}

    assert all(event.data["team"] for event in native)
    assert len(twice) == 2
    answered = {(e.data["agent_id"], e.source) for e in of(events, "contact.answered")}
    assert {(agent, desk) for agent in twice for desk in DESKS} <= answered


def test_agents_declare_every_state_that_no_contact_tells(events: list[Event]) -> None:
    states = {event.data["state"] for event in of(events, "agent.state_changed")}

    assert states == {"idle", "has_capacity", "busy", "break", "error"}


def test_of_some_agents_the_heartbeat_stops_though_they_work() -> None:
    start_ms = parse_time("2026-01-05T00:00:00+08:00")
    last_beat: dict[str, int] = {}
    silent: set[str] = set()
    for event in Simulation(default_profile("day"), 1, start_ms).run_until(start_ms + 20 * 3_600_000):
        agent = event.data.get("agent_id", "")
        if event.noun_verb in ("agent.heartbeat", "agent.logged_in"):
            last_beat[agent] = event.time_ms
        elif event.noun_verb == "contact.answered" and event.time_ms - last_beat[agent] > 600_000:
            silent.add(agent)

    assert 1 <= len(silent) <= 8
