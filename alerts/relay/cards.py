"""What a message says, before a platform's syntax: a title, a line per alert, its words, links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from alerts.relay.digest import Story
from alerts.relay.notice import SEVERITIES, Alert
from alerts.relay.texts import clean, cut, one_line, safe_link
from alerts.relay.words import MINUTE_MS, Words

Colour = Literal["red", "orange", "green"]
TITLE_BYTES = 300
HEAD_BYTES = 450
LINK_BYTES = 500
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
    """A card before it is cut: `items` are what may be shortened, worst first."""

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
    card = Card(title, _colour(alerts), tuple(intro), _links(alerts, words))
    return Draft(card, tuple(items), words, keyword)


def _one(story: Story, words: Words) -> tuple[str, list[Item]]:
    items = _items(story, words)
    if story.new or not story.over:
        prefix = "" if story.new else f"{words.still} "
        said = f"{prefix}{_named(items[0].alert, words)}" if items else words.alert
    else:
        said = words.says.format(words.over, _summary(story.over[0], words))
    title = cut(said, TITLE_BYTES, words)
    if items and title == said and items[0].alert.id not in story.flashes:
        items[0] = replace(items[0], head=Line(_lasted(items[0].alert, words)))
    return title + (f" (+{len(items) - 1})" if len(items) > 1 else ""), items


def _several(told: Sequence[Story], words: Words) -> tuple[str, list[Item]]:
    items = [replace(item, details="") for story in told for item in _items(story, words)]
    order = {story.incident: place for place, story in enumerate(told)}
    kinds = {alert.id: kind for story in told for kind, alert in _kinds(story)}
    homes = {alert.id: order[story.incident] for story in told for alert in story.alerts}
    items.sort(key=lambda item: (kinds[item.alert.id], item.alert.rank, homes[item.alert.id]))
    on = [item.alert.severity for item in items if not item.alert.is_over]
    title = words.digest.format(len(items), len(told))
    critical = on.count(SEVERITIES[0])
    return (f"{words.says.format(words.severity(SEVERITIES[0]), critical)}, {title}" if critical else title), items


def _kinds(story: Story) -> list[tuple[int, Alert]]:
    return [(kind, alert) for kind, some in enumerate((story.new, story.over, story.still)) for alert in some]


def _items(story: Story, words: Words) -> list[Item]:
    new = [Item(a, _head(_named(a, words), words, strong=True), _description(a, words)) for a in story.new]
    over = [Item(a, _head(_ended(a, words, flash=a.id in story.flashes), words)) for a in story.over]
    still = [Item(a, _head(words.says.format(words.still, _named(a, words)), words)) for a in story.still]
    return [*new, *over, *still]


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
    return "" if alert.lasted_ms is None else words.lasted.format(words.span(alert.lasted_ms))


def _summary(alert: Alert, words: Words) -> str:
    """The annotation in the robot's language, else the common one, else what the labels say."""
    found = one_line(_annotation(alert, "summary", words))
    if found:
        return found
    labels = (alert.labels.get(name, "") for name in ("alertname", "queue", "channel"))
    return one_line(" ".join(label for label in labels if label)) or words.alert


def _description(alert: Alert, words: Words) -> str:
    return clean(_annotation(alert, "description", words))


def _annotation(alert: Alert, name: str, words: Words) -> str:
    return alert.annotations.get(f"{name}_{words.suffix}") or alert.annotations.get(name, "")


def _links(alerts: Sequence[Alert], words: Words) -> tuple[tuple[str, str], ...]:
    """Of the first alert, which is the worst that is new; nothing is acknowledged that is over."""
    found = []
    for name, word in _LINKS:
        url = safe_link(alerts[0].annotations.get(name, "")) if alerts else ""
        if url and len(url) <= LINK_BYTES and not (word == "acknowledge" and alerts[0].is_over):
            found.append((getattr(words, word), url))
    return tuple(found)


def _colour(alerts: Sequence[Alert]) -> Colour:
    on = [alert for alert in alerts if not alert.is_over]
    if not on:
        return "green"
    return "red" if any(alert.severity == SEVERITIES[0] for alert in on) else "orange"
