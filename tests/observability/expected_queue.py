"""What the dashboard of one queue must show, for every queue there is."""

from collections.abc import Callable
from typing import Any

from kpi.expected_wait import expected_wait
from kpi.panes import METRIC_WINDOWS
from kpi.snapshot import QueueSnapshot
from tests.observability.expected import (
    CHAT,
    Expect,
    Panel,
    Seen,
    between,
    by,
    coloured,
    each_of,
    exactly,
    per_queue,
    per_queue_at,
    unique,
    worst,
)
from tests.observability.expected_floor import PER_MINUTE, VOLUME, abandoned, age, free, level, longest, percent
from tests.observability.shown import Value

IN_A_BUCKET = "a percentile is estimated within a bucket of the histogram; the contacts took seconds"


def threshold(measure: str, severity: str) -> Expect:
    """A limit of floor.toml as it is exported."""
    return per_queue(lambda each: each.thresholds.get(measure, {}).get(severity))


def limits(measure: str, first: str) -> Panel:
    """Both limits; `first` is the letter of the warning."""
    return {first: threshold(measure, "warning"), chr(ord(first) + 1): threshold(measure, "critical")}


def by_window(number: Callable[[dict[str, Any]], float | None], within: float = 1e-6) -> Expect:
    """One line for each window of each queue."""

    def check(seen: Seen, values: list[Value]) -> None:
        exactly(
            unique(values, by("queue", "channel", "window")),
            {
                (*queue, name): number(each.windows[name])
                for queue, each in seen.snapshots.items()
                for name in METRIC_WINDOWS
            },
            within,
        )

    return check


def of_30m(number: Callable[[dict[str, Any]], float | None]) -> Expect:
    """A number of the last 30 minutes, for each queue."""
    return per_queue(lambda each: number(each.windows["30m"]))


def divided(part: str, name: str = "sum") -> Callable[[dict[str, Any]], float | None]:
    """Seconds of a part of handling, by contacts that ended."""
    return lambda window: (
        window[part][name] / window["talk_seconds"]["count"] if window["talk_seconds"]["count"] else None
    )


def drivers(seen: Seen, values: list[Value]) -> None:
    """What the snapshot names as causes has a line, and no other driver has."""
    for queue, each in seen.snapshots.items():
        cause = each.cause
        told = set()
        if cause is not None:
            told = {
                name
                for name, now, before in (
                    ("volume", cause.volume.now_per_minute, cause.volume.before_per_minute),
                    ("staff", cause.staff.now, cause.staff.before),
                    ("handle_time", cause.handle_seconds.now, cause.handle_seconds.before),
                )
                if now is not None and before
            }
        assert {value.labels["driver"] for value in values if value.queue == queue} == told
    # The hour before moves on with the clock, so that a ratio is a little different at every publication.
    assert all(0 <= value.number <= 100 for value in values)
    assert values


def states(seen: Seen) -> dict[Any, float]:
    """Agents of each queue by state."""
    return {
        (*queue, state): count for queue, each in seen.snapshots.items() for state, count in each.now.agents.items()
    }


def exits(seen: Seen) -> dict[Any, float]:
    """Who left otherwise, by reason."""
    return {
        (*queue, reason): count
        for queue, each in seen.snapshots.items()
        for reason, count in each.windows["30m"]["exits"].items()
    }


def asa(window: dict[str, Any]) -> float | None:
    """The mean wait as the report has it: of answered contacts whose wait is known."""
    mean: float | None = window["wait_seconds"]["answered"]["mean"]
    return mean


def unanswered(each: QueueSnapshot) -> float | None:
    """Chats that wait for a reply; other channels have no such number."""
    return each.now.unanswered if each.channel in CHAT else None


def missed(each: QueueSnapshot) -> float | None:
    """Chats without any reply in 30 minutes; other channels have no such number."""
    count: float | None = each.windows["30m"].get("missed_chats", 0 if each.channel in CHAT else None)
    return count


def replies(window: dict[str, Any]) -> float | None:
    """Mean first response."""
    mean: float | None = window.get("first_response_seconds", {}).get("mean")
    return mean


def here(number: Callable[[QueueSnapshot], float | None], measure: str) -> Panel:
    """A tile of one queue in the colour of its own measure."""
    return {"ABCD": coloured(lambda each, at: number(each), worst(measure))}


def distribution(seen: Seen, values: list[Value]) -> None:
    """Cumulative: each bound holds the ones under it; the queue of the trickle has some."""
    for queue in seen.snapshots:
        bars = sorted((float(value.labels["le"]), value.number) for value in values if value.queue == queue)
        assert [number for _, number in bars] == sorted(number for _, number in bars)
    assert any(value.queue[0] == "general" and value.number > 0 for value in values)


QUEUE: dict[str, Panel] = {
    "Data age": age(),
    "Waiting": {"ABC": coloured(lambda each, at: each.now.waiting, worst("waiting"))},
    "Longest wait": {"ABC": coloured(longest, worst("longest_wait_seconds"))},
    "Service level, 30 min": here(level, "service_level_ratio"),
    "Abandoned, 30 min": here(abandoned, "abandonment_ratio"),
    "Agents free": {"A": per_queue(free)},
    "In service": {"A": per_queue(lambda each: each.now.in_service)},
    "Expected wait": {
        "A": per_queue(expected_wait, within=0.01),
        "B": per_queue(lambda each: float("nan") if expected_wait(each) is None else None),
    },
    "Windows side by side": {
        "A": by_window(lambda window: window["offered"]),
        "B": by_window(lambda window: window["answered"]),
        "C": by_window(lambda window: percent(window["service_level"]["sl_event"]["value"])),
        "D": by_window(lambda window: window["abandoned"]),
        "E": by_window(lambda window: percent(window["abandonment"]["value"])),
        "F": by_window(lambda window: window["short_abandoned"]),
        "G": by_window(lambda window: sum(window["exits"].values())),
        "H": by_window(asa),
        "I": by_window(lambda window: window["wait_seconds"]["all"]["max"]),
        "J": by_window(lambda window: window["handle_seconds"]["mean"]),
    },
    "Waiting, ringing, in service": {
        "A": per_queue(lambda each: each.now.waiting),
        "B": per_queue(lambda each: each.now.ringing),
        "C": per_queue(lambda each: each.now.in_service),
        **limits("waiting", "D"),
    },
    "Longest wait, target and limits": {
        "A": per_queue_at(longest),
        "B": per_queue(lambda each: each.target.seconds),
        **limits("longest_wait_seconds", "C"),
    },
    "Service level, 30 min, goal and limits": {
        "A": per_queue(level),
        "B": per_queue(lambda each: each.target.percent / 100),
        **limits("service_level_ratio", "C"),
    },
    "Abandoned, 30 min, and limits": {"A": per_queue(abandoned), **limits("abandonment_ratio", "B")},
    "Waiting past the target": {
        "A": per_queue(lambda each: each.now.waiting_over_target["1"]),
        "B": per_queue(lambda each: each.now.waiting_over_target["2"]),
        "C": per_queue(lambda each: each.now.waiting_over_target["4"]),
        "D": per_queue(lambda each: each.now.at_risk),
    },
    "Contacts a minute": VOLUME,
    "Waits, cumulative": {"A": distribution},
    "Wait until answered": {letter: between(0, 60, IN_A_BUCKET) for letter in "AB"},
    "Mean handling time, 30 min": {
        "A": of_30m(divided("talk_seconds")),
        "B": of_30m(divided("hold_seconds")),
        "C": of_30m(divided("wrapup_seconds")),
    },
    "Talk time": {letter: between(0, 300, IN_A_BUCKET) for letter in "AB"},
    "Mean first response, 30 min": {"A": of_30m(replies)},
    "First response, p90": {"A": between(0, 60, IN_A_BUCKET)},
    "Chats unanswered and missed": {
        "A": per_queue(unanswered),
        "B": per_queue(missed),
    },
    "Agents who may take this queue": {"A": each_of(("queue", "channel", "state"), states)},
    "Left otherwise, 30 min": {"A": each_of(("queue", "channel", "reason"), exits)},
    "Transfers and unanswered offers a minute": {letter: between(0, 60, PER_MINUTE) for letter in "AB"},
    "Callbacks": {
        "A": per_queue(lambda each: each.now.callbacks.scheduled),
        "B": per_queue(lambda each: each.now.callbacks.due),
        "C": per_queue(lambda each: each.now.callbacks.overdue),
    },
    "What drives the load": {"A": drivers},
    "Lost customers": {"A": per_queue(lambda each: each.now.lost)},
    "Outbound calls": {"A": per_queue(lambda each: each.now.outbound)},
    "Doubts": {
        "A": per_queue(lambda each: each.now.drift),
        "B": per_queue(lambda each: each.now.ghosts),
        "C": per_queue(lambda each: each.windows["day"]["orphans"]),
    },
}
