"""What every text of an alert stands in: the queue's name, one line that fits, and lines of "label: text". Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from alerts.rulebook import BY_NAME
from alerts.text import plain as text
from alerts.text.sizes import Said, size_of
from alerts.text.words import Words, words_of
from kpi.alert_state import Held
from kpi.floor import QueueConfig

MOST_SUMMARY = 120
MOST_LINE = 200
MOST_DESCRIPTION = 1_000


@dataclass(frozen=True, slots=True)
class Frame:
    """One alert in one language, before anything is told of it."""

    held: Held
    config: QueueConfig
    language: str

    @property
    def words(self) -> Words:
        """The words of the language."""
        return words_of(self.language)

    @property
    def said(self) -> Said:
        """What the rule is called in the language."""
        said = size_of(self.held.rule).said
        return said.get(self.language, said["en"])

    def one_line(self, size: str, cause: str = "") -> str:
        """Name, size, cause; a line that would be too long loses the cause first and then the end of the name."""
        because = self.words["because"].format(cause=cause) if cause else ""
        name = self._name(text.MOST_NAME)
        line = self._said_of(name, size) + because
        if len(line) > MOST_SUMMARY:
            line = self._said_of(name, size)
        over = len(line) - MOST_SUMMARY
        if over > 0:
            line = self._said_of(self._name(max(8, len(name) - over)), size)
        return text.cut(line, MOST_SUMMARY)

    def lines(self, found: Iterable[tuple[str, str]]) -> str:
        """Lines of "label: text", of (key of the label, text) in this order; what has no text has no line."""
        lines = [self.words["line"].format(label=self.words[label], text=line) for label, line in found if line]
        return text.cut("\n".join(text.cut(line, MOST_LINE) for line in lines), MOST_DESCRIPTION)

    def value(self, value: float | None) -> str:
        """A value of the rule in its unit."""
        if value is None:
            return text.DASH
        unit, rule = size_of(self.held.rule).unit, BY_NAME.get(self.held.rule)
        if unit == "duration":
            return self.time(value)
        return (
            text.percent(value, low_is_bad=rule is not None and rule.low_is_bad)
            if unit == "percent"
            else text.count(value)
        )

    def time(self, seconds: float) -> str:
        """A length of time."""
        return text.duration(seconds, self.words)

    def _name(self, most: int) -> str:
        """The queue's name in the language, as the page chooses it."""
        names = self.config.display_names
        plain = self.config.display_name or self.held.queue
        return text.named(names.get(self.language) or names.get(self.language.split("-")[0]) or plain, most)

    def _said_of(self, name: str, size: str) -> str:
        """The size of what has this name, and its channel unless that is the telephone."""
        words, channel = self.words, self.held.channel
        if channel not in ("", "voice"):
            name = words["name"].format(name=name, channel=words.get(channel) or text.named(channel, 12))
        return words["summary"].format(name=name, size=size)
