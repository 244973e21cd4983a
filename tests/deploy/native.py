"""Services of the compose files on this machine: their own commands, variables and mounts, addresses of ours."""

import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from floorpulse.embedded import HOST, find_redis, free_port, start_kafka
from floorpulse.processes import Child, Children, floorpulse_command, wait_until
from tests.data_sets import ROOT
from tests.deploy.compose_files import MODELS, environment, mounts

#: A user that only the tests have, to look at what Redis refused the others.
WATCHER = "user watcher on >watching ~* &* +@all"
PORTS = {
    "FLOORPULSE_BOARD_PORT": "8080",
    "FLOORPULSE_WORKER_PORT": "9464",
    "FLOORPULSE_WEBHOOK_PORT": "9099",
    "FLOORPULSE_ALERTS_PORT": "9465",
    "FLOORPULSE_RELAY_PORT": "9098",
}


def put_in(text: str, replaced: Mapping[str, str]) -> str:
    """`text` with every key of `replaced` that stands in it exchanged."""
    for old, new in replaced.items():
        text = text.replace(old, new)
    return text


class Native:
    """One model (demo or production) on this machine. `folder` holds what containers would have in volumes."""

    def __init__(self, kind: str, children: Children, folder: Path) -> None:
        self._services: dict[str, dict[str, Any]] = MODELS[kind]["services"]
        self._children, self._folder = children, folder
        self._ports: dict[str, dict[str, int]] = {}
        if kind == "production":
            subprocess.run(
                [str(ROOT / "scripts" / "secrets"), str(folder / "secrets")], check=True, capture_output=True
            )
        self.redis_port = free_port()
        self._addresses = {
            "redis:6379": f"{HOST}:{self.redis_port}",
            "/run/secrets": str(folder / "secrets"),
            "/var/log/asterisk": str(folder),
            "/var/lib/floorpulse": str(folder),
        }

    def start_kafka(self) -> None:
        """A Kafka in the place of the compose files' own, which needs Java."""
        self._addresses["kafka:9092"] = start_kafka(self._children)

    def start_redis(self) -> Child:
        """The service `redis`; with its users, where it has some, and one more to watch them."""
        command = [put_in(word, self._addresses) for word in self._services["redis"]["command"][1:]]
        command[command.index("--dir") + 1] = str(self._folder)
        if "--aclfile" in command:
            path = Path(command[command.index("--aclfile") + 1])
            (self._folder / "acl").write_text(f"{path.read_text(encoding='utf-8')}{WATCHER}\n", encoding="utf-8")
            command[command.index("--aclfile") + 1] = str(self._folder / "acl")
        address = ["--port", str(self.redis_port), "--bind", HOST]
        child = self._children.start("redis", [str(find_redis()), *command, *address])
        wait_until(lambda: self.check("redis"), child, 15, "well")
        return child

    def start(self, name: str, **more: str) -> Child:
        """One of our own services; returns once its health check says yes."""
        self._ports[name] = {variable: free_port() for variable in PORTS}
        program, *words = (put_in(word, self._known(name)) for word in self._services[name]["command"])
        command = floorpulse_command(*words) if program == "floorpulse" else [sys.executable, *words]
        child = self._children.start(name, command, self._env(name) | more)
        wait_until(lambda: self.check(name), child, 60, "well")
        return child

    def run(self, name: str, *words: str) -> subprocess.CompletedProcess[str]:
        """`docker compose exec NAME floorpulse WORDS`."""
        command = floorpulse_command(*words)
        return subprocess.run(command, env=self._env(name), capture_output=True, text=True, check=False, timeout=120)

    def _known(self, name: str) -> dict[str, str]:
        """Addresses and paths inside the containers -> what they are here."""
        own = mounts(self._services[name])
        targets = {target: str((ROOT / source).resolve()) for source, target, *_ in own if source[0] == "."}
        return {**targets, **self._addresses, "0.0.0.0": HOST}

    def _env(self, name: str) -> dict[str, str]:
        given = environment(self._services[name])
        ports = {variable: str(port) for variable, port in self._ports.get(name, {}).items()}
        base = {"PATH": "/usr/bin:/bin", "TMPDIR": str(self._folder), "FLOORPULSE_SESSION_SECONDS": "6"}
        return {**base, **{variable: put_in(value, self._known(name)) for variable, value in given.items()}, **ports}

    def check(self, name: str) -> bool:
        """Whether the service's own health check, run here, says yes."""
        words = [put_in(word, self._addresses) for word in self._services[name]["healthcheck"]["test"][1:]]
        if words[0] == "redis-cli":
            if not shutil.which("redis-cli"):
                return self._answers_like_redis_cli(words)
            words[1:1] = ["-h", HOST, "-p", str(self.redis_port)]
        elif words[0] == "python":
            ports = {f":{PORTS[variable]}/": f":{port}/" for variable, port in self._ports[name].items()}
            words = [sys.executable, *(put_in(word, ports) for word in words[1:])]
        try:
            asked = subprocess.run(words, env=self._env(name), capture_output=True, check=False, timeout=10)
        except subprocess.TimeoutExpired:
            return False
        return asked.returncode == 0

    def _answers_like_redis_cli(self, words: list[str]) -> bool:
        """What `redis-cli -e [--user NAME --pass WORD] ping` would find out, on machines that have none."""
        assert words[-1] == "ping", words
        named = {name: word for name, word in pairwise(words) if name in ("--user", "--pass")}
        try:
            with self.client(named.get("--user", ""), named.get("--pass", "")) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def url(self, name: str) -> str:
        """Where a service that was started is reached."""
        variables = {
            "board": "FLOORPULSE_BOARD_PORT",
            "alert-log": "FLOORPULSE_WEBHOOK_PORT",
            "alerts": "FLOORPULSE_ALERTS_PORT",
            "relay": "FLOORPULSE_RELAY_PORT",
        }
        variable = variables.get(name)
        return f"http://{HOST}:{self._ports[name][variable or 'FLOORPULSE_WORKER_PORT']}"

    def secret_path(self, name: str) -> Path:
        """Where a secret stands."""
        return self._folder / "secrets" / name

    def secret(self, name: str) -> str:
        """What stands in a secret."""
        return self.secret_path(name).read_text(encoding="utf-8").strip()

    def get(self, path: str, scope: str | None = None) -> httpx.Response:
        """A page of the board, with the token of `scope`."""
        return httpx.get(f"{self.url('board')}{path}", headers=self.bearer(scope))

    def bearer(self, scope: str | None) -> dict[str, str]:
        """The header that shows the token of `scope`; none for None."""
        return {"Authorization": f"Bearer {self.secret(f'{scope}_token')}"} if scope else {}

    def queues(self, scope: str | None = None) -> dict[str, dict[str, Any]]:
        """Queue id -> what the board's API says of it, as long as it is fresh."""
        shots = self.get("/api/queues", scope).json()["queues"]
        return {shot["queue"]: shot for shot in shots if shot["state"] == "fresh"}

    def client(self, user: str, password: str | None = None) -> "redis.Redis":
        """A client of Redis as one of its users, with the password from its secret."""
        password = self.secret(f"redis_{user}_password") if password is None else password
        # A refused login is an answer here, not something to try again.
        once = Retry(NoBackoff(), 0)
        return redis.Redis(
            host=HOST, port=self.redis_port, username=user or None, password=password or None, retry=once
        )

    def refused(self) -> set[tuple[str, str]]:
        """(user, command or key) of everything that Redis refused so far."""
        with self.client("watcher", "watching") as client:
            return {(entry["username"], entry["object"]) for entry in client.acl_log() if entry["reason"] != "auth"}

    def call_arrives(self, queue: str) -> None:
        """Somebody calls, waits in `queue`, and the queue_log says so."""
        now = int(time.time())
        line = f"{now}|{now}.{queue}|{queue}|NONE|ENTERQUEUE||5551234|1\n"
        with (self._folder / "queue_log").open("a", encoding="utf-8") as log:
            log.write(line)
