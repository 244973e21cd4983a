from dataclasses import replace

import msgspec
import pytest

from alerts.rulebook import BY_NAME, RULES, STREAM_RULES, Look, limits_of, look_of
from kpi.alerting import BY_MEASURE
from kpi.floor import parse_floor
from kpi.live_state import LiveState
from kpi.panes import METRIC_WINDOWS
from kpi.snapshot import QueueSnapshot, build_snapshot
from kpi.tally import Tally
from tests.alerts.looks import T0


def limits(text: str, queue: str = "support", channel: str = "voice") -> dict[tuple[str, str], tuple[float, float]]:
    found = limits_of(parse_floor(text).queue(queue, channel))
    return {(each.rule.name, each.severity): (each.enter, each.exit) for each in found}


@pytest.fixture
def snapshot() -> QueueSnapshot:
    live = LiveState((T0 - 70_000,))
    return build_snapshot(
        namespace="live", queue="support", channel="voice", config=parse_floor("").queue("support", "voice"),
        is_open=True, state="fresh", reason=None, now_ms=T0, published_at_ms=T0, epoch=1, live=live,
        tallies={name: Tally() for name in METRIC_WINDOWS},
    )  # fmt: skip


def test_every_measure_with_limits_has_one_rule_and_every_rule_a_measure() -> None:
    assert sorted(rule.measure for rule in RULES) == sorted(BY_MEASURE)
    assert len(BY_NAME) == len(RULES)
    for rule in RULES:
        assert rule.low_is_bad == BY_MEASURE[rule.measure].low_is_bad


def test_the_fast_rules_are_ours() -> None:
    assert [rule.name for rule in STREAM_RULES] == [
        "QueueLongestWaitHigh", "QueueLengthHigh", "QueueUnattended", "ContactsWaitingWhileClosed", "QueueGrowing",
        "AgentsReadyLow",
    ]  # fmt: skip


def test_six_rules_are_on_without_a_floor_toml() -> None:
    assert limits("") == {
        ("QueueLongestWaitHigh", "warning"): (60, 60),
        ("QueueLongestWaitHigh", "critical"): (180, 180),
        ("QueueLengthHigh", "warning"): (10, 10),
        ("QueueLengthHigh", "critical"): (20, 20),
        ("QueueUnattended", "critical"): (1, 1),
        ("ContactsWaitingWhileClosed", "warning"): (60, 60),
        ("ServiceLevelLow", "warning"): (0.64, 0.64),
        ("ServiceLevelLow", "critical"): (0.48, 0.48),
        ("AbandonmentHigh", "warning"): (0.05, 0.05),
        ("AbandonmentHigh", "critical"): (0.10, 0.10),
    }


def test_limits_come_in_the_order_of_the_rules_warning_first() -> None:
    found = [(each.rule.name, each.severity) for each in limits_of(parse_floor("").queue("support", "voice"))]
    names = [rule.name for rule in RULES]
    assert found == sorted(found, key=lambda each: (names.index(each[0]), each[1] == "critical"))


def test_what_floor_toml_says_holds() -> None:
    text = """
    [defaults.thresholds]
    waiting = { warning = { enter = 8, exit = 6 }, critical = false, for_seconds = 7, keep_seconds = 9 }
    longest_wait_seconds = { alert = false }
    abandonment_ratio = false
    """
    found = limits(text)
    assert found["QueueLengthHigh", "warning"] == (8.0, 6.0)
    assert ("QueueLengthHigh", "critical") not in found
    assert {name for name, _ in found} & {"AbandonmentHigh", "QueueLongestWaitHigh"} == set()
    behaviour = next(each for each in limits_of(parse_floor(text).queue("a", "voice")) if each.enter == 8).behaviour
    assert (behaviour.for_seconds, behaviour.keep_seconds, behaviour.only_open) == (7, 9, True)


def test_a_limit_sees_its_own_measure(snapshot: QueueSnapshot) -> None:
    warning = limits_of(parse_floor("").queue("support", "voice"))[0]
    assert look_of(warning, snapshot) == Look(70.0, known=True, open=True, quiet=False, since_ms=T0 - 10_000)
    assert look_of(warning, snapshot, quiet=True).quiet
    critical = limits_of(parse_floor("").queue("support", "voice"))[1]
    assert look_of(critical, snapshot).since_ms is None


@pytest.mark.parametrize("state", ["stale", "rebuilding"])
def test_a_number_that_is_not_fresh_is_not_known(snapshot: QueueSnapshot, state: str) -> None:
    one = limits_of(parse_floor("").queue("support", "voice"))[0]
    changed = msgspec.structs.replace(snapshot, state=state)
    assert not look_of(one, changed).known


def test_a_measure_that_the_snapshot_did_not_judge_is_not_known(snapshot: QueueSnapshot) -> None:
    one = limits_of(parse_floor("").queue("support", "voice"))[0]
    assert not look_of(one, msgspec.structs.replace(snapshot, judged={})).known
    none = msgspec.structs.replace(snapshot, judged={"longest_wait_seconds": None})
    assert look_of(one, none).known and look_of(one, none).value is None


def test_a_closed_queue_is_seen_closed(snapshot: QueueSnapshot) -> None:
    one = limits_of(parse_floor("").queue("support", "voice"))[0]
    shut = msgspec.structs.replace(snapshot, now=msgspec.structs.replace(snapshot.now, open=False))
    assert not look_of(one, shut).open


def test_exit_is_the_enter_value_where_nobody_set_one() -> None:
    config = replace(parse_floor("").queue("support", "voice"), exits={})
    assert all(each.exit == each.enter for each in limits_of(config))
