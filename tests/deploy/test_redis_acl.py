"""The Redis of compose.production.yml: a user for each part (docker/redis.acl), nobody without a name.

That worker and board get everything they need is shown in test_production_runs.py; here is what nobody gets.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, NoPermissionError
from redis.retry import Retry

from floorpulse.embedded import HOST
from floorpulse.processes import Children
from tests.deploy.native import Native

POSITION = "fp:{live/calls.events/0}:position"
FORBIDDEN = {
    "worker": [
        "FLUSHALL", "FLUSHDB", "KEYS *", "CONFIG GET maxmemory", "ACL LIST", "SHUTDOWN", "CLIENT LIST",
        "SAVE", "REPLICAOF NO ONE", "MODULE LIST", "EVAL return(0) 0", "MIGRATE h 1 k 0 1", "SET other x",
        "HGETALL fp:live:notes", "HSET fp:live:claims a b", "GET fp:live:snapshot:support:voice",
        "HSET fp:live:replay a b", "PUBLISH fp:live:snapshots x", "GET other",
    ],
    "board": [
        "FLUSHALL", "FLUSHDB", "KEYS *", "CONFIG SET maxmemory 1", "ACL LIST", "SHUTDOWN", "CLIENT LIST", "SWAPDB 0 1",
        "EVAL return(0) 0", "MIGRATE h 1 k 0 1", "SORT fp:live:notes", f"HSET {POSITION} next 0", f"DEL {POSITION}",
        "HSET fp:live:alerts a b", "SET fp:live:alerts:lease x",
        f"UNLINK {POSITION}", "HSET fp:live:queues a b", "HSET fp:live:partitions calls.events 1", "SET other x",
        "GET other", "PUBLISH other x",
    ],
    "alerts": [
        "FLUSHALL", "FLUSHDB", "KEYS *", "CONFIG GET maxmemory", "ACL LIST", "SHUTDOWN", "CLIENT LIST", "SCAN 0",
        "EVAL return(0) 0", "SET other x", "GET other", "SET fp:live:snapshot:support:voice x",
        "HSET fp:live:quiet a b", "HGETALL fp:live:notes", f"HGETALL {POSITION}", f"DEL {POSITION}",
        "HSET fp:live:queues a b",
        "PUBLISH fp:live:snapshots:x y", "PUBLISH other x", "SUBSCRIBE other", "HGETALL fp:live:claims",
    ],
    "exporter": ["GET x", "KEYS *", "SCAN 0", "CONFIG GET *", "SLOWLOG GET", "CLIENT LIST", "HGETALL fp:live:notes"],
    "health": ["INFO", "GET x", "CONFIG GET *", "CLIENT LIST", "ACL WHOAMI"],
}  # fmt: skip


@pytest.fixture(scope="module")
def native(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Native]:
    with Children() as children:
        started = Native("production", children, tmp_path_factory.mktemp("redis"))
        started.start_redis()
        yield started


def test_it_is_well_when_its_own_health_check_says_so(native: Native) -> None:
    assert native.check("redis")


def test_the_health_check_notices_when_there_is_none(tmp_path: Path) -> None:
    with Children() as children:
        assert not Native("production", children, tmp_path).check("redis")


def test_nobody_gets_in_without_a_name(native: Native) -> None:
    once = Retry(NoBackoff(), 0)
    with redis.Redis(host=HOST, port=native.redis_port, retry=once) as client, pytest.raises(AuthenticationError):
        client.ping()


@pytest.mark.parametrize("user", ["worker", "board", "alerts", "exporter"])
def test_a_user_gets_in_with_its_own_password_only(native: Native, user: str) -> None:
    with native.client(user) as client:
        assert client.ping()
    with (
        native.client(user, native.secret("redis_worker_password")[::-1]) as client,
        pytest.raises(AuthenticationError),
    ):
        client.ping()


@pytest.mark.parametrize(("user", "command"), [(user, line) for user, lines in FORBIDDEN.items() for line in lines])
def test_a_user_may_not_do_what_is_not_its_business(native: Native, user: str, command: str) -> None:
    with native.client(user, "none" if user == "health" else None) as client:
        client.ping()
        with pytest.raises(NoPermissionError):
            client.execute_command(*command.split())


def test_the_exporter_gets_what_it_asks_for(native: Native) -> None:
    with native.client("exporter") as client:
        assert client.info("memory")["maxmemory_policy"] == "noeviction"
        assert client.execute_command("SLOWLOG", "LEN") >= 0
        assert client.execute_command("LATENCY", "LATEST") == []


def test_the_board_reads_what_workers_write_and_changes_only_its_own(native: Native) -> None:
    with native.client("worker") as worker, native.client("board") as board:
        worker.hset(POSITION, "next", "7")
        assert board.hget(POSITION, "next") == b"7"
        board.hset("fp:live:notes", "a", "b")
        board.set("fp:live:snapshot:support:voice", "{}", ex=15)
        # The name of a partition cannot be made to look like the board's own.
        with pytest.raises(NoPermissionError):
            board.set("fp:{live/calls.events/0}:live:snapshot:support:voice", "x")
