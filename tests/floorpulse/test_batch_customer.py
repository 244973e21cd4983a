"""What the plain batch program makes of a customer: repeats, and abandonments that were made good or not."""

from typing import Any

from kpi.envelope import Event
from tests.builders import event
from tests.floorpulse.told import counts, live, pane, told

HOUR, DAY = 3_600, 86_400


def fact(verb: str, at: float, contact: str = "a", leg: str = "1", **data: Any) -> Event:
    """A copy for the customer u1."""
    names = {"contact_id": contact, "leg_id": f"{contact}/{leg}", "customer_key": "u1"}
    return event(f"contact.{verb}", at, **{**names, **data})


def gone(at: float, contact: str = "a", leg: str = "1", **data: Any) -> Event:
    return fact("left_queue", at, contact, leg, reason="abandoned", **data)


def counted(*events: Event, starts: tuple[str, ...] = (), queue: str = "support") -> dict[str, int]:
    return counts(told(*events, topic="customers.events"), *starts, queue=queue)


def lost(*events: Event) -> dict[str, float]:
    return live(told(*events, topic="customers.events")).get("lost:support:voice", {})


# --- Arriving --------------------------------------------------------------------------------------------------------


def test_a_contact_arrives_once_at_its_first_fact() -> None:
    again = fact("queued", 30, leg="2", queue_id="sales")

    found = told(fact("queued", 5), fact("answered", 9), again, fact("ended", 60), topic="customers.events")

    assert counts(found) == {"cust_arrived": 1}
    assert pane(found, 5) == {"cust_arrived": 1}
    assert counts(found, queue="sales") == {}


def test_one_that_comes_back_in_time_is_a_repeat() -> None:
    first = fact("queued", 0)

    def repeats(after: float) -> dict[str, int]:
        return counted(first, fact("queued", after, "b"), starts=("repeat",))

    all_three = {"repeat.1h": 1, "repeat.24h": 1, "repeat.7d": 1}
    assert repeats(HOUR) == all_three
    assert repeats(HOUR + 0.001) == {"repeat.24h": 1, "repeat.7d": 1}
    assert repeats(DAY + 0.001) == {"repeat.7d": 1}
    assert repeats(7 * DAY) == {"repeat.7d": 1}
    assert counted(first, fact("ended", HOUR), fact("queued", 2 * HOUR, "b"), starts=("repeat",)) == all_three


def test_a_first_fact_without_a_queue_arrives_uncounted() -> None:
    nowhere = fact("ended", 0, queue_id=None)

    assert counted(nowhere) == {}
    assert counted(nowhere, fact("queued", 1)) == {}
    assert counted(nowhere, fact("queued", 1, "b")) == {
        "cust_arrived": 1, "repeat.1h": 1, "repeat.24h": 1, "repeat.7d": 1,
    }  # fmt: skip


def test_a_contact_that_is_over_is_forgotten_after_a_day_one_under_way_after_eight() -> None:
    def arrivals(*before: Event, after: float) -> int:
        return counted(*before, fact("queued", after, leg="9"), starts=("cust_a",))["cust_arrived"]

    queued, ended = fact("queued", 0), fact("ended", 10)
    assert arrivals(queued, ended, after=DAY + 10) == 1
    assert arrivals(queued, ended, after=DAY + 10.001) == 2
    assert arrivals(queued, ended, fact("answered", 11, leg="2"), after=2 * DAY) == 1
    assert arrivals(queued, fact("left_queue", 10, reason="timeout"), after=DAY + 10.001) == 2


# --- Lost and made good ----------------------------------------------------------------------------------------------


def test_an_abandonment_is_lost_until_another_leg_is_answered() -> None:
    answered = fact("answered", 100 + 60.001, "b")

    assert counted(gone(100)) == {"cust_abandoned": 1, "cust_arrived": 1}
    assert lost(gone(100)) == {"a|a/1": 100.0}
    assert lost(gone(100), answered) == {}
    assert counted(gone(100), answered, fact("answered", 999, "c"), starts=("rec", "cust_ab")) == {
        "cust_abandoned": 1, "recovered.2": 1,
    }  # fmt: skip
    assert pane(told(gone(100), answered, topic="customers.events"), 100)["recovered.2"] == 1


def test_an_answer_before_it_recovers_nothing_one_of_the_same_contact_does() -> None:
    assert lost(fact("answered", 50, "b"), gone(100)) == {"a|a/1": 100.0}
    assert counted(gone(100), fact("answered", 130, leg="2"), starts=("rec",)) == {"recovered.1": 1}


def test_an_answer_of_the_same_leg_withdraws_all_that_the_abandonment_counted() -> None:
    story = [gone(100), fact("queued", 200, "b"), fact("answered", 300, "b")]
    withdrawn = fact("answered", 400, "a")

    assert counted(*story, starts=("cust_ab", "rec", "ret")) == {"cust_abandoned": 1, "recovered.4": 1, "returned.1": 1}
    assert counted(*story, withdrawn, starts=("cust_ab", "rec", "ret")) == {}
    assert counted(gone(100), withdrawn, gone(500), starts=("cust_ab",)) == {"cust_abandoned": 1}
    assert lost(gone(100), withdrawn, gone(500)) == {"a|a/1": 500.0}


def test_a_leg_is_abandoned_once_and_only_by_the_customer_giving_up() -> None:
    assert counted(gone(100), gone(200), starts=("cust_ab",)) == {"cust_abandoned": 1}
    assert lost(gone(100), gone(200)) == {"a|a/1": 100.0}
    assert counted(gone(100), gone(200, leg="2"), starts=("cust_ab",)) == {"cust_abandoned": 2}
    assert counted(fact("left_queue", 100, reason="timeout"), starts=("cust_ab",)) == {}


def test_the_next_contact_returns_every_abandonment_before_it_once() -> None:
    story = [gone(0), gone(600, leg="2"), fact("answered", 700, leg="3")]
    back = [fact("queued", HOUR + 1, "b"), fact("queued", 2 * HOUR, "c")]

    found = told(*story, *back, topic="customers.events")

    assert counts(found, "returned") == {"returned.1": 1, "returned.2": 1}
    assert pane(found, 0)["returned.2"] == pane(found, 600)["returned.1"] == 1


def test_an_abandonment_is_forgotten_after_seven_days() -> None:
    def at_the_end(after: float) -> dict[str, int]:
        return counted(gone(0), fact("answered", after, "b"), starts=("rec", "ret"))

    assert at_the_end(7 * DAY) == {"recovered.10080": 1, "returned.168": 1}
    assert at_the_end(7 * DAY + 0.001) == {}
    assert lost(gone(0), fact("queued", 7 * DAY, "b")) == {"a|a/1": 0.0}
    assert lost(gone(0), fact("queued", 7 * DAY + 0.001, "b")) == {}


def test_of_a_key_shared_by_many_only_the_newest_two_hundred_are_remembered() -> None:
    many = [gone(n, f"a{n}") for n in range(201)]

    found = told(*many, fact("answered", 240, "b"), topic="customers.events")

    # The first of them was forgotten when the last came: it would have been recovered after 4 minutes.
    assert counts(found, "cust", "recovered") == {
        "cust_abandoned": 201, "cust_arrived": 202, "recovered.1": 21, "recovered.2": 60, "recovered.3": 60,
        "recovered.4": 59,
    }  # fmt: skip
