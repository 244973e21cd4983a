"""What the board publishes is what `build_snapshot` makes of the same tallies and live sets, byte for byte."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from board.cards import card, looks_same
from board.health import Verdict
from board.queue_view import QueueView
from board.snapshots import Assembler, live_state, snapshot_json
from board.view import window_ranges
from kpi.floor import parse_floor
from kpi.live_state import CASE_SETS, LiveState, QueueStaff
from kpi.panes import COARSE_MS, FINE_MS, pane_start
from kpi.snapshot import JUDGED_MINIMUM, QueueSnapshot, build_snapshot

NOON = 1_795_176_000_000
FLOOR = parse_floor(
    """
    [queue.support]
    channel = "voice"
    group = "Service"
    hours = { "mon-sun" = ["08:00-12:00"] }
    target = { percent = 80, seconds = 30 }
    thresholds = { waiting = { warning = 2, critical = 4 }, growth_ratio = true, wrapup_ratio = true }
    """
)


def give(view: QueueView, at_ms: int, **fields: int) -> None:
    for res_ms in (FINE_MS, COARSE_MS):
        view.add("p", res_ms, pane_start(at_ms, res_ms), {name.replace("__", "."): n for name, n in fields.items()})


STAFF = QueueStaff({"busy": 2, "idle": 1}, 1, 3, 1, 4, 3, known=True)
SETS = ("due", "open_cases", "ringing", "in_service", "outbound", "unanswered", "callbacks", "lost", *CASE_SETS)


def anew(view: QueueView, now_ms: int, net: dict[int, int]) -> QueueSnapshot:
    """The snapshot made by the plain function from the same view, and from joins by second."""
    scores = {kind: sorted(score for _, score in live.members()) for kind, live in view.live.items()}
    some = live_state(view)
    return build_snapshot(
        namespace="live",
        queue="support",
        channel="voice",
        config=FLOOR.queue("support", "voice"),
        is_open=FLOOR.is_open("support", "voice", now_ms),
        state="fresh",
        reason=None,
        now_ms=now_ms,
        published_at_ms=now_ms,
        epoch=3,
        live=LiveState(
            scores.get("waiting", ()),
            len(scores.get("ringing", ())),
            len(scores.get("in_service", ())),
            scores.get("open_cases", ()),
            scores.get("due", ()),
            len(scores.get("outbound", ())),
            scores.get("unanswered", ()),
            scores.get("callbacks", ()),
            scores.get("lost", ()),
            {kind: scores.get(kind, ()) for kind in CASE_SETS} if scores.get("open_cases") else {},
            some.drift,
            some.ghosts,
        ),
        tallies={name: window.tally for name, window in view.windows.items()},
        max_waiting=view.max_waiting(),
        open_at_end=view.waiting_at_end(),
        staff=STAFF,
        net=net,
    )


@given(seed=st.integers(0, 10**9))
@settings(max_examples=50, deadline=None)
def test_kept_parts_and_new_ones_make_the_same_snapshot_as_all_anew(seed: int) -> None:
    chance = random.Random(seed)
    view, now_ms = QueueView("support", "voice"), NOON - 30_000
    assembler, before = Assembler(view, FLOOR.queue("support", "voice")), None
    net: dict[int, int] = {}
    # Now enough contacts for a judgement on ratios, now too few.
    give(view, now_ms - 1_000, offered=JUDGED_MINIMUM - 5)
    for number in range(25):
        at_ms, wait = now_ms - chance.randrange(60_000), chance.randrange(50)
        match chance.randrange(4):
            case 0:
                give(view, at_ms, offered=1, net__3=1)
                second = pane_start(at_ms, FINE_MS) // 1000 + 3
                net[second] = net.get(second, 0) + 1
                view.change_live("p", "waiting", {str(number): at_ms})
            case 1:
                give(view, at_ms, answered=1, **{f"wait__answered__{wait}": 1, "wait_ms__answered": wait * 990})
            case 2:
                for kind in chance.choices(SETS, k=3):
                    view.change_live("p", kind, {str(number): at_ms + chance.choice((100_000, -4_000_000))})
            case 3:
                now_ms += chance.choice((250, 250, 10_000, 900_000))
        view.advance(window_ranges(now_ms, "UTC", 0))
        made = assembler.snapshot("live", Verdict("fresh", None, now_ms, now_ms, 3, now_ms), now_ms, STAFF)
        assert made == anew(view, now_ms, net)
        assert snapshot_json(made, assembler.texts) == made.to_json()
        if before is not None and looks_same(before, made):
            assert card(before, assembler.config) == card(made, assembler.config)
        before = made


def test_a_ratio_of_too_few_contacts_is_no_alarm() -> None:
    view = QueueView("support", "voice")
    assembler = Assembler(view, FLOOR.queue("support", "voice"))
    verdict = Verdict("fresh", None, NOON, NOON, 3, NOON)
    for offered, severity in ((JUDGED_MINIMUM - 1, 0), (JUDGED_MINIMUM, 2)):
        give(view, NOON, offered=offered if severity == 0 else 1, abandoned=offered if severity == 0 else 1)
        view.advance(window_ranges(NOON, "UTC", 0))
        made = assembler.snapshot("live", verdict, NOON)
        assert made.windows["30m"]["abandonment"]["value"] == 1.0
        assert made.severity_by["abandonment_ratio"] == severity


def test_nothing_is_judged_while_numbers_are_rebuilt_and_what_is_stale_keeps_its_judgement() -> None:
    view = QueueView("support", "voice")
    assembler = Assembler(view, FLOOR.queue("support", "voice"))
    view.change_live("p", "waiting", {"a": NOON - 600_000})
    view.advance(window_ranges(NOON, "UTC", 0))
    stale = Verdict("stale", "why", NOON, NOON - 9_000, 3, NOON - 9_000)
    made = assembler.snapshot("live", stale, NOON)
    assert (made.severity, made.state, made.reason, made.true_at) == (2, "stale", "why", "2026-11-20T11:59:51.000Z")
    assert assembler.snapshot("live", replace(stale, state="rebuilding"), NOON).severity == 0
