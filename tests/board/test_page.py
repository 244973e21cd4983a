"""The page: what can be said of its files. What it shows in a real browser: tests/browser."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from board.web.routes.page import PAGE_FILES

PAGE = files("board.page")


def text(name: str) -> str:
    return PAGE.joinpath(name).read_text("utf-8")


def test_no_file_of_the_page_makes_markup_from_data_or_asks_another_host() -> None:
    for name in ("index.html", *PAGE_FILES):
        source = text(name).replace("http://www.w3.org/2000/svg", "")
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "://", "style="):
            assert word not in source, f"{word} in {name}"
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=", source), name


def test_every_file_the_page_asks_for_is_served() -> None:
    asked = set(re.findall(r"/static/([\w.]+)", text("index.html")))
    for name in PAGE_FILES:
        asked |= set(re.findall(r'(?:from |import |import\()"\./([\w.]+)"', text(name)))
    assert asked == set(PAGE_FILES)


def texts_of(source: str) -> dict[str, dict[str, list[str]]]:
    """Language -> key -> the names of the values in its text, of a file of words."""
    languages = {}
    for language, body in re.findall(r'^  "?([\w-]+)"?: \{$(.*?)^  \},$', source, re.MULTILINE | re.DOTALL):
        found = re.findall(r'(\w+): "([^"]*)"', body)
        languages[language] = {key: sorted(re.findall(r"\{(\w+)\}", said)) for key, said in found}
    return languages


WORDS = {name: texts_of(text(name)) for name in sorted(PAGE_FILES) if name.startswith("words_")}


@pytest.mark.parametrize("name", WORDS)
def test_each_language_has_every_text_with_the_same_values_in_it(name: str) -> None:
    languages = WORDS[name]
    assert set(languages) == {"en", "zh-CN", "zh-TW"}
    assert languages["en"]
    assert languages["en"] == languages["zh-CN"] == languages["zh-TW"]


def test_every_text_the_page_says_is_in_one_file_of_words() -> None:
    keys_of = [set(languages["en"]) for languages in WORDS.values()]
    known: set[str] = set().union(*keys_of)
    source = "".join(text(name) for name in ("index.html", *PAGE_FILES) if not name.startswith("words_"))
    used = set(re.findall(r'say\("(\w+)"|data-(?:word|label|hint)="(\w+)"', source))
    assert {one or other for one, other in used} <= known
    assert sum(map(len, keys_of)) == len(known), "a text in two files: the later one would win"
