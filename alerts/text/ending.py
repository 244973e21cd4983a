"""What is told of an alert's end: that it is over, after how long, and why, where that is no recovery. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.changes import LIMIT_GONE, QUEUE_GONE
from alerts.rulebook import BY_NAME
from alerts.text import plain as text
from alerts.text.frame import Frame
from alerts.text.sizes import warning_passed
from kpi.snapshot import QueueSnapshot

# Ends by something else than the numbers; the words have a text for each.
_GONE = (LIMIT_GONE, QUEUE_GONE)


@dataclass(frozen=True, slots=True)
class Ending(Frame):
    """The end of an alert. `snapshot`: the one it ended with; None when it ended without any."""

    snapshot: QueueSnapshot | None

    def size(self) -> str:
        """What a summary says after the name."""
        held, words, noun = self.held, self.words, self.said.noun
        if held.reason == "quiet":
            return words["quiet"].format(noun=noun)
        time = self.time(self._lasted_ms / 1000)
        if held.reason not in ("", "resolved", "closed"):
            stopped = words["stopped_plain" if self._is_length_unknown else "stopped"].format(noun=noun, time=time)
            return words["dot"].join(part for part in (stopped, self._why()) if part)
        if self.snapshot is not None and not self.snapshot.now.open and self._is_of_open_hours:
            return words["closing"].format(noun=noun, time=time)
        if (limit := warning_passed(held, self.config)) is not None:
            return words["eased"].format(noun=noun, time=time, now=self.value(held.value), limit=self.value(limit))
        if held.peak is None:
            return words["normal_plain"].format(noun=noun, time=time)
        return words["normal"].format(noun=noun, time=time, peak=self.value(held.peak))

    def parts(self) -> list[tuple[str, str]]:
        """What a description says of the end: (key of the label, text)."""
        return [("over", "" if self._is_length_unknown else self._over()), ("why", self._why())]

    @property
    def _ended_ms(self) -> int:
        return self.held.resolved_ms or 0

    @property
    def _lasted_ms(self) -> int:
        return self._ended_ms - self.held.since_ms

    @property
    def _is_length_unknown(self) -> bool:
        """Whether nobody looked at it between its start and its end, as when its state was lost."""
        return self.held.reason in _GONE and self._lasted_ms <= 0

    @property
    def _is_of_open_hours(self) -> bool:
        rule = BY_NAME.get(self.held.rule)
        return rule is not None and self.config.alerting[rule.measure].only_open

    def _why(self) -> str:
        return self.words[self.held.reason] if self.held.reason in _GONE else ""

    def _over(self) -> str:
        ended, zone = self._ended_ms, self.config.zone
        seen = self.held.ended_ms or ended if self.snapshot is None else self.snapshot.true_at_ms
        return self.words["ended"].format(
            clock=text.clock(ended, zone, seen),
            zone=text.offset(ended, zone),
            began=text.clock(self.held.since_ms, zone, ended),
            time=self.time(self._lasted_ms / 1000),
        )
