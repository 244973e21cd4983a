"""The product's own way from events to a report, in one process: real decoder, partitions and report, no servers."""

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, cast
from unittest.mock import patch

import redis

from floorpulse.report import build_report
from floorpulse.report_read import PartitionState, Position
from kpi import keys
from kpi.envelope import CUSTOMER_TOPIC, Event, base_topic, copies, make_event
from kpi.floor import Floor, parse_floor
from kpi.instants import format_time
from sources.cloudevents import RawLine
from sources.identity import identified
from sources.replay import RAW_TOPIC, make_plan
from streams import store
from streams.decode import Decoded, Limits, Rejected, decode
from streams.partition import Partition

_CHUNK = 50


class _Count:
    """One partition's worker and, in `state`, what Redis would hold of it."""

    def __init__(self, topic: str, floor: Floor) -> None:
        self.topic, self.limits = topic, Limits(floor.earliest_ms, live=False)
        self.state = PartitionState(topic, 0, Position(next=0, epoch=1))
        self._partition = Partition("fp:{test}", store.Position(0, 1, 0, 0, 0), floor.lateness_ms, keeps_all=True)

    def take(self, raws: Sequence[bytes]) -> None:
        chunk: list[Decoded | Rejected] = []
        for raw in raws:
            try:
                chunk.append(decode(raw, self.topic, 2**52, self.limits))
            except Rejected as error:
                chunk.append(error)
        names = [one.key for one in chunk if isinstance(one, Decoded) and one.key is not None]
        self._partition.remember(self._partition.missing(names), {})
        first = self.state.position.next
        taken = self._partition.take(range(first, first + len(chunk)), chunk, [])
        self._apply(taken.difference.panes, self.state.panes)
        for suffix, members in taken.difference.lives.items():
            here = self.state.live.setdefault(suffix, {})
            for member, score in members.items():
                if score is False:
                    here.pop(member, None)
                else:
                    here[member] = int(score)
        self._apply({"": dict(taken.difference.ledger)}, cast("dict[str, dict[str, int]]", {"": self.state.ledger}))
        self.state.position = Position(first + len(chunk), 1, 0, taken.watermark, taken.tick)
        self._partition.advance(first + len(chunk), taken, 0)

    @staticmethod
    def _apply(changes: dict[str, dict[str, int]], into: dict[str, dict[str, int]]) -> None:
        for name, fields in changes.items():
            here = into.setdefault(name, {})
            for field, n in fields.items():
                here[field] = here.get(field, 0) + n
                if not here[field]:
                    del here[field]


def replayed(
    items: Sequence[Event | RawLine],
    *,
    config: str = "",
    shuffle_ms: int = 0,
    duplicate: float = 0.0,
    seed: int = 0,
    **wanted: Any,
) -> dict[str, Any]:
    """The report of a replay of `items`; `config` is a floor.toml's text, `wanted` as for `build_report`."""
    floor = parse_floor(config)
    plan = make_plan(items, shuffle_ms=shuffle_ms, duplicate=duplicate, seed=seed, earliest_ms=floor.earliest_ms)
    logs: defaultdict[str, list[bytes]] = defaultdict(list)
    for due in plan.due:
        if isinstance(due.item, RawLine):
            logs[RAW_TOPIC].append(due.item.raw)
            continue
        event = identified(due.item, floor)
        logs[base_topic(event)].append(event.to_json())
        for topic in {topic for topic, _ in copies(event)} - {CUSTOMER_TOPIC}:
            logs[topic].append(event.to_json())
    tick = make_event("tick", source="/clock", id=f"tick{plan.to_ms}", time_ms=plan.to_ms, data={}).to_json()
    states = []
    for topic in keys.BASE_TOPICS:
        count = _Count(topic, floor)
        raws = [*logs[topic], tick]
        for start in range(0, len(raws), _CHUNK):
            count.take(raws[start : start + _CHUNK])
        states.append(count.state)
    with patch("floorpulse.report.read_partitions", lambda client, ns, wanted, kinds: states):
        return build_report(
            cast("redis.Redis", _Descriptor(plan.from_ms, plan.to_ms)), "test",
            span_from_ms=plan.from_ms, span_to_ms=plan.to_ms, floor=floor, sent=len(plan.due), **wanted,
        )  # fmt: skip


class _Descriptor:
    """A client that knows nothing but what the driver wrote down about its replay."""

    def __init__(self, from_ms: int, to_ms: int) -> None:
        self._text = json.dumps({"span": {"from": format_time(from_ms), "to": format_time(to_ms)}})

    def get(self, name: str) -> str:
        return self._text
