"""What a message says of its incident, and in which order."""

import pytest

from alerts.prometheus.words import LINES
from alerts.relay.cards import draft
from alerts.relay.digest import Told
from alerts.relay.notice import Alert
from alerts.relay.words import WORDS
from alerts.text import words as message_words
from alerts.text.plain import duration
from tests.alerts.relay.calls import alert
from tests.alerts.relay.drawn import SHAPES, shown, story


@pytest.mark.parametrize("name", SHAPES)
def test_a_card_says_severity_summary_description_and_links(name: str) -> None:
    links = {"dashboard_url": "https://board.example/q?at=1", "runbook_url": "https://book.example/#wait"}
    text = shown(name, [story(alert(acknowledge_url="https://board.example/ack", **links))])

    for part in ("CRITICAL: support: 14 waiting, longest 4:05", "Do first: ask for help", *links.values()):
        assert part in text
    assert "https://board.example/ack" in text
    assert text.count("14 waiting, longest") == 1, "nothing is said twice"


def test_the_texts_are_those_of_the_robots_language_else_the_common_ones() -> None:
    one = story(alert(summary_zh_cn="支持：14 人等待", description_zh_cn="先做：求助"))

    assert "严重：支持：14 人等待" in shown("wecom", [one], "zh-CN")
    assert "嚴重：support: 14 waiting" in shown("wecom", [one], "zh-TW")
    assert "支持" not in shown("wecom", [one])


@pytest.mark.parametrize(("language", "ended"), [("en", "wait: ended after 4 min"), ("zh-CN", "等待：历时 4 分")])
def test_what_prometheus_ends_is_told_by_its_text_for_that_and_not_by_that_of_its_last_look(
    language: str, ended: str
) -> None:
    texts = {"summary_zh_cn": "等待 14 人", "ended_en": "wait: ended after 4 min", "ended_zh_cn": "等待：历时 4 分"}
    over, on = alert(status="resolved", **texts), alert(**texts)

    assert draft([story(over, told=knows(over))], WORDS[language]).card.title.endswith(ended)
    assert ended not in draft([story(on)], WORDS[language]).card.title


def test_an_alert_without_annotations_is_named_by_its_labels() -> None:
    assert "WARNING: Test support" in shown(
        "wecom", [story(Alert(labels={"alertname": "Test", "queue": "support", "severity": "warning"}))]
    )
    assert "ALERT: ALERT" in shown("wecom", [story(Alert())])


def test_the_next_message_of_an_incident_says_what_changed() -> None:
    warning = alert("support", "warning")
    over = alert("support", "critical", status="resolved")
    text = shown("wecom", [story(over, warning, told=Told({over.id: False, warning.id: False}))])

    assert text.startswith('### <font color="warning">WARNING, critical is over: support: 14 waiting')
    assert "Over: CRITICAL: support: 14 waiting, longest 4:05 (lasted 4 min)" in text


TECHNICAL = alert("Technical support", incident="i", description="Do first: all hands")
RETURNS = alert("Returns", "warning", incident="i", description="Do first: nothing yet")


def knows(*alerts: Alert) -> Told:
    return Told({one.id: False for one in alerts})


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("status", ["firing", "resolved"])
@pytest.mark.parametrize("known", [(TECHNICAL,), (TECHNICAL, RETURNS)], ids=["new", "known"])
def test_whatever_changes_the_worst_that_is_on_leads(language: str, status: str, known: tuple[Alert, ...]) -> None:
    words = WORDS[language]
    other = alert("Returns", "warning", incident="i", status=status, dashboard_url="https://board.example/returns")
    message = draft([story(other, TECHNICAL, told=knows(*known))], words)

    named = words.says.format(words.severity("critical"), "Technical support: 14 waiting, longest 4:05")
    assert message.card.title == f"{words.still} {named} (+1)"
    assert message.card.colour == "red"
    assert message.items[0].details == "Do first: all hands"
    assert [item.details for item in message.items[1:]] == [""], "what to do first is said once"
    kind = words.over if status == "resolved" else words.still if RETURNS in known else words.new
    assert message.items[1].head.text.startswith(words.says.format(kind, words.severity("warning")))
    assert message.card.links == (), "those of the alert in the title"


def test_of_two_that_are_as_bad_the_longer_one_leads_and_changes_follow_worst_first() -> None:
    known = alert("known", started="2026-11-20T10:01:00Z")
    older, unread = alert("older", started="2026-11-20T09:59:59.5Z"), alert("unread", started="soon")
    new, worse = alert("new", "warning"), alert("worse", started="2026-11-20T10:02:00Z")
    over = alert("over", status="resolved")
    told = knows(known, older, unread, over)
    message = draft([story(new, over, known, unread, older, worse, told=told)], WORDS["en"])

    assert message.card.title.startswith("Still CRITICAL: older")
    assert [item.head.text.split(": 14")[0] for item in message.items[1:]] == [
        "New: CRITICAL: worse",
        "New: WARNING: new",
        "Over: CRITICAL: over",
        "Still: CRITICAL: known",
        "Still: CRITICAL: unread",
    ]


@pytest.mark.parametrize("language", WORDS)
def test_an_alert_in_its_keep_time_leads_only_when_no_other_is_on(language: str) -> None:
    text = {"description": "Now: " + LINES[language]["back"]}
    back = alert("Technical support", **text)
    alone = draft([story(back, told=knows(back))], WORDS["en"]).card
    both = draft([story(back, RETURNS, told=knows(back, RETURNS))], WORDS["en"]).card

    assert alone.title.startswith("Still CRITICAL: Technical support")
    assert (both.title.split(":")[0], both.colour) == ("Still WARNING", "orange")


def test_critical_is_not_over_while_another_one_is_watched() -> None:
    back = alert("Sales", description=LINES["en"]["back"])
    over = alert("Technical support", status="resolved")
    title = draft([story(back, over, RETURNS, told=knows(back, over, RETURNS))], WORDS["en"]).card.title

    assert title.startswith("Still WARNING: Returns")


def test_over_stands_in_a_title_only_when_the_whole_incident_is() -> None:
    over = alert("Returns", "warning", incident="i", status="resolved")
    whole = draft([story(over, told=knows(over))], WORDS["zh-CN"]).card
    acknowledged = draft([story(over, told=knows(over, TECHNICAL))], WORDS["zh-CN"]).card
    unlisted = draft([story(over, told=knows(over), unnamed=3)], WORDS["zh-CN"]).card

    assert (whole.title[:4], whole.colour) == ("已恢复：", "green")
    for card in (acknowledged, unlisted):
        assert (card.title[:6], card.colour) == ("部分已恢复：", "orange")


def test_a_group_without_incidents_is_over_whatever_was_silenced_in_it_once() -> None:
    over = alert("Returns", status="resolved")

    assert draft([story(over, told=knows(over, TECHNICAL))], WORDS["en"]).card.title.startswith("Over: ")


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("ending", ["normal", "normal_plain", "eased", "closing", "stopped"])
def test_how_long_it_was_on_is_said_once(language: str, ending: str) -> None:
    words, said = WORDS[language], message_words.WORDS[language]
    values = {"noun": "x", "peak": 9, "now": 1, "limit": 5}
    summary = said[ending].format(time=duration(245, said), **values)
    over = alert(status="resolved", summary=summary)
    alone = draft([story(over, told=knows(over))], words)
    beside = draft([story(over, RETURNS, told=knows(over, RETURNS))], words)

    assert summary in alone.card.title
    assert alone.items[0].head.text == ""
    assert beside.items[1].head.text.endswith(summary)


def test_a_digest_begins_with_the_worst_that_is_on_and_has_its_links() -> None:
    technical = alert("Technical support", dashboard_url="https://board.example/technical")
    over = alert("Returns", status="resolved", dashboard_url="https://board.example/returns")
    told = [story(over, told=knows(over)), story(technical, told=knows(technical))]
    message = draft(told, WORDS["en"])

    assert message.card.title == "CRITICAL: 1, 2 alerts of 2 incidents"
    assert [item.alert for item in message.items] == [technical, over]
    assert message.card.links == (("Board", "https://board.example/technical"),)


def test_a_reminder_says_that_it_is_still_on_and_an_end_is_green() -> None:
    one, over = alert(), alert(status="resolved")

    assert "Still CRITICAL: support" in shown("wecom", [story(one, told=Told({one.id: False}))])
    assert '<font color="info">Over: support' in shown("wecom", [story(over, told=Told({over.id: False}))])
    assert "came and went" in shown("wecom", [story(over)])


def test_nothing_that_is_over_is_acknowledged() -> None:
    over = alert(status="resolved", acknowledge_url="https://board.example/ack")

    assert "https://board.example/ack" not in shown("wecom", [story(over, told=Told({over.id: False}))])
