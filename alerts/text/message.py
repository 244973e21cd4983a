"""An alert in words: one line for a lock screen, and eight for whoever has to act. Pure; three languages.

The order of the description is the order of need: chats fold a message after five lines (Slack) and phones after a
screen, so what to do and why stands before the rest. Every value may be missing: what is not known is not said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alerts.text import plain as text
from alerts.text.cause import cause_line, short_cause
from alerts.text.ending import Ending
from alerts.text.frame import Frame
from alerts.text.links import Links
from alerts.text.steps import first_step
from alerts.text.words import LANGUAGES, key_of
from kpi.alert_state import Held
from kpi.floor import QueueConfig
from kpi.snapshot import JUDGED_VARIANT, JUDGED_WINDOW, QueueSnapshot

LATELY = "5m"
_CASES, _CALLBACKS = "BacklogOverdue", "CallbackOverdue"
# A flow slower than one contact in ten minutes is none.
_STILL = 0.1


def annotations(
    held: Held,
    snapshot: QueueSnapshot | None,
    config: QueueConfig,
    links: Links,
    languages: Sequence[str] = LANGUAGES,
    default: str = "en",
) -> dict[str, str]:
    """`summary` (one line, at most MOST_SUMMARY characters) and `description` in every language, and the addresses.

    `summary` and `description` are in `default`, `summary_zh_cn` and the like in each of `languages`. An address that
    nobody configured is left out. Of an alert that is over (`held.resolved_ms`) they say so; `snapshot` None is for one
    that ended without any.
    """
    found: dict[str, str] = {}
    for language in dict.fromkeys((default, *languages)):
        summary, description = _said(held, snapshot, config, language)
        if language == default:
            found |= {"summary": summary, "description": description}
        if language in languages:
            key = key_of(language)
            found |= {f"summary_{key}": summary, f"description_{key}": description}
    at_ms = held.since_ms or (held.resolved_ms or 0 if snapshot is None else snapshot.true_at_ms)
    addresses = {
        "runbook_url": links.section(held.rule),
        "dashboard_url": links.queue(held.queue, held.channel, at_ms),
        "acknowledge_url": links.acknowledge(held.queue, held.channel, at_ms, held.rule, held.severity),
    }
    return found | {name: address for name, address in addresses.items() if address}


def _said(held: Held, snapshot: QueueSnapshot | None, config: QueueConfig, language: str) -> tuple[str, str]:
    """Summary and description in one language."""
    telling = None if snapshot is None else _Telling(held, config, language, snapshot)
    if telling is not None and held.resolved_ms is None:
        return telling.summary(), telling.description()
    ending = Ending(held, config, language, snapshot)
    numbers = [] if telling is None else [("affected", telling.affected()), ("target", telling.target())]
    return ending.one_line(ending.size()), ending.lines([*ending.parts(), *numbers])


@dataclass(frozen=True, slots=True)
class _Telling(Frame):
    """One alert that goes on, in one language."""

    snapshot: QueueSnapshot

    @property
    def _eases(self) -> bool:
        """Whether the value is good again, though not for long enough yet."""
        return self.held.phase == "resolving"

    def summary(self) -> str:
        """Name, size, cause."""
        if self._eases:
            return self.one_line(self._easing())
        return self.one_line(self._size(), short_cause(self._shown_cause(), self.words))

    def description(self) -> str:
        """Lines of "label: text", the most needed first."""
        now = [
            ("since", self._since()), ("affected", self.affected()), ("target", self.target()),
            ("trend", self._trend()),
        ]  # fmt: skip
        if self._eases:
            # Nobody is to be sent anywhere for what is good again.
            return self.lines([("now", self._easing()), *now])
        step = first_step(self.held.rule, self.snapshot, self._kind(), self.language)
        cause = cause_line(self._shown_cause(), self.words, self.snapshot.agents_known)
        return self.lines([("do", step), ("cause", cause), ("now", self._now()), *now])

    def _kind(self) -> Any:
        cause = self._shown_cause()
        return cause.kind if cause is not None else None

    def _shown_cause(self) -> Any:
        """The cause, unless it is about people whom nobody ever told of."""
        cause = self.snapshot.cause
        unknown = cause is not None and cause.kind == "staff" and not self.snapshot.agents_known
        return None if unknown else cause

    def _size(self) -> str:
        return self.said.size.format(
            now=self.value(self.held.value),
            limit=self.value(self.held.threshold),
            n=self.snapshot.now.waiting,
            goal=text.percent(self.config.target_percent / 100),
            short=self.config.short_abandon_seconds,
        )

    def _easing(self) -> str:
        words = self.words
        parts = [words["easing"].format(noun=self.said.noun)]
        if self.held.peak is not None:
            parts.append(words["was"].format(peak=self.value(self.held.peak)))
        return words["comma"].join(parts)

    # The lines.

    def _now(self) -> str:
        now, words = self.snapshot.now, self.words
        parts = [self._size()]
        if self.held.rule == _CASES:
            return parts[0]
        if self.held.rule != "QueueLongestWaitHigh" and now.oldest_wait_seconds is not None:
            parts.append(words["longest"].format(time=self.time(now.oldest_wait_seconds)))
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
            time=self.time((seen - since) / 1000),
        )

    def affected(self) -> str:
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

    def target(self) -> str:
        if self.held.rule in (_CASES, _CALLBACKS):
            return ""
        target = self.snapshot.target
        return self.words["goal"].format(
            percent=text.percent(target.percent / 100),
            seconds=self.time(target.seconds),
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
            parts.append(words["draining"].format(time=self.time(flow.drain_seconds)))
        if self.held.peak is not None and self.held.value is not None:
            is_worst = self.held.peak == self.held.value
            parts.append(words["at_worst"] if is_worst else words["worst"].format(peak=self.value(self.held.peak)))
        return words["comma"].join(parts)


def _number(found: Mapping[str, Any], *path: str) -> float | None:
    """The number at the end of a path of keys; None where a key or the number is missing."""
    value: Any = found
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, int | float) else None
