"""Reports read from a real Redis, into which the plain batch program wrote what it expects."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import redis

from floorpulse.batch import Limits
from floorpulse.errors import UserError
from floorpulse.report import build_report, default_parts
from floorpulse.report_csv import as_csv, as_json
from floorpulse.report_read import read_partition
from floorpulse.report_table import as_table
from kpi import keys
from kpi.envelope import Event
from kpi.floor import parse_floor
from kpi.lengths import Lengths, net_seconds
from tests.builders import T0, event
from tests.floorpulse.stored import batch_of, store, store_events

HOUR = 3_600_000
FLOOR = parse_floor("")
REFUSES_EVERYTHING_OLD = Limits(earliest=0, lateness=7 * 24 * HOUR, live=True, expires=True)


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as found:
        yield found


def events_of(path: Path) -> list[Event]:
    return [Event.from_json(line) for line in path.read_bytes().splitlines()]


def report(client: redis.Redis, ns: str, start: float, end: float, **more: Any) -> dict[str, Any]:
    """A report from `start` to `end` seconds after T0."""
    found = {"floor": FLOOR, **more}
    return build_report(client, ns, span_from_ms=T0 + round(start * 1000), span_to_ms=T0 + round(end * 1000), **found)


def visit(contact: str, joined: float, left: float, **more: Any) -> list[Event]:
    """A leg that joins and is abandoned, in seconds after T0."""
    names = {"contact_id": contact, "leg_id": f"{contact}/1", **more}
    return [
        event("contact.queued", joined, **names),
        event("contact.left_queue", left, reason="abandoned", sequence=1, **names),
    ]


def same(want: Any, got: Any, path: str = "") -> Iterator[str]:
    """Where a report differs from what is wanted; only what is wanted is looked at."""
    if isinstance(want, dict):
        for name, value in want.items():
            yield from same(value, got.get(name, "absent") if isinstance(got, dict) else "absent", f"{path}.{name}")
    elif want != (pytest.approx(got, rel=1e-9) if isinstance(got, float) else got):
        yield f"{path}: want {want}, got {got}"


@pytest.mark.parametrize("basis", ["event", "arrival"])
def test_the_worked_example_comes_out_to_the_last_figure(
    client: redis.Redis, data_dir: Callable[[str], Path], basis: str
) -> None:
    tiny = data_dir("tiny")
    wanted = json.loads((tiny / f"expected-{basis}.json").read_text())
    store_events(client, "tiny", events_of(tiny / "events.jsonl"))

    found = build_report(
        client, "tiny", span_from_ms=T0, span_to_ms=T0 + 300_001, basis=basis, zone="UTC", floor=FLOOR, sent=37
    )

    assert list(same(wanted, found)) == []
    assert found["events"] == {
        "sent": 37, "applied": 36, "duplicate": 1, "conflict": 0, "late_dropped": 0, "dead_lettered": 0,
        "by_reason": {},
    }  # fmt: skip


def test_the_live_service_level_counts_who_still_waits_past_target(
    client: redis.Redis, data_dir: Callable[[str], Path]
) -> None:
    store_events(client, "tiny", events_of(data_dir("tiny") / "events.jsonl"))

    whole = report(client, "tiny", 0, 300.001, sent=37)
    earlier = report(client, "tiny", 0, 240)

    assert whole["total"]["service_level"]["sl_event"] == {"numerator": 5, "denominator": 13, "value": 5 / 13}
    assert earlier["total"]["service_level"]["sl_event"] is None
    assert whole["per_hour"]["2026-11-20T10"]["service_level"] == whole["total"]["service_level"]


def test_parts_of_a_span_sum_to_the_whole(client: redis.Redis) -> None:
    events = [each for n in range(60) for each in visit(f"c{n}", n * 240.0, n * 240.0 + n, queue_id=f"q{n % 3}")]
    store_events(client, "r", events)

    found = report(client, "r", 0, 14_220, zone="Asia/Kolkata", sent=120)

    for part in ("per_queue", "per_hour", "per_day"):
        assert sum(m["offered"] for m in found[part].values()) == found["total"]["offered"] == 60
        assert sum(m["abandoned"] for m in found[part].values()) == found["total"]["abandoned"]
    minutes = [m for row in found["per_minute"].values() for m in row.values()]
    assert sum(m["abandoned"] for m in minutes) == found["total"]["abandoned"]
    assert {len(row) for row in found["per_minute"].values()} == {3}


def test_a_leg_carried_into_an_hour_waits_in_it_and_is_open_at_the_end_of_the_one_before(client: redis.Redis) -> None:
    store_events(client, "r", visit("c1", 3_590, 3_700))

    found = report(client, "r", 0, 7_200, sent=2)

    first, second = found["per_hour"]["2026-11-20T10"], found["per_hour"]["2026-11-20T11"]
    assert (first["offered"], first["open"], first["max_waiting"]) == (1, 1, 1)
    assert (second["offered"], second["open"], second["max_waiting"]) == (0, 0, 1)
    assert found["per_minute"]["2026-11-20T11:00"]["support"]["waiting"] == 1
    assert found["per_minute"]["2026-11-20T11:02"]["support"]["waiting"] == 0


def test_the_edges_of_a_span_inside_a_quarter_hour_are_counted_from_10_s_panes(client: redis.Redis) -> None:
    events = [each for n, at in enumerate((5, 15, 25, 2_705, 2_715)) for each in visit(f"c{n}", at, at + 1)]
    store_events(client, "r", events)

    found = report(client, "r", 10, 2_710)

    assert found["total"]["offered"] == 3
    assert found["span"] == {
        "from": "2026-11-20T10:00:10.000+00:00", "to": "2026-11-20T10:45:10.000+00:00", "basis": "event"
    }  # fmt: skip


def test_a_span_between_panes_is_rounded_outward_and_says_so(client: redis.Redis) -> None:
    store_events(client, "r", [*visit("c1", 1, 2), *visit("c2", 600, 601)])

    found = report(client, "r", 3, 14)

    assert found["total"]["offered"] == 1
    assert found["span"] == {
        "from": "2026-11-20T10:00:00.000+00:00", "to": "2026-11-20T10:00:20.000+00:00", "basis": "event",
        "snapped": True,
    }  # fmt: skip


def test_the_span_of_a_whole_replay_is_never_rounded(client: redis.Redis) -> None:
    store_events(client, "r", visit("c1", 3, 14))
    span = {"from": "2026-11-20T10:00:03.000Z", "to": "2026-11-20T10:00:14.001Z"}
    client.set(keys.replay_key("r"), json.dumps({"span": span}))

    found = report(client, "r", 3, 14.001)

    assert "snapped" not in found["span"]
    assert found["total"]["service_level"]["sl_event"] is not None


def test_a_live_span_older_than_two_hours_snaps_to_quarter_hours_and_has_no_minutes(client: redis.Redis) -> None:
    events = [*visit("c1", 60, 61), *visit("c2", 1_000, 1_001), *visit("c3", 10_000, 10_001)]
    client.hset(keys.partitions_key("live"), "calls.events", "1")
    expected = batch_of("calls.events", events, REFUSES_EVERYTHING_OLD).result()
    assert not any(name.startswith(f"10:{T0 + 60_000}") for name in expected.panes), "its 10 s panes are gone"
    store(client, keys.partition_prefix("live", "calls.events", 0), expected, len(events))

    found = report(client, "live", 300, 600)

    assert found["span"]["snapped"] is True
    assert found["span"]["from"] == "2026-11-20T10:00:00.000+00:00"
    assert found["span"]["to"] == "2026-11-20T10:15:00.000+00:00"
    assert found["total"]["offered"] == 1
    assert "per_minute" not in found


def test_targets_and_short_limits_are_each_queues_own(client: redis.Redis) -> None:
    floor = parse_floor("[queue.a]\ntarget = { seconds = 5 }\nshort_abandon_seconds = 30\n")
    answered = [
        each
        for queue in ("a", "b")
        for each in (
            event("contact.queued", 0, contact_id=queue, leg_id=queue, queue_id=queue),
            event("contact.answered", 10, contact_id=queue, leg_id=queue, queue_id=queue, agent_id="ana", sequence=1),
        )
    ]
    store_events(client, "r", [*answered, *visit("x", 0, 20, queue_id="a"), *visit("y", 0, 20, queue_id="b")])

    found = report(client, "r", 0, 30, floor=floor, sent=8)

    assert found["per_queue"]["a"]["service_level"]["answered_only"]["numerator"] == 0
    assert found["per_queue"]["b"]["service_level"]["answered_only"]["numerator"] == 1
    assert (found["per_queue"]["a"]["short_abandoned"], found["per_queue"]["b"]["short_abandoned"]) == (1, 0)
    assert found["total"]["service_level"]["short_excluded"] == {"numerator": 1, "denominator": 3, "value": 1 / 3}


def test_the_channels_of_a_queue_are_one_row(client: redis.Redis) -> None:
    store_events(client, "r", [*visit("c1", 0, 5), *visit("c2", 1, 6, channel="chat")])

    found = report(client, "r", 0, 30, sent=4)

    assert found["per_queue"]["support"]["offered"] == 2
    assert found["per_queue"]["support"]["max_waiting"] == 2


def test_by_chooses_the_parts(client: redis.Redis) -> None:
    store_events(client, "r", visit("c1", 0, 5))

    found = report(client, "r", 0, 30, by=["queue"], sent=2)

    assert [part for part in found if part.startswith("per_")] == ["per_queue"]


def test_minutes_are_told_by_default_up_to_48_hours() -> None:
    assert "minute" in default_parts(0, 48 * HOUR)
    assert "minute" not in default_parts(0, 48 * HOUR + 1)


def test_lengths_backwards_from_who_waits_equal_lengths_forward_from_nothing(client: redis.Redis) -> None:
    events = [each for n in range(30) for each in visit(f"c{n}", n * 7, n * 7 + (n % 5) * 9)][:-1]
    store_events(client, "r", events)
    panes = batch_of("calls.events", events).result().panes
    coarse = ((keys.parse_pane_suffix(name), fields) for name, fields in panes.items() if name.startswith("900:"))
    forward = Lengths.forward(net_seconds((name.start_ms, fields) for name, fields in coarse))

    found = report(client, "r", 0, 300, sent=len(events))

    waiting = {minute: row["support"]["waiting"] for minute, row in found["per_minute"].items()}
    assert waiting == {f"2026-11-20T10:0{n}": forward.at(T0 // 1000 + 60 * n) for n in range(5)}
    assert found["total"]["open"] == forward.at(T0 // 1000 + 299)
    assert found["total"]["max_waiting"] == forward.maximum(T0 // 1000, T0 // 1000 + 299)


def test_what_a_worker_commits_while_we_read_is_caught_up_from_the_deltas(client: redis.Redis) -> None:
    events = [*visit("c1", 0, 5), event("contact.queued", 20, contact_id="c2", leg_id="c2/1")]
    before, after = batch_of("calls.events", events[:1]).result(), batch_of("calls.events", events).result()
    prefix = keys.partition_prefix("r", "calls.events", 0)
    store(client, prefix, before, 1)
    racing = CommitsOnFirstLook(client, lambda: _commit(client, prefix, before.panes, after.panes))

    found = read_partition(racing, "r", "calls.events", 0, lambda pane: True, frozenset({"waiting"}))

    assert found.position.next == 3
    assert {name: {k: n for k, n in fields.items() if n} for name, fields in found.panes.items()} == after.panes
    assert found.live == {name: members for name, members in after.live.items() if name.startswith("waiting:")}


class CommitsOnFirstLook(redis.Redis):
    """A client during whose first look at the panes a worker commits: the panes are read before it, the rest after."""

    def __init__(self, client: redis.Redis, commit: Callable[[], None]) -> None:
        super().__init__(connection_pool=client.connection_pool)
        self._commit: Callable[[], None] | None = commit

    def hkeys(self, name: Any) -> Any:
        if self._commit is not None:
            commit, self._commit = self._commit, None
            commit()
        return super().hkeys(name)


def _commit(client: redis.Redis, prefix: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Two deltas, as the worker's script writes them; c1 leaves, c2 joins."""
    changes = {
        name: {k: fields.get(k, 0) - before.get(name, {}).get(k, 0) for k in fields | before.get(name, {}).keys()}
        for name, fields in after.items()
    }
    live = keys.live_suffix("waiting", "support", "voice")
    deltas = [(1, 2, changes, {"c1|c1/1": False}), (2, 3, {}, {"c2|c2/1": T0 + 20_000})]
    for base, new, panes, members in deltas:
        body = msgspec.msgpack.encode({"p": panes, "l": {live: members}})
        client.xadd(keys.deltas_key(prefix), {"e": 7, "b": base, "n": new, "d": body})
    for name, fields in after.items():
        client.hset(keys.pane_key(prefix, name), mapping={**fields, "#": 3})
        client.sadd(keys.panes_key(prefix), name)
    client.zrem(keys.live_key(prefix, live), "c1|c1/1")
    client.zadd(keys.live_key(prefix, live), {"c2|c2/1": T0 + 20_000})
    client.hset(keys.lives_key(prefix), live, "3")
    client.hset(keys.position_key(prefix), "next", "3")


def test_an_unknown_namespace_and_a_partition_half_written_are_said_in_one_sentence(client: redis.Redis) -> None:
    with pytest.raises(UserError, match="nothing counted"):
        report(client, "nobody", 0, 10)

    store_events(client, "r", visit("c1", 0, 5), partitions=1)
    client.hset(keys.position_key(keys.partition_prefix("r", "calls.events", 0)), "dirty", "1")
    with pytest.raises(UserError, match="being rebuilt"):
        report(client, "r", 0, 10)


def test_csv_has_one_line_per_part_and_no_formula(client: redis.Redis) -> None:
    store_events(client, "r", visit("c1", 0, 5, queue_id="=cmd()"))
    found = report(client, "r", 0, 60, sent=2)

    rows = list(csv.DictReader(io.StringIO(as_csv(found))))

    assert [row["part"] for row in rows] == ["total", "queue", "hour", "day", "minute"]
    assert rows[1]["key"] == "'=cmd()"
    assert rows[1]["wait_seconds.abandoned.p50"] == "5"
    assert rows[1]["talk_seconds.mean"] == "", "no value is an empty cell"


def test_json_and_table_hold_names_of_any_script(client: redis.Redis) -> None:
    from rich.console import Console

    store_events(client, "r", visit("c1", 0, 5, queue_id="客服"))
    found = report(client, "r", 0, 60, sent=2)
    console = Console(file=io.StringIO(), width=200, record=True)
    console.print(as_table(found))

    assert json.loads(as_json(found)) == found
    assert "客服" in as_json(found)
    assert "客服" in console.export_text()
