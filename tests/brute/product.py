"""The product's own way from a log to its numbers, in one process: decode, partitions, view, snapshots; no servers."""

import json
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, cast
from unittest.mock import patch

import msgspec
import redis

from board.health import Verdict
from board.roster import Roster
from board.snapshots import Assembler
from board.view import Delta, FloorView
from floorpulse.report import build_report
from floorpulse.report_read import PartitionState
from floorpulse.report_read import Position as ReadPosition
from kpi.floor import Floor
from kpi.instants import format_time
from kpi.staff import phantoms
from streams import store
from streams.decode import Decoded, Limits, Rejected, decode
from streams.partition import Partition

NEVER = 2**52
LATENESS = 7 * 86_400_000


class _Descriptor:
    """A client that knows nothing but what the driver of a replay wrote down about it."""

    def __init__(self, span: tuple[int, int]) -> None:
        told = {"from": format_time(span[0]), "to": format_time(span[1])}
        self._text = json.dumps({"span": told})

    def get(self, name: str) -> str:
        return self._text


class _Worker:
    """One partition's worker; `blobs` is what Redis would hold of its records."""

    def __init__(self, topic: str, name: str, floor: Floor, chance: random.Random) -> None:
        self.topic, self.name, self._chance = topic, name, chance
        self.limits = Limits(floor.earliest_ms, live=False)
        self.blobs: dict[str, bytes] = {}
        self.panes: dict[str, dict[str, int]] = {}
        self.lives: dict[str, dict[str, int]] = {}
        self.ledger: Counter[str] = Counter()
        self.partition = Partition(f"fp:{{{name}}}", store.Position(0, 1, 0, 0, 0), LATENESS, keeps_all=True)
        self.next = 0

    def take(self, raws: Sequence[tuple[bytes, bytes]], view: FloorView) -> None:
        """One chunk: what it changes goes to the view as a delta, and into what Redis would hold."""
        chunk = [self._decoded(key, raw) for key, raw in raws]
        partition = self.partition
        if self._chance.random() < 0.1:
            partition.records.clear()  # a new worker has nothing in memory
        names = [one.key for one in chunk if isinstance(one, Decoded) and one.key is not None]
        partition.remember(partition.missing(names), self.blobs)
        base, self.next = self.next, self.next + len(chunk)
        taken = partition.take(range(base, self.next), chunk, [])
        self.blobs.update(taken.difference.records)
        self.ledger.update(taken.difference.ledger)
        body = msgspec.msgpack.decode(taken.difference.pack(taken.watermark, taken.tick, 0, None))
        lives = {name: {m: None if at is False else at for m, at in some.items()} for name, some in body["l"].items()}
        self._keep(body["p"], lives)
        view.apply_delta(self.name, Delta(1, base, self.next, body["p"], lives, taken.watermark, taken.tick))
        partition.advance(self.next, taken, 0)

    def _decoded(self, key: bytes, raw: bytes) -> Decoded | Rejected:
        try:
            return decode(raw, self.topic, NEVER, self.limits)
        except Rejected as error:
            return error

    def _keep(self, panes: Mapping[str, Mapping[str, int]], lives: Mapping[str, Mapping[str, int | None]]) -> None:
        for name, fields in panes.items():
            held = self.panes.setdefault(name, {})
            for field, n in fields.items():
                held[field] = held.get(field, 0) + n
        for name, members in lives.items():
            here = self.lives.setdefault(name, {})
            for member, score in members.items():
                if score is None:
                    here.pop(member, None)
                else:
                    here[member] = score


class ProductFloor:
    """All workers of a floor and a board that follows them."""

    def __init__(self, floor: Floor, partitions: Mapping[str, int], seed: int) -> None:
        self.floor, self.view, self._chance = floor, FloorView(), random.Random(seed)
        self.workers = {
            (topic, number): _Worker(topic, f"{topic}/{number}", floor, self._chance)
            for topic, count in partitions.items()
            for number in range(count)
        }
        self.view.expect(worker.name for worker in self.workers.values())
        for worker in self.workers.values():
            known = self.view.partitions[worker.name]
            known.loaded, known.epoch, known.next = True, 1, 0
        self.roster = Roster()
        self._assemblers: dict[tuple[str, str], Assembler] = {}
        self._waiting: defaultdict[tuple[str, int], list[tuple[bytes, bytes]]] = defaultdict(list)

    def take(self, topic: str, partition: int, key: str, raw: bytes) -> None:
        """The next record of a partition; it is counted with the chunk it belongs to."""
        waiting = self._waiting[topic, partition]
        waiting.append((key.encode(), raw))
        if self._chance.random() < 0.05:
            self._flush(topic, partition)

    def _flush(self, topic: str, partition: int) -> None:
        raws = self._waiting.pop((topic, partition), [])
        if raws:
            self.workers[topic, partition].take(raws, self.view)

    def settle(self) -> None:
        """Count everything that was taken."""
        for topic, partition in list(self._waiting):
            self._flush(topic, partition)

    def ledger(self) -> Counter[str]:
        """What became of the records of all partitions."""
        return sum((worker.ledger for worker in self.workers.values()), Counter())

    def snapshots(self, now: int) -> dict[tuple[str, str], Any]:
        """By queue and channel the snapshot at `now`, as a reader of its JSON sees it."""
        view, floor = self.view, self.floor
        configs = {place: floor.queue(*place) for place in view.queues}
        view.advance(now, {place: (config.zone, config.reset_minutes) for place, config in configs.items()})
        verdict = Verdict("fresh", None, now, now, 1)
        self.roster.refresh(view.staff.sets)
        found = {}
        for place, queue in view.queues.items():
            assembler = self._assemblers.setdefault(place, Assembler(queue, configs[place]))
            found[place] = msgspec.json.decode(
                assembler.snapshot("brute", verdict, now, self.roster.staff_of(place[0])).to_json()
            )
        view.forget(now)
        return found

    def agents(self) -> dict[str, dict[str, Any]]:
        """By agent what the board knows of those who are not offline."""
        sets = self.view.staff.sets
        heartbeats = dict(sets["agent_heartbeat"].members())
        found = {}
        for text, since in sets["agents"].members():
            name, state, reason, team, site, queues, capacity, engaged = json.loads(text)
            found[name] = {
                "state": state, "reason": reason, "since": since, "team": team, "site": site, "queues": dict(queues),
                "capacity": capacity, "engaged": [tuple(one) for one in engaged], "heartbeat": heartbeats.get(name),
            }  # fmt: skip
        return found

    def teams(self) -> dict[str, dict[str, Any]]:
        """By agent the team and site that the board knows, of those at home too."""
        told = ((*json.loads(text), since) for text, since in self.view.staff.sets["agent_team"].members())
        return {name: {"team": team, "site": site, "since": since} for name, team, site, since in told}

    def spent(self, window: str, now: int) -> dict[str, dict[str, int]]:
        """By agent the milliseconds of each level over a window, as occupancy is made of."""
        self.roster.refresh(self.view.staff.sets)
        spent = self.view.staff.spent(window, now, self.roster.heights)
        return {agent: dict(levels) for agent, levels in spent.items()}

    def report(self, span: tuple[int, int], basis: str, zone: str) -> dict[str, Any]:
        """The report of everything counted so far, as a replay that ends with it would give it."""
        states = []
        for (topic, number), worker in self.workers.items():
            at = worker.partition.position
            position = ReadPosition(worker.next, 1, 0, at.watermark, at.tick)
            states.append(PartitionState(topic, number, position, worker.ledger, worker.panes, worker.lives))
        with patch("floorpulse.report.read_partitions", lambda client, ns, wanted, kinds: states):
            return build_report(
                cast("redis.Redis", _Descriptor(span)), "brute", span_from_ms=span[0], span_to_ms=span[1],
                basis=basis, by=("queue", "hour", "day", "agent", "team"), zone=zone, floor=self.floor,
            )  # fmt: skip

    def phantoms(self, now: int) -> list[str]:
        """The agents who are logged in and gave no sign of life for long."""
        return sorted(phantoms(dict(self.view.staff.sets["agent_heartbeat"].members()), now))
