"""The texts of the dashboards. Grafana translates only itself, so there is one dashboard for each language.

Every language has the same keys; tests/grafana/test_words.py holds them together and finds what nobody says any more.
"""

from __future__ import annotations

from grafana.words import (
    en_floor,
    en_platform,
    en_terms,
    zh_cn_floor,
    zh_cn_platform,
    zh_cn_terms,
    zh_tw_floor,
    zh_tw_platform,
    zh_tw_terms,
)

# language -> its name in itself
LANGUAGES = {"en": "English", "zh-CN": "简体中文", "zh-TW": "繁體中文"}
# Panels: key -> (title, meaning). Words: everything else.
PANELS: dict[str, dict[str, tuple[str, str]]] = {
    "en": en_floor.PANELS | en_platform.PANELS,
    "zh-CN": zh_cn_floor.PANELS | zh_cn_platform.PANELS,
    "zh-TW": zh_tw_floor.PANELS | zh_tw_platform.PANELS,
}
WORDS: dict[str, dict[str, str]] = {"en": en_terms.WORDS, "zh-CN": zh_cn_terms.WORDS, "zh-TW": zh_tw_terms.WORDS}


class Words:
    """The texts of one language. `said` collects which of them were asked for. KeyError for a key that is not there."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.said: set[str] = set()

    def __call__(self, key: str, **values: object) -> str:
        self.said.add(key)
        return WORDS[self.language][key].format(**values)

    def title(self, key: str) -> str:
        """The title of a panel."""
        self.said.add(key)
        return PANELS[self.language][key][0]

    def meaning(self, key: str) -> str:
        """What a panel shows, and by which formula."""
        self.said.add(key)
        return PANELS[self.language][key][1]
