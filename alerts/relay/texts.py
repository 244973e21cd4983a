"""Text of others made fit for a chat: no sign that steers markdown, and cut between characters, never inside one."""

from __future__ import annotations

import unicodedata

from alerts.relay.words import Words

_REMOVED = ("Cc", "Cf", "Cs", "Co", "Cn")
_JOINERS = "\u200c\u200d"
# No platform takes a backslash everywhere, so the signs that steer become their full-width twins.
_STEERING = str.maketrans("<>*_`[]#~|\\", "＜＞＊＿｀［］＃～｜＼")
_URL_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#@!$&*+,;=%")


def clean(text: str) -> str:
    """`text` without control characters and those that turn the writing direction; line ends stay."""
    text = text.replace("\r\n", "\n").replace("\t", " ")
    return "".join(sign for sign in text if sign == "\n" or sign in _JOINERS or _is_kept(sign)).strip()


def one_line(text: str) -> str:
    """`clean` text on one line."""
    return " ".join(clean(text).split())


def inert(text: str) -> str:
    """`text` that no markdown or mention reads anything into: `*` is shown as `＊`."""
    return text.translate(_STEERING)


def safe_link(url: str) -> str:
    """`url` if it may stand in a link, else "": http or https, and signs that would end the link escaped."""
    if not url.startswith(("https://", "http://")) or any(sign.isspace() or sign < " " for sign in url):
        return ""
    return "".join(
        sign if sign in _URL_SAFE else "".join(f"%{byte:02X}" for byte in sign.encode("utf-8", "replace"))
        for sign in url
    )


def size(text: str) -> int:
    """Bytes of UTF-8."""
    return len(text.encode("utf-8", "replace"))


def cut(text: str, most: int, words: Words) -> str:
    """`text` in at most `most` bytes; what is left out is counted: "... (1,204 more characters)".

    Never inside a character, nor between a letter and the marks that belong to it. "" when not even the count fits.
    """
    if size(text) <= most:
        return text
    end = _fits(text, most - size(words.cut(len(text))))
    if end < 0:
        return ""
    return text[:end].rstrip() + words.cut(len(text) - end)


def _fits(text: str, most: int) -> int:
    """How many signs of `text` fit into `most` bytes and end between two characters; -1 when `most` is below 0."""
    if most < 0:
        return -1
    taken = end = 0
    for end, sign in enumerate(text):  # noqa: B007  # where it stopped is what is asked for
        taken += len(sign.encode("utf-8", "replace"))
        if taken > most:
            break
    while end > 0 and _belongs_together(text[end - 1], text[end]):
        end -= 1
    return end


def _belongs_together(left: str, right: str) -> bool:
    is_mark = unicodedata.category(right) in ("Mn", "Me", "Mc") or "\U0001f3fb" <= right <= "\U0001f3ff"
    return is_mark or right in _JOINERS or left in _JOINERS


def _is_kept(sign: str) -> bool:
    return unicodedata.category(sign) not in _REMOVED
