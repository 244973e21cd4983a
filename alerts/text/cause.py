"""Why it happens, in words with numbers: what came, who serves and how long it takes, against the hour before. Pure."""

from __future__ import annotations

from alerts.text import plain as text
from alerts.text.words import Words
from kpi.cause import DRIVERS, Cause, Driver


def short_cause(cause: Cause | None, words: Words) -> str:
    """The likely cause alone: "volume ×3.4 (8 → 27 a minute)"; "" when nothing stands out or nobody looked."""
    return "" if cause is None or cause.kind is None else _driver(cause, cause.kind, words)


def cause_line(cause: Cause | None, words: Words, agents_known: bool) -> str:
    """The likely cause first, then the two others; what is not known is left out."""
    if cause is None:
        return words["cause_unknown"]
    known: list[Driver] = [driver for driver in DRIVERS if driver != "staff" or agents_known]
    others = words["comma"].join(
        said for driver in known if driver != cause.kind and (said := _driver(cause, driver, words))
    )
    first = _driver(cause, cause.kind, words) if cause.kind else ""
    if not first:
        return (
            words["no_cause"].format(rest=words["compared"].format(text=others)) if others else words["cause_unknown"]
        )
    line = words["dot"].join(part for part in (first, others) if part)
    return words["compared"].format(text=line)


def _driver(cause: Cause, driver: Driver, words: Words) -> str:
    now, before = _numbers(cause, driver)
    if now is None:
        return ""
    said_now = _said(now, driver, words)
    if before is None:
        return words[f"{driver}_only"].format(now=said_now)
    difference = text.change(now, before)
    is_shown = difference and driver == cause.kind and driver != "staff"
    shown = words["changed"].format(change=difference) if is_shown else words["unchanged"]
    return words[driver].format(now=said_now, before=_said(before, driver, words), change=shown)


def _numbers(cause: Cause, driver: Driver) -> tuple[float | None, float | None]:
    if driver == "volume":
        return cause.volume.now_per_minute, cause.volume.before_per_minute
    if driver == "staff":
        return cause.staff.now, cause.staff.before
    return cause.handle_seconds.now, cause.handle_seconds.before


def _said(value: float, driver: Driver, words: Words) -> str:
    if driver == "handle_time":
        return text.duration(value, words)
    return text.count(round(value)) if driver == "staff" else text.count(value)
