"""The bodies that the platforms take, as their documentation has them, and how each counts the bytes of one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from alerts.relay.cards import Card, Line
from alerts.relay.fitting import Layout
from alerts.relay.texts import cut, inert, size
from alerts.relay.words import Words

Body = dict[str, Any]
WECOM_MARKDOWN_BYTES = 4_096
WECOM_TEXT_BYTES = 2_048
#: DingTalk says "20000bytes" of the whole body, Feishu 20 KB of a robot's and 30 KB of a card.
DINGTALK_BYTES = 20_000
FEISHU_BYTES = 20_000
FEISHU_CARD_BYTES = 30_000
# What stands beside a card in Feishu's bodies: timestamp and sign, or to whom it goes.
_ENVELOPE_BYTES = 250
_WECOM_COLOURS = {"red": "warning", "orange": "warning", "green": "info"}


@dataclass(frozen=True, slots=True)
class Shape:
    """How a platform is spoken to: its layout, the body of a card, and that of a plain text."""

    layout: Layout
    card: Callable[[Card], Body]
    text: Callable[[str, Words], Body]


def encoded(body: object) -> bytes:
    """JSON as it goes out: Chinese as UTF-8, which takes half the bytes of escapes."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _wecom_line(line: Line) -> str:
    return f"**{inert(line.text)}**" if line.strong else inert(line.text)


def _wecom_content(card: Card) -> str:
    title = f'### <font color="{_WECOM_COLOURS[card.colour]}">{inert(card.title)}</font>'
    return "\n".join([title, *(_wecom_line(line) for line in card.lines), *_linked(card)])


def _wecom_card(card: Card) -> Body:
    return {"msgtype": "markdown", "markdown": {"content": _wecom_content(card)}}


def _wecom_text(text: str, words: Words) -> Body:
    return {"msgtype": "text", "text": {"content": cut(text, WECOM_TEXT_BYTES, words)}}


def _dingtalk_line(line: Line) -> str:
    # A single line end is none in its markdown.
    text = inert(line.text).replace("\n", "  \n")
    return f"**{text}**" if line.strong else text


def _dingtalk_card(card: Card) -> Body:
    text = "\n\n".join([f"### {inert(card.title)}", *(_dingtalk_line(line) for line in card.lines), *_linked(card)])
    return {"msgtype": "markdown", "markdown": {"title": card.title, "text": text}, "at": {"isAtAll": False}}


def _dingtalk_text(text: str, words: Words) -> Body:
    return {"msgtype": "text", "text": {"content": cut(text, WECOM_TEXT_BYTES, words)}, "at": {"isAtAll": False}}


def _linked(card: Card) -> list[str]:
    return [" | ".join(f"[{inert(text)}]({url})" for text, url in card.links)] if card.links else []


def _feishu_line(line: Line) -> Body:
    if line.strong:
        return {"tag": "div", "text": {"tag": "lark_md", "content": f"**{inert(line.text)}**"}}
    return {"tag": "div", "text": {"tag": "plain_text", "content": line.text}}


def feishu_card(card: Card) -> Body:
    """The card itself; `update_multi` must stand in it before and after a change."""
    elements = [_feishu_line(line) for line in card.lines]
    if card.links:
        buttons = [
            {"tag": "button", "text": {"tag": "plain_text", "content": text}, "url": url, "type": "default"}
            for text, url in card.links
        ]
        elements.append({"tag": "action", "actions": buttons})
    return {
        "config": {"wide_screen_mode": True, "update_multi": True},
        "header": {"title": {"tag": "plain_text", "content": card.title}, "template": card.colour},
        "elements": elements,
    }


def _feishu_body(card: Card) -> Body:
    return {"msg_type": "interactive", "card": feishu_card(card)}


def _feishu_text(text: str, words: Words) -> Body:
    return {"msg_type": "text", "content": {"text": inert(cut(text, WECOM_TEXT_BYTES, words))}}


def _app_content(card: Card) -> Body:
    """What a message of an app holds: the card, as JSON inside of JSON."""
    return {"msg_type": "interactive", "content": encoded(feishu_card(card)).decode()}


def _app_text(text: str, words: Words) -> Body:
    content = {"text": inert(cut(text, WECOM_TEXT_BYTES, words))}
    return {"msg_type": "text", "content": encoded(content).decode()}


def _json_size(text: str) -> int:
    return len(encoded(text)) - 2


# "," and, inside of a string, the line ends between two paragraphs.
WECOM = Shape(
    Layout(WECOM_MARKDOWN_BYTES, lambda card: size(_wecom_content(card)), lambda line: size(_wecom_line(line)) + 1),
    _wecom_card,
    _wecom_text,
)
DINGTALK = Shape(
    Layout(
        DINGTALK_BYTES,
        lambda card: len(encoded(_dingtalk_card(card))),
        lambda line: _json_size(_dingtalk_line(line)) + 4,
    ),
    _dingtalk_card,
    _dingtalk_text,
)
FEISHU = Shape(
    Layout(
        FEISHU_BYTES - _ENVELOPE_BYTES,
        lambda card: len(encoded(_feishu_body(card))),
        lambda line: len(encoded(_feishu_line(line))) + 1,
    ),
    _feishu_body,
    _feishu_text,
)
FEISHU_APP = Shape(
    Layout(
        FEISHU_CARD_BYTES - _ENVELOPE_BYTES,
        lambda card: len(encoded(_app_content(card))),
        lambda line: _json_size(encoded(_feishu_line(line)).decode()) + 1,
    ),
    _app_content,
    _app_text,
)
