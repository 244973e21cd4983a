"""An explanation: the number, its formula, its terms, and the part of its list that was asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from board.evidence.explainer import Evidence, Explainer, Line
from board.evidence.lines import Lines
from board.evidence.now import explain_now
from board.evidence.question import Question, formula_of
from board.evidence.shape import Explanation, Item, Number, Term, Variant, Window, item_of
from board.web.parts import Parts
from kpi.evidence.pieces import bounds
from kpi.evidence.share import Shown
from kpi.evidence.terms import term_values
from kpi.evidence.words import because, note
from kpi.formulas.table import resolve, term_in_words, text_of
from kpi.live_state import BACKLOG_WINDOW, FLOW_WINDOW
from kpi.service_level import VARIANTS

# Of these the contacts that pull the number down stand first; of other ratios those in the numerator.
_GOOD = ("service_level.", "access_rate", "first_response_level", "sl_needed")


async def explain(parts: Parts, explainer: Explainer, question: Question) -> Explanation:
    """The answer; raises what `Explainer.evidence` does. Its `contacts` has `total` and `items` of the page."""
    measure = question.measure
    pace = measure.formula.about == "cases" and measure.section == "backlog"
    if measure.section in ("now", "backlog") and not pace:
        return await explain_now(parts, explainer, question)
    window = FLOW_WINDOW if measure.section == "flow" else BACKLOG_WINDOW if pace else question.window
    path = "backlog.net_per_hour" if pace else measure.path
    kind = "k" if pace or path.startswith("cases.") else "u" if path.startswith("customers.") else "c"
    evidence = await explainer.evidence(question.place, window, kind, path, question.at_ms)
    lines = [] if measure.formula.about == "setting" else await asyncio.to_thread(_lines, evidence, path, question)
    shown = question.page.of(lines)
    picture = evidence.picture
    desk = Lines(
        parts.redis, parts.namespace, parts.config, question.place, picture.now_ms, parts.publisher.view.partitions
    )
    told = await desk.of_pieces(shown, evidence.found.natives())
    items = [
        item_of(
            line,
            part.numerator,
            part.denominator,
            because(line, part, measure.formula, picture.config, question.language),
        )
        for line, (_, part) in zip(told, shown, strict=True)
    ]
    return _answer(question, evidence, path, len(lines), items)


def _lines(evidence: Evidence, path: str, question: Question) -> list[Line]:
    """The lines of the part that was asked for, those first that matter most."""
    lines = evidence.lines(path)
    if question.part == "numerator":
        lines = [line for line in lines if line[1].numerator]
    elif question.part == "denominator":
        lines = [line for line in lines if line[1].denominator]
    formula = question.measure.formula
    if formula.unit == "seconds":
        return sorted(lines, key=lambda line: (-(line[1].numerator or 0), _joined(line)))
    if formula.unit == "ratio" or path.startswith(_GOOD):
        good = path.startswith(_GOOD)
        return sorted(lines, key=lambda line: (_is_served(line[1]) is good, -_waited(line, evidence), _joined(line)))
    if path == "max_waiting":
        return sorted(lines, key=_joined)
    return sorted(lines, key=lambda line: (-_joined(line)[0], _joined(line)[1]))


def _is_served(part: Shown) -> bool:
    """Whether a line counts in the numerator, and with its whole part of the denominator."""
    return bool(part.numerator) and (part.numerator or 0) >= (part.denominator or 0)


def _waited(line: Line, evidence: Evidence) -> int:
    leg = line[0].leg
    if leg is None:
        return 0
    return evidence.picture.now_ms - leg.joined if leg.waiting else leg.wait or 0


def _joined(line: Line) -> tuple[int, str]:
    return line[0].joined_ms, line[0].contact


def _answer(question: Question, evidence: Evidence, path: str, total: int, items: Sequence[Item]) -> Explanation:
    measure, picture = question.measure, evidence.picture
    mine, theirs = evidence.shown(path), evidence.published(path)
    matches = evidence.agrees(path)
    if path != measure.path or path.startswith("backlog."):
        mine, theirs = _of_pace(evidence, measure.path, mine), _of_pace(evidence, measure.path, theirs)
    missing = 0 if matches else _missing(mine, theirs)
    window = None
    if picture.panes is not None and picture.window is not None:
        window = Window(picture.window, *bounds(picture.panes))
    is_setting = measure.formula.about == "setting"
    return Explanation(
        queue=question.place[0],
        channel=question.place[1],
        measure=question.asked,
        path=measure.path,
        window=window,
        at_ms=picture.now_ms,
        state=picture.state,
        unit=measure.formula.unit,
        value=theirs.value if is_setting else mine.value,
        numerator=mine.numerator,
        denominator=mine.denominator,
        published=theirs.value,
        matches=matches,
        formula=formula_of(measure, question.language, picture.config),
        terms=_terms(question, evidence, path, mine),
        variants=_variants(question, evidence) if measure.path.startswith("service_level.") else [],
        contacts={"total": total, "items": items},
        complete=matches,
        missing=missing,
        note=note(missing, question.language, folded=evidence.has_folded(path)) if missing else "",
    )


def _of_pace(evidence: Evidence, path: str, net: Shown) -> Shown:
    """A pace of the backlog, from opened + reopened - resolved of the last hour."""
    backlog = evidence.picture.snapshot.backlog
    if path == "backlog.clear_seconds":
        return Shown(backlog.clear_seconds, backlog.open, -(net.numerator or 0))
    return Shown(net.value, net.numerator)


def _missing(mine: Shown, theirs: Shown) -> int:
    """How many contacts the lines lack, at least one when they do not make the number."""
    by = [(theirs.denominator, mine.denominator), (theirs.numerator, mine.numerator)]
    counts = [abs((there or 0) - (here or 0)) for there, here in by if isinstance(there, int) or isinstance(here, int)]
    return max(1, *(round(count) for count in counts)) if counts else 1


def _terms(question: Question, evidence: Evidence, path: str, mine: Shown) -> list[Term]:
    """The terms of the formula with their values; one in numerator and denominator stands once."""
    formula, config = question.measure.formula, evidence.picture.config
    found: dict[str, Term] = {}
    for where, names in (("numerator", formula.numerator), ("denominator", formula.denominator)):
        values = _values(names, question.measure.path, evidence, mine)
        for name, value in zip(names, values, strict=True):
            both = found[name].where != where if name in found else False
            plain = name.removeprefix("-")
            words = term_in_words(name, question.language, config)
            found[name] = Term(plain, words, value, "both" if both else where, -1 if name.startswith("-") else 1)
    return list(found.values())


def _values(names: Sequence[str], path: str, evidence: Evidence, mine: Shown) -> list[Number]:
    if path == "backlog.clear_seconds" and names == ("backlog.open",):
        return [evidence.picture.snapshot.backlog.open]
    return list(term_values(names, evidence.measures, evidence.terms, mine)) if names else []


def _variants(question: Question, evidence: Evidence) -> list[Variant]:
    """The service level by every formula, as the board has it."""
    found = []
    for name in VARIANTS:
        measure = resolve("service_level", name)
        level = evidence.published(f"service_level.{name}")
        text = "" if measure is None else text_of(measure, question.language, evidence.picture.config)
        found.append(Variant(name, text, level.numerator, level.denominator, level.value))
    return found
