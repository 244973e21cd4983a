"""Snapshots -> alerts: every limit of a queue looks at every snapshot, and what changes is an alert. No I/O, no clock.

One `Evaluator` holds all states in memory. Whoever calls it writes what changed to Redis before anybody hears of it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from alerts.announced import Announced, Glance
from alerts.changes import LIMIT_GONE, QUEUE_GONE, Changes, calm_held, ended, state_of, with_state
from alerts.naming import named
from alerts.policy import CALM, State, Step, step
from alerts.rulebook import Limit, limits_of, look_of
from kpi.alert_state import KEEP_RESOLVED_MS, Held
from kpi.floor import Floor, QueueConfig
from kpi.quiet import Quiet, quiet_at
from kpi.snapshot import QueueSnapshot

log = logging.getLogger("floorpulse.alerts")

Key = tuple[str, str]
Texts = Callable[[Held, QueueSnapshot, QueueConfig], dict[str, str]]
# An alert that goes on is written, with its numbers of now, so often.
REFRESH_MS = 5_000
# Whoever can bring events can bring names. Those in floor.toml are always looked at; of others so many.
MOST_QUEUES = 5_000
# A queue that nobody publishes any more while others are fresh: so long, and its alerts end.
QUEUE_GONE_MS = 60_000


@dataclass(slots=True)
class _Queue:
    """What is remembered of one queue and channel. `newest`: (epoch, publication) of the last snapshot."""

    config: QueueConfig
    limits: tuple[Limit, ...]
    states: dict[tuple[str, str], State] = field(default_factory=dict)
    newest: tuple[int, int] = (0, 0)
    missing_since_ms: int = 0


class Evaluator:
    """The states of all limits of one floor. `quiets`: what people planned, beside what stands in floor.toml.

    `counts`: {rule: looks} and {rule: failures}, which only grow.
    """

    def __init__(self, floor: Floor, texts: Texts, most_queues: int = MOST_QUEUES) -> None:
        self._floor, self._texts, self._most = floor, texts, most_queues
        self._queues: dict[Key, _Queue] = {}
        self.helds: dict[str, Held] = {}
        self.quiets: tuple[Quiet, ...] = ()
        self.looks: dict[str, int] = {}
        self.failures: dict[str, int] = {}
        self.turned_away = 0

    def load(self, helds: Iterable[Held], floor: Floor, wall_ms: int) -> Changes:
        """Forget everything and go on from these; what there is no limit for any more ends."""
        self._floor, self._queues, self.helds = floor, {}, {held.field: held for held in helds}
        for held in self.helds.values():
            self._known((held.queue, held.channel)).states[held.rule, held.severity] = state_of(held)
        return self._end_without_limit(wall_ms)

    def configure(self, floor: Floor, wall_ms: int) -> Changes:
        """Go on with another floor.toml; what it has no limit for any more ends."""
        self._floor = floor
        for key, queue in self._queues.items():
            queue.config = floor.queue(*key)
            queue.limits = _stream_limits(queue.config)
        return self._end_without_limit(wall_ms)

    def active(self) -> list[Held]:
        """The alerts that people are told about now."""
        return [held for held in self.helds.values() if held.is_active]

    def look(self, snapshots: Iterable[Announced], wall_ms: int) -> Changes:
        """What snapshots that were announced together change, at most one of a queue and channel.

        One that is not newer than the last of its queue is passed over.
        """
        changes = Changes()
        fired: dict[str, tuple[Held, Announced, QueueConfig]] = {}
        for announced in snapshots:
            snapshot = announced.glance
            queue = self._queue((snapshot.queue, snapshot.channel))
            if queue is None or (snapshot.epoch, snapshot.published_at_ms) <= queue.newest:
                continue
            queue.newest, queue.missing_since_ms = (snapshot.epoch, snapshot.published_at_ms), 0
            is_quiet = self._is_quiet(queue.config, snapshot)
            for limit in queue.limits:
                before = queue.states.get((limit.rule.name, limit.severity), CALM)
                made = self._step(limit, before, snapshot, is_quiet)
                if made is None:
                    continue
                queue.states[limit.rule.name, limit.severity] = made.state
                if before.phase == "ok" and made.state.phase == "ok":
                    continue
                held = self._stepped(queue.config, announced, limit, before, made, changes, wall_ms)
                if held is not None:
                    fired[held.field] = held, announced, queue.config
        if fired:
            for held in named((each for each, _, _ in fired.values()), self.helds.values(), self._floor, wall_ms):
                self._put(self._told(held, *fired[held.field][1:]), changes, tell=True)
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

    def missing(self, present: Collection[Key], wall_ms: int) -> Changes:
        """End the alerts of queues that nobody publishes any more, though there are fresh numbers: `present`."""
        changes = Changes()
        gone = set()
        for key, queue in self._queues.items():
            if key in present:
                queue.missing_since_ms = 0
            elif not queue.missing_since_ms:
                queue.missing_since_ms = wall_ms
            elif wall_ms - queue.missing_since_ms >= QUEUE_GONE_MS:
                gone.add(key)
        for held in list(self.helds.values()):
            if (held.queue, held.channel) in gone:
                self._end(held, QUEUE_GONE, wall_ms, changes)
        for key in gone:
            del self._queues[key]
        return changes

    def unsure(self) -> None:
        """Nobody publishes fresh numbers: which queues are gone is seen only once there are some again."""
        for queue in self._queues.values():
            queue.missing_since_ms = 0

    def _queue(self, key: Key) -> _Queue | None:
        """What is remembered of a queue; None for one too many."""
        if key in self._queues or len(self._queues) < self._most or self._floor.queue(*key).configured:
            return self._known(key)
        if not self.turned_away:
            log.warning("more than %d queues have events; those beyond raise no alerts", self._most)
        self.turned_away += 1
        return None

    def _known(self, key: Key) -> _Queue:
        if key not in self._queues:
            config = self._floor.queue(*key)
            self._queues[key] = _Queue(config, _stream_limits(config))
        return self._queues[key]

    def _is_quiet(self, config: QueueConfig, snapshot: Glance) -> bool:
        quiets: Sequence[Quiet] = (*self.quiets, *self._floor.quiet)
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
        announced: Announced,
        limit: Limit,
        before: State,
        made: Step,
        changes: Changes,
        wall_ms: int,
    ) -> Held | None:
        """Put an alert that is not calm, or was not, into its new state; gives it when it fired, for it has no name."""
        state, reason = made.state, str(made.reason)
        held = self.helds.get(calm_held(limit, config).field) or calm_held(limit, config)
        after = with_state(held, limit, state, reason, wall_ms)
        if state.is_on and not before.is_on:
            return msgspec.structs.replace(after, group=config.group, resolved_ms=None, ended_ms=None)
        if before.is_on and not state.is_on:
            over = self._told(ended(after, state.looked_ms, wall_ms, reason), announced, config)
            self._put(over, changes, tell=True)
        elif state.phase == "ok":
            # It was pending, and nobody heard of it; what had ended before that is still to be seen.
            self._put(after, changes) if after.ended_ms is not None else self._drop(after, changes)
        elif state.phase != before.phase:
            self._put(after if not state.is_on else self._told(after, announced, config), changes)
        elif state.is_on and made.reason != "unknown" and wall_ms - held.updated_ms >= REFRESH_MS:
            self._put(self._told(after, announced, config), changes)
        return None

    def _told(self, held: Held, announced: Announced, config: QueueConfig) -> Held:
        """The alert with its texts of now; with those it had, when they cannot be made."""
        try:
            texts: Mapping[str, str] = self._texts(held, announced.whole(), config)
        except Exception:
            # Bare words reach people better than no alert.
            self.failures[held.rule] = self.failures.get(held.rule, 0) + 1
            log.exception("the texts of %s could not be made", held.rule)
            texts = held.annotations or {"summary": f"{config.display_name}: {held.rule}"}
        return msgspec.structs.replace(held, annotations=dict(texts))

    def _end_without_limit(self, wall_ms: int) -> Changes:
        """End what no limit stands for: floor.toml was changed."""
        changes = Changes()
        for held in list(self.helds.values()):
            queue = self._queues[held.queue, held.channel]
            if held.phase != "ok" and not any(
                (limit.rule.name, limit.severity) == (held.rule, held.severity) for limit in queue.limits
            ):
                self._end(held, LIMIT_GONE, wall_ms, changes)
        return changes

    def _end(self, held: Held, reason: str, wall_ms: int, changes: Changes) -> None:
        queue = self._queues.get((held.queue, held.channel))
        if queue is not None:
            queue.states.pop((held.rule, held.severity), None)
        if held.is_active:
            over = ended(msgspec.structs.replace(held, phase="ok"), held.looked_ms, wall_ms, reason)
            self._put(over, changes, tell=True)
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


def _stream_limits(config: QueueConfig) -> tuple[Limit, ...]:
    return tuple(limit for limit in limits_of(config) if limit.rule.engine == "stream")
