"""What the plain batch program makes of a case: its status, owner and clocks, and what it took to resolve it."""

from typing import Any

from kpi.envelope import Event
from kpi.instants import format_time
from tests.builders import T0, event
from tests.floorpulse.told import counts, live, pane, told

MAIL = {"queue": "mail", "channel": "email"}


def case(verb: str, at: float, **data: Any) -> Event:
    """An event of the case k1; `due` in seconds after T0."""
    if "due" in data:
        data["due_at"] = format_time(T0 + round(data.pop("due") * 1000))
    return event(f"case.{verb}", at, **{"case_id": "k1", "channel": "email", **data})


OPENED = case("opened", 0, queue_id="mail")


def where(*events: Event) -> dict[str, float]:
    """The live sets the case is in."""
    found = live(told(*events, topic="cases.events"))
    assert all(suffix.endswith(":mail:email") and [*members] == ["k1"] for suffix, members in found.items())
    return {suffix.partition(":")[0]: members["k1"] for suffix, members in found.items()}


def counted(*events: Event, starts: str = "case_m") -> dict[str, int]:
    return counts(told(*events, topic="cases.events"), starts, **MAIL)


# --- Status and owner ------------------------------------------------------------------------------------------------


def test_a_case_exists_from_its_first_fact_that_names_a_queue() -> None:
    before = [case("assigned", -5, agent_id="ana"), case("sla_set", -4, due=99)]

    assert where(*before) == {}
    assert where(*before, OPENED) == {"open_cases": 0, "case_new": 0, "unassigned": 0}
    assert counted(*before, OPENED, starts="case_o") == {"case_opened": 1}


def test_its_status_follows_from_what_happens_unless_told() -> None:
    story = [
        (case("assigned", 1, agent_id="ana"), "open"), (case("waiting_customer", 2), "pending"),
        (case("assigned", 3, agent_id="bo"), "pending"), (case("replied", 4, agent_id="bo"), "pending"),
        (case("replied", 5, author="customer"), "open"), (case("waiting_customer", 6, status="on_hold"), "on_hold"),
        (case("replied", 7), "on_hold"), (case("sla_set", 8, due=99, status="new"), "new"),
        (case("reopened", 9), "open"),
    ]  # fmt: skip

    for n, (_, status) in enumerate(story, 1):
        found = where(OPENED, *(each for each, _ in story[:n]))

        assert {name for name in found if name.startswith("case_")} == {f"case_{status}"}


def test_what_is_resolved_has_no_status_until_it_is_reopened() -> None:
    resolved, later = case("resolved", 5, status="open"), case("waiting_customer", 6, status="pending")

    assert where(OPENED, resolved, later) == {}
    assert where(OPENED, resolved, later, case("reopened", 7, status="on_hold")) == {"open_cases": 0, "case_on_hold": 0}
    assert "case_open" in where(OPENED, resolved, later, case("reopened", 7))


def test_it_is_unassigned_while_actionable_and_nobodys() -> None:
    assert "unassigned" in where(OPENED, case("assigned", 1))
    assert "unassigned" not in where(OPENED, case("waiting_customer", 1))
    assert "unassigned" not in where(OPENED, case("replied", 1, agent_id="ana"))
    assert "unassigned" in where(OPENED, case("replied", 1, agent_id="ana", author="customer"))
    assert "unassigned" not in where(OPENED, case("assigned", 1, agent_id="ana"), case("assigned", 2))


# --- Clocks ----------------------------------------------------------------------------------------------------------


def test_the_next_reply_of_an_agent_ends_the_clocks_of_responses() -> None:
    clocks = [case("sla_set", n, due=60, clock=clock) for n, clock in ((1, "first_response"), (2, "next_response"))]
    asked = case("replied", 30, author="customer")

    assert counted(OPENED, *clocks, asked) == {}
    assert counted(OPENED, *clocks, asked, case("replied", 60, agent_id="ana")) == {
        "case_met.first_response": 1, "case_met.next_response": 1,
    }  # fmt: skip
    assert counted(OPENED, *clocks, case("replied", 60.001, author="agent")) == {
        "case_missed.first_response": 1, "case_missed.next_response": 1,
    }  # fmt: skip


def test_resolving_ends_every_clock_in_time_or_not() -> None:
    opened = case("opened", 0, queue_id="mail", due=100)
    clocks = [case("sla_set", 1, due=50, clock="first_response"), case("sla_set", 2, due=200, clock="next_response")]

    found = told(opened, *clocks, case("resolved", 100), topic="cases.events")

    assert counts(found, "case_m", **MAIL) == {
        "case_met.next_response": 1, "case_met.resolution": 1, "case_missed.first_response": 1,
    }  # fmt: skip
    assert pane(found, 100, "mail", "email")["case_met.resolution"] == 1
    assert where(opened, *clocks) == {
        "open_cases": 0, "case_new": 0, "unassigned": 0, "due": 50, "due_first_response": 50, "due_next_response": 200,
        "due_resolution": 100,
    }  # fmt: skip


def test_a_clock_set_anew_by_a_reopening_runs_again() -> None:
    story = [case("opened", 0, queue_id="mail", due=10), case("resolved", 20), case("reopened", 30, due=99)]

    assert where(*story)["due"] == where(*story)["due_resolution"] == 99
    assert counted(*story, case("resolved", 50)) == {"case_met.resolution": 1, "case_missed.resolution": 1}


def test_no_clock_runs_while_the_customer_is_waited_for() -> None:
    opened, wait = case("opened", 0, queue_id="mail", due=100), case("waiting_customer", 40)
    back = case("replied", 70, author="customer")

    assert {name for name in where(opened, wait) if name.startswith("due")} == set()
    assert where(opened, wait, back)["due_resolution"] == 130
    assert counted(opened, wait, back, case("resolved", 130)) == {"case_met.resolution": 1}
    assert counted(opened, wait, back, case("resolved", 130.001)) == {"case_missed.resolution": 1}
    assert counted(opened, wait, case("resolved", 5_000)) == {"case_met.resolution": 1}
    assert counted(opened, case("waiting_customer", 100.001), case("resolved", 101)) == {"case_missed.resolution": 1}


def test_a_due_time_set_in_a_pause_moves_by_the_rest_of_it() -> None:
    pause = [OPENED, case("waiting_customer", 40), case("sla_set", 60, due=100, clock="first_response")]

    assert where(*pause, case("replied", 70, author="customer"))["due"] == 110
    assert counted(*pause, case("replied", 500, agent_id="ana")) == {"case_met.first_response": 1}


# --- What it took ----------------------------------------------------------------------------------------------------


def test_the_first_reply_of_an_agent_counts_once_and_how_long_it_took() -> None:
    replies = [
        case("replied", 30, author="customer"),
        case("replied", 45, agent_id="ana"),
        case("replied", 50, agent_id="bo"),
    ]

    found = told(OPENED, *replies, topic="cases.events")

    assert counts(found, "case_r", **MAIL) == {"case_replied": 1, "case_reply_ms": 45_000}
    assert pane(found, 45, "mail", "email")["case_replied"] == 1


def test_a_resolution_tells_contacts_and_agents_so_far() -> None:
    first = [
        OPENED, case("assigned", 1, agent_id="ana"), case("replied", 2, agent_id="bo"), case("replied", 3),
        case("replied", 4, author="bot"), case("resolved", 10, agent_id="ana"),
    ]  # fmt: skip
    again = [case("replied", 20), case("reopened", 21), case("resolved", 30, agent_id="zoe"), case("resolved", 31)]

    found = told(*first, *again, topic="cases.events")

    assert pane(found, 10, "mail", "email") == {
        "case_resolved": 1, "case_resolve_ms": 10_000, "case_contacts": 2, "case_agents": 2,
    }  # fmt: skip
    assert pane(found, 30, "mail", "email") == {
        "case_resolved": 1, "case_resolve_ms": 30_000, "case_contacts": 4, "case_agents": 3,
    }  # fmt: skip
    assert counts(found, "case_reopened", **MAIL) == {"case_reopened": 1}
