"""The board's door from the settings: whatever is wrong with one of them is one line that names it."""

import re
from collections.abc import Iterable
from ipaddress import ip_network
from urllib.parse import urlsplit

from board.door.access import Access, Network, Token
from board.door.hosts import parse_address
from floorpulse.errors import WRONG_USE, UserError
from floorpulse.settings import Settings
from floorpulse.settings_read import PREFIX, refuse

MIN_TOKEN_CHARACTERS = 32
NO_HEADER = "none"
_SCOPES = ("read", "write", "admin", "metrics", "tv")
_HEADER = re.compile(r"[A-Za-z0-9-]{1,64}")
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,252})")
_ANCESTOR = re.compile(r"'self'|'none'|(https?://)?(\*\.)?[A-Za-z0-9][A-Za-z0-9.-]*(:(\d{1,5}|\*))?")


def access_of(settings: Settings) -> Access:
    """The door as the settings want it. Raises UserError for a wrong one, and for a board that is open to a network."""
    public = _public_url(settings.public_url)
    hosts = {settings.bind.lower(), *_hosts(settings.allowed_hosts)}
    if public:
        hosts.add(urlsplit(public).hostname or "")
    access = Access(
        tokens=_tokens(settings),
        proxies=_networks(settings.trusted_proxies),
        proxy_user_header=_header(settings.proxy_user_header),
        proxy_writers=frozenset(_list(settings.proxy_writers)),
        proxy_admins=frozenset(_list(settings.proxy_admins)),
        public_url=public,
        hosts=frozenset(hosts),
        frame_ancestors=_ancestors(settings.frame_ancestors),
        max_listeners=settings.max_listeners,
        listeners_per_address=settings.listeners_per_address,
        max_connections=settings.max_connections,
    )
    for name, text in (("PROXY_WRITERS", settings.proxy_writers), ("PROXY_ADMINS", settings.proxy_admins)):
        if text and not access.proxies:
            refuse(name, text, f"{PREFIX}TRUSTED_PROXIES beside it, for only a proxy names users")
    if "*" in access.proxy_admins:
        refuse("PROXY_ADMINS", settings.proxy_admins, "names; only FLOORPULSE_PROXY_WRITERS may be *")
    if not access.is_on and not settings.allow_anonymous and not _is_loopback(settings.bind):
        raise UserError(
            f"{PREFIX}BIND is {settings.bind} and nobody has to log in; set {PREFIX}READ_TOKEN or "
            f"{PREFIX}TRUSTED_PROXIES, or {PREFIX}ALLOW_ANONYMOUS=1 if whoever reaches the board may see everything",
            WRONG_USE,
        )
    return access


def _tokens(settings: Settings) -> tuple[Token, ...]:
    tokens: list[Token] = []
    seen: dict[bytes, str] = {}
    for scope in _SCOPES:
        name = f"{PREFIX}{scope.upper()}_TOKEN"
        for text in (getattr(settings, f"{scope}_token") or "").split():
            if len(text) < MIN_TOKEN_CHARACTERS or not (text.isascii() and text.isprintable()):
                raise UserError(
                    f"{name}: a token of {len(text)} characters; wanted at least {MIN_TOKEN_CHARACTERS} of ASCII, "
                    "such as `openssl rand -hex 32` makes",
                    WRONG_USE,
                )
            token = Token.of(scope, text)
            if seen.setdefault(token.digest, name) != name:
                raise UserError(f"{name} and {seen[token.digest]} hold the same token; wanted one for each", WRONG_USE)
            tokens.append(token)
    return tuple(tokens)


def _networks(text: str) -> tuple[Network, ...]:
    found: list[Network] = []
    for part in _list(text):
        try:
            network = ip_network(part, strict=False)
        except ValueError:
            refuse("TRUSTED_PROXIES", part, "an address or a network like 10.0.0.0/24")
        if network.prefixlen == 0:
            refuse("TRUSTED_PROXIES", part, "the proxies' own addresses: this lets anybody say who he is")
        found.append(network)
    return tuple(found)


def _header(text: str) -> str:
    if not _HEADER.fullmatch(text):
        refuse("PROXY_USER_HEADER", text, "a header's name like X-Forwarded-User")
    # A proxy may be listed only for what it says of addresses; nobody takes its place as long as it strips no header.
    return "" if text.lower() == NO_HEADER else text.lower()


def _public_url(text: str) -> str:
    if not text:
        return ""
    try:
        url = urlsplit(text)
        # Asking for a port that is none raises.
        right = url.scheme in ("http", "https") and bool(url.hostname) and "@" not in url.netloc and url.port != 0
    except ValueError:
        right = False
    if not right or url.path not in ("", "/") or url.query or url.fragment:
        refuse("PUBLIC_URL", text, "an address without a path, like https://board.example.com")
    return f"{url.scheme}://{url.netloc}".lower()


def _hosts(text: str) -> Iterable[str]:
    for name in _list(text):
        if not _NAME.fullmatch(name):
            refuse("ALLOWED_HOSTS", name, "a host's name without a port")
        yield name.removesuffix(".").lower()


def _ancestors(text: str) -> tuple[str, ...]:
    found = text.replace(",", " ").split()
    for part in found:
        if not _ANCESTOR.fullmatch(part):
            refuse("FRAME_ANCESTORS", part, "hosts like https://kiosk.example.com, or 'self'")
    return tuple(found)


def _list(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _is_loopback(host: str) -> bool:
    address = parse_address(host)
    return host == "localhost" if address is None else address.is_loopback
