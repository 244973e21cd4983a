"""What the tables of a report show: the columns of each, and how a cell is made of a part's measures."""

from collections.abc import Callable
from typing import Any

DASH = "–"
Measures = dict[str, Any]
Cell = Callable[[Measures], str]


def number(*path: str) -> Cell:
    """A count, or 0."""
    return lambda measures: str(_at(measures, path) or 0)


def _seconds(*path: str) -> Cell:
    """Seconds with one decimal at most; a dash when there is no value."""

    def cell(measures: Measures) -> str:
        value = _at(measures, path)
        return DASH if value is None else f"{value:.1f}".removesuffix(".0")

    return cell


def _hours(*path: str) -> Cell:
    """Seconds as hours and minutes."""

    def cell(measures: Measures) -> str:
        value = _at(measures, path)
        return DASH if value is None else f"{int(value) // 3600}:{int(value) // 60 % 60:02}"

    return cell


def _share(*path: str) -> Cell:
    """A ratio as a percentage; a dash when there is no value."""

    def cell(measures: Measures) -> str:
        found = _at(measures, path)
        return DASH if found is None or found["value"] is None else f"{found['value']:.1%}"

    return cell


def _plain(*path: str) -> Cell:
    """A ratio as a number; a dash when there is no value."""

    def cell(measures: Measures) -> str:
        found = _at(measures, path)
        return DASH if found is None or found["value"] is None else f"{found['value']:.2f}"

    return cell


def _at(measures: Measures, path: tuple[str, ...]) -> Any:
    for name in path:
        measures = measures.get(name) if measures else None  # type: ignore[assignment]
    return measures


def _others(measures: Measures) -> str:
    return str(sum(measures["exits"].values()))


def _of_queue(*path: str) -> Cell:
    """What `floor` says of the row's queue."""
    return lambda row: str(_at(row, (path[0], row["queue"], *path[1:])) or 0)


CALLS: dict[str, Cell] = {
    "offered": number("offered"), "answered": number("answered"), "aband.": number("abandoned"), "other": _others,
    "open": number("open"), "level": _share("service_level", "short_excluded"),
    "wait": _seconds("wait_seconds", "answered", "mean"), "p90": _seconds("wait_seconds", "answered", "p90"),
    "max": _seconds("wait_seconds", "all", "max"), "talk": _seconds("talk_seconds", "mean"),
    "most": number("max_waiting"),
}  # fmt: skip
TIMES: dict[str, Cell] = {
    "busy": _hours("state_seconds", "busy"), "wrap-up": _hours("state_seconds", "acw"),
    "idle": _hours("state_seconds", "idle"), "break": _hours("state_seconds", "break"),
    "occup.": _share("occupancy"), "chats": _plain("chat_concurrency"),
}  # fmt: skip
AGENT: dict[str, Cell] = {
    "answered": number("answered"), "talk": _seconds("talk_seconds", "mean"), "hold": _seconds("hold_seconds", "mean"),
    "handle": _seconds("handle_seconds", "mean"), "transfers": number("transfers"),
    "not taken": number("offers_unanswered"), "replies": number("responses", "count"),
}  # fmt: skip
TEAM: dict[str, Cell] = {"agents": number("agents"), **TIMES}
MORE: dict[str, Cell] = {
    "access": _share("access_rate"), "aband.": _share("abandonment_rates", "offered"),
    "<= 20 s": _share("abandonment_rates", "within_20"), "live level": _share("service_level", "sl_event"),
    "needed": _seconds("sl_needed"), "transf.": _share("transfer_rate"), "on hold": number("hold_abandoned"),
    "short": number("short_calls"), "long": number("long_contacts"), "handle": _seconds("handle_seconds", "mean"),
    "outbound": number("outbound", "attempted"),
}  # fmt: skip
CHATS: dict[str, Cell] = {
    "first": _seconds("first_response_seconds", "mean"), "p90": _seconds("first_response_seconds", "p90"),
    "level": _share("first_response_level"), "turns": number("response_seconds", "count"),
    "reply": _seconds("response_seconds", "mean"), "longest": _seconds("response_seconds", "max"),
    "missed": number("missed_chats"), "silent": number("reassigned_silent"),
    "hand-off": _seconds("handoff_seconds", "mean"),
}  # fmt: skip
CASES: dict[str, Cell] = {
    "opened": number("cases", "opened"), "resolved": number("cases", "resolved"),
    "reopened": number("cases", "reopened"), "reopen": _share("cases", "reopen_rate"),
    "contacts": _plain("cases", "contacts_to_resolve"), "agents": _plain("cases", "agents_to_resolve"),
}  # fmt: skip
CUSTOMERS: dict[str, Cell] = {
    "came": number("customers", "arrived"), "again 1h": _share("customers", "repeat", "1h"),
    "again 24h": _share("customers", "repeat", "24h"), "again 7d": _share("customers", "repeat", "7d"),
    "gave up": number("customers", "abandoned"), "recovered": number("customers", "recovered"),
    "lost": _share("customers", "lost_rate"), "never back": _share("customers", "never_returned"),
}  # fmt: skip
NOW: dict[str, Cell] = {
    "unanswered": _of_queue("unanswered"), "chats": _of_queue("active_chats"),
    "callbacks": _of_queue("callbacks", "scheduled"), "due": _of_queue("callbacks", "due"),
    "overdue": _of_queue("callbacks", "overdue"), "lost": _of_queue("lost"),
}  # fmt: skip
BACKLOG: dict[str, Cell] = {
    "new": number("status", "new"), "open": number("status", "open"), "pending": number("status", "pending"),
    "on hold": number("status", "on_hold"), "unassigned": number("unassigned"),
    "oldest": _hours("oldest_age_seconds"), "overdue": number("clocks", "resolution", "overdue"),
    "due 4h": number("clocks", "resolution", "4h"),
}  # fmt: skip


def was_there(agent: Measures) -> bool:
    """Whether an agent was logged in at all, as far as anybody told."""
    return bool(agent["state_seconds"].keys() - {"offline"})


def _has_offered(measures: Measures) -> bool:
    return bool(measures["decided"] or measures["outbound"]["attempted"])


def _has_chats(measures: Measures) -> bool:
    return bool(measures["response_seconds"]["count"] or measures["missed_chats"])


def _has_cases(measures: Measures) -> bool:
    return any(measures["cases"][name] for name in ("opened", "resolved", "reopened"))


def _has_customers(measures: Measures) -> bool:
    return bool(measures["customers"]["arrived"])


THEMES: tuple[tuple[str, dict[str, Cell], Callable[[Measures], bool]], ...] = (
    ("more", MORE, _has_offered),
    ("chats", CHATS, _has_chats),
    ("cases", CASES, _has_cases),
    ("customers", CUSTOMERS, _has_customers),
)
"""Further tables: title, columns, and whether a part has anything to tell in it."""
