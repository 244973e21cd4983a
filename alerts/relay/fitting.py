"""A message made to fit into a platform's bytes: what is left out is always counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from alerts.relay.cards import Card, Draft, Item, Line
from alerts.relay.notice import SEVERITIES
from alerts.relay.texts import cut, size
from alerts.relay.words import Words

#: WeCom takes 2,048 of a text; two lines of ours follow.
PLAIN_BYTES = 1_700
_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Layout:
    """What a platform takes. `limit`: bytes; `size`: of a card as it counts them; `cost`: what a line adds at most."""

    limit: int
    size: Callable[[Card], int]
    cost: Callable[[Line], int]


def fit(message: Draft, layout: Layout) -> Card:
    """The card in at most `layout.limit` bytes: every alert has its line, or is counted in the last one.

    First come the lines of the alerts, worst first, then what more there is to say of them, in the same order.
    """
    card, items = message.card, message.items
    room = layout.limit - layout.size(card)
    heads = [layout.cost(item.head) if item.head.text else 0 for item in items]
    details = [layout.cost(Line(item.details)) if item.details else 0 for item in items]
    if sum(heads) + sum(details) <= room:
        return replace(card, lines=(*card.lines, *_lines(items, [item.details for item in items])))
    rest_cost = layout.cost(Line(_more(items, message.words)))
    # The first alert's own words are worth more than the fortieth alert's line.
    kept = min(details[0], int(room * _SHARE)) if heads[0] == 0 or len(items) == 1 else 0
    shown, used = 0, 0
    while shown < len(items) and used + heads[shown] <= room - rest_cost - kept:
        used += heads[shown]
        shown += 1
    texts, left = [], room - rest_cost - used
    for item in items[:shown]:
        text = _shortened(item.details, left, layout, message.words) if item.details else ""
        texts.append(text)
        # Whoever reads half of one alert is not to think that what follows is its other half.
        left = left - layout.cost(Line(text)) if text else left
        left = left if text == item.details else 0
    lines = [*card.lines, *_lines(items[:shown], texts)]
    if shown < len(items):
        lines.append(Line(_more(items[shown:], message.words)))
    return replace(card, lines=tuple(lines))


def plain(message: Draft, level: int = 1) -> str:
    """What is said when a chat does not take the card: plain text, and that there was more.

    Level 1: the title and a line per alert, those beyond `PLAIN_BYTES` counted. Level 2: numbers in words of ours
    alone, for a chat that minds a word of the alerts.
    """
    words, items = message.words, message.items
    note = f"({words.refused})"
    if level > 1:
        return f"{message.keyword} {_counted(words.total, items, words)}\n{note}".strip()
    lines, room = [message.card.title], PLAIN_BYTES - size(message.card.title)
    shown = 0
    for item in items:
        head = item.head.text
        room -= size(head) + 1
        if room < 0:
            break
        lines += [head] if head else []
        shown += 1
    rest = [_more(items[shown:], words)] if shown < len(items) else []
    return "\n".join([*lines, *rest, note])


def _more(items: Sequence[Item], words: Words) -> str:
    return _counted(words.more, items, words)


def _counted(text: str, items: Sequence[Item], words: Words) -> str:
    counts: dict[str, int] = {}
    for item in sorted(items, key=lambda item: (item.alert.is_over, item.alert.rank)):
        known = item.alert.severity if item.alert.severity in SEVERITIES else ""
        word = words.over if item.alert.is_over else words.severity(known)
        counts[word] = counts.get(word, 0) + 1
    parts = ", ".join(words.more_of.format(count, word) for word, count in counts.items())
    return f"{text.format(f'{len(items):,}')} ({parts})"


def _shortened(text: str, most: int, layout: Layout, words: Words) -> str:
    """`text` so that its line costs at most `most`: what a platform escapes takes more than its bytes."""
    allowed = most - layout.cost(Line(""))
    while allowed > 0:
        short = cut(text, allowed, words)
        over = layout.cost(Line(short)) - most if short else 0
        if over <= 0:
            return short
        allowed -= over
    return ""


def _lines(items: Sequence[Item], texts: Sequence[str]) -> list[Line]:
    both = ((item.head, Line(text)) for item, text in zip(items, texts, strict=True))
    return [line for pair in both for line in pair if line.text]
