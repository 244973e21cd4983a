"""Explanations of what is true now: who waits, who is lost, which cases are open, which agents are free."""

from __future__ import annotations

from collections.abc import Sequence

from board.evidence.explainer import Explainer
from board.evidence.lines import Lines
from board.evidence.picture import Picture, picture_of
from board.evidence.question import Question, formula_of
from board.evidence.shape import Explanation, Item, Number, Term, item_of
from board.evidence.unknown import UnknownCallers
from board.web.parts import Parts
from kpi.evidence.lines import WAITING, ContactLine
from kpi.evidence.live import Behind, behind, value_of
from kpi.evidence.words import agent_because, outcome_in_words, since_because, unknown_customers_note
from kpi.expected_wait import expected_wait
from kpi.formulas.table import term_in_words
from kpi.live_state import age_seconds
from kpi.staff import Card


async def explain_now(parts: Parts, explainer: Explainer, question: Question) -> Explanation:
    """The explanation of `now.<field>` or `backlog.<field>`. What `Explainer.evidence` raises."""
    picture = await picture_of(parts.publisher, question.place, None)
    path, snapshot = question.measure.path, picture.snapshot
    if question.measure.formula.about == "agents":
        everybody = _agents(parts, question, picture)
        total, items = len(everybody), list(question.page.of(everybody))
        mine: Number = sum(item.numerator or 0 for item in everybody)
    else:
        who = behind(path, picture.sets(), picture.now_ms, picture.config)
        total, items = len(who.members), await _items(parts, question, picture, who)
        mine = _number(who, path, picture)
    published = (
        expected_wait(snapshot) if path == "now.expected_wait" else value_of(path, snapshot.now, snapshot.backlog)
    )
    if path in _UNCOUNTED or question.measure.formula.about == "setting" or published is None:
        mine = published
    return Explanation(
        queue=question.place[0],
        channel=question.place[1],
        measure=question.asked,
        path=path,
        window=None,
        at_ms=picture.now_ms,
        state=picture.state,
        unit=question.measure.formula.unit,
        value=mine,
        numerator=mine,
        denominator=None,
        published=published,
        matches=mine == published,
        formula=formula_of(question.measure, question.language, picture.config),
        terms=_terms(question, picture),
        variants=[],
        contacts={"total": total, "items": items},
        complete=mine == published,
        missing=0,
        note=await _note(explainer, question, picture),
    )


async def _note(explainer: Explainer, question: Question, picture: Picture) -> str:
    """Of the lost: how many more there are, whom the number cannot count."""
    if question.measure.path != "now.lost":
        return ""
    unknown = await UnknownCallers(explainer).of(picture)
    return unknown_customers_note(len(unknown), question.language) if unknown else ""


# Numbers that their lists are not counted for: the list shows whom they are about.
_UNCOUNTED = ("now.expected_wait", "now.drift")


def _number(who: Behind, path: str, picture: Picture) -> Number:
    """The number as the list makes it: how many stand in it, or since when the first one does."""
    if not who.is_length:
        return len(who.members)
    first = who.members[0][1] if who.members else None
    return first if path.endswith("_ms") else age_seconds(first, picture.now_ms)


async def _items(parts: Parts, question: Question, picture: Picture, who: Behind) -> list[Item]:
    shown = question.page.of(who.members)
    desk = Lines(
        parts.redis, parts.namespace, parts.config, question.place, picture.now_ms, parts.publisher.view.partitions
    )
    lines = await desk.of_members([member for member, _ in shown], is_case=who.cases)
    items = []
    for line, (_, score) in zip(lines, shown, strict=True):
        seconds = (picture.now_ms - score) / 1000
        part: Number = max(seconds, 0.0) if who.is_length else 1
        items.append(item_of(line, part, None, _because(line, seconds, question.language)))
    return items


def _because(line: ContactLine, seconds: float, language: str) -> str:
    return outcome_in_words(line, language) if line.outcome == WAITING else since_because(seconds, language)


def _agents(parts: Parts, question: Question, picture: Picture) -> list[Item]:
    """The agents behind a number, those longest in their state first."""
    queue, field = question.place[0], question.measure.path.removeprefix("now.")
    items = []
    cards = parts.publisher.roster.members(queue).values()
    for card in sorted(cards, key=lambda each: (each.since, each.agent)):
        part = _part_of(card, field, queue)
        if part:
            seconds = max(picture.now_ms - card.since, 0) / 1000
            line = ContactLine(
                "",
                kind="agent",
                joined_ms=card.since,
                outcome=card.state,
                reason=card.reason or None,
                agent=card.agent,
                agent_name=parts.config.floor.agent(card.agent).name,
            )
            items.append(item_of(line, part, None, agent_because(card.state, seconds, question.language)))
    return items


def _part_of(card: Card, field: str, queue: str) -> int:
    """How much an agent adds to a number of agents: by the functions that count them."""
    if field == "available":
        return int(card.is_available(queue))
    if field == "staffed":
        return int(card.is_staffed)
    if field == "serving":
        return int(card.serves(queue))
    if field == "with_capacity":
        return int(card.has_room(queue))
    if field == "free_slots":
        return card.free_slots(queue)
    _, _, state = field.partition(".")
    return int(not state or card.state == state)


def _terms(question: Question, picture: Picture) -> list[Term]:
    names: Sequence[str] = question.measure.formula.numerator
    if question.measure.path != "now.drift" or picture.snapshot.now.drift is None:
        return []
    listed = sum(1 for _ in picture.members("snapshot"))
    values = {"waiting_then": picture.snapshot.now.drift + listed, "listed": listed}
    return [
        Term(
            name.removeprefix("-"),
            term_in_words(name, question.language, picture.config),
            values[name.removeprefix("-")],
            "numerator",
            -1 if name.startswith("-") else 1,
        )
        for name in names
    ]
