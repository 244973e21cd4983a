"""Every number that can be asked about: its formula in words, in one table.

A number is named by where it stands in a snapshot: in a window by its path (`abandonment_rates.net_short`), else by
`now.`, `backlog.` or `flow.` and its field. `resolve` understands the short names, too, that people and the page use.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from kpi.abandonment import HAZARD_STEP, HAZARD_STEPS
from kpi.customer import REPEATS
from kpi.formulas.backlog import BACKLOG
from kpi.formulas.counts import COUNTS
from kpi.formulas.customers import CUSTOMERS
from kpi.formulas.giving_up import GIVING_UP
from kpi.formulas.lengths import LENGTHS
from kpi.formulas.levels import LEVELS
from kpi.formulas.moves import MOVES
from kpi.formulas.names import name_in_words
from kpi.formulas.now import NOW
from kpi.formulas.shape import LANGUAGES, Formula, in_language, language_of
from kpi.formulas.terms import LEFT_OUT, TERMS, term_text
from kpi.formulas.themes import THEMES
from kpi.groups import Targets
from kpi.live_state import TARGET_MULTIPLES
from kpi.service_level import VARIANTS
from kpi.snapshot import JUDGED_VARIANT

__all__ = [
    "FORMULAS", "GLOSSARY", "LANGUAGES", "NOT_EXPLAINED", "TERMS", "Formula", "Measure", "in_language", "language_of",
    "left_out_of", "parts_in_words", "resolve", "term_in_words", "text_of", "values_of",
]  # fmt: skip

GLOSSARY = "docs/glossary.md"
FORMULAS: dict[str, Formula] = {
    formula.key: formula
    for formula in (*COUNTS, *MOVES, *LEVELS, *GIVING_UP, *LENGTHS, *THEMES, *CUSTOMERS, *NOW, *BACKLOG)
}
# What a snapshot holds beside what is in the table, and why nobody needs to be told how it is made.
NOT_EXPLAINED: dict[str, str] = {
    "ratings.*.scores": "the scores themselves, of which `rated` and `positive` are made; `ratings` shows who rated",
    "ratings.*.positive": "a part of `ratings`, told by the glossary; `ratings` shows who rated",
}
ALIASES: dict[str, str] = {
    "longest_wait": "now.oldest_wait_seconds",
    "longest_wait_seconds": "now.oldest_wait_seconds",
    "longest_unanswered": "now.oldest_unanswered_seconds",
    "expected_wait": "now.expected_wait",
    "expected_wait_seconds": "now.expected_wait",
    "waiting_over_target": "now.waiting_over_target.1",
    "open_cases": "backlog.open",
    "backlog": "backlog.open",
    "cases": "cases.opened",
    "cases_opened": "cases.opened",
    "cases_resolved": "cases.resolved",
    "cases_reopened": "cases.reopened",
    "cases_first_reply": "cases.first_reply",
    "wait_seconds": "wait_seconds.answered",
    "mean_wait": "wait_seconds.answered.mean",
    "max_wait": "wait_seconds.all.max",
    "handle_time": "handle_seconds.mean",
    "first_response": "first_response_seconds.mean",
    "abandonment_ratio": "abandonment",
    "abandonment_rates": "abandonment_rates.decided",
    "service_level_ratio": f"service_level.{JUDGED_VARIANT}",
    # What limits are compared with is worked out in kpi.judged; the number that it is made of is told here.
    "unattended_contacts": "now.waiting",
    "closed_wait_seconds": "now.oldest_wait_seconds",
    "growth_ratio": "flow.net_per_minute",
    "ready_agents": "now.available",
    "answer_speed_seconds": "wait_seconds.answered.mean",
    "handle_time_ratio": "handle_seconds.mean",
    "wrapup_ratio": "wrapup_seconds.mean",
    "paused_ratio": "now.agents.break",
    "unanswered_offers_ratio": "offers_unanswered",
    "overdue_contacts": "backlog.overdue",
    "overdue_callbacks": "now.callbacks.overdue",
}
_WILD = sorted((key for key in FORMULAS if key.endswith(".*")), key=len, reverse=True)
_SECTIONS = ("", "now.", "backlog.", "flow.")
# Where not every name is one: the names there are.
_CLOSED: Mapping[str, Collection[str]] = {
    "abandon_hazard.*": {str(HAZARD_STEP * step) for step in range(HAZARD_STEPS)},
    "now.waiting_over_target.*": {str(multiple) for multiple in TARGET_MULTIPLES},
    "customers.repeat.*": {name.removeprefix("repeat.") for name, _ in REPEATS},
}


class Measure(NamedTuple):
    """A number that was asked about: its full path, its formula, and what stands in the place of a `*`."""

    path: str
    formula: Formula
    name: str = ""

    @property
    def section(self) -> str:
        """now, backlog or flow; "" when it stands in a window."""
        head = self.path.partition(".")[0]
        return head if head in ("now", "backlog", "flow") else ""


def resolve(asked: str, variant: str | None = None) -> Measure | None:
    """The number that somebody means by a name; None when there is none. `variant`: of the service level."""
    if asked == "service_level":
        asked = f"service_level.{variant or JUDGED_VARIANT}"
    elif asked in VARIANTS:
        asked = f"service_level.{asked}"
    path = ALIASES.get(asked, asked)
    return next((found for section in _SECTIONS if (found := _find(section + path)) is not None), None)


def _find(path: str) -> Measure | None:
    formula = FORMULAS.get(path)
    if formula is not None:
        return None if path.endswith("*") else Measure(path, formula)
    for key in _WILD:
        if path.startswith(key[:-1]) and len(path) >= len(key):
            name = path[len(key) - 1 :]
            return Measure(path, FORMULAS[key], name) if _is_name(key, name) else None
    return None


def _is_name(key: str, name: str) -> bool:
    """Whether there is such a name in the place of the `*`; what sources name themselves may be anything."""
    if key.endswith("_within.*"):
        return name.isascii() and name.isdecimal()
    return key not in _CLOSED or name in _CLOSED[key]


def values_of(config: Targets, name: str = "") -> Mapping[str, object]:
    """What texts are filled with: the limits of a queue in seconds, and what stands in the place of a `*`."""
    return {
        "target": config.target_seconds,
        "short": config.short_abandon_seconds,
        "short_call": config.short_call_seconds,
        "long": config.long_seconds,
        "name": name,
    }


def text_of(measure: Measure, language: str, config: Targets) -> str:
    """The formula in words."""
    name = name_in_words(measure.formula.key, measure.name, language)
    return in_language(measure.formula.text, language).format(**values_of(config, name))


def left_out_of(measure: Measure, language: str) -> str:
    """What the number leaves out, in words; "" when nothing is worth a word."""
    return in_language(LEFT_OUT[measure.formula.left_out], language)


def term_in_words(name: str, language: str, config: Targets) -> str:
    """A term in words."""
    return in_language(term_text(name), language).format(**values_of(config))


def parts_in_words(terms: tuple[str, ...], language: str, config: Targets) -> str:
    """A numerator or denominator in words: its terms, added up and taken away; "" without any."""
    text = ""
    for name in terms:
        sign = "" if not text and not name.startswith("-") else " − " if name.startswith("-") else " + "
        text += sign + term_in_words(name, language, config)
    return text.strip()
