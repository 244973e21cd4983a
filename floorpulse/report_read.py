"""What a report needs, read from Redis alone: panes, who waits, ledgers, positions; each partition as of one position.

Panes and live sets are read in pieces while the workers go on. Each remembers the position of its last change, so the
deltas committed meanwhile bring every piece to one position; when they cannot (a rebuild, or they are gone), the
partition is read again.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, cast

import msgspec
import redis

from floorpulse.errors import UserError
from kpi import keys
from kpi.keys import PaneName

_BATCH = 1000
_ATTEMPTS = 8
_STAMP = "#"

Fields = dict[str, int]
Wanted = Callable[[PaneName], bool]


@dataclass(slots=True)
class Position:
    """Where a partition stands; watermark and tick in ms, None before the first record."""

    next: int = 0
    epoch: int = 0
    first: int = 0
    watermark: int | None = None
    tick: int | None = None
    dirty: bool = False


@dataclass(slots=True)
class PartitionState:
    """One partition as of `position`. `live` holds members with their scores, by live suffix."""

    base_topic: str
    partition: int
    position: Position
    ledger: Fields = field(default_factory=dict)
    panes: dict[str, Fields] = field(default_factory=dict)
    live: dict[str, dict[str, int]] = field(default_factory=dict)


class _Delta(NamedTuple):
    epoch: int
    base: int
    next: int
    change: dict[str, Any]


def partitions_of(client: redis.Redis, ns: str) -> dict[str, int]:
    """Base topic -> number of partitions; UserError when nothing was ever counted under this namespace."""
    found = _texts(client.hgetall(keys.partitions_key(ns)))
    if not found:
        raise UserError(f"namespace {ns!r}: nothing counted in this Redis; wanted the name of a replay, or 'live'")
    return {topic: int(count) for topic, count in found.items()}


def read_partitions(client: redis.Redis, ns: str, wanted: Wanted, kinds: Iterable[str]) -> list[PartitionState]:
    """Every partition of the namespace: the wanted panes and live sets. Raises UserError while one is being rebuilt."""
    sets = frozenset(kinds)
    return [
        read_partition(client, ns, base_topic, partition, wanted, sets)
        for base_topic, count in sorted(partitions_of(client, ns).items())
        for partition in range(count)
    ]


def read_partition(
    client: redis.Redis, ns: str, base_topic: str, partition: int, wanted: Wanted, kinds: frozenset[str]
) -> PartitionState:
    """One partition as of one position."""
    prefix = keys.partition_prefix(ns, base_topic, partition)
    for _ in range(_ATTEMPTS):
        state = PartitionState(base_topic, partition, read_position(client, prefix))
        if state.position.dirty:
            continue
        pane_stamps = _read_panes(client, prefix, state, wanted)
        live_stamps = _read_live(client, prefix, state, kinds)
        if _catch_up(client, prefix, state, (pane_stamps, live_stamps), wanted, kinds):
            state.ledger = {name: int(count) for name, count in _texts(client.hgetall(keys.ledger_key(prefix))).items()}
            return state
    raise UserError(
        f"{base_topic} partition {partition} of namespace {ns!r} is being rebuilt; try again when it is done"
    )


def read_position(client: redis.Redis, prefix: str) -> Position:
    """The position hash of one partition; an empty one when it has none yet."""
    return parse_position(client.hgetall(keys.position_key(prefix)))


def parse_position(raw: Any) -> Position:
    """A position from its hash."""
    found = _texts(raw)
    times = {name: int(found[name]) if found.get(name) else None for name in ("watermark", "tick")}
    numbers = {name: int(found.get(name) or 0) for name in ("next", "epoch", "first")}
    return Position(**numbers, watermark=times["watermark"], tick=times["tick"], dirty=found.get("dirty") == "1")


def _read_panes(client: redis.Redis, prefix: str, state: PartitionState, wanted: Wanted) -> Fields:
    """Fill `state.panes`; returns per pane the position of its last change."""
    stamps: Fields = {}
    suffixes = [text for text in map(_text, _members(client, prefix)) if wanted(keys.parse_pane_suffix(text))]
    for start in range(0, len(suffixes), _BATCH):
        some = suffixes[start : start + _BATCH]
        pipeline = client.pipeline(transaction=False)
        for suffix in some:
            pipeline.hgetall(keys.pane_key(prefix, suffix))
        for suffix, raw in zip(some, pipeline.execute(), strict=True):
            fields, stamps[suffix] = parse_pane(raw)
            if fields:
                state.panes[suffix] = fields
    return stamps


def _members(client: redis.Redis, prefix: str) -> Iterator[bytes]:
    return cast(Iterator[bytes], client.sscan_iter(keys.panes_key(prefix), count=5000))


def parse_pane(raw: dict[Any, Any]) -> tuple[Fields, int]:
    """(fields, position of the last change) of a pane's hash."""
    fields = {_text(name): int(count) for name, count in raw.items()}
    return fields, fields.pop(_STAMP, 0)


def _read_live(client: redis.Redis, prefix: str, state: PartitionState, kinds: frozenset[str]) -> Fields:
    """Fill `state.live`; returns per live set the position of its last change, read in the same instant."""
    lives = keys.lives_key(prefix)
    names = [text for text in map(_text, cast(list[bytes], client.hkeys(lives))) if _kind(text) in kinds]
    if not names:
        return {}
    pipeline = client.pipeline(transaction=True)
    pipeline.hmget(lives, names)
    for name in names:
        pipeline.zrange(keys.live_key(prefix, name), 0, -1, withscores=True)
    stamps, *sets = pipeline.execute()
    for name, members in zip(names, sets, strict=True):
        state.live[name] = {_text(member): int(score) for member, score in members}
    return {name: int(stamp or 0) for name, stamp in zip(names, stamps, strict=True)}


def _kind(suffix: str) -> str:
    return suffix.partition(":")[0]


def _catch_up(
    client: redis.Redis,
    prefix: str,
    state: PartitionState,
    stamps: tuple[Fields, Fields],
    wanted: Wanted,
    kinds: frozenset[str],
) -> bool:
    """Bring everything read to one position by the deltas since; False when that cannot be done."""
    goal = read_position(client, prefix)
    if goal.dirty or goal.epoch != state.position.epoch:
        return False
    chain = _deltas_between(client, prefix, state.position, goal) if goal.next != state.position.next else []
    if chain is None:
        return False
    for delta in chain:
        _apply(state, delta, stamps, wanted, kinds)
    state.position = goal
    return True


def _deltas_between(client: redis.Redis, prefix: str, start: Position, goal: Position) -> list[_Delta] | None:
    """The deltas from one position to another, oldest first; None when one is missing."""
    found: list[_Delta] = []
    newest = "+"
    while True:
        page = cast(list[Any], client.xrevrange(keys.deltas_key(prefix), max=newest, count=100))
        for _, raw in page:
            delta = _delta(raw)
            if delta.epoch == start.epoch and start.next < delta.next <= goal.next:
                found.append(delta)
        if not page or _delta(page[-1][1]).base <= start.next:
            break
        newest = f"({_text(page[-1][0])}"
    found.reverse()
    whole = [start.next, *(delta.next for delta in found)]
    linked = all(delta.base == before for delta, before in zip(found, whole, strict=False))
    return found if linked and whole[-1] == goal.next else None


def _delta(raw: dict[bytes, bytes]) -> _Delta:
    return _Delta(int(raw[b"e"]), int(raw[b"b"]), int(raw[b"n"]), msgspec.msgpack.decode(raw[b"d"]))


def _apply(
    state: PartitionState, delta: _Delta, stamps: tuple[Fields, Fields], wanted: Wanted, kinds: frozenset[str]
) -> None:
    """Add one delta, passing over the panes and sets that were read after it."""
    pane_stamps, live_stamps = stamps
    for suffix, changes in (delta.change.get("p") or {}).items():
        if pane_stamps.get(suffix, 0) < delta.next and wanted(keys.parse_pane_suffix(suffix)):
            fields = state.panes.setdefault(suffix, {})
            for name, change in changes.items():
                fields[name] = fields.get(name, 0) + change
    for suffix, members in (delta.change.get("l") or {}).items():
        if live_stamps.get(suffix, 0) < delta.next and _kind(suffix) in kinds:
            here = state.live.setdefault(suffix, {})
            for member, score in members.items():
                if score is None or score is False:
                    here.pop(member, None)
                else:
                    here[member] = int(score)


def only_queue(state: PartitionState, queue: str) -> PartitionState:
    """The same partition without the live sets of other queues, and of none."""
    live = {suffix: scores for suffix, scores in state.live.items() if keys.parse_live_suffix(suffix).queue == queue}
    return replace(state, live=live)


def sum_ledgers(partitions: Iterable[PartitionState]) -> Fields:
    """The ledgers of all partitions added up."""
    total: defaultdict[str, int] = defaultdict(int)
    for state in partitions:
        for name, count in state.ledger.items():
            total[name] += count
    return dict(total)


def _text(raw: bytes | str) -> str:
    return raw.decode() if isinstance(raw, bytes) else raw


def _texts(raw: Any) -> dict[str, str]:
    return {_text(name): _text(value) for name, value in raw.items()}
