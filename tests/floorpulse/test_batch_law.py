"""The plain batch program and the workers' own code agree on any log whatever of every topic."""

import random

import pytest

from floorpulse.batch import Batch, Limits
from floorpulse.verify import Verdict, compare
from kpi import record
from kpi.keys import FLOOR_SETS, LIVE_SETS
from streams.decode import Limits as DecodeLimits
from tests.streams.made_up import MAKERS, made_up_log
from tests.streams.streamed import Streamed

LATENESS = 7 * 86_400_000


def differences(topic: str, chance: random.Random, most: int) -> list[str]:
    """What `verify` would say of a log made up by `chance`."""
    log, live = made_up_log(chance, topic, most), chance.random() < 0.7
    limits = Limits(earliest=0, lateness=LATENESS, live=live, expires=live)
    batch, streamed = Batch(topic, limits), Streamed(topic, LATENESS, not live, chance)
    for one in log:
        batch.take(one.value, 2**52, one.key)
    streamed.take_all(log, DecodeLimits(earliest=0, live=live))
    verdict = Verdict()
    compare(topic, batch.result(), streamed.stored(), limits, verdict, whole=True)
    assert verdict.contacts + verdict.counts > 0
    return verdict.differences


@pytest.mark.parametrize("block", range(4))
@pytest.mark.parametrize("topic", MAKERS)
def test_the_batch_program_and_the_streaming_core_agree_on_any_log(topic: str, block: int) -> None:
    for seed in range(block * 100, block * 100 + 100):
        assert differences(topic, random.Random(seed), 30) == [], f"seed {seed}"


@pytest.mark.parametrize("topic", MAKERS)
def test_they_agree_on_long_logs_and_while_facts_fold_early(topic: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(15):
        assert differences(topic, random.Random(seed), 200) == [], f"seed {seed}"
    monkeypatch.setattr(record, "FOLD_AT_LEAST", 2)
    for seed in range(60):
        assert differences(topic, random.Random(seed), 60) == [], f"seed {seed}"


EVERY_FIELD = (
    "offered", "net.", "contacts", "orphan", "join.", "transfer_in.", "entry.", "answered", "abandoned", "exit.",
    "unknown", "wait.", "wait_ms.", "callback_wait.", "talk.", "talk_ms", "hold.", "hold_ms", "hold_abandoned",
    "ended_by.",
    "transfers", "transfer_out.", "unanswered", "wrapup.", "wrapup_ms", "out_attempted", "out_answered", "out_ended",
    "out_talk_ms", "blocked.", "rating.", "reason.", "callback_requested", "callback_attempted", "callback_reached",
    "callback_failed", "response.", "response_ms", "first_response.", "first_response_ms", "handoff.", "handoff_ms",
    "missed", "reassigned_silent", "case_opened", "case_resolved", "case_reopened", "case_replied", "case_reply_ms",
    "case_resolve_ms", "case_contacts", "case_agents", "case_met.", "case_missed.", "cust_arrived", "repeat.",
    "cust_abandoned", "recovered.", "returned.", "step.", "into.", "~answered.", "~talk.", "~talk_ms.", "~hold.",
    "~hold_ms.", "~unanswered.", "~transfers.", "~wrapup.", "~wrapup_ms.", "~response.", "~response_ms.", "@answered",
    "@ended_by.", "@hold_abandoned", "@transfer_out.", "@wrapup.", "@~wrapup.", "@callback_wait.", "@~talk_ms.",
)  # fmt: skip


def test_the_made_up_logs_touch_every_measure_and_every_live_set() -> None:
    fields, sets = set(), set()
    for topic in MAKERS:
        for seed in range(200):
            batch = Batch(topic, Limits(0, LATENESS, live=False, expires=False))
            for one in made_up_log(random.Random(seed), topic):
                batch.take(one.value, 2**52, one.key)
            found = batch.result()
            fields |= {name for pane in found.panes.values() for name in pane}
            sets |= {suffix.partition(":")[0] for suffix in found.live}

    assert [name for name in EVERY_FIELD if not any(field.startswith(name) for field in fields)] == []
    assert [field for field in fields if not field.startswith(EVERY_FIELD) and not field.startswith("@")] == []
    assert sets == {*LIVE_SETS, *FLOOR_SETS}
