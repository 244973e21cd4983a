"""Text for a chat: inert, and cut between characters."""

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from alerts.relay.texts import clean, cut, inert, one_line, safe_link
from alerts.relay.words import WORDS
from tests.laws import LAW, WIDE

LANGUAGES = st.sampled_from(sorted(WORDS))
TEXTS = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from("等待🙋🏽‍👩é\u0301*_[]()<>`")), max_size=300)


@LAW
@given(text=TEXTS, most=st.integers(0, 1_000), language=LANGUAGES)
def test_a_cut_text_fits_begins_like_the_whole_and_counts_what_is_missing(text: str, most: int, language: str) -> None:
    short = cut(text, most, WORDS[language])

    assert len(short.encode()) <= most
    if short != text and short:
        missing = int(re.findall(r"[\d,]+", short)[-1].replace(",", ""))
        kept = len(text) - missing
        assert short.startswith(text[:kept].rstrip())
        assert short == text[:kept].rstrip() + WORDS[language].cut(missing)
        if kept > 0:
            assert not unicodedata.combining(text[kept]), "a letter without its mark"
            assert "\u200d" not in (text[kept], text[kept - 1]), "half a family"


def test_four_thousand_chinese_characters_are_cut_at_a_character() -> None:
    short = cut("等" * 4_000, 4_096, WORDS["zh-CN"])

    assert 4_090 <= len(short.encode()) <= 4_096
    assert re.fullmatch(r"等+……（还有 2,\d{3} 个字）", short)


@WIDE
@given(text=TEXTS)
def test_inert_text_holds_no_sign_that_steers_markdown_or_calls_people(text: str) -> None:
    assert not set(inert(text)) & set("<>*_`[]#~|\\")


@WIDE
@given(text=st.text(max_size=200))
def test_clean_text_holds_no_control_character_and_is_idempotent(text: str) -> None:
    assert all(unicodedata.category(sign) not in ("Cc", "Cs") for sign in clean(text).replace("\n", ""))
    assert clean(clean(text)) == clean(text)
    assert "\n" not in one_line(text)


def test_a_link_is_an_address_of_the_web_without_signs_that_would_end_it() -> None:
    assert safe_link("https://b.example/q/售后/voice?at=1") == "https://b.example/q/%E5%94%AE%E5%90%8E/voice?at=1"
    assert safe_link("https://b.example/a(1)[x]") == "https://b.example/a%281%29%5Bx%5D"
    for wrong in ("javascript:alert(1)", "//b.example", "", "https://b example", "https://b\n.example"):
        assert safe_link(wrong) == ""
