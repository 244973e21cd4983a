"""The texts: the same keys in every language, none that nobody says, each really in its language."""

import re
import string

import pytest

from grafana.build import in_language
from grafana.words import LANGUAGES, PANELS, WORDS, Words

CHINESE = re.compile(r"[\u4e00-\u9fff]")
# What stands in Latin letters in Chinese, too.
LATIN = {"col.python", "legend.p50", "legend.p90", "legend.p99"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_key_and_says_it(language: str) -> None:
    words = Words(language)
    in_language(words)
    assert PANELS[language].keys() == PANELS["en"].keys()
    assert WORDS[language].keys() == WORDS["en"].keys()
    assert not PANELS[language].keys() & WORDS[language].keys()
    assert words.said == PANELS[language].keys() | WORDS[language].keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_has_the_fields_of_the_english_one(language: str) -> None:
    def fields(text: str) -> set[str | None]:
        return {field for _, field, _, _ in string.Formatter().parse(text)} - {None}

    for key, text in WORDS[language].items():
        assert fields(text) == fields(WORDS["en"][key]), key
        assert text.strip() == text != ""


def test_chinese_is_chinese_and_english_is_not() -> None:
    for language in LANGUAGES:
        texts = dict(WORDS[language])
        texts.update({f"{key} title": title for key, (title, _) in PANELS[language].items()})
        texts.update({f"{key} meaning": meaning for key, (_, meaning) in PANELS[language].items()})
        for key, text in texts.items():
            if key not in LATIN:
                assert bool(CHINESE.search(text)) == (language != "en"), key


def test_the_two_chinese_scripts_are_not_mixed() -> None:
    simplified, traditional = set("队数时长据阈规个问题发过务"), set("隊數時長據門檻規個問題發過務")
    for language, foreign in (("zh-CN", traditional - simplified), ("zh-TW", simplified - traditional)):
        for key, text in [*WORDS[language].items(), *((key, a + b) for key, (a, b) in PANELS[language].items())]:
            assert not foreign & set(text), (language, key)


def test_a_text_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        Words("en")("no such key")
    assert Words("zh-TW")("gate", seconds=12) == "僅在狀態不超過 12 秒時顯示。"
