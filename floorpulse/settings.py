"""Every setting that comes from the environment: one table, read once, frozen.

Each variable is `FLOORPULSE_` and the field's name in capitals. Its text may also come from a file, as secrets should:
set the variable with `_FILE` behind its name to the file's path. Secrets never show in `repr`, logs or errors.
"""

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from floorpulse.errors import WRONG_USE, UserError
from floorpulse.settings_read import PREFIX, parsed, refuse, text_of

DEFAULT_KAFKA = "127.0.0.1:9092"
DEFAULT_REDIS = "redis://127.0.0.1:6379/0"
LOG_LEVELS = ("debug", "info", "warning", "error", "critical")
_PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process. `kafka` and `redis` are None when nobody named a server."""

    kafka: str | None = None
    kafka_security: str = "PLAINTEXT"
    kafka_sasl_mechanism: str = "SCRAM-SHA-512"
    kafka_username: str | None = None
    kafka_password: str | None = field(default=None, repr=False)
    kafka_ca: Path | None = None
    redis: str | None = field(default=None, repr=False)
    redis_password: str | None = field(default=None, repr=False)
    namespace: str = "live"
    config: Path | None = None
    partitions: int = 4
    chunk_records: int = 2000
    session_seconds: int = 10
    retention: str = "replay"
    bind: str = "127.0.0.1"
    board_port: int = 8080
    worker_port: int = 9464
    # Alerts: addresses of every Alertmanager, and of the Prometheus that is watched; they may hold a password.
    alertmanager: str = field(default="", repr=False)
    prometheus: str = field(default="", repr=False)
    runbook_url: str = ""
    alerts_port: int = 9465
    relay_config: Path | None = None
    relay_port: int = 9098
    relay_token: str | None = field(default=None, repr=False)
    relay_spool: Path | None = None
    log_level: str = "info"
    # The door of the board: what is in them is looked at where it is used, floorpulse/board_access.py.
    read_token: str | None = field(default=None, repr=False)
    write_token: str | None = field(default=None, repr=False)
    admin_token: str | None = field(default=None, repr=False)
    metrics_token: str | None = field(default=None, repr=False)
    tv_token: str | None = field(default=None, repr=False)
    trusted_proxies: str = ""
    proxy_user_header: str = "X-Forwarded-User"
    proxy_writers: str = ""
    proxy_admins: str = ""
    public_url: str = ""
    frame_ancestors: str = ""
    allowed_hosts: str = ""
    allow_anonymous: bool = False
    max_listeners: int = 200
    listeners_per_address: int = 10
    max_connections: int = 1_000

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> "Settings":
        """Read the variables; an empty one counts as not set. Raises UserError naming the variable that is wrong."""
        env = os.environ if env is None else env
        found: dict[str, Any] = {}
        for setting in fields(cls):
            name = PREFIX + setting.name.upper()
            # A setting that is a file's path has no second one.
            text = env.get(name) if "Path" in str(setting.type) else text_of(env, name)
            if text:
                found[setting.name] = parsed(name, text, str(setting.type))
        settings = cls(**found)
        settings._check()
        return settings

    def _check(self) -> None:
        if self.kafka_security not in _PROTOCOLS:
            refuse("KAFKA_SECURITY", self.kafka_security, "one of " + ", ".join(_PROTOCOLS))
        if self.kafka_security.startswith("SASL") and not (self.kafka_username and self.kafka_password):
            raise UserError(
                f"{PREFIX}KAFKA_SECURITY is {self.kafka_security}, so {PREFIX}KAFKA_USERNAME and "
                f"{PREFIX}KAFKA_PASSWORD (or {PREFIX}KAFKA_PASSWORD_FILE) must be set",
                WRONG_USE,
            )
        if self.log_level.lower() not in LOG_LEVELS:
            refuse("LOG_LEVEL", self.log_level, "one of " + ", ".join(LOG_LEVELS))
        if self.retention not in ("replay", "live"):
            refuse("RETENTION", self.retention, "replay (a replay keeps all its panes) or live (they expire)")
        if self.redis and urlsplit(self.redis).scheme not in ("redis", "rediss", "unix"):
            refuse("REDIS", urlsplit(self.redis).scheme + "://...", "an address like redis://127.0.0.1:6379/0")
        for name, count in (
            ("PARTITIONS", self.partitions),
            ("CHUNK_RECORDS", self.chunk_records),
            ("SESSION_SECONDS", self.session_seconds),
            ("MAX_LISTENERS", self.max_listeners),
            ("LISTENERS_PER_ADDRESS", self.listeners_per_address),
            ("MAX_CONNECTIONS", self.max_connections),
        ):
            if count < 1:
                refuse(name, str(count), "a whole number from 1 up")

    @property
    def kafka_servers(self) -> str:
        """HOST:PORT[,HOST:PORT] of Kafka; the usual local one when none is named."""
        return self.kafka or DEFAULT_KAFKA

    @property
    def redis_url(self) -> str:
        """The Redis URL with its password in it: for clients, never for people."""
        url = urlsplit(self.redis or DEFAULT_REDIS)
        if not self.redis_password or url.password:
            return urlunsplit(url)
        host = f"{url.username or ''}:{quote(self.redis_password, safe='')}@{url.netloc.rpartition('@')[2]}"
        return urlunsplit(url._replace(netloc=host))

    @property
    def redis_shown(self) -> str:
        """The Redis URL without user and password: for people."""
        url = urlsplit(self.redis or DEFAULT_REDIS)
        return urlunsplit(url._replace(netloc=url.netloc.rpartition("@")[2]))

    def kafka_client(self) -> dict[str, Any]:
        """The security arguments that every aiokafka client needs beside its servers."""
        client: dict[str, Any] = {}
        if self.kafka_security != "PLAINTEXT":
            client["security_protocol"] = self.kafka_security
        if self.kafka_security.endswith("SSL"):
            client["ssl_context"] = self._tls()
        if self.kafka_security.startswith("SASL"):
            client["sasl_mechanism"] = self.kafka_sasl_mechanism
            client["sasl_plain_username"] = self.kafka_username
            client["sasl_plain_password"] = self.kafka_password
        return client

    def _tls(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self.kafka_ca)
        except OSError as error:
            raise UserError(f"{PREFIX}KAFKA_CA: {self.kafka_ca}: {error.strerror or error}", WRONG_USE) from None
