"""The one table of what may be asked by whom: method and path -> scope. What is not in it needs `read`, or `admin`."""

from __future__ import annotations

from dataclasses import dataclass

PUBLIC = "public"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Rule:
    """`path` ends in "*" when it stands for all that begins so; a `page` sends people to the login instead of 401."""

    methods: frozenset[str]
    path: str
    need: str
    page: bool = False

    def fits(self, method: str, path: str) -> bool:
        """Whether it is about this request."""
        if method not in self.methods:
            return False
        return path.startswith(self.path[:-1]) if self.path.endswith("*") else path == self.path


_READ, _POST, _CHANGE = SAFE, frozenset({"POST"}), frozenset({"POST", "DELETE"})
RULES = (
    Rule(_READ, "/livez", PUBLIC),
    Rule(_READ, "/login", PUBLIC),
    Rule(_READ, "/static/*", PUBLIC),
    # To nobody it tells that there is a login, and no more.
    Rule(_READ | _POST, "/api/session", PUBLIC),
    Rule(frozenset({"DELETE"}), "/api/session", "tv"),
    Rule(_READ, "/metrics", "metrics"),
    Rule(_READ, "/metrics/live", "metrics"),
    # Whoever supervises the process needs no more than a scraper does.
    Rule(_READ, "/readyz", "metrics"),
    Rule(_READ, "/", "tv", page=True),
    Rule(_READ, "/wall", "tv", page=True),
    Rule(_READ, "/queue/*", "tv", page=True),
    Rule(_READ, "/api/stream", "tv"),
    Rule(_READ, "/api/trends", "tv"),
    Rule(_READ, "/api/queues", "tv"),
    Rule(_CHANGE, "/api/notes", "write"),
    Rule(_CHANGE, "/api/notes/*", "write"),
    Rule(_CHANGE, "/api/alerts/*", "write"),
    Rule(_CHANGE, "/api/quiet", "write"),
    Rule(_CHANGE, "/api/quiet/*", "write"),
    Rule(_CHANGE, "/api/queues/*", "write"),
    Rule(_POST, "/api/simulator/spike", "write"),
)


def rule_for(method: str, path: str) -> Rule:
    """The rule for a request. `path` is decoded, as the routes see it."""
    for rule in RULES:
        if rule.fits(method, path):
            return rule
    return Rule(frozenset({method}), path, "read" if method in SAFE else "admin")
