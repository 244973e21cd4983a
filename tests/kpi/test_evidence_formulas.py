"""The table of formulas: complete, in three languages, with a source that is there."""

import re
from string import Formatter
from typing import get_args

import msgspec
import pytest

from kpi import backlog, events
from kpi.customer import REPEATS
from kpi.evidence.lines import ContactLine
from kpi.evidence.share import Shown
from kpi.evidence.words import agent_because, because, since_because, unknown_customers_note
from kpi.floor import parse_floor
from kpi.formulas.names import EXITS, NAMES, STATES, STATUSES
from kpi.formulas.table import (
    ALIASES,
    FORMULAS,
    GLOSSARY,
    LANGUAGES,
    NOT_EXPLAINED,
    TERMS,
    language_of,
    left_out_of,
    parts_in_words,
    resolve,
    text_of,
)
from kpi.formulas.terms import LEFT_OUT
from kpi.live_state import Backlog, Flow, Now
from kpi.measures import summary
from kpi.service_level import VARIANTS
from kpi.snapshot import window_counts
from kpi.tally import Tally
from tests.data_sets import ROOT
from tests.kpi.evidence_logs import leaves

CONFIG = parse_floor("").queue("support", "voice")
FILLED = {"target", "short", "short_call", "long", "name"}
FULL = Tally(
    dict.fromkeys(
        (
            "offered", "exit.timeout", "join.requeue", "rating.csat/5/5", "entry.400", "reason.invoice", "blocked.full",
            "transfer_in.blind", "transfer_out.blind", "ended_by.agent", "case_met.resolution", "wait.abandoned.3",
        ),
        1,
    )
)  # fmt: skip


def headings() -> set[str]:
    """The anchors of the glossary's headings."""
    text = (ROOT / GLOSSARY).read_text("utf-8")
    found = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


def is_excused(path: str) -> bool:
    """Whether a path is in the list of what is not explained."""
    return any(re.fullmatch(re.escape(key).replace(r"\*", "[^.]+") + r"(\..+)?", path) for key in NOT_EXPLAINED)


def test_every_number_of_a_window_has_a_formula_or_a_reason_not_to() -> None:
    paths = {*leaves(summary(FULL)), *leaves(window_counts(FULL, CONFIG))}

    assert {path for path in paths if resolve(path) is None and not is_excused(path)} == set()


@pytest.mark.parametrize(("section", "struct"), [("now", Now), ("backlog", Backlog), ("flow", Flow)])
def test_every_field_of_the_state_now_has_a_formula(section: str, struct: type[msgspec.Struct]) -> None:
    names = {f"{section}.{field.name}" for field in msgspec.structs.fields(struct)}

    assert {name for name in names if name not in FORMULAS and f"{name}.*" not in FORMULAS} == set()


def test_every_formula_stands_in_the_glossary() -> None:
    assert {formula.anchor for formula in FORMULAS.values()} <= headings()


@pytest.mark.parametrize("key", sorted(FORMULAS))
def test_a_formula_is_said_in_every_language_and_filled_with_what_there_is(key: str) -> None:
    formula = FORMULAS[key]
    assert len(formula.text) == len(LANGUAGES) == len(set(formula.text))
    for text in formula.text:
        assert text.strip() == text != ""
        assert {name for _, name, _, _ in Formatter().parse(text) if name is not None} <= FILLED
    assert ("{name}" in formula.text[0]) <= key.endswith("*")
    assert {name.removeprefix("-") for name in (*formula.numerator, *formula.denominator)} <= TERMS.keys()
    assert formula.left_out in LEFT_OUT


def test_simplified_and_traditional_signs_are_not_mixed() -> None:
    said = [formula.text for formula in FORMULAS.values()] + list(TERMS.values()) + list(LEFT_OUT.values())
    said += [word for names in NAMES.values() for word in names.values()]
    simplified, traditional = "".join(each[1] for each in said), "".join(each[2] for each in said)

    assert not set("隊佇話轉應將數與單時間發響線實際結") & set(simplified)
    assert not set("队话转应将数与单时间发响线实际结") & set(traditional)


def test_every_term_and_every_excuse_is_used() -> None:
    used = {name.removeprefix("-") for each in FORMULAS.values() for name in (*each.numerator, *each.denominator)}

    assert used == TERMS.keys()
    assert {formula.left_out for formula in FORMULAS.values()} == LEFT_OUT.keys()


def test_names_that_people_and_the_page_use_lead_to_a_formula() -> None:
    for name, path in ALIASES.items():
        found = resolve(name)
        assert found is not None
        assert found.path == path
    assert resolve("waiting") == resolve("now.waiting") is not None
    assert resolve("overdue") == resolve("backlog.overdue") is not None
    assert resolve("net_per_minute") == resolve("flow.net_per_minute") is not None


@pytest.mark.parametrize(
    "name",
    [
        "",
        "now",
        "exits.",
        "exits.*",
        "*",
        "service_level.none",
        "__class__",
        "now.waiting.x",
        "abandon_hazard.zzz",
        "abandon_hazard.10",
        "abandon_hazard.300",
        "answered_within.x",
        "abandoned_within.-1",
        "customers.repeat.2h",
        "now.waiting_over_target.3",
    ],
)
def test_a_name_that_means_nothing_leads_nowhere(name: str) -> None:
    assert resolve(name) is None


def test_every_variant_of_the_service_level_has_a_sentence_with_its_own_limits() -> None:
    config = parse_floor("[queue.vip]\ntarget = { percent = 90, seconds = 7 }\nshort_abandon_seconds = 3").queue(
        "vip", "voice"
    )
    for variant in VARIANTS:
        found = resolve("service_level", variant)
        assert found is not None
        for language in LANGUAGES:
            assert "7" in text_of(found, language, config) + parts_in_words(found.formula.numerator, language, config)
    short = resolve("short_excluded")
    assert short is not None
    assert parts_in_words(short.formula.denominator, "en", config) == "answered + gave up − gave up within 3 s"
    assert left_out_of(short, "en").startswith("Calls that the centre made.")


def test_a_name_with_braces_is_shown_as_it_is() -> None:
    found = resolve("exits.{target.__class__}")
    assert found is not None
    assert text_of(found, "en", CONFIG) == "Legs that left the queue for this reason: {target.__class__}."


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en", "en"), ("de-AT", "en"), ("zh", "zh-CN"), ("zh_SG", "zh-CN"), ("zh-Hant-HK", "zh-TW"), ("ZH-tw", "zh-TW"),
        ("", "en"),
    ],
)  # fmt: skip
def test_the_language_is_the_nearest_there_is(tag: str, language: str) -> None:
    assert language_of(tag) == language


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("exits.overflow", ("moved on by a rule", "按规则溢出", "依規則溢出")),
        ("joined.overflow", ("moved on by a rule from elsewhere", "按规则从别处溢出", "依規則從別處溢出")),
        ("transfers_out.blind", ("without asking first", "直接转接", "直接轉接")),
        ("ended_by.customer", ("the customer", "客户", "客戶")),
        ("customers.repeat.7d", ("7 days", "7 天", "7 天")),
        ("ratings.csat", ("satisfaction (CSAT)", "满意度（CSAT）", "滿意度（CSAT）")),
        ("ratings.resolved", ("whether it was resolved", "是否已解决", "是否已解決")),
        ("backlog.status.on_hold", ("on hold", "挂起", "暫停")),
        ("backlog.clocks.resolution.1h", ("resolution, within 1 hour", "解决，1 小时内", "解決，1 小時內")),
        ("now.agents.acw", ("wrap-up", "话后处理", "話後處理")),
        # What sources name themselves, also when it looks like a word of ours.
        ("reasons.overflow", ("overflow", "overflow", "overflow")),
        ("exits.sung.away", ("sung.away", "sung.away", "sung.away")),
    ],
)
def test_the_contracts_words_are_said_in_every_language_and_others_stay(name: str, words: tuple[str, ...]) -> None:
    found = resolve(name)
    assert found is not None
    for language, word in zip(LANGUAGES, words, strict=True):
        text = text_of(found, language, CONFIG)
        assert word in text
        assert found.name in text or word != found.name


def test_every_word_of_the_contract_has_its_name() -> None:
    assert set(get_args(events.LeaveReason)) <= EXITS.keys()
    assert set(get_args(events.AgentState)) == STATES.keys()
    assert set(get_args(events.EndedBy)) <= NAMES["ended_by.*"].keys()
    assert set(get_args(events.Clock)) <= NAMES["backlog.clocks.*"].keys()
    assert set(backlog.STATUSES) <= STATUSES.keys()
    assert {*backlog.AGES, backlog.MORE} == NAMES["backlog.age.*"].keys()
    assert {name for name, _ in REPEATS} <= {f"repeat.{span}" for span in NAMES["customers.repeat.*"]}
    assert set(NAMES) <= FORMULAS.keys()


def test_no_formula_names_another_one_by_its_code() -> None:
    assert not [key for key, each in FORMULAS.items() if any("sl_" in text for text in each.text)]


@pytest.mark.parametrize(
    ("line", "part", "key", "language", "sentence"),
    [
        (ContactLine("c", "l", outcome="answered", wait_seconds=19.2), Shown(1, 1, 1), "service_level.sl_event", "en",
         "Answered after 20 s, within the target of 20 s: counts in numerator and denominator"),
        (ContactLine("c", "l", outcome="answered", wait_seconds=20.001), Shown(0, 0, 1), "service_level.sl_event", "en",
         "Answered after 21 s, past the target of 20 s: counts in the denominator only"),
        (ContactLine("c", "l", outcome="abandoned", wait_seconds=3), Shown(0, 0, -1), "service_level.short_excluded",
         "zh-CN", "等待 3 秒后放弃，在目标 20 秒之内：从分母中扣除"),
        (ContactLine("c", "l", outcome="waiting", wait_seconds=31), Shown(0, 0, 1), "service_level.sl_event", "zh-TW",
         "已等待 31 秒，超過目標 20 秒：只計入分母"),
        (ContactLine("c", "l", outcome="timeout"), Shown(1, 1), "exits", "en",
         "Left: the queue's time limit passed: counts"),
        (ContactLine("c", "l", outcome="answered", wait_seconds=3, talk_seconds=65.5), Shown(65.5, 65.5, 1),
         "talk_seconds.mean", "en", "Talked for 1:06: counts as 1:06"),
        (ContactLine("k", kind="case", outcome="pending"), Shown(1, 1), "cases.opened", "en",
         "Case, status waits for the customer: counts"),
        (ContactLine("c", "l", outcome="abandoned", wait_seconds=10.914), Shown(1, 1), "abandoned", "en",
         "Gave up after 11 s: counts"),
        (ContactLine("c", "l", outcome="answered", wait_seconds=2.31), Shown(1, 1), "answered", "zh-CN",
         "等待 2.4 秒后接通：计入"),
        (ContactLine("c", "l", outcome="answered", wait_seconds=2_850), Shown(2_850, 2_850, 1),
         "wait_seconds.answered.max", "zh-TW", "等待 47:30 後接通：以 47:30 計入"),
        (ContactLine("c", "l", outcome="overflow", wait_seconds=3_725), Shown(1, 1), "exits", "zh-CN",
         "等待 1:02:05 后离开：按规则溢出：计入"),
        (ContactLine("c", "l", outcome="sung away", wait_seconds=4), Shown(1, 1), "exits", "zh-CN",
         "等待 4 秒后离开：sung away：计入"),
        (ContactLine("k", kind="case", outcome="resolved"), Shown(971.1, 971.1, 1), "cases.first_reply", "en",
         "Case, status resolved: counts as 16:12"),
        (ContactLine("c"), Shown(2, 2), "reasons", "en", "Said of the contact itself: counts 2 times"),
    ],
)  # fmt: skip
def test_a_line_says_why_it_is_there(line: ContactLine, part: Shown, key: str, language: str, sentence: str) -> None:
    assert because(line, part, FORMULAS[key], CONFIG, language) == sentence


@pytest.mark.parametrize(
    ("seconds", "language", "sentence"),
    [
        (0, "en", "For 0 s"), (2.95, "en", "For 3 s"), (2.3, "zh-CN", "已持续 2.3 秒"), (59.2, "en", "For 1:00"),
        (2_850, "zh-TW", "已持續 47:30"), (-900, "en", "In 15:00"), (-900, "zh-CN", "15:00 后"),
        (-30, "zh-TW", "30 秒後"), (360_000, "en", "For 100:00:00"),
    ],
)  # fmt: skip
def test_a_length_is_told_in_tenths_when_short_and_in_minutes_when_long(
    seconds: float, language: str, sentence: str
) -> None:
    assert since_because(seconds, language) == sentence


def test_an_agents_state_and_the_unnamed_are_told_in_every_language() -> None:
    assert [agent_because("break", 75, language) for language in LANGUAGES] == [
        "On a break for 1:15", "小休 1:15", "小休 1:15",
    ]  # fmt: skip
    assert agent_because("sung", 75, "en") == "sung"
    assert unknown_customers_note(3, "zh-CN").startswith("另有 3 个")
