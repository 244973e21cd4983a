"""A message fits whatever the platform, the texts and their number."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.relay.bodies import WECOM, encoded
from alerts.relay.cards import draft
from alerts.relay.fitting import fit, plain
from alerts.relay.words import WORDS
from tests.alerts.relay.calls import LONG, alert
from tests.alerts.relay.drawn import HOSTILE, LIMITS, SHAPES, shown, story, text_of, weight
from tests.laws import WIDE


@pytest.mark.parametrize("name", SHAPES)
def test_five_hundred_alerts_are_all_named_or_counted(name: str) -> None:
    severities = ("critical", "warning", "warning")
    told = [
        replace(story(alert(f"queue-{number:03d}", severities[number % 3])), incident=f"i{number}")
        for number in range(500)
    ]
    text = shown(name, told)
    named = set(re.findall(r"queue.\d{3}", text))
    more = int(re.search(r"and (\d+) more", text)[1])  # type: ignore[index]

    assert "500 alerts of 500 incidents" in text
    assert len(named) + more == 500
    assert len(named) >= (40 if name == "wecom" else 100)
    assert all(f"queue-{number:03d}" in named for number in range(0, 60, 3)), "the worst are named first"
    assert f"{more} more (" in text and "WARNING" in text.rsplit("more (", 1)[1]


@pytest.mark.parametrize("name", SHAPES)
def test_four_thousand_chinese_characters_are_cut_within_the_limit(name: str) -> None:
    shape = SHAPES[name]
    body = shape.card(fit(draft([story(alert(description_zh_cn=LONG * 3))], WORDS["zh-CN"]), shape.layout))

    assert LIMITS[name] * 0.9 <= weight(name, body) <= LIMITS[name]
    assert re.search(r"等……（还有 [\d,]+ 个字）", text_of(name, body))


@WIDE
@given(
    name=st.sampled_from(sorted(SHAPES)),
    texts=st.lists(st.tuples(HOSTILE, HOSTILE, st.booleans()), min_size=1, max_size=6),
    copies=st.integers(1, 40),
    several=st.booleans(),
    language=st.sampled_from(sorted(WORDS)),
)
def test_whatever_the_texts_the_body_fits_and_its_markup_is_whole(
    name: str, texts: list[tuple[str, str, bool]], copies: int, several: bool, language: str
) -> None:
    alerts = [
        alert(f"{number}{summary[:20]}", summary=summary, description=text, status="resolved" if over else "firing")
        for number, (summary, text, over) in enumerate(texts * copies)
    ]
    told = [story(one) for one in alerts] if several else [story(*alerts)]
    shape = SHAPES[name]
    body = shape.card(fit(draft(told, WORDS[language]), shape.layout))
    text = text_of(name, body)

    assert weight(name, body) <= LIMITS[name]
    assert "\ufffd" not in text or any("\ufffd" in part for pair in texts for part in pair[:2])
    if name in ("wecom", "dingtalk"):
        assert text.count("**") % 2 == 0
        assert text.count("<font") == text.count("</font>") == text.count("<font color=")
        assert len(re.findall(r"[<>]", text)) == (4 if name == "wecom" else 0), "no tag but ours"
        assert "`" not in text


@WIDE
@given(summary=HOSTILE, language=st.sampled_from(sorted(WORDS)))
def test_the_short_text_fits_everywhere(summary: str, language: str) -> None:
    message = draft([story(*(alert(f"q{n}", summary=f"{n}{summary}") for n in range(20)))], WORDS[language])
    for text in (plain(message), plain(message, 2)):
        assert len(text.encode()) <= 2_048, "nothing is cut that was not counted"
        for name, shape in SHAPES.items():
            assert len(encoded(shape.text(text, WORDS[language]))) <= LIMITS[name]
        assert WECOM.text(text, WORDS[language])["text"]["content"] == text


def test_what_alertmanager_left_out_is_counted_and_a_long_wait_is_said() -> None:
    text = shown("wecom", [story(alert(), unnamed=37)], waited_ms=11 * 60_000)

    assert "37 that Alertmanager did not list" in text
    assert "Waited 11 min" in text


def test_a_keyword_stands_in_every_message() -> None:
    message = draft([story(alert())], WORDS["en"], keyword="值班")

    assert message.card.title.startswith("值班 CRITICAL")
    assert "值班" in plain(message) and "值班" in plain(message, 2)


def test_a_chat_that_minds_the_card_gets_lines_and_one_that_minds_them_gets_numbers() -> None:
    message = draft([story(alert("a"), alert("b", "warning"))], WORDS["en"])

    assert plain(message).splitlines() == [
        "CRITICAL: a: 14 waiting, longest 4:05 (+1)",
        "WARNING: b: 14 waiting, longest 4:05",
        "(the chat refused the full text; see the board)",
    ]
    assert plain(message, 2).splitlines()[0] == "2 alerts (1 CRITICAL, 1 WARNING)"
