"""Who is behind a number of now: the members of the live sets that it counts."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import msgspec

from kpi.backlog import CLOCKS, HOUR_MS, SOON, STATUSES, ages, business_ages
from kpi.lengths import waiting_over
from kpi.live_state import AT_RISK_SECONDS, LOST_MS, Backlog, Now, callbacks_of, ghosts_of
from kpi.opening import Opening

Member = tuple[str, int]
"""A member of a live set and its score (ms UTC)."""
Sets = Mapping[str, Sequence[Member]]


class Settings(Protocol):
    """What of a queue's configuration decides who is counted."""

    @property
    def target_seconds(self) -> int: ...
    @property
    def zone(self) -> str: ...
    @property
    def opening(self) -> Opening: ...


class Behind(NamedTuple):
    """Who is behind a number, the one since when longest first. `is_length`: the number is how long the first has been.

    `cases`: the members are ids of cases, not `contact|leg`.
    """

    members: list[Member]
    is_length: bool = False
    cases: bool = False


_PLAIN = ("waiting", "ringing", "in_service", "outbound", "unanswered", "callbacks")
_OLDEST = {
    "now.oldest_wait_seconds": "waiting", "now.oldest_queued_at_ms": "waiting",
    "now.oldest_unanswered_seconds": "unanswered", "now.oldest_unanswered_since_ms": "unanswered",
    "backlog.oldest_age_seconds": "open_cases", "backlog.oldest_opened_at_ms": "open_cases",
    "backlog.oldest_actionable_seconds": "actionable",
}  # fmt: skip
# The sets that a number of now may be about.
KINDS = (
    *_PLAIN, "lost", "open_cases", "unassigned", "due", "snapshot", "snapshot_at",
    *(f"case_{status}" for status in STATUSES), *(f"due_{clock}" for clock in CLOCKS),
)  # fmt: skip


def behind(path: str, sets: Sets, now_ms: int, config: Settings) -> Behind:
    """Who is behind `now.<field>` or `backlog.<field>` at an instant; nobody for what counts no members."""
    section, _, field = path.partition(".")
    if path in _OLDEST:
        return Behind(_sorted(_set(sets, _OLDEST[path])), True, section == "backlog")
    if section == "backlog":
        return Behind(_sorted(_cases(field, sets, now_ms, config)), False, True)
    if field == "expected_wait":
        return Behind(_sorted(_set(sets, "waiting")))
    return Behind(_sorted(_contacts(field, sets, now_ms, config)))


def _contacts(field: str, sets: Sets, now_ms: int, config: Settings) -> list[Member]:
    if field in _PLAIN:
        return _set(sets, field)
    name, _, rest = field.partition(".")
    if name == "waiting_over_target":
        past = int(rest) * config.target_seconds if rest.isdecimal() else None
        return [] if past is None else _kept(sets, "waiting", lambda at: waiting_over([at], now_ms, past) == 1)
    if field == "at_risk":
        target = config.target_seconds
        return _kept(
            sets, "waiting",
            lambda at: waiting_over([at], now_ms, target - AT_RISK_SECONDS) > waiting_over([at], now_ms, target),
        )  # fmt: skip
    if name == "callbacks":
        return _kept(sets, "callbacks", lambda at: getattr(callbacks_of([at], now_ms), rest, 0) == 1)
    if field == "lost":
        return _kept(sets, "lost", lambda at: at >= now_ms - LOST_MS)
    if field in ("ghosts", "drift"):
        return _ghosts(sets)
    return []


def _ghosts(sets: Sets) -> list[Member]:
    listed_at = max((at for _, at in sets.get("snapshot_at", ())), default=None)
    if listed_at is None:
        return []
    listed = {member for member, _ in sets.get("snapshot", ())}
    return [each for each in _set(sets, "waiting") if ghosts_of([each], listed, listed_at)]


def _cases(field: str, sets: Sets, now_ms: int, config: Settings) -> list[Member]:
    name, _, rest = field.partition(".")
    if field == "open":
        return _set(sets, "open_cases")
    if field in ("unassigned", "actionable"):
        return _set(sets, field)
    if name == "status":
        return _set(sets, f"case_{rest}") if rest in STATUSES else []
    if field == "overdue":
        return _kept(sets, "due", lambda due: due < now_ms)
    if field == "due_within_1h":
        return _kept(sets, "due", lambda due: now_ms <= due <= now_ms + HOUR_MS)
    if name == "clocks":
        return _of_clock(rest, sets, now_ms)
    if name == "age":
        return _kept(sets, "actionable", lambda at: rest in ages([at], now_ms))
    if name == "age_business":
        return _kept(sets, "actionable", lambda at: rest in business_ages([at], now_ms, config.opening, config.zone))
    return []


def _of_clock(rest: str, sets: Sets, now_ms: int) -> list[Member]:
    clock, _, soon = rest.partition(".")
    if clock not in CLOCKS or (soon and soon != "overdue" and soon not in SOON):
        return []
    if not soon:
        return _set(sets, f"due_{clock}")
    if soon == "overdue":
        return _kept(sets, f"due_{clock}", lambda due: due < now_ms)
    return _kept(sets, f"due_{clock}", lambda due: now_ms <= due <= now_ms + SOON[soon])


def _set(sets: Sets, kind: str) -> list[Member]:
    if kind == "actionable":
        return [*sets.get("case_new", ()), *sets.get("case_open", ())]
    return list(sets.get(kind, ()))


def _kept(sets: Sets, kind: str, holds: Callable[[int], bool]) -> list[Member]:
    return [(member, at) for member, at in _set(sets, kind) if holds(at)]


def _sorted(members: list[Member]) -> list[Member]:
    return sorted(members, key=lambda each: (each[1], each[0]))


def value_of(path: str, now: Now, backlog: Backlog) -> int | float | bool | None:
    """The number itself as a snapshot has it; of one that stands in parts (`callbacks`, `agents`) their sum."""
    section, _, field = path.partition(".")
    found: Any = msgspec.to_builtins(now if section == "now" else backlog)
    if field == "callbacks":
        return int(found["callbacks"]["scheduled"]) + int(found["callbacks"]["due"])
    while isinstance(found, dict) and field:
        name, _, field = field.partition(".")
        # What is not there was counted as nothing; a name that is none has no list either.
        found = found.get(name, 0)
    if isinstance(found, dict):
        return sum(each for each in found.values() if isinstance(each, int)) if path == "now.agents" else None
    return found  # type: ignore[no-any-return]
