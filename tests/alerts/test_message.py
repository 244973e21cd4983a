"""What an alert says: examples of every kind, in the words of people on a floor."""

from __future__ import annotations

from string import Formatter

import pytest

from alerts.rulebook import RULES
from alerts.text import message
from alerts.text.frame import MOST_SUMMARY
from alerts.text.links import MOST, Links
from alerts.text.sizes import SIZES
from alerts.text.steps import STEPS
from alerts.text.template_words import FRAME
from alerts.text.words import LANGUAGES, WORDS
from kpi.live_state import QueueStaff
from kpi.tally import Tally
from tests.alerts import telling
from tests.alerts.telling import NOW, held, lines, snapshot, support, told

FIRST_STEP = (
    "bring back 2 on a break and 3 in wrap-up; then move people from quieter queues; "
    "announce the wait and offer callbacks"
)
IDLE = QueueStaff({"idle": 2, "busy": 7}, 2, 9, 2, 2, 9)


def test_one_line_says_queue_size_and_cause() -> None:
    said = told(held(), snapshot())
    assert said["summary"] == (
        "Technical support: longest wait 3 min 25 s (limit 3 min), 14 waiting; volume ×3.4: 8 → 27 a minute"
    )
    assert said["summary_zh_cn"] == "技术支持：最长等待 3 分 25 秒（上限 3 分），排队 14 人；话务量 ×3.4：每分钟 8 → 27"
    assert said["summary_zh_tw"] == "技術支援：最長等待 3 分 25 秒（上限 3 分），排隊 14 人；話務量 ×3.4：每分鐘 8 → 27"


def test_the_description_says_everything_that_a_lead_needs_and_the_first_step_first() -> None:
    assert told(held(), snapshot(lost=2))["description"].splitlines() == [
        f"Do first: {FIRST_STEP}",
        "Likely cause: volume ×3.4: 8 → 27 a minute; staff 9 → 9, handling 4 min → 4 min 5 s (hour before → lately)",
        "Now: longest wait 3 min 25 s (limit 3 min), 14 waiting, 0 of 9 agents free",
        "Since: 14:06:09 (UTC+8), for 25 s",
        "Affected: 10 of 14 waiting past the target, 3 gave up in 30 min, 2 of the last hour still lost",
        "Target: 80% within 20 s; last 30 min 0%, last 5 min 0%",
        "Trend: growing by 3.2 a minute over 5 min (8 in, 4.8 out), at its worst",
    ]


def test_the_same_in_both_kinds_of_chinese() -> None:
    said = told(held(), snapshot())
    assert lines(said["description_zh_cn"])["首要措施"] == (
        "请小休 2 人、话后处理 3 人尽快就绪，再从较闲队列调人支援；播报等待时长并提供回呼"
    )
    assert lines(said["description_zh_tw"])["優先處理"] == (
        "請小休 2 人、話後處理 3 人儘快上線，再從較閒佇列調人支援；播報等待時間並提供回撥"
    )
    assert [len(said[name].splitlines()) for name in ("description", "description_zh_cn", "description_zh_tw")] == [
        7
    ] * 3


def test_the_plain_texts_are_in_the_default_language_and_each_other_one_has_its_name() -> None:
    said = told(held(), snapshot(), languages=("en", "zh-TW"), default="zh-CN")
    assert said["summary"].startswith("技术支持：")
    assert sorted(name for name in said if name.startswith("summary")) == ["summary", "summary_en", "summary_zh_tw"]
    assert told(held(), snapshot(), languages=(), default="zh-CN").keys() >= {"summary", "description", "dashboard_url"}


def test_links_lead_to_the_minute_it_began_to_the_runbook_and_to_the_form() -> None:
    alert = held(queue="售后/A B", since_ms=NOW - 25_000)
    said = told(alert, snapshot())
    at = f"at={NOW - 25_000}"
    view = "https://board.example/queue/%E5%94%AE%E5%90%8E%2FA%20B/voice"
    assert said["dashboard_url"] == f"{view}?{at}"
    assert said["acknowledge_url"] == f"{view}?{at}&ack=QueueLongestWaitHigh.critical"
    assert said["runbook_url"] == "https://runbooks.example/runbook.md#queuelongestwaithigh"


def test_an_address_that_nobody_configured_is_left_out() -> None:
    assert Links().queue("support", "voice", NOW) == Links().section("QueueLengthHigh") == ""
    assert (
        message.annotations(held(), snapshot(), support(), Links())
        .keys()
        .isdisjoint({"runbook_url", "dashboard_url", "acknowledge_url"})
    )


def test_a_queue_whose_address_would_be_endless_leads_to_the_floor() -> None:
    links = Links("https://board.example/")
    assert links.queue("客" * 400, "voice", NOW) == f"https://board.example/?at={NOW}"
    assert len(links.acknowledge("x" * 5_000, "voice", NOW, "QueueLengthHigh", "warning")) <= MOST
    assert "%3F" in links.queue("\ud800", "voice", NOW)


@pytest.mark.parametrize(
    ("cause", "summary", "first"),
    [
        (telling.MISSING, "staff 9 → 4", "ask why 4 serve instead of 9"),
        (telling.SLOWER, "handling +42%: 4 min → 5 min 40 s", "ask what takes longer"),
        (telling.CROWD, "volume ×3.4: 8 → 27 a minute", "bring back 2 on a break and 3 in wrap-up"),
    ],
)
def test_the_likely_cause_decides_what_is_done_first(cause: telling.Cause, summary: str, first: str) -> None:
    said = told(held(), snapshot(cause=cause))
    assert said["summary"].endswith(f"; {summary}")
    step = lines(said["description"])["Do first"]
    assert step.startswith(first)
    assert "bring back 2 on a break and 3 in wrap-up; then move people from quieter queues" in step


def test_when_nothing_stands_out_the_numbers_are_told_all_the_same() -> None:
    said = told(held(), snapshot(cause=telling.NOTHING))
    assert said["summary"].endswith("14 waiting")
    assert lines(said["description"])["Likely cause"] == (
        "nothing stands out: volume 8 → 8.2 a minute, staff 9 → 9 (hour before → lately)"
    )


def test_what_nobody_looked_at_is_not_known() -> None:
    for cause in (None, telling.UNKNOWN):
        said = told(held(), snapshot(cause=cause, agents_known=False, staff=QueueStaff()))
        assert lines(said["description"])["Likely cause"] == "not known yet"


def test_without_anybody_telling_of_agents_nothing_is_said_about_them() -> None:
    said = told(held(), snapshot(cause=telling.MISSING, agents_known=False))
    assert "staff" not in said["summary"]
    told_lines = lines(said["description"])
    assert told_lines["Now"].endswith("agents unknown")
    assert told_lines["Do first"].startswith("move people from quieter queues")


def test_people_who_are_free_while_others_wait_are_a_matter_of_routing() -> None:
    assert lines(told(held(), snapshot(staff=IDLE))["description"])["Do first"] == (
        "2 free while 14 wait: check routing, devices and pauses"
    )


def test_a_queue_without_anybody_says_whether_they_are_away_or_not_logged_in() -> None:
    alert = held("QueueUnattended", value=3.0, peak=3.0, threshold=1.0)
    away = QueueStaff({"break": 2})
    said = told(alert, snapshot(waits=(20, 10, 3), staff=away))
    assert said["summary"].startswith("Technical support: 3 waiting and nobody serves")
    assert lines(said["description"])["Do first"].startswith("find out where everybody is; bring back 2 on a break")
    nobody = told(alert, snapshot(waits=(20, 10, 3), staff=QueueStaff()))
    assert lines(nobody["description"])["Do first"].startswith("nobody is logged in")


def test_a_share_is_told_against_its_limit_and_its_goal() -> None:
    alert = held("ServiceLevelLow", value=0.4799, peak=0.4, threshold=0.48)
    assert told(alert, snapshot())["summary"].startswith(
        "Technical support: service level 47% in 30 min (goal 80%, limit 48%)"
    )
    gone = held("AbandonmentHigh", value=0.0523, peak=0.0523, threshold=0.05)
    assert told(gone, snapshot())["summary_zh_cn"].startswith(
        "技术支持：30 分钟放弃率 5.2%（5 秒内放弃的不计，上限 5%）"
    )
    assert "5.2% gave up in 30 min (gone within 5 s not counted; limit 5%)" in told(gone, snapshot())["summary"]


def test_who_gave_up_is_to_be_called_back_where_the_alert_is_about_them() -> None:
    alert = held("AbandonmentHigh", value=0.12, peak=0.12, threshold=0.1)
    assert "call back the 4 who gave up" in lines(told(alert, snapshot(lost=4))["description"])["Do first"]


def test_chats_have_their_channel_in_the_name_and_no_callback() -> None:
    said = told(held(channel="chat"), snapshot(channel="chat"))
    assert said["summary"].startswith("Technical support (chat): ")
    assert said["summary_zh_tw"].startswith("技術支援（線上聊天）：")
    assert "callback" not in said["description"]


def test_no_traffic_has_no_value_and_no_raised_voice() -> None:
    said = told(held(value=None, peak=None), snapshot(waits=(), counts=Tally(), cause=None))
    assert lines(said["description"])["Target"] == "80% within 20 s; last 30 min no value, last 5 min no value"
    assert lines(said["description"])["Trend"] == "steady over 5 min (0 in, 0 out a minute)"
    assert lines(said["description"])["Affected"] == "0 waiting"


def test_deferred_work_is_told_by_its_cases() -> None:
    alert = held("BacklogOverdue", channel="email", value=4.0, peak=4.0, threshold=1.0)
    said = lines(told(alert, snapshot(channel="email", waits=(), cause=None))["description"])
    assert said["Affected"] == "0 cases open, 0 overdue, 0 due within 1 h"
    assert said.keys().isdisjoint({"Target", "Trend"})


def test_an_alert_that_began_yesterday_says_the_date() -> None:
    said = lines(told(held(since_ms=NOW - 20 * 3_600_000), snapshot())["description"])
    assert said["Since"] == "2026-11-19 18:06:34 (UTC+8), for 20 h"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Technical support: longest wait back within the limit, watched a little longer, worst 6 min 12 s"),
        ("zh_cn", "技术支持：最长等待已回到限值内，继续观察片刻，最差 6 分 12 秒"),
        ("zh_tw", "技術支援：最長等待已回到限值內，繼續觀察片刻，最差 6 分 12 秒"),
    ],
)
def test_what_is_good_again_but_not_for_long_enough_sends_nobody_anywhere(language: str, words: str) -> None:
    said = told(held(phase="resolving", value=3.0, peak=372.0), snapshot())
    assert said[f"summary_{language}"] == words
    assert set(lines(said["description"])) == {"Now", "Since", "Affected", "Target", "Trend"}


def test_a_long_name_is_cut_and_leaves_room_for_the_size() -> None:
    long = support(display_names={}, display_name="Complaints and returns of the northern region " * 4)
    for rule in RULES:
        summary = told(held(rule.name), snapshot(), long)["summary"]
        assert len(summary) <= MOST_SUMMARY
        assert summary.startswith("Complaints and")
    assert "longest wait 3 min 25 s (limit 3 min), 14 waiting" in told(held(), snapshot(), long)["summary"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_has_its_own_words(rule: telling.Rule) -> None:
    assert rule.name in SIZES
    said = told(held(rule.name, value=0.5, peak=0.5, threshold=0.4), snapshot())
    for language in ("en", "zh_cn", "zh_tw"):
        assert rule.name not in said[f"summary_{language}"] + said[f"description_{language}"]
    other = lines(told(held("SomebodyElses", value=2.0), snapshot())["description"])["Do first"]
    assert lines(said["description"])["Do first"] != other


def fields(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("table", [WORDS, STEPS, FRAME], ids=["words", "steps", "templates"])
def test_every_language_has_every_text_with_the_same_places_to_fill(table: telling.Table) -> None:
    assert table.keys() == set(LANGUAGES)
    english = {key: fields(text) for key, text in table["en"].items()}
    for language in LANGUAGES:
        assert {key: fields(text) for key, text in table[language].items()} == english


def test_neither_kind_of_chinese_has_signs_of_the_other() -> None:
    simplified = set("队员预严务户满钟话长时单应过进为检调级问题从视发报统结后处闲线图额决")
    traditional = set("隊員預嚴務戶滿鐘話長時單應過進為檢調級問題從視發報統結後處閒線圖額決")
    texts = {
        language: "".join(
            [*WORDS[language].values(), *STEPS[language].values(), *FRAME[language].values()]
            + [part for size in SIZES.values() for part in size.said[language]]
        )
        for language in ("zh-CN", "zh-TW")
    }
    assert set(texts["zh-CN"]) & (traditional - simplified) == set()
    assert set(texts["zh-TW"]) & (simplified - traditional) == set()
