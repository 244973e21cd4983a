"""Alerts that end by something else than the numbers: their texts say so, and no longer what to do."""

from __future__ import annotations

import pytest

from alerts.changes import LIMIT_GONE, QUEUE_GONE
from alerts.evaluate import Evaluator
from alerts.seen_queues import QUEUE_GONE_MS
from alerts.text import message
from kpi.alert_state import Held
from kpi.floor import QueueConfig, parse_floor
from kpi.snapshot import QueueSnapshot
from tests.alerts.evaluating import T0, configured, ended, look, missed
from tests.alerts.published import FLOOR
from tests.alerts.telling import LINKS


def real_words(held: Held, snapshot: QueueSnapshot | None, config: QueueConfig) -> dict[str, str]:
    return message.annotations(held, snapshot, config, LINKS)


@pytest.mark.parametrize("restarts", [False, True], ids=["as it runs", "after a restart"])
@pytest.mark.parametrize(
    ("reason", "why"),
    [(LIMIT_GONE, "no alert limit in floor.toml any more"), (QUEUE_GONE, "this queue is no longer published")],
)
def test_what_ends_without_numbers_is_told_as_ended_and_says_why(reason: str, why: str, restarts: bool) -> None:
    one = Evaluator(FLOOR, real_words)
    (fired,) = look(one, 0, 75).told
    look(one, 10_000, 85)
    stored = [held.to_json() for held in one.helds.values()]
    off = parse_floor("[queue.support]\nthresholds = { longest_wait_seconds = false }\n")
    floor = off if reason == LIMIT_GONE else FLOOR
    if restarts:
        one = Evaluator(floor, real_words)
        changes = one.load([Held.from_json(text) for text in stored], floor, T0 + 20_000)
    else:
        changes = configured(one, floor, T0 + 20_000)
    if reason == QUEUE_GONE:
        assert not missed(one, set(), T0 + 20_000)
        changes = missed(one, set(), T0 + 20_000 + QUEUE_GONE_MS)

    (over,) = changes.told

    assert over.reason == reason
    texts = {name: text for name, text in over.annotations.items() if not name.endswith("_url")}
    assert texts.keys() == {name for name in fired.annotations if not name.endswith("_url")}
    assert texts["summary"] == f"support: longest wait: this alert ended after 25 s; {why}"
    assert texts["description"].endswith(f"lasted 25 s\nWhy: {why}")
    assert all(text != fired.annotations[name] for name, text in texts.items())
    assert {name: fired.annotations[name] for name in over.annotations.keys() - texts.keys()} == {
        name: text for name, text in over.annotations.items() if name.endswith("_url")
    }


def test_an_end_whose_texts_fail_does_not_go_on_saying_what_to_do() -> None:
    def failing(held: Held, snapshot: QueueSnapshot | None, config: QueueConfig) -> dict[str, str]:
        if not held.is_active:
            raise KeyError("why")
        return real_words(held, snapshot, config)

    one = Evaluator(FLOOR, failing)
    fired = look(one, 0, 75).told[0].annotations

    links = {name: text for name, text in fired.items() if name.endswith("_url")}
    assert ended(one, 1_000).annotations == {"summary": "support: QueueLongestWaitHigh", **links}
