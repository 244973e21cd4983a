"""Snapshots -> alerts: every limit of a queue looks at every snapshot, and what changes is an alert. No I/O, no clock.

One `Evaluator` holds all states in memory. Whoever calls it writes what changed to Redis before anybody hears of it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import msgspec

from alerts.announced import Announced, Glance
from alerts.changes import LIMIT_GONE, QUEUE_GONE, Changes, bare_texts, calm_held, ended, is_due, state_of, with_state
from alerts.due import ENDS, FIRES, GOES_ON, TURNS, Due
from alerts.naming import named_due
from alerts.policy import CALM, State, Step, step
from alerts.rulebook import Limit, look_of
from alerts.seen_queues import MOST_QUEUES, Key, SeenQueues
from kpi.alert_state import KEEP_RESOLVED_MS, Held
from kpi.floor import Floor, QueueConfig
from kpi.quiet import Quiet, quiet_at
from kpi.snapshot import QueueSnapshot

log = logging.getLogger("floorpulse.alerts")

# Without a snapshot: of an alert that ended by something else than the numbers.
Texts = Callable[[Held, QueueSnapshot | None, QueueConfig], dict[str, str]]
# An alert that goes on is written, with its numbers of now, once in so long; those of one incident together.
REFRESH_MS = 5_000


class Evaluator:
    """The states of all limits of one floor. `quiets`: what people planned, beside what stands in floor.toml.

    `counts`: {rule: looks} and {rule: failures}, which only grow.
    """

    def __init__(self, floor: Floor, texts: Texts, most_queues: int = MOST_QUEUES) -> None:
        self._texts = texts
        self._queues = SeenQueues(floor, most_queues)
        self.helds: dict[str, Held] = {}
        self.quiets: tuple[Quiet, ...] = ()
        self.looks: dict[str, int] = {}
        self.failures: dict[str, int] = {}

    def load(self, helds: Iterable[Held], floor: Floor, wall_ms: int) -> Changes:
        """Forget everything and go on from these; what there is no limit for any more ends."""
        self._queues.forget(floor)
        self.helds = {held.field: held for held in helds}
        for held in self.helds.values():
            self._queues[held.queue, held.channel].states[held.rule, held.severity] = state_of(held)
        due: list[Due] = []
        changes = self._end_without_limit(wall_ms, due)
        changes.add(self.say(due))
        return changes

    def configure(self, floor: Floor, wall_ms: int, due: list[Due]) -> Changes:
        """Go on with another floor.toml; what it has no limit for any more ends, and is put into `due`."""
        self._queues.configure(floor)
        return self._end_without_limit(wall_ms, due)

    def active(self) -> list[Held]:
        """The alerts that people are told about now."""
        return [held for held in self.helds.values() if held.is_active]

    def named(self, due: Sequence[Due], wall_ms: int, unsaid: Iterable[Held] = ()) -> Iterator[Due]:
        """What is due, each alert that fires with its incident, one by one; `unsaid`: what has one and is not said."""
        return named_due(due, chain(self.helds.values(), unsaid), self._config_of, wall_ms)

    def judge(self, snapshots: Iterable[Announced], wall_ms: int) -> tuple[Changes, list[Due]]:
        """What snapshots change that needs no words, and what is due to be said: that counts only once it is.

        At most one of a queue and channel, and none again before what is due of it was said. One that is not newer than
        the last of its queue is passed over.
        """
        changes = Changes()
        due: list[Due] = []
        for announced in snapshots:
            snapshot = announced.glance
            queue = self._queues.let_in((snapshot.queue, snapshot.channel))
            if queue is None or not queue.takes(snapshot.epoch, snapshot.published_at_ms):
                continue
            is_quiet = self._is_quiet(queue.config, snapshot)
            for limit in queue.limits:
                before = queue.states.get((limit.rule.name, limit.severity), CALM)
                made = self._step(limit, before, snapshot, is_quiet)
                if made is None:
                    continue
                queue.states[limit.rule.name, limit.severity] = made.state
                if before.phase == "ok" and made.state.phase == "ok":
                    continue
                found = self._stepped(queue.config, limit, before, made, changes, wall_ms)
                if found is not None:
                    due.append(Due(*found, announced, queue.config))
        return changes, due

    def say(self, due: Iterable[Due]) -> Changes:
        """Put what is due into words; what fires has its incident by now."""
        changes = Changes()
        for each in due:
            held = self._told(each.held, each.announced, each.config)
            self._put(held, changes, tell=each.what in (FIRES, ENDS))
        return changes

    def tidy(self, wall_ms: int) -> Changes:
        """Forget what ended more than an hour ago."""
        changes = Changes()
        for name, held in list(self.helds.items()):
            if held.ended_ms is not None and wall_ms - held.ended_ms > KEEP_RESOLVED_MS:
                if held.phase == "ok":
                    del self.helds[name]
                    changes.gone.append(name)
                elif not held.is_active:
                    self._put(msgspec.structs.replace(held, resolved_ms=None, ended_ms=None, annotations={}), changes)
        return changes

    def missing(self, present: Collection[Key], wall_ms: int, due: list[Due]) -> Changes:
        """End the alerts of queues that nobody publishes any more, though there are fresh numbers: `present`.

        What ends is put into `due`.
        """
        changes = Changes()
        gone = self._queues.gone(present, wall_ms)
        for held in list(self.helds.values()):
            if (held.queue, held.channel) in gone:
                self._end(held, QUEUE_GONE, wall_ms, changes, due)
        self._queues.drop(gone)
        return changes

    def unsure(self) -> None:
        """Nobody publishes fresh numbers: which queues are gone is seen only once there are some again."""
        self._queues.unsure()

    def _config_of(self, key: Key) -> QueueConfig:
        return self._queues[key].config

    def _is_quiet(self, config: QueueConfig, snapshot: Glance) -> bool:
        quiets: Sequence[Quiet] = (*self.quiets, *self._queues.floor.quiet)
        return bool(quiets) and (
            quiet_at(quiets, snapshot.queue, snapshot.channel, config.group, snapshot.true_at_ms) is not None
        )

    def _step(self, limit: Limit, before: State, snapshot: Glance, is_quiet: bool) -> Step | None:
        name = limit.rule.name
        self.looks[name] = self.looks.get(name, 0) + 1
        try:
            return step(limit, before, look_of(limit, snapshot, quiet=is_quiet), snapshot.true_at_ms)
        except Exception:
            # One rule that fails on one snapshot must not silence the others.
            self.failures[name] = self.failures.get(name, 0) + 1
            log.exception("%s could not be evaluated", name)
            return None

    def _stepped(
        self,
        config: QueueConfig,
        limit: Limit,
        before: State,
        made: Step,
        changes: Changes,
        wall_ms: int,
    ) -> tuple[str, Held] | None:
        """Put an alert that is not calm, or was not, into its new state; what needs words is given."""
        state, reason = made.state, str(made.reason)
        held = self.helds.get(calm_held(limit, config).field) or calm_held(limit, config)
        after = with_state(held, limit, state, reason, wall_ms)
        if state.is_on and not before.is_on:
            # The words of its last end are none of this one.
            fresh: dict[str, Any] = {"group": config.group, "resolved_ms": None, "ended_ms": None, "annotations": {}}
            return FIRES, msgspec.structs.replace(after, **fresh)
        if before.is_on and not state.is_on:
            return ENDS, ended(after, state.looked_ms, wall_ms, reason)
        if state.phase == "ok":
            # It was pending, and nobody heard of it; what had ended before that is still to be seen.
            self._put(after, changes) if after.ended_ms is not None else self._drop(after, changes)
        elif state.phase != before.phase:
            if state.is_on:
                return TURNS, after
            self._put(after, changes)
        elif made.reason != "unknown" and is_due(held, REFRESH_MS, wall_ms):
            if state.is_on:
                return GOES_ON, after
            # An engine that takes over believes what was looked at a moment ago; else its wait would begin anew.
            self._put(after, changes)
        return None

    def _told(self, held: Held, announced: Announced | None, config: QueueConfig) -> Held:
        """The alert with its texts of now; with those it had, when they cannot be made and it goes on."""
        try:
            texts: Mapping[str, str] = self._texts(held, announced.whole() if announced else None, config)
        except Exception:
            # Bare words reach people better than no alert.
            self.failures[held.rule] = self.failures.get(held.rule, 0) + 1
            log.exception("the texts of %s could not be made", held.rule)
            texts = bare_texts(held, config)
        return msgspec.structs.replace(held, annotations=dict(texts))

    def _end_without_limit(self, wall_ms: int, due: list[Due]) -> Changes:
        """End what no limit stands for: floor.toml was changed."""
        changes = Changes()
        for held in list(self.helds.values()):
            queue = self._queues[held.queue, held.channel]
            if held.phase != "ok" and not queue.has(held.rule, held.severity):
                self._end(held, LIMIT_GONE, wall_ms, changes, due)
        return changes

    def _end(self, held: Held, reason: str, wall_ms: int, changes: Changes, due: list[Due]) -> None:
        queue = self._queues[held.queue, held.channel]
        queue.states.pop((held.rule, held.severity), None)
        if held.is_active:
            over = ended(msgspec.structs.replace(held, phase="ok"), held.looked_ms, wall_ms, reason)
            due.append(Due(ENDS, over, None, queue.config))
        elif held.ended_ms is None:
            self._drop(held, changes)
        else:
            self._put(msgspec.structs.replace(held, phase="ok"), changes)

    def _put(self, held: Held, changes: Changes, *, tell: bool = False) -> None:
        self.helds[held.field] = changes.stored[held.field] = held
        if tell:
            changes.told.append(held)
            log.info(
                "alert fires" if held.is_active else "alert ended",
                extra={
                    "alert": held.rule, "severity": held.severity, "queue": held.queue, "channel": held.channel,
                    "reason": held.reason, "value": held.value, "incident": held.incident,
                },
            )  # fmt: skip

    def _drop(self, held: Held, changes: Changes) -> None:
        if self.helds.pop(held.field, None) is not None:
            changes.gone.append(held.field)
