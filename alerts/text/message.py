"""An alert in words: one line for a lock screen, and eight for whoever has to act. Pure; three languages.

The order of the description is the order of need: chats fold a message after five lines (Slack) and phones after a
screen, so what to do and why stands before the rest. Every value may be missing: what is not known is not said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alerts.rulebook import BY_NAME
from alerts.text import plain as text
from alerts.text.cause import cause_line, short_cause
from alerts.text.links import Links
from alerts.text.sizes import Said, size_of, warning_passed
from alerts.text.steps import first_step
from alerts.text.words import LANGUAGES, Words, key_of, words_of
from kpi.alert_state import Held
from kpi.floor import QueueConfig
from kpi.snapshot import JUDGED_VARIANT, JUDGED_WINDOW, QueueSnapshot

MOST_SUMMARY = 120
MOST_LINE = 200
MOST_DESCRIPTION = 1_000
LATELY = "5m"
_CASES, _CALLBACKS = "BacklogOverdue", "CallbackOverdue"
# A flow slower than one contact in ten minutes is none.
_STILL = 0.1


def annotations(
    held: Held,
    snapshot: QueueSnapshot,
    config: QueueConfig,
    links: Links,
    languages: Sequence[str] = LANGUAGES,
    default: str = "en",
) -> dict[str, str]:
    """`summary` (one line, at most MOST_SUMMARY characters) and `description` in every language, and the addresses.

    `summary` and `description` are in `default`, `summary_zh_cn` and the like in each of `languages`. An address that
    nobody configured is left out. Of an alert that is over (`held.resolved_ms`) they say so.
    """
    found: dict[str, str] = {}
    for language in dict.fromkeys((default, *languages)):
        telling = _Telling(held, snapshot, config, language)
        summary, description = telling.summary(), telling.description()
        if language == default:
            found |= {"summary": summary, "description": description}
        if language in languages:
            key = key_of(language)
            found |= {f"summary_{key}": summary, f"description_{key}": description}
    at_ms = held.since_ms or snapshot.true_at_ms
    addresses = {
        "runbook_url": links.section(held.rule),
        "dashboard_url": links.queue(held.queue, held.channel, at_ms),
        "acknowledge_url": links.acknowledge(held.queue, held.channel, at_ms, held.rule, held.severity),
    }
    return found | {name: address for name, address in addresses.items() if address}


@dataclass(frozen=True, slots=True)
class _Telling:
    """One alert in one language."""

    held: Held
    snapshot: QueueSnapshot
    config: QueueConfig
    language: str

    @property
    def words(self) -> Words:
        return words_of(self.language)

    @property
    def said(self) -> Said:
        said = size_of(self.held.rule).said
        return said.get(self.language, said["en"])

    @property
    def _is_over(self) -> bool:
        return self.held.resolved_ms is not None

    @property
    def _eases(self) -> bool:
        """Whether the value is good again, though not for long enough yet."""
        return self.held.phase == "resolving"

    def summary(self) -> str:
        """Name, size, cause; a line that would be too long loses the cause first and then the end of the name."""
        size = self._end() if self._is_over else self._easing() if self._eases else self._size()
        cause = "" if self._is_over or self._eases else short_cause(self._shown_cause(), self.words)
        because = self.words["because"].format(cause=cause) if cause else ""
        line = self._said_of(self._name(text.MOST_NAME), size) + because
        if len(line) > MOST_SUMMARY:
            line = self._said_of(self._name(text.MOST_NAME), size)
        over = len(line) - MOST_SUMMARY
        if over > 0:
            line = self._said_of(self._name(max(8, text.MOST_NAME - over)), size)
        return text.cut(line, MOST_SUMMARY)

    def description(self) -> str:
        """Lines of "label: text", the most needed first."""
        if self._is_over:
            found = [("over", self._ended()), ("affected", self._affected()), ("target", self._target())]
        elif self._eases:
            # Nobody is to be sent anywhere for what is good again.
            found = [
                ("now", self._easing()), ("since", self._since()), ("affected", self._affected()),
                ("target", self._target()), ("trend", self._trend()),
            ]  # fmt: skip
        else:
            step = first_step(self.held.rule, self.snapshot, self._kind(), self.language)
            found = [
                ("do", step), ("cause", cause_line(self._shown_cause(), self.words, self.snapshot.agents_known)),
                ("now", self._now()), ("since", self._since()), ("affected", self._affected()),
                ("target", self._target()), ("trend", self._trend()),
            ]  # fmt: skip
        lines = [self.words["line"].format(label=self.words[label], text=line) for label, line in found if line]
        return text.cut("\n".join(text.cut(line, MOST_LINE) for line in lines), MOST_DESCRIPTION)

    # What is told of.

    def _name(self, most: int) -> str:
        """The queue's name in the language, as the page chooses it, with its channel unless that is the telephone."""
        names = self.config.display_names
        plain = self.config.display_name or self.snapshot.display_name or self.held.queue
        name = text.named(names.get(self.language) or names.get(self.language.split("-")[0]) or plain, most)
        channel = self.held.channel
        if channel in ("", "voice"):
            return name
        return self.words["name"].format(name=name, channel=self.words.get(channel) or text.named(channel, 12))

    def _said_of(self, name: str, size: str) -> str:
        return self.words["summary"].format(name=name, size=size)

    def _kind(self) -> Any:
        cause = self._shown_cause()
        return cause.kind if cause is not None else None

    def _shown_cause(self) -> Any:
        """The cause, unless it is about people whom nobody ever told of."""
        cause = self.snapshot.cause
        unknown = cause is not None and cause.kind == "staff" and not self.snapshot.agents_known
        return None if unknown else cause

    def _value(self, value: float | None) -> str:
        if value is None:
            return text.DASH
        unit, rule = size_of(self.held.rule).unit, BY_NAME.get(self.held.rule)
        if unit == "duration":
            return self._time(value)
        return (
            text.percent(value, low_is_bad=rule is not None and rule.low_is_bad)
            if unit == "percent"
            else text.count(value)
        )

    def _time(self, seconds: float) -> str:
        return text.duration(seconds, self.words)

    def _size(self) -> str:
        return self.said.size.format(
            now=self._value(self.held.value),
            limit=self._value(self.held.threshold),
            n=self.snapshot.now.waiting,
            goal=text.percent(self.config.target_percent / 100),
        )

    def _easing(self) -> str:
        words = self.words
        parts = [words["easing"].format(noun=self.said.noun)]
        if self.held.peak is not None:
            parts.append(words["was"].format(peak=self._value(self.held.peak)))
        return words["comma"].join(parts)

    # The lines.

    def _now(self) -> str:
        now, words = self.snapshot.now, self.words
        parts = [self._size()]
        if self.held.rule == _CASES:
            return parts[0]
        if self.held.rule != "QueueLongestWaitHigh" and now.oldest_wait_seconds is not None:
            parts.append(words["longest"].format(time=self._time(now.oldest_wait_seconds)))
        if not self.snapshot.agents_known:
            parts.append(words["staff_unknown"])
        else:
            parts.append(words["free"].format(free=now.available, n=now.staffed))
        if not now.open:
            parts.append(words["closed"])
        return words["comma"].join(parts)

    def _since(self) -> str:
        seen, since = self.snapshot.true_at_ms, self.held.since_ms
        return self.words["began"].format(
            clock=text.clock(since, self.config.zone, seen),
            zone=text.offset(since, self.config.zone),
            time=self._time((seen - since) / 1000),
        )

    def _affected(self) -> str:
        now, words = self.snapshot.now, self.words
        backlog, callbacks = self.snapshot.backlog, now.callbacks
        if self.held.rule == _CASES:
            return words["cases"].format(n=backlog.open, overdue=backlog.overdue, due=backlog.due_within_1h)
        if self.held.rule == _CALLBACKS:
            return words["callbacks"].format(n=callbacks.due, overdue=callbacks.overdue)
        late = now.waiting_over_target.get("1", 0)
        parts = [words["late" if late else "waiting"].format(n=now.waiting, late=late)]
        if gone := _number(self.snapshot.windows, JUDGED_WINDOW, "abandoned"):
            parts.append(words["gave_up"].format(n=text.count(gone)))
        if now.lost > 0:
            parts.append(words["lost"].format(n=now.lost))
        return words["comma"].join(parts)

    def _target(self) -> str:
        if self.held.rule in (_CASES, _CALLBACKS):
            return ""
        target = self.snapshot.target
        return self.words["goal"].format(
            percent=text.percent(target.percent / 100),
            seconds=self._time(target.seconds),
            level=self._level(JUDGED_WINDOW),
            lately=self._level(LATELY),
        )

    def _level(self, window: str) -> str:
        value = _number(self.snapshot.windows, window, "service_level", JUDGED_VARIANT, "value")
        return self.words["nothing"] if value is None else text.percent(value, low_is_bad=True)

    def _trend(self) -> str:
        if self.held.rule in (_CASES, _CALLBACKS):
            return ""
        flow, words = self.snapshot.flow, self.words
        net = flow.net_per_minute
        word = "steady" if abs(net) < _STILL else "growing" if net > 0 else "shrinking"
        numbers = {"joins": text.count(flow.in_per_minute), "leaves": text.count(flow.out_per_minute)}
        parts = [words[word].format(n=text.count(abs(net)), **numbers)]
        if word == "shrinking" and flow.drain_seconds is not None and self.snapshot.now.waiting:
            parts.append(words["draining"].format(time=self._time(flow.drain_seconds)))
        if self.held.peak is not None and self.held.value is not None:
            is_worst = self.held.peak == self.held.value
            parts.append(words["at_worst"] if is_worst else words["worst"].format(peak=self._value(self.held.peak)))
        return words["comma"].join(parts)

    # What is told of its end.

    def _end(self) -> str:
        held, words, noun = self.held, self.words, self.said.noun
        if held.reason == "quiet":
            return words["quiet"].format(noun=noun)
        time = self._time(((held.resolved_ms or 0) - held.since_ms) / 1000)
        if held.reason not in ("", "resolved", "closed"):
            return words["stopped"].format(noun=noun, time=time)
        if not self.snapshot.now.open and held.rule != "ContactsWaitingWhileClosed":
            return words["closing"].format(noun=noun, time=time)
        if (limit := warning_passed(held, self.config)) is not None:
            return words["eased"].format(noun=noun, time=time, now=self._value(held.value), limit=self._value(limit))
        if held.peak is None:
            return words["normal_plain"].format(noun=noun, time=time)
        return words["normal"].format(noun=noun, time=time, peak=self._value(held.peak))

    def _ended(self) -> str:
        ended, zone = self.held.resolved_ms or 0, self.config.zone
        return self.words["ended"].format(
            clock=text.clock(ended, zone, self.snapshot.true_at_ms),
            zone=text.offset(ended, zone),
            began=text.clock(self.held.since_ms, zone, ended),
            time=self._time((ended - self.held.since_ms) / 1000),
        )


def _number(found: Mapping[str, Any], *path: str) -> float | None:
    """The number at the end of a path of keys; None where a key or the number is missing."""
    value: Any = found
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, int | float) else None
