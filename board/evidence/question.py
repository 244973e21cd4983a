"""What somebody asks of a number, and its formula in that language."""

from __future__ import annotations

from dataclasses import dataclass

from board.evidence.picture import Key
from board.evidence.shape import Formula
from board.web.paging import Page
from kpi.floor import QueueConfig
from kpi.formulas.table import GLOSSARY, Measure, left_out_of, parts_in_words, text_of

PARTS = ("all", "numerator", "denominator")


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked: a number of a queue, in a language, and which part of its list. `asked`: in whose words."""

    place: Key
    measure: Measure
    asked: str
    window: str
    part: str
    language: str
    page: Page
    at_ms: int | None = None


def formula_of(measure: Measure, language: str, config: QueueConfig) -> Formula:
    """The formula in words."""
    formula = measure.formula
    return Formula(
        text_of(measure, language, config),
        parts_in_words(formula.numerator, language, config),
        parts_in_words(formula.denominator, language, config),
        left_out_of(measure, language),
        f"{GLOSSARY}#{formula.anchor}",
    )
