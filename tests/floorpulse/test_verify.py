"""The comparison of what the plain batch program expects with Redis."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import redis

from floorpulse.verify import Verdict, compare, fact_ids, read_stored, verify
from kpi import keys
from kpi.floor import parse_floor
from kpi.record import Record
from tests.builders import T0, event, fact
from tests.floorpulse.stored import EVERLASTING, as_hash, batch_of, scores

FLOOR = parse_floor("")


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as found:
        yield found


@pytest.fixture
def replayed(
    client: redis.Redis, redis_url: str, kafka_bootstrap: str, data_dir: Callable[[str], Path], tmp_path: Path
) -> tuple[redis.Redis, str, str]:
    """(Redis, Kafka, namespace) after the worked example went through the real pipeline."""
    ns = f"verify-{os.urandom(4).hex()}"
    command = [
        sys.executable, "-m", "floorpulse", "replay", str(data_dir("tiny") / "events.jsonl"), "--as", "cloudevents",
        "--namespace", ns, "--report", str(tmp_path / "report.json"),
    ]  # fmt: skip
    env = {**os.environ, "FLOORPULSE_KAFKA": kafka_bootstrap, "FLOORPULSE_REDIS": redis_url}
    subprocess.run(command, env=env, check=True, capture_output=True, timeout=120)
    return client, kafka_bootstrap, ns


async def test_after_a_replay_redis_equals_the_batch_program_and_any_tampering_is_found(
    replayed: tuple[redis.Redis, str, str],
) -> None:
    client, kafka, ns = replayed

    verdict = await verify(client, kafka, ns, FLOOR)

    assert verdict.differences == []
    assert verdict.notes == []
    assert (verdict.contacts, verdict.events >= 37, verdict.counts > 200) == (15, True, True)

    prefix, suffix = _some_pane(client, ns)
    client.hincrby(keys.pane_key(prefix, suffix), "offered", 1)
    record = min(read_stored(client, ns, *_place(prefix)).records)
    client.hdel(keys.records_key(prefix), record)
    found = await verify(client, kafka, ns, FLOOR)

    assert len(found.differences) == 2
    assert f"record {record}" in found.differences[0]
    assert f"pane {suffix} offered" in found.differences[1]


def _some_pane(client: redis.Redis, ns: str) -> tuple[str, str]:
    """(partition prefix, suffix) of a pane of the calls."""
    for partition in range(64):
        prefix = keys.partition_prefix(ns, "calls.events", partition)
        for suffix in sorted(read_stored(client, ns, "calls.events", partition).panes):
            return prefix, suffix
    raise AssertionError("no pane at all")


def _place(prefix: str) -> tuple[str, int]:
    """(base topic, partition) of a key prefix."""
    _, topic, partition = prefix.strip("fp:{}").split("/")
    return topic, int(partition)


def test_live_sets_positions_and_ledgers_are_compared_too(client: redis.Redis) -> None:
    expected = batch_of("calls.events", [event("contact.queued", 0)]).result()
    prefix = keys.partition_prefix("r", "calls.events", 0)
    for suffix, fields in expected.panes.items():
        client.hset(keys.pane_key(prefix, suffix), mapping=as_hash({**fields, "#": 1}))
        client.sadd(keys.panes_key(prefix), suffix)
    for suffix, members in expected.live.items():
        client.zadd(keys.live_key(prefix, suffix), scores({name: at + 1 for name, at in members.items()}))
        client.hset(keys.lives_key(prefix), suffix, "1")
    position = {"next": 1, "epoch": 1, "first": 0, "watermark": expected.watermark + 5, "tick": 0}
    client.hset(keys.position_key(prefix), mapping=as_hash(position))
    client.hset(keys.ledger_key(prefix), mapping={"applied": 2})
    verdict = Verdict()

    compare("calls.events/0", expected, read_stored(client, "r", "calls.events", 0), EVERLASTING, verdict, whole=True)

    assert [line.split(":")[0] for line in verdict.differences] == [
        "calls.events/0 record c", "calls.events/0 position watermark", "calls.events/0 ledger applied",
        "calls.events/0 live set source", "calls.events/0 live set waiting",
    ]  # fmt: skip


def test_records_older_than_the_log_are_counted_apart_and_their_counts_left_out(client: redis.Redis) -> None:
    story = [event("contact.queued", 0, id="gone"), event("contact.answered", 5, id="there", agent_id="ana")]
    whole = batch_of("calls.events", story).result()
    prefix = keys.partition_prefix("r", "calls.events", 0)
    client.hset(keys.position_key(prefix), mapping={"next": 2, "epoch": 1, "first": 0})
    client.hset(keys.records_key(prefix), "c:c1", _blob(["gone", "there"]))
    verdict, rest = Verdict(), batch_of("calls.events", story[1:]).result()

    compare("calls.events/0", rest, read_stored(client, "r", "calls.events", 0), EVERLASTING, verdict, whole=False)

    assert rest.panes != whole.panes
    assert (verdict.apart, verdict.differences, len(verdict.notes)) == (1, [], 1)


def _blob(ids: list[str]) -> bytes:
    return Record("c:c1", [fact("queued", n, id=name) for n, name in enumerate(ids)]).pack()


@pytest.mark.parametrize(
    ("key", "kind", "fold"),
    [
        ("c:c1", "message", 600),
        ("a:ana", "agent.heartbeat", 3_600),
        ("u:u1", "queued", 3_600),
        ("f:source/x", "source.heartbeat", 60),
    ],
)
def test_facts_that_are_folded_by_now_are_left_out_of_a_record(key: str, kind: str, fold: int) -> None:
    facts = [fact(kind, at, id=f"at {at}") for at in (-0.001, 0, fold)]

    assert fact_ids(key, Record(key, facts, facts[-1].time).pack()) == {"at 0", f"at {fold}"}


def test_a_contacts_facts_but_messages_never_fold() -> None:
    facts = [fact("queued", 0, id="joined"), fact("message", 0, id="old"), fact("message", 9_000, id="new")]

    assert fact_ids("c:c1", Record("c:c1", facts, facts[-1].time).pack()) == {"joined", "new"}


def test_what_a_forgotten_record_left_behind_may_still_stand_or_not(client: redis.Redis) -> None:
    lost = event("contact.left_queue", 0, reason="abandoned", customer_key="u1")
    tick = event("tick", 9 * 86_400)
    expected = batch_of("customers.events", [lost, tick]).result()
    prefix = keys.partition_prefix("r", "customers.events", 0)
    client.hset(keys.position_key(prefix), mapping={"next": 2, "epoch": 1, "watermark": expected.watermark})
    client.hset(keys.lives_key(prefix), "lost:support:voice", "1")
    differences = []

    for members in ({}, {"c1|c1/1": T0}, {"c1|c1/1": T0, "c9|c9/1": T0}):
        if members:
            client.zadd(keys.live_key(prefix, "lost:support:voice"), scores(members))
        stored = read_stored(client, "r", "customers.events", 0)
        compare("customers", expected, replace(stored, panes=expected.panes, ledger=expected.ledger), EVERLASTING,
                verdict := Verdict(), whole=True)  # fmt: skip
        differences.append([line.rpartition(":")[0] for line in verdict.differences])

    assert differences[0] == differences[1] == ["customers position tick"]
    assert "customers live set lost:support:voice c9|c9/1" in differences[2]


def test_verify_says_in_one_line_that_nothing_was_counted(redis_url: str, client: redis.Redis) -> None:
    env = {**os.environ, "FLOORPULSE_REDIS": redis_url}
    command = [sys.executable, "-m", "floorpulse", "verify", "--namespace", "nobody"]

    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "nothing counted" in done.stderr


def test_report_says_in_one_line_what_is_wrong_with_an_option(redis_url: str) -> None:
    for option, value in (("--from", "yesterday"), ("--by", "moon"), ("--zone", "Mars"), ("--within", "5;6")):
        command = [sys.executable, "-m", "floorpulse", "report", option, value]

        done = subprocess.run(
            command, env={**os.environ, "FLOORPULSE_REDIS": redis_url}, capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip

        assert done.returncode == 2, json.dumps([option, done.stderr])
        assert option in done.stderr
        assert done.stderr.count("\n") == 1
