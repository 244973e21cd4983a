"""What a message says, before a platform's syntax: a title, a line per alert, its words, links."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from alerts.relay.digest import Story
from alerts.relay.notice import SEVERITIES, Alert
from alerts.relay.texts import clean, cut, one_line, safe_link
from alerts.relay.words import MINUTE_MS, WORDS, Words

Colour = Literal["red", "orange", "green"]
TITLE_BYTES = 300
HEAD_BYTES = 450
LINK_BYTES = 500
#: How the texts of an alert that is over say how long it was on (alerts/text/words.py).
_SAYS_HOW_LONG = re.compile(r"\bafter \d|历时 ?\d|歷時 ?\d")
_LINKS = (("dashboard_url", "board"), ("runbook_url", "runbook"), ("acknowledge_url", "acknowledge"))


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph; `text` as people read it: nothing in it is markup."""

    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """What is shown. `links`: (words, address)."""

    title: str
    colour: Colour
    lines: tuple[Line, ...] = ()
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One alert: its own line, "" when the title says it, and what more there is to say."""

    alert: Alert
    head: Line
    details: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A card before it is cut: `items` are what may be shortened.

    First stands the worst alert that is on, then what is new, over and still on, each worst first.
    """

    card: Card
    items: tuple[Item, ...]
    words: Words
    keyword: str = ""


def draft(told: Sequence[Story], words: Words, waited_ms: int = 0, keyword: str = "") -> Draft:
    """The message that tells `told`: a card for one incident, a digest for several.

    `waited_ms`: how long the oldest of it waited; `keyword`: what must stand in every message of the robot.
    """
    intro = [Line(words.waited.format(words.span(waited_ms)))] if waited_ms >= MINUTE_MS else []
    unnamed = sum(story.unnamed for story in told)
    intro += [Line(words.unnamed.format(f"{unnamed:,}"))] if unnamed else []
    if len(told) == 1:
        title, items = _one(told[0], words)
    else:
        title, items = _several(told, words)
        new, over, still = (sum(len(getattr(story, kind)) for story in told) for kind in ("new", "over", "still"))
        intro.insert(0, Line(words.counts.format(new, over, still), strong=True))
    if keyword and keyword not in title:
        title = f"{keyword} {title}"
    alerts = [item.alert for item in items]
    card = Card(title, _colour(told, alerts), tuple(intro), _links(alerts, words))
    return Draft(card, tuple(items), words, keyword)


def _one(story: Story, words: Words) -> tuple[str, list[Item]]:
    items = _items([story], words)
    if not items:
        return words.alert, items
    alert = items[0].alert
    if alert.is_over:
        said = words.says.format(words.over if story.is_over else words.partly, _summary(alert, words))
    else:
        said = _leading(story, alert, words)
        items[0] = replace(items[0], details=_description(alert, words))
    title = cut(said, TITLE_BYTES, words)
    if title == said and alert.id not in story.flashes:
        items[0] = replace(items[0], head=Line(_lasted(alert, words)))
    return title + (f" (+{len(items) - 1})" if len(items) > 1 else ""), items


def _leading(story: Story, alert: Alert, words: Words) -> str:
    """The title while `alert` is the worst that is on: nothing in it sounds as if the incident were over."""
    if alert.severity == SEVERITIES[1] and story.rank == alert.rank and any(over.rank == 0 for over in story.over):
        return words.says.format(words.eased, _summary(alert, words))
    return _named(alert, words) if alert in story.new else f"{words.still} {_named(alert, words)}"


def _several(told: Sequence[Story], words: Words) -> tuple[str, list[Item]]:
    items = _items(told, words)
    critical = sum(not item.alert.is_over and item.alert.rank == 0 for item in items)
    title = words.digest.format(len(items), len(told))
    return (f"{words.says.format(words.severity(SEVERITIES[0]), critical)}, {title}" if critical else title), items


def _items(told: Sequence[Story], words: Words) -> list[Item]:
    """The worst alert that is on, then what changed: new, over, still, each worst first."""
    new, over, still = (
        sorted((alert for story in told for alert in getattr(story, kind)), key=_urgency)
        for kind in ("new", "over", "still")
    )
    flashes = frozenset[str]().union(*(story.flashes for story in told))
    lead = min((*new, *still), key=_urgency, default=None)
    is_new = "" if lead in new or not new else words.new
    items = [Item(a, _head(_called(is_new, a, words), words, strong=True)) for a in new]
    items += [Item(a, _head(_ended(a, words, flash=a.id in flashes), words)) for a in over]
    items += [Item(a, _head(_called(words.still, a, words), words, strong=a is lead)) for a in still]
    return sorted(items, key=lambda item: item.alert is not lead)


def _urgency(alert: Alert) -> tuple[bool, int, float]:
    """What is on and least bearable first: what is good again, if not for long enough, leads nothing."""
    return not alert.is_over and _is_back(alert), alert.rank, alert.began_ms


def _is_back(alert: Alert) -> bool:
    """Whether it is in its keep time: its own texts say so, in whatever language."""
    texts = [text for name, text in alert.annotations.items() if name.startswith(("summary", "description"))]
    return any(words.back in text for words in WORDS.values() for text in texts)


def _called(kind: str, alert: Alert, words: Words) -> str:
    """The alert with what is to be said of it first, "" for nothing."""
    return words.says.format(kind, _named(alert, words)) if kind else _named(alert, words)


def _head(text: str, words: Words, *, strong: bool = False) -> Line:
    return Line(cut(text, HEAD_BYTES, words), strong)


def _named(alert: Alert, words: Words) -> str:
    return words.says.format(one_line(words.severity(alert.severity)), _summary(alert, words))


def _ended(alert: Alert, words: Words, *, flash: bool) -> str:
    how = [words.came_and_went] if flash else []
    lasted = _lasted(alert, words)
    said = ", ".join([*how, lasted] if lasted else how)
    return words.says.format(words.over, _named(alert, words)) + (f" ({said})" if said else "")


def _lasted(alert: Alert, words: Words) -> str:
    """How long it was on, "" while it is, and when its summary says so: to the second, and of the floor's clock."""
    if alert.lasted_ms is None or _SAYS_HOW_LONG.search(_summary(alert, words)):
        return ""
    return words.lasted.format(words.span(alert.lasted_ms))


def _summary(alert: Alert, words: Words) -> str:
    """The annotation in the robot's language, else the common one, else what the labels say.

    Prometheus ends an alert with the summary of its last look, and says in `ended` what is so afterwards.
    """
    ended = one_line(_annotation(alert, "ended", words)) if alert.is_over else ""
    found = ended or one_line(_annotation(alert, "summary", words))
    if found:
        return found
    labels = (alert.labels.get(name, "") for name in ("alertname", "queue", "channel"))
    return one_line(" ".join(label for label in labels if label)) or words.alert


def _description(alert: Alert, words: Words) -> str:
    return clean(_annotation(alert, "description", words))


def _annotation(alert: Alert, name: str, words: Words) -> str:
    return alert.annotations.get(f"{name}_{words.suffix}") or alert.annotations.get(name, "")


def _links(alerts: Sequence[Alert], words: Words) -> tuple[tuple[str, str], ...]:
    """Of the first alert, which is the worst that is on; nothing is acknowledged that is over."""
    found = []
    for name, word in _LINKS:
        url = safe_link(alerts[0].annotations.get(name, "")) if alerts else ""
        if url and len(url) <= LINK_BYTES and not (word == "acknowledge" and alerts[0].is_over):
            found.append((getattr(words, word), url))
    return tuple(found)


def _colour(told: Sequence[Story], alerts: Sequence[Alert]) -> Colour:
    """Of the first alert, as in the title; green only when all is over."""
    if alerts and not alerts[0].is_over:
        return "red" if alerts[0].rank == 0 else "orange"
    return "green" if all(story.is_over for story in told) else "orange"
