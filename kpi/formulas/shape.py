"""The shape of a formula in words, in the languages of the page."""

from typing import NamedTuple

LANGUAGES = ("en", "zh-CN", "zh-TW")
Said = tuple[str, str, str]
"""A text in each of LANGUAGES. `{target}`, `{short}`, `{short_call}`, `{long}` are seconds of the queue, `{name}` what
stands in the place of a `*` in the formula's key."""


class Formula(NamedTuple):
    """How one number is made.

    `key`: where it stands in a window of a snapshot (`abandonment_rates.net_short`; a last part `*` stands for any
    name), or `now.`, `backlog.`, `flow.` and a field. `unit`: of its value. `anchor`: heading of the glossary.
    `numerator`, `denominator`: names of terms (`kpi.formulas.terms`), one to be taken away with a "-" before it; a
    formula without them is the plain number of what its list holds. `left_out`: a key of `LEFT_OUT`. `about`: what of
    a contact its line tells: outcome, level, talk, hold, wrapup, chat, other, or how the list is made: live, agents,
    cases, setting (there is none).
    """

    key: str
    unit: str
    anchor: str
    text: Said
    numerator: tuple[str, ...] = ()
    denominator: tuple[str, ...] = ()
    left_out: str = "outbound"
    about: str = "other"


def language_of(text: str) -> str:
    """One of LANGUAGES for a language tag: traditional Chinese for Taiwan, Hong Kong, Macao; English when unknown."""
    tag = text.lower().replace("_", "-")
    if tag.startswith(("zh-hant", "zh-tw", "zh-hk", "zh-mo")):
        return "zh-TW"
    return "zh-CN" if tag == "zh" or tag.startswith("zh-") else "en"


def in_language(said: Said, language: str) -> str:
    """The text of one of LANGUAGES."""
    return said[LANGUAGES.index(language)]
