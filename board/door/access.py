"""Who may do what: tokens, scopes, and the settings of the board's door. No request is looked at here."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from urllib.parse import urlsplit

#: What each scope may do beside what it is named after.
GRANTS: Mapping[str, frozenset[str]] = {
    "metrics": frozenset({"metrics"}),
    "tv": frozenset({"tv"}),
    "read": frozenset({"read", "tv", "metrics"}),
    "write": frozenset({"write", "read", "tv", "metrics"}),
    "admin": frozenset({"admin", "write", "read", "tv", "metrics"}),
}
ANONYMOUS_SCOPE = "write"
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Token:
    """A secret that somebody may show; only its SHA-256 digest is kept, and nobody sees that either."""

    scope: str
    digest: bytes = field(repr=False)

    @classmethod
    def of(cls, scope: str, text: str) -> Token:
        """The token that `text` is."""
        return cls(scope, digest_of(text))

    def derive(self, purpose: str) -> bytes:
        """32 bytes that only holders of the token can make; each purpose has its own."""
        return hmac.digest(self.digest, f"floorpulse {purpose}".encode(), "sha256")

    @property
    def fingerprint(self) -> str:
        """What logs and cookies call the token by; nothing can be learnt from it."""
        return self.derive("fingerprint")[:8].hex()

    @property
    def shown(self) -> str:
        """The token's name in logs."""
        return f"{self.scope} token {self.fingerprint}"


@dataclass(frozen=True, slots=True)
class Who:
    """Who asks. `via`: anonymous, token, cookie or proxy; `name`: of a person, None when only a token is known.

    `csrf`: what a cookie's changes must show; `credential`: what limits are counted by, beside the address.
    """

    scope: str
    name: str | None
    via: str
    address: str
    credential: str = ""
    csrf: str | None = None

    def may(self, need: str) -> bool:
        """Whether the scope is enough for `need`."""
        return need in GRANTS[self.scope]

    @property
    def shown(self) -> str:
        """The name for logs and for people who look into them."""
        return self.name or self.credential or self.via


@dataclass(frozen=True, slots=True)
class Access:
    """The door's settings; without tokens and proxies everybody who reaches the board may see it.

    `hosts`: names the board is known by, beside those of this machine; `public_url`: where people find it, like
    https://board.example; `proxy_user_header`: lower case, "" when proxies name nobody; `proxy_writers` may hold "*".
    """

    tokens: tuple[Token, ...] = ()
    proxies: tuple[Network, ...] = ()
    proxy_user_header: str = "x-forwarded-user"
    proxy_writers: frozenset[str] = frozenset()
    proxy_admins: frozenset[str] = frozenset()
    public_url: str = ""
    hosts: frozenset[str] = frozenset()
    frame_ancestors: tuple[str, ...] = ()
    max_listeners: int = 200
    listeners_per_address: int = 10
    max_connections: int = 1_000

    @property
    def is_on(self) -> bool:
        """Whether anybody has to say who he is."""
        return bool(self.tokens or (self.proxies and self.proxy_user_header))

    @property
    def is_https(self) -> bool:
        """Whether people reach the board by TLS alone."""
        return urlsplit(self.public_url).scheme == "https"

    def token(self, text: str) -> Token | None:
        """The token that `text` is, None when it is none. All are compared, so that time tells nothing."""
        wanted, found = digest_of(text), None
        for token in self.tokens:
            if hmac.compare_digest(token.digest, wanted):
                found = token
        return found

    def proxy_scope(self, user: str) -> str:
        """What a user may do whom a listed proxy names."""
        if user in self.proxy_admins:
            return "admin"
        return "write" if user in self.proxy_writers or "*" in self.proxy_writers else "read"


def digest_of(text: str) -> bytes:
    """SHA-256: secrets are compared by it, so that all have one length and the text itself is not kept."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
