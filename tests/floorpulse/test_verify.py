"""The plain batch program, and the comparison of what it expects with Redis."""

import json
import os
import random
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from floorpulse.batch import Batch, Limits
from floorpulse.verify import Verdict, compare, read_stored, verify
from kpi import keys
from kpi.envelope import Event
from kpi.events import make_event
from kpi.floor import parse_floor
from streams.decode import Decoded, Rejected, decode
from streams.decode import Limits as DecodeLimits
from streams.partition import Partition
from streams.store import Position
from tests.builders import SOURCE, T0, event
from tests.floorpulse.stored import EVERLASTING, as_hash, batch_of, scores

DAY = 86_400_000
FLOOR = parse_floor("")
LIVE = Limits(earliest=0, lateness=7 * DAY, live=True, expires=True)
SUPPORT = "10:{}:support:voice"


def pane(expected: Any, at: float, queue: str = "support") -> dict[str, int]:
    """Fields of the 10 s pane that `at` seconds after T0 lies in."""
    start = (T0 + round(at * 1000)) // 10_000 * 10_000
    found: dict[str, int] = expected.panes.get(keys.pane_suffix(10_000, start, queue, "voice"), {})
    return found


# --- The batch program's own rules -----------------------------------------------------------------------------------


def test_the_worked_example_gives_its_ledger_and_who_waits(data_dir: Callable[[str], Path]) -> None:
    lines = (data_dir("tiny") / "events.jsonl").read_bytes().splitlines()
    calls = [line for line in lines if b'"voice"' in line]

    found = batch_of("calls.events", map(Event.from_json, calls)).result()

    assert found.ledger == {"applied": 33, "duplicate": 1}
    assert found.live == {"waiting:support:voice": {"c6|c6/1": T0 + 120_000}}


def test_the_order_of_arrival_changes_nothing(data_dir: Callable[[str], Path]) -> None:
    events = [Event.from_json(line) for line in (data_dir("tiny") / "events.jsonl").read_bytes().splitlines()]
    shuffled = events.copy()
    random.Random(7).shuffle(shuffled)

    one, other = batch_of("calls.events", events).result(), batch_of("calls.events", shuffled).result()

    assert (one.panes, one.live, one.records) == (other.panes, other.live, other.records)


def test_the_better_known_of_two_contradicting_ends_stands() -> None:
    lost = event("contact.left_queue", 50, reason="lost_unknown")
    gone = event("contact.left_queue", 30, reason="abandoned")

    found = batch_of("calls.events", [event("contact.queued", 0), gone, lost]).result()

    assert pane(found, 30)["abandoned"] == 1
    assert pane(found, 50) == {}


def test_an_exit_without_a_join_joins_by_its_reported_wait() -> None:
    found = batch_of(
        "calls.events", [event("contact.left_queue", 40, reason="abandoned", reported={"wait_ms": 30_001})]
    ).result()

    assert pane(found, 9.999)["offered"] == 1
    assert pane(found, 40)["wait.abandoned.31"] == 1


def test_an_end_without_an_answer_was_answered_by_its_reported_talk() -> None:
    ended = event("contact.ended", 60, agent_id="ana", reported={"talk_ms": 20_000})

    found = batch_of("calls.events", [event("contact.queued", 0), ended]).result()

    assert pane(found, 40)["~answered.ana"] == 1
    assert pane(found, 60)["~talk.20.ana"] == 1


def test_joining_again_tells_that_the_contact_left_before() -> None:
    again = event("contact.queued", 30, leg_id="c1/2", queue_id="sales")

    found = batch_of("calls.events", [event("contact.queued", 0), again]).result()

    assert pane(found, 30)["exit.unknown_exit"] == 1
    assert found.live == {"waiting:sales:voice": {"c1|c1/2": T0 + 30_000}}


def test_the_smaller_of_two_bodies_of_one_id_wins_whichever_came_first() -> None:
    joined = event("contact.queued", 0)
    bodies = [event("contact.answered", 5, id="same", agent_id=agent) for agent in ("ana", "bo")]

    for some in (bodies, bodies[::-1]):
        found = batch_of("calls.events", [joined, *some]).result()

        assert pane(found, 5)["~answered.ana"] == 1
        assert found.ledger == {"applied": 2, "conflict": 1}


def test_an_event_older_than_the_lateness_is_dropped_and_one_just_as_old_is_not() -> None:
    newest = event("contact.queued", 7 * 86_400, contact_id="new")
    edge, late = (event("contact.queued", at, contact_id=f"c{at}") for at in (0, -0.001))

    found = batch_of("calls.events", [newest, edge, late], LIVE).result()

    assert found.ledger == {"applied": 2, "late_dropped": 1}


def test_an_old_record_is_begun_anew_and_what_it_counted_stays() -> None:
    visit = [event("contact.queued", 0, id="join"), event("contact.left_queue", 5, id="exit", reason="abandoned")]
    later = event("contact.queued", 15 * 86_400, id="other", contact_id="c2")
    again = event("contact.queued", 15 * 86_400 + 1, id="again")

    found = batch_of("calls.events", [*visit, later, again]).result()

    assert found.records["c:c1"] == {"again"}
    assert pane(found, 0)["offered"] == 1


def test_an_old_message_is_refused_and_a_forgotten_one_leaves_no_trace() -> None:
    def message(at: float) -> Event:
        data = {"contact_id": "c1", "channel": "chat", "author": "agent"}
        return make_event("contact.message", source=SOURCE, id=f"m{at}", time_ms=T0 + round(at * 1000), data=data)

    found = batch_of("chats.events", [message(0), message(600), message(0.001), message(600.001), message(0)]).result()

    assert found.ledger == {"applied": 4, "late_dropped": 1}
    assert found.records["c:c1"] == {"m0.001", "m600", "m600.001"}


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"not json", id="no JSON"),
        pytest.param(b"\xff", id="no UTF-8"),
        pytest.param(b"[]", id="no object"),
        pytest.param(None, id="nothing"),
        pytest.param(event("contact.queued", 0).to_json().replace(b'"voice"', b'"pigeon"'), id="a wrong field"),
        pytest.param(event("contact.queued", 0).to_json().replace(b".v1", b".v2"), id="another version"),
        pytest.param(event("contact.queued", -(10**9)).to_json(), id="seconds for milliseconds"),
    ],
)
def test_what_the_contract_does_not_allow_is_dead_lettered(raw: bytes | None) -> None:
    batch = Batch("calls.events", LIVE._replace(earliest=631_152_000_000 * 2))

    batch.take(raw, 2**52)

    assert batch.result().ledger == {"dead_lettered": 1}
    assert batch.result().watermark == 0


def test_a_time_more_than_a_minute_ahead_is_dead_lettered_in_live_only() -> None:
    ahead = event("contact.queued", 60.001).to_json()

    for limits, ledger in ((LIVE, {"dead_lettered": 1}), (EVERLASTING, {"applied": 1})):
        batch = Batch("calls.events", limits)
        batch.take(ahead, T0)

        assert batch.result().ledger == ledger


def test_copies_and_ticks_are_ledgered_apart_and_move_the_watermark() -> None:
    copy = event("contact.answered", 5, agent_id="ana")
    tick = make_event("tick", source=SOURCE, id="t", time_ms=T0 + 9_000, data={})

    found = batch_of("agents.events", [copy, tick]).result()

    assert found.ledger == {"copies": 1, "ticks": 1}
    assert (found.watermark, found.tick) == (T0 + 9_000, T0 + 9_000)
    assert found.panes == {}


def test_a_case_is_open_until_it_is_resolved_and_due_at_the_earliest_of_its_clocks() -> None:
    def case(verb: str, at: float, **data: Any) -> Event:
        return event(f"case.{verb}", at, case_id="k1", channel="email", queue_id="mail", **data)

    due = ["2026-11-20T12:00:00Z", "2026-11-20T11:00:00Z", "2026-11-20T13:00:00Z"]
    story = [
        case("opened", 0, due_at=due[0]),
        case("sla_set", 1, due_at=due[1], clock="first_response"),
        case("sla_set", 2, due_at=due[2], clock="first_response", author="agent"),
    ]

    opened = batch_of("cases.events", story).result()
    resolved = batch_of("cases.events", [*story, case("resolved", 50)]).result()

    assert opened.live == {"open_cases:mail:email": {"k1": T0}, "due:mail:email": {"k1": T0 + 2 * 3_600_000}}
    assert resolved.live == {}
    assert resolved.panes[keys.pane_suffix(10_000, T0 + 50_000, "mail", "email")] == {"case_resolved": 1}


# --- The batch program against the streaming core --------------------------------------------------------------------

VERBS = ("queued", "offered", "offer_ended", "answered", "left_queue", "held", "resumed", "transferred", "ended")
REASONS = ("abandoned", "timeout", "key_exit", "lost_unknown", "unknown_exit")


def random_contact_event(chance: random.Random, number: int, time: int) -> Event:
    """Any fact of three contacts of two legs each, sensible or not."""
    verb = chance.choice((*VERBS, "message"))
    contact = chance.choice("abc")
    data: dict[str, Any] = {"contact_id": contact, "channel": "voice", "sequence": chance.choice([0, number])}
    if verb not in ("ended", "message") or chance.random() < 0.7:
        data["leg_id"] = contact + chance.choice("12")
    if verb not in ("ended", "message", "transferred") or chance.random() < 0.6:
        data["queue_id"] = chance.choice(["q1", "q2"])
    named = {"message": "author", "offer_ended": "result", "left_queue": "reason", "ended": "ended_by"}
    words = {"message": ["agent"], "offer_ended": ["no_answer", "answered", "busy"], "left_queue": REASONS,
             "ended": ["agent", "customer", "lost_unknown"]}  # fmt: skip
    if verb in named:
        data[named[verb]] = chance.choice(words[verb])
    for name in ("agent_id", "from_agent") if verb == "transferred" else ("agent_id",):
        if chance.random() < 0.6:
            data[name] = chance.choice(["ana", "b.o"])
    if verb in ("offered", "offer_ended") and chance.random() < 0.5:
        data["offer_id"] = chance.choice("xy")
    if chance.random() < 0.4:
        told = [name for name in ("wait_ms", "talk_ms", "hold_ms") if chance.random() < 0.5]
        data["reported"] = {name: chance.randrange(-2_000, 90_000) for name in told}
    return make_event(f"contact.{verb}", source=SOURCE, id=f"e{number}", time_ms=time, data=data)


def random_case_event(chance: random.Random, number: int, time: int) -> Event:
    """Any fact of two cases."""
    verb = chance.choice(["opened", "assigned", "resolved", "reopened", "sla_set"])
    data: dict[str, Any] = {"case_id": chance.choice("kl"), "channel": "email", "sequence": chance.choice([0, number])}
    if verb == "opened" or chance.random() < 0.3:
        data["queue_id"] = chance.choice(["mail", "post"])
    if verb == "sla_set" or chance.random() < 0.4:
        data["due_at"] = f"2026-11-20T{chance.randrange(24):02d}:00:00Z"
    for name, words in (("clock", ["first_response", "resolution"]), ("author", ["agent", "customer"])):
        if chance.random() < 0.4:
            data[name] = chance.choice(words)
    return make_event(f"case.{verb}", source=SOURCE, id=f"e{number}", time_ms=time, data=data)


def random_log(chance: random.Random) -> list[bytes]:
    """Up to 30 events within two minutes or three weeks, some in order, some twice, some with two bodies."""
    far = chance.random() < 0.3
    events = []
    for number in range(chance.randrange(1, 30)):
        time = T0 + chance.choice([chance.randrange(120_000), chance.randrange(120) * 1_000])
        time += chance.randrange(21) * DAY if far else 0
        make = random_case_event if chance.random() < 0.15 else random_contact_event
        events.append(make(chance, number, time))
    if far and chance.random() < 0.7:
        events.sort(key=lambda each: each.time_ms)
    log = [each.to_json() for each in events]
    for _ in range(chance.randrange(4)):
        log.insert(chance.randrange(len(log) + 1), chance.choice(log))
    if chance.random() < 0.3:
        again = chance.choice(events)
        log.insert(chance.randrange(len(log) + 1), again.with_data(sequence=again.data["sequence"] + 1).to_json())
    return log


class Streamed:
    """What the workers' own code makes of a log, cut into chunks, summed up outside of Redis."""

    def __init__(self, log: list[bytes], chance: random.Random) -> None:
        self.panes: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.live: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self.ledger: defaultdict[str, int] = defaultdict(int)
        self.partition = Partition("P", Position(None, 1, 0, 0, 0), LIVE.lateness, keeps_all=False)
        start = 0
        while start < len(log):
            chunk = log[start : start + chance.choice([1, 3, 50])]
            self._take(start, [decode(raw, "calls.events", 2**52, DecodeLimits(0, True)) for raw in chunk])
            start += len(chunk)

    def _take(self, start: int, chunk: list[Decoded | Rejected]) -> None:
        names = [one.key for one in chunk if isinstance(one, Decoded) and one.key]
        self.partition.remember(self.partition.missing(names), {})
        taken = self.partition.take(range(start, start + len(chunk)), chunk, [])
        for suffix, fields in taken.difference.panes.items():
            for name, count in fields.items():
                self.panes[suffix][name] += count
        for suffix, members in taken.difference.lives.items():
            self.live[suffix].update(members)
        for name, count in taken.difference.ledger.items():
            self.ledger[name] += count
        self.partition.advance(start + len(chunk), taken, 0)

    def kept_panes(self, expired_by: int) -> dict[str, dict[str, int]]:
        """The panes that are not past their keep, without zeroes."""
        kept = {}
        for suffix, fields in self.panes.items():
            name, cleaned = keys.parse_pane_suffix(suffix), {field: n for field, n in fields.items() if n}
            keep = 2 * 3_600_000 if name.res_ms == 10_000 else 35 * DAY
            if cleaned and name.start_ms + name.res_ms + keep > expired_by:
                kept[suffix] = cleaned
        return kept


@pytest.mark.parametrize("block", range(10))
def test_the_batch_program_and_the_streaming_core_agree_on_any_log(block: int) -> None:
    for seed in range(block * 150, block * 150 + 150):
        chance = random.Random(seed)
        log = random_log(chance)
        batch = Batch("calls.events", LIVE)
        for raw in log:
            batch.take(raw, 2**52)
        wanted = batch.result()

        got = Streamed(log, chance)

        watermark = got.partition.position.watermark
        live = {name: {k: s for k, s in members.items() if s is not False} for name, members in got.live.items()}
        records = {
            key: frozenset(fact.id for fact in record.facts)
            for key, record in got.partition.records.items()
            if record.facts and not record.is_absent(watermark)
        }
        assert wanted.panes == got.kept_panes(watermark), f"seed {seed}"
        assert wanted.live == {name: members for name, members in live.items() if members}, f"seed {seed}"
        ledger = {name: n for name, n in got.ledger.items() if n and not name.startswith("reason:")}
        assert (wanted.ledger, wanted.watermark) == (ledger, watermark), f"seed {seed}"
        assert wanted.records == records, f"seed {seed}"


# --- The comparison with Redis ---------------------------------------------------------------------------------------


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
    assert (verdict.contacts, verdict.events >= 37, verdict.counts > 200) == (11, True, True)

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
        "calls.events/0 live set waiting",
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
    from kpi.record import Record
    from tests.builders import fact

    return Record("c:c1", [fact("queued", n, id=name) for n, name in enumerate(ids)]).pack()


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
