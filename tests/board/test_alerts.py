"""One list of alerts from two engines: who is believed, who has taken one, what speaks for what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.notices import notice_of
from alerts.rulebook import RULES
from board.alerts import MEASURES, Alert, Sources, alerts_of, is_of, labels_of
from board.alerts_silences import (
    CLOCKS_MS,
    NAMED_BY,
    Acknowledged,
    Silence,
    Silences,
    acknowledged,
    matchers_of,
    silences_alone,
)
from board.alerts_wire import Matcher, Status, Told
from kpi.alert_state import Held, held_field
from tests.board.held_alerts import held

NOW = 1_795_176_000_000
MINUTE = 60_000
LABELS = {"alertname": "QueueLongestWaitHigh", "severity": "critical", "queue": "support", "channel": "voice"}
MINE = matchers_of(LABELS, "live")


def told(
    rule: str = "AbandonmentHigh", status: Status | None = None, since_ms: int = NOW - MINUTE, **labels: str
) -> Told:
    at = datetime.fromtimestamp(since_ms / 1000, UTC)
    named = {"alertname": rule, "severity": "critical", "source": "prometheus", "audience": "floor", **labels}
    return Told(
        labels={name: text for name, text in named.items() if text},
        fingerprint=f"print-{rule}-{named['severity']}",
        starts_at=at,
        ends_at=at + timedelta(minutes=5),
        annotations={"summary": "plain", "summary_zh_cn": "中文"},
        status=status or Status(),
    )


def silence(id: str = "s1", matchers: tuple[Matcher, ...] = MINE, to_ms: int = NOW + MINUTE, **more: Any) -> Silence:
    return Silence(
        id, matchers, more.get("from_ms", NOW - MINUTE), to_ms, more.get("by", "Ana"), more.get("reason", "x")
    )


def list_of(namespace: str = "live", **sources: Any) -> tuple[Alert, ...]:
    silences = Silences(sources.pop("silences", ()))
    return alerts_of(Sources(**sources, silences=silences), namespace, NOW)


def test_the_board_knows_the_measures_of_the_rules_as_the_rulebook_has_them() -> None:
    assert {rule.name: rule.measure for rule in RULES} == MEASURES


def test_what_the_engine_tells_is_shown_with_its_numbers_and_its_true_start() -> None:
    annotations = {"summary": "60 s", "summary_zh_tw": "六十秒", "runbook_url": "https://runbook.example/#x"}
    [alert] = list_of(held=[held(since_ms=NOW - MINUTE, incident="i1", group="Front", annotations=annotations)])
    assert alert.id == "QueueLongestWaitHigh|critical|support:voice"
    assert (alert.phase, alert.since_ms, alert.source, alert.is_told) == ("firing", NOW - MINUTE, "stream", True)
    assert (alert.value, alert.threshold, alert.peak) == (200.0, 180.0, 210.0)
    assert alert.summary == {"en": "60 s", "zh-CN": "60 s", "zh-TW": "六十秒"}
    assert (alert.incident, alert.group, alert.acknowledged) == ("i1", "Front", None)


@pytest.mark.parametrize(
    ("phase", "resolved_ms", "shown"),
    [("pending", None, "pending"), ("firing", None, "firing"), ("resolving", None, "resolving"),
     ("ok", NOW, "resolved"), ("ok", None, None)],
)  # fmt: skip
def test_each_phase_has_its_place(phase: str, resolved_ms: int | None, shown: str | None) -> None:
    found = list_of(held=[held(phase=phase, resolved_ms=resolved_ms)])
    assert [each.phase for each in found] == ([] if shown is None else [shown])


def test_prometheus_own_alerts_are_in_the_list_watchdogs_and_our_own_copies_are_not() -> None:
    found = list_of(
        told=[
            told(queue="support", channel="voice"),
            told("RedisDown", instance="r1"),
            told("Watchdog"),
            told("QueueLengthHigh", queue="q", channel="voice", source="stream"),
        ]
    )
    assert {each.id for each in found} == {"AbandonmentHigh|critical|support:voice", "print-RedisDown-critical"}
    [redis_down] = [each for each in found if each.rule == "RedisDown"]
    assert (redis_down.queue, redis_down.measure, redis_down.summary["zh-CN"]) == (None, "", "中文")


def test_what_should_have_ended_by_itself_is_not_shown_though_nobody_says_that_it_did() -> None:
    assert list_of(told=[told(since_ms=NOW - 6 * MINUTE, queue="q", channel="voice")]) == ()


def test_of_one_limit_that_both_engines_tell_our_own_is_believed_while_it_is_at_work() -> None:
    twin = told("QueueLongestWaitHigh", queue="support", channel="voice")
    for driven, source in ((True, "stream"), (False, "prometheus")):
        [alert] = list_of(held=[held()], told=[twin], is_driven=driven)
        assert alert.source == source


def test_the_critical_one_speaks_for_the_warning_of_the_same_rule_and_queue_only() -> None:
    warnings = [held(severity="warning"), held("QueueLengthHigh", "warning"), held(severity="warning", queue="billing")]
    found = {each.id: each.inhibited for each in list_of(held=[held(), *warnings])}
    assert found == {
        "QueueLongestWaitHigh|critical|support:voice": False,
        "QueueLongestWaitHigh|warning|support:voice": True,
        "QueueLengthHigh|warning|support:voice": False,
        "QueueLongestWaitHigh|warning|billing:voice": False,
    }
    assert not any(each.inhibited for each in list_of(held=[held(phase="pending"), warnings[0]]))
    assert [each.inhibited for each in list_of(told=[told(status=Status(inhibited_by=("a",)), queue="q")])] == [True]


def test_the_worst_stands_first_what_is_taken_behind_what_is_over_last() -> None:
    mine = silence(matchers=matchers_of({**LABELS, "queue": "taken"}, "live"))
    found = list_of(
        held=[
            held(queue="over", phase="ok", resolved_ms=NOW - 5), held(queue="soon", phase="pending"),
            held(queue="taken"), held(queue="late", since_ms=NOW), held(queue="warn", severity="warning"),
            held(queue="old", since_ms=NOW - MINUTE),
        ],
        silences=[mine],
    )  # fmt: skip
    assert [each.queue for each in found] == ["old", "late", "warn", "taken", "soon", "over"]


def test_a_silence_about_an_alert_says_who_has_taken_it_and_until_when() -> None:
    [alert] = list_of(held=[held()], silences=[silence(by="Ana", reason="we know")])
    assert alert.acknowledged == Acknowledged("Ana", "we know", NOW + MINUTE, "s1", True)
    assert not alert.is_told or alert.phase == "firing"


@pytest.mark.parametrize(
    ("more", "taken"),
    [
        ({"to_ms": NOW}, False), ({"to_ms": NOW + 1}, True), ({"from_ms": NOW}, True),
        ({"from_ms": NOW + CLOCKS_MS}, True), ({"from_ms": NOW + CLOCKS_MS + 1, "to_ms": NOW + 9 * MINUTE}, False),
    ],
)  # fmt: skip
def test_a_silence_holds_from_its_first_instant_by_a_clock_near_ours_until_before_its_last(
    more: dict[str, Any], taken: bool
) -> None:
    assert (acknowledged(LABELS, Silences([silence(**more)]), "live", NOW) is not None) == taken


def test_a_wider_silence_takes_it_too_and_of_several_the_longest_counts() -> None:
    wide = silence(
        "wide", (Matcher("queue", "support"), Matcher("severity", "warning", is_equal=False)), NOW + 9 * MINUTE
    )
    taken = acknowledged(LABELS, Silences([silence(), wide]), "live", NOW)
    assert taken is not None
    assert (taken.silence, taken.alone) == ("wide", False)
    assert [each.id for each in silences_alone(LABELS, Silences([silence(), wide]), "live", NOW)] == ["s1"]


def test_a_pattern_is_alertmanagers_to_read() -> None:
    pattern = silence("p", (Matcher("queue", "sup.*", is_regex=True),))
    assert acknowledged(LABELS, Silences([pattern]), "live", NOW) is None
    assert acknowledged(LABELS, Silences([pattern]), "live", NOW, named={"p"}) is not None
    [alert] = list_of(
        held=[held()],
        told=[
            told(
                "QueueLongestWaitHigh", Status("suppressed", ("p",)), queue="support", channel="voice", source="stream"
            )
        ],
        silences=[pattern],
    )
    assert alert.acknowledged is not None


def test_outside_of_the_live_floor_the_namespace_belongs_to_an_alert() -> None:
    assert Matcher("namespace", "monday") in matchers_of(LABELS, "monday")
    assert [each.acknowledged for each in list_of("monday", held=[held()], silences=[silence()])] != [None], "wider"
    own = silence(matchers=matchers_of(LABELS, "monday"))
    assert [each.acknowledged for each in list_of("live", held=[held()], silences=[own])] == [None]
    [taken] = list_of("monday", held=[held()], silences=[own])
    assert taken.acknowledged is not None and taken.acknowledged.alone


def test_a_replay_has_its_own_alerts_and_the_live_floor_those_that_say_of_none() -> None:
    kubernetes = told(queue="support", channel="voice", namespace="contact-centre")
    assert len(list_of("live", told=[kubernetes])) == 1
    assert list_of("monday", told=[kubernetes, told("RedisDown")]) == ()
    assert len(list_of("monday", told=[told(queue="support", channel="voice", namespace="monday")])) == 1
    pattern = silence("p", (Matcher("queue", "sup.*", is_regex=True),))
    labels: dict[str, Any] = {"queue": "support", "channel": "voice", "source": "stream", "namespace": "monday"}
    replayed = told("QueueLongestWaitHigh", Status("suppressed", ("p",)), **labels)
    [alert] = list_of("live", held=[held()], told=[replayed], silences=[pattern])
    assert alert.acknowledged is None


def test_an_alert_about_no_queue_is_silenced_by_all_that_it_is_about() -> None:
    labels = {"alertname": "SourceSilent", "severity": "critical", "source": "prometheus", "acd": "one", "job": "board"}
    assert {each.name for each in matchers_of(labels, "live")} == {"alertname", "severity", "acd"}


def test_the_labels_of_an_alert_are_those_alertmanager_knows_or_else_its_own_names() -> None:
    shown = told("RedisDown", instance="r1")
    [alert] = list_of(told=[shown])
    assert labels_of(alert, [shown], "live") == shown.labels
    [ours] = list_of(held=[held()])
    assert labels_of(ours, [], "live") == LABELS
    assert labels_of(ours, [], "monday") == {**LABELS, "namespace": "monday"}


def test_each_is_found_by_how_it_stands() -> None:
    found = list_of(
        held=[held(queue=name, phase=name, resolved_ms=NOW if name == "ok" else None) for name in
              ("pending", "firing", "resolving", "ok")],
        silences=[silence(matchers=matchers_of({**LABELS, "queue": "firing"}, "live"))],
    )  # fmt: skip

    def queues(state: str | None) -> set[str | None]:
        return {each.queue for each in found if is_of(each, queue=None, severity=None, state=state)}

    assert queues("firing") == {"firing", "resolving"}
    assert (queues("pending"), queues("resolved"), queues("acknowledged")) == ({"pending"}, {"ok"}, {"firing"})
    assert len(queues(None)) == 4
    assert not any(is_of(each, queue=None, severity="warning", state=None) for each in found)


NAMES = st.sampled_from(["support", "a/b", "x|y:z%", "客服", ""])


@given(queue=NAMES.filter(bool), severity=st.sampled_from(["warning", "critical"]), other=st.sampled_from(NAMED_BY))
def test_a_silence_about_one_alert_is_never_about_another(queue: str, severity: str, other: str) -> None:
    labels = {**LABELS, "queue": queue, "severity": severity}
    mine = silence(matchers=matchers_of(labels, "live"))
    assert acknowledged(labels, Silences([mine]), "live", NOW) is not None
    assert acknowledged({**labels, other: labels[other] + "!"}, Silences([mine]), "live", NOW) is None
    assert (
        acknowledged({**labels, "incident": "another", "source": "prometheus"}, Silences([mine]), "live", NOW)
        is not None
    )


@given(queue=NAMES.filter(bool), channel=st.sampled_from(["voice", "chat"]), rule=st.sampled_from(sorted(MEASURES)))
def test_both_engines_call_one_limit_by_one_id(queue: str, channel: str, rule: str) -> None:
    ours = list_of(held=[held(rule, queue=queue, channel=channel)])
    theirs = list_of(told=[told(rule, queue=queue, channel=channel)])
    assert [each.id for each in ours] == [each.id for each in theirs] == [held_field(rule, "critical", queue, channel)]


@pytest.mark.parametrize("queue", ["客" * 300, "line\nbreak"])
def test_a_name_that_no_label_can_hold_is_acknowledged_as_the_engines_tell_it(queue: str) -> None:
    [notice] = [dict(notice_of(held(queue=queue), "live").labels)]
    ours = held(queue=queue)
    theirs = msgspec.structs.replace(told("QueueLongestWaitHigh"), labels={**notice, "source": "prometheus"})

    [alert] = list_of(held=[ours], told=[theirs])

    assert alert.queue == queue
    for known in ([theirs], []):
        labels = labels_of(alert, known, "live")
        mine = matchers_of(labels, "live")
        assert all(matcher.fits(notice) for matcher in mine)
        [taken] = list_of(held=[ours], silences=[silence(matchers=mine)])
        assert taken.acknowledged is not None and taken.acknowledged.alone


STATES = st.sampled_from(["ok", "pending", "firing", "resolving"])
HELD = st.builds(held, queue=NAMES.filter(bool), phase=STATES, resolved_ms=st.sampled_from([None, NOW]))


@given(st.lists(HELD, max_size=6))
def test_the_order_of_what_is_known_changes_nothing(known: list[Held]) -> None:
    one_each = list({each.field: each for each in known}.values())
    assert list_of(held=one_each) == list_of(held=one_each[::-1])
    assert msgspec.json.decode(msgspec.json.encode(list_of(held=one_each)), type=tuple[Alert, ...]) == list_of(
        held=one_each
    )
