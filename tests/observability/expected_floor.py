"""What the walls and the lead's desk must show."""

from collections.abc import Sequence

from kpi.expected_wait import expected_wait
from kpi.floor import SEVERITIES
from kpi.snapshot import QueueSnapshot
from tests.observability.expected import (
    CHAT,
    VOICE,
    Expect,
    Panel,
    Seen,
    between,
    by,
    coloured_total,
    each_of,
    exactly,
    per_queue,
    per_queue_at,
    share,
    total,
    unique,
    worst,
)
from tests.observability.shown import Queue, Value

FREE = ("idle", "has_capacity")
PER_MINUTE = "a counter's rate is extrapolated to its window; the trickle moved it by a few contacts"


def longest(each: QueueSnapshot, at: float) -> float:
    """Seconds since the first in line joined; 0 when nobody waits."""
    joined = each.now.oldest_queued_at_ms
    return 0.0 if joined is None else at - joined / 1000


def level(each: QueueSnapshot) -> float | None:
    """The live service level of 30 minutes."""
    value: float | None = each.windows["30m"]["service_level"]["sl_event"]["value"]
    return value


def abandoned(each: QueueSnapshot) -> float | None:
    """The share who gave up in 30 minutes."""
    value: float | None = each.windows["30m"]["abandonment"]["value"]
    return value


def percent(value: float | None) -> float | None:
    """0 to 100."""
    return None if value is None else 100 * value


def free(each: QueueSnapshot) -> float:
    """Agents of a queue who could take a contact."""
    return sum(each.now.agents.get(state, 0) for state in FREE)


def total_level(seen: Seen, queues: Sequence[QueueSnapshot]) -> float | None:
    """Of several queues together."""
    return share([each.windows["30m"]["service_level"]["sl_event"] for each in queues])


def total_abandoned(seen: Seen, queues: Sequence[QueueSnapshot]) -> float | None:
    """Of several queues together."""
    return share([each.windows["30m"]["abandonment"] for each in queues])


def age() -> Panel:
    """The state was made a moment ago."""
    return {"A": between(0, 5, "the board publishes several times a second and is read once a second")}


def longest_of_all(channels: Sequence[str] | None = None) -> Expect:
    """The queue with the longest wait, in the colour of its own wait."""

    def check(seen: Seen, values: list[Value]) -> None:
        queues = seen.of(channels)
        key = max(queues, key=lambda queue: longest(queues[queue], seen.at))
        [value] = values
        assert value.queue == key
        assert value.ref == "CBA"[worst("longest_wait_seconds")(queues[key])]
        assert abs(value.number - longest(queues[key], seen.at)) < 0.002

    return check


def worst_first(seen: Seen, channels: Sequence[str] | None) -> list[Queue]:
    """The queues by severity, then by their longest wait."""
    queues = seen.of(channels)
    return sorted(queues, key=lambda key: (queues[key].severity, longest(queues[key], seen.at)), reverse=True)


def three_worst(channels: Sequence[str]) -> Expect:
    """The longest waits of the three worst, each in the colour of its queue."""

    def check(seen: Seen, values: list[Value]) -> None:
        found = {value.queue for value in values}
        # Of equally calm queues any may stand there.
        ranks = [(each.severity, longest(each, seen.at)) for each in (seen.snapshots[key] for key in found)]
        wanted = [
            (seen.snapshots[key].severity, longest(seen.snapshots[key], seen.at)) for key in worst_first(seen, channels)
        ]
        assert sorted(ranks, reverse=True) == wanted[:3]
        queues = {key: seen.snapshots[key] for key in found}
        exactly(
            unique(values, lambda value: value.queue),
            {key: longest(each, seen.at) for key, each in queues.items()},
            within=0.002,
        )
        assert {value.queue: value.ref for value in values} == {
            key: "CBA"[each.severity] for key, each in queues.items()
        }

    return check


def agents_in(*states: str) -> Expect:
    """Agents of all teams in these states."""
    return total(lambda seen: sum(seen.people.total.states.get(state, 0) for state in states))


def tiles(channels: Sequence[str] | None) -> dict[str, Panel]:
    """What walls and desk have in common."""
    return {
        "Data age": age(),
        "Waiting": {
            "ABC": coloured_total(lambda seen, queues: sum(each.now.waiting for each in queues), "waiting", channels)
        },
        "Longest wait": {"ABC": longest_of_all(channels)},
        "Service level, 30 min": {"ABCD": coloured_total(total_level, "service_level_ratio", channels)},
        "Abandoned, 30 min": {"ABCD": coloured_total(total_abandoned, "abandonment_ratio", channels)},
        "Agents free": {"A": agents_in(*FREE)},
    }


def summed(number: str, channels: Sequence[str] | None = None) -> Panel:
    """One count of now, of all queues together."""
    return {"A": total(lambda seen: sum(getattr(each.now, number) for each in seen.of(channels).values()))}


def over_limit() -> Expect:
    """How many queues are bad, in the colour of the worst."""

    def check(seen: Seen, values: list[Value]) -> None:
        bad = [each.severity for each in seen.snapshots.values() if each.severity]
        assert [(value.ref, value.number) for value in values] == [("CBA"[max(bad, default=0)], len(bad))]

    return check


def signs() -> Expect:
    """The sign of each queue's severity, and its configured name."""

    def check(seen: Seen, values: list[Value]) -> None:
        exactly(
            unique(values, by("queue", "channel", "sign", "display_name")),
            {(*key, "●▲■"[each.severity], each.display_name): each.severity for key, each in seen.snapshots.items()},
        )

    return check


TABLE: Panel = {
    "A": signs(),
    "B": per_queue_at(lambda each, at: each.severity * 1e7 + longest(each, at)),
    "C": per_queue(lambda each: each.now.waiting),
    "D": per_queue_at(longest),
    "E": per_queue(expected_wait, within=0.01),
    "F": per_queue(lambda each: percent(level(each))),
    "G": per_queue(lambda each: each.target.percent),
    "H": per_queue(lambda each: each.target.seconds),
    "I": per_queue(lambda each: percent(abandoned(each))),
    "J": per_queue(lambda each: each.windows["30m"]["offered"]),
    "K": per_queue(lambda each: each.now.in_service),
    "L": per_queue(free),
    "M": per_queue(lambda each: each.backlog.open),
    "N": per_queue(lambda each: each.now.lost),
}

# No engine of ours runs here, so Prometheus speaks for it.
FLOOR_ALERTS = {
    ("QueueLongestWaitHigh", "support", "critical"),
    ("QueueLongestWaitHigh", "support", "warning"),
    ("QueueLongestWaitHigh", "billing", "warning"),
    ("QueueLengthHigh", "support", "critical"),
    ("QueueLengthHigh", "support", "warning"),
    ("QueueLengthHigh", "billing", "warning"),
}
# They hold for minutes before they fire, and so may do either here, or come and go.
SLOW_ALERTS = {
    *((name, "support", severity) for name in ("AbandonmentHigh", "ServiceLevelLow") for severity in SEVERITIES),
    *((name, queue, "warning") for name in ("QueueUnattended", "SourceSilent") for queue in ("", "support", "billing")),
    ("DeadLetters", "", "warning"), ("DeadLetters", "", "critical"), ("StreamAlertEngineSilent", "", "critical"),
    ("EventDelayHigh", "", "warning"), ("EventDelayHigh", "", "critical"), ("OccupancyHigh", "", "warning"),
    ("SourceSilent", "", "critical"), ("WorkerDown", "", "critical"),
}  # fmt: skip


def firing() -> Expect:
    """The alerts of the queues that are over their limits, each with its section of the runbook."""

    def check(seen: Seen, values: list[Value]) -> None:
        found = {tuple(value.labels.get(name, "") for name in ("alertname", "queue", "severity")) for value in values}
        assert found - SLOW_ALERTS == FLOOR_ALERTS
        assert {value.labels["section"] for value in values} >= {"queuelongestwaithigh"}
        assert {value.labels["section"] == value.labels["alertname"].lower() for value in values} == {True}

    return check


VOLUME: Panel = {letter: between(0, 300, PER_MINUTE) for letter in "ABCD"}
OVERVIEW: dict[str, Panel] = {
    **tiles(None),
    "Queues over a limit": {"ABC": over_limit()},
    "Lost customers": summed("lost"),
    "Queues, worst first": TABLE,
    "Waiting, by queue": {"A": per_queue(lambda each: each.now.waiting)},
    "Longest wait, by queue": {"A": per_queue_at(longest)},
    "Service level, 30 min, by queue": {"A": per_queue(level)},
    "Abandoned, 30 min, by queue": {"A": per_queue(abandoned)},
    "Contacts a minute": {letter: between(0.05, 300, PER_MINUTE) for letter in "ABCD"},
    "Agents by state": {"A": each_of(("state",), lambda seen: {(k,): n for k, n in seen.people.total.states.items()})},
    "Open cases": {"A": total(lambda seen: sum(each.backlog.open for each in seen.snapshots.values()))},
    "Callbacks overdue": {"A": total(lambda seen: sum(each.now.callbacks.overdue for each in seen.snapshots.values()))},
    "Chats unanswered": summed("unanswered"),
    "Floor alerts that fire": {"A": firing()},
}
WALL_VOICE: dict[str, Panel] = {
    **tiles(VOICE),
    "Lost customers": summed("lost", VOICE),
    "Worst queues: longest wait": {"ABC": three_worst(VOICE)},
}
WALL_CHAT: dict[str, Panel] = {
    **tiles(CHAT),
    "Chats unanswered": summed("unanswered", CHAT),
    "Worst queues: longest wait": {"ABC": three_worst(CHAT)},
}
