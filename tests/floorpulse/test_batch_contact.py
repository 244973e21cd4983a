"""What the plain batch program makes of what is said of a contact as a whole."""

from typing import Any

from kpi.envelope import Event
from tests.builders import event
from tests.floorpulse.told import counts, live, pane, told

QUEUED = event("contact.queued", 0)
REQUEST, ATTEMPT, DONE = (
    event(f"contact.callback_{verb}", at, leg_id=None, queue_id=None)
    for verb, at in (("requested", 20), ("attempted", 30), ("completed", 40))
)


def said(verb: str, at: float, **data: Any) -> Event:
    """An event that names neither leg nor queue, unless told."""
    return event(f"contact.{verb}", at, **{"leg_id": None, "queue_id": None, **data})


def test_what_is_said_stands_in_its_own_queue_else_its_legs_else_the_first_legs() -> None:
    sales = event("contact.queued", 10, leg_id="c1/2", queue_id="sales", channel="video")
    ratings = [
        said("rated", 20, score=1, queue_id="own"), said("rated", 21, score=2, leg_id="c1/2"),
        said("rated", 22, score=3), said("rated", 23, score=4, leg_id="never"), said("rated", -1, score=5),
    ]  # fmt: skip

    found = told(QUEUED, sales, *ratings)

    assert counts(found, "rating", queue="own") == {"rating.csat/0/1": 1}
    assert counts(found, "rating", queue="sales", channel="video") == {"rating.csat/0/2": 1}
    assert counts(found, "rating") == {"rating.csat/0/3": 1, "rating.csat/0/4": 1}
    assert pane(found, -1) == {}


def test_every_rating_counts_under_its_kind_scale_and_score() -> None:
    rated = [said("rated", 5, score=4.5, scale=5), said("rated", 6, score=4.5, scale=5, kind="csat", id="again")]
    rated += [said("rated", 7, score=10, scale=10.0, kind="nps"), said("rated", 8, score=-1, kind="resolved")]

    assert counts(told(QUEUED, *rated), "rating") == {
        "rating.csat/5/4.5": 2, "rating.nps/10/10": 1, "rating.resolved/0/-1": 1,
    }  # fmt: skip


def test_a_contact_is_blocked_once_per_queue() -> None:
    twice = [event("contact.blocked", at, leg_id=None, reason="full") for at in (1, 2)]

    found = told(*twice, event("contact.blocked", 3, leg_id=None, queue_id="sales"))

    assert counts(found) == {"blocked.full": 1}
    assert counts(found, queue="sales") == {"blocked.unknown": 1}


def test_a_reason_counts_once_per_contact_and_text() -> None:
    attrs: list[dict[str, Any]] = [
        {"reason": "invoice"}, {"topic": "invoice"}, {"reason": "x" * 70}, {"reason": "x" * 64, "topic": "hidden"},
        {"reason": 7}, {"reason": "", "topic": "delivery"}, {},
    ]  # fmt: skip
    updates = [said("updated", 5 + n, attrs=told_) for n, told_ in enumerate(attrs)]

    found = told(QUEUED, *updates)

    assert counts(found, "reason") == {"reason.delivery": 1, "reason.invoice": 1, f"reason.{'x' * 64}": 1}
    assert pane(found, 5)["reason.invoice"] == 1


def test_a_promised_callback_is_due_until_it_is_completed() -> None:
    at_noon = said("callback_requested", 25, due_at="2026-11-20T12:00:00Z")
    exit_ = event("contact.left_queue", 20, reason="callback_requested")

    assert live(told(QUEUED, exit_, REQUEST)) == {"callbacks:support:voice": {"c1": 20.0}}
    assert live(told(QUEUED, exit_, REQUEST, at_noon, ATTEMPT)) == {"callbacks:support:voice": {"c1": 7_200.0}}
    assert live(told(QUEUED, exit_, REQUEST, at_noon, ATTEMPT, DONE)) == {}


def test_one_promise_any_attempts_and_the_first_completion_count() -> None:
    requests = [said("callback_requested", at, queue_id=queue) for at, queue in ((20, "sales"), (21, "support"))]
    attempts = [said("callback_attempted", at) for at in (30, 31)]
    ends = [said("callback_completed", 40, result="busy"), said("callback_completed", 41, result="reached")]

    found = told(QUEUED, *requests, *attempts, *ends)

    assert counts(found, "callback", queue="sales") == {
        "callback_attempted": 2, "callback_failed": 1, "callback_requested": 1,
    }  # fmt: skip
    assert counts(found, "callback") == {}


def test_a_callback_reached_somebody_when_its_result_says_so_or_nothing() -> None:
    for result, name in ((None, "reached"), ("connected", "reached"), ("reached", "reached"), ("no_answer", "failed")):
        done = said("callback_completed", 40, **({} if result is None else {"result": result}))

        assert counts(told(QUEUED, REQUEST, done), f"callback_{name}") == {f"callback_{name}": 1}
