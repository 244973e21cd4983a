"""What the dashboards of the pipeline and of the alerts must show."""

from kpi.envelope import AGENT_TOPIC
from tests.observability.expected import Expect, Panel, Seen, between, by, each_of, moved, nothing, total, unique
from tests.observability.expected_floor import FLOOR_ALERTS, SLOW_ALERTS, age, firing
from tests.observability.shown import Value

PARTITIONS, TOPICS = 12, 6
TICKS = "every partition gets a tick a second, and what was written besides is a few hundred records"
RARELY = "the trickle had a few of them, and the rate looks back over a minute"
SECONDS = "how long it took depends on the machine; on none is it minutes"
HAPPENED = nothing("the other query has the line: it happened here")
NEVER = "nothing of the kind happened here, and the line says so"


def told(name: str) -> Expect:
    """Every reason to doubt with its count, from the floor's own snapshot; it may be read a moment later."""
    return each_of(("reason",), lambda seen: {(reason,): n for reason, n in seen.people.doubts.events.items()})


def per_partition(low: float, high: float, why: str) -> Expect:
    """One result for each partition."""
    return between(low, high, why, least=PARTITIONS, labels=("topic", "partition"))


def rare(low: float = 0.001, labels: tuple[str, ...] = ("topic",)) -> Panel:
    """A counter that moved here; what did not stands at 0."""
    return {"A": moved(low, 60, RARELY, labels=labels), "B": HAPPENED}


def up(seen: Seen, values: list[Value]) -> None:
    """The board on its two pages, and the worker; there is no engine of ours."""
    assert unique(values, by("job")) == {("cc-board",): 1, ("cc-live",): 1, ("cc-workers",): 1, ("cc-alerts",): 0}


def builds(seen: Seen, values: list[Value]) -> None:
    """Both processes, with what they run."""
    assert unique(values, by("job")) == {("cc-board",): 1, ("cc-workers",): 1}
    for value in values:
        assert value.labels["version"]
        assert value.labels["python"]


PIPELINE: dict[str, Panel] = {
    "Data age": age(),
    "Targets down": {"A": total(lambda seen: 1)},
    "Oldest heartbeat": {"A": between(0, 10, "a tick a second, read every few seconds")},
    "Lag": {"A": between(0, 500, "everything is applied but what was written since the last look")},
    "On the board within 5 s": {
        "A": between(0.05, 1, "what was written of the past half-hour is late, the rest is not")
    },
    "Redis reached": {"A": total(lambda seen: 1)},
    "floor.toml refused": {"A": total(lambda seen: 0)},
    "Unnamed queues": {
        "A": total(lambda seen: len({queue for queue, _ in seen.snapshots} & {"general", "small-talk"}))
    },
    "Queues in overflow": {"A": total(lambda seen: 0)},
    "Partitions owned": {"A": total(lambda seen: PARTITIONS)},
    "Silent sources": {"A": total(lambda seen: sum(source.silent for source in seen.people.sources))},
    "Rebalances, 1 h": {"A": between(0, 10, "one worker joined, perhaps after the first look at it")},
    "Records read": {"A": between(0.1, 500, TICKS, least=TOPICS, labels=("topic",))},
    "Events applied": {"A": between(0, 500, TICKS, least=4, labels=("stage",))},
    "Lag by partition": {"A": per_partition(0, 500, "everything is applied but what was written since the last look")},
    "From event to reading": {letter: between(0, 3000, SECONDS, labels=("topic",)) for letter in "AB"},
    "From event to board": {letter: between(0, 3000, SECONDS) for letter in "AB"},
    "On the board within 5 s, over time": {
        **{letter: between(0.05, 1, "what was written of the past is late, the rest is not") for letter in "ABCD"},
        "E": total(lambda seen: 0.995),
    },
    "Age of the heartbeat": {"A": per_partition(0, 10, "a tick a second, read every few seconds")},
    "Age of the watermark": {"A": per_partition(0, 10, "a tick moves the watermark, too")},
    "CPU time per event": {letter: between(0, 1, SECONDS, labels=("stage",)) for letter in "AB"},
    "Late events": rare(labels=("topic", "action")),
    "Repeated events": rare(),
    "Invalid records": rare(labels=("topic", "reason")),
    "Dead letters": rare(labels=("topic", "reason")),
    "Ends set by us": {"A": between(0, 0, "no leg is old enough to be ended by us", least=4, labels=("topic",))},
    "Corrections": rare(0),
    "Doubtful events": {"A": told("reason")},
    "Newest event of a source": {
        letter: between(0, 300, "a trickle told the last event, a moment ago", labels=("source",)) for letter in "AB"
    },
    "Clock of a source": {"A": between(-3000, 0, "everything was told after it had happened", labels=("source",))},
    "Calls to Redis": {letter: between(0, 30, SECONDS, labels=("operation",)) for letter in "AB"},
    "Failed calls to Redis": {"A": between(0, 0, "Redis answered every call"), "B": HAPPENED},
    "Making the metrics page": {"A": between(0, 30, SECONDS, labels=("instance",))},
    "Partitions owned, by topic": {
        "A": between(2, 2, "two partitions each, one worker", least=TOPICS, labels=("topic",))
    },
    "Pages and connections": {
        "A": between(0, 0, "no page listens here"),
        "B": between(0, 20, "Prometheus itself and the tests hold connections open"),
    },
    "Listeners dropped": {"A": between(0, 0, NEVER, labels=("reason",)), "B": HAPPENED},
    "Listeners refused": {"A": between(0, 0, NEVER, labels=("reason",)), "B": HAPPENED},
    "Publications": {"A": between(0.1, 10, "4 a second on a machine with time, less on this one")},
    "Series and queues": {
        "A": between(100, 5000, "each queue has some dozen series", labels=("instance",)),
        "B": each_of((), lambda seen: {(): len(seen.snapshots)}),
    },
    "Targets read": {"A": up},
    "What runs": {"A": builds},
}
assert AGENT_TOPIC == "agents.events"


def firing_number(severity: str, coloured: str) -> Expect:
    """How many alerts fire, in the colour of their severity."""

    def check(seen: Seen, values: list[Value]) -> None:
        fixed = sum(each[2] == severity for each in FLOOR_ALERTS)
        most = fixed + sum(each[2] == severity for each in SLOW_ALERTS)
        [value] = values
        assert fixed <= value.number <= most
        assert value.ref == coloured

    return check


def pending(seen: Seen, values: list[Value]) -> None:
    """At most those that hold for minutes before they fire."""
    found = {tuple(value.labels.get(name, "") for name in ("alertname", "queue", "severity")) for value in values}
    assert found <= SLOW_ALERTS


def by_alert(seen: Seen, values: list[Value]) -> None:
    """Each alert with how many of it fire."""
    found = unique(values, by("alertname", "severity"))
    assert found["QueueLongestWaitHigh", "critical"] == 1
    assert found["QueueLongestWaitHigh", "warning"] == 2


def by_queue(seen: Seen, values: list[Value]) -> None:
    """Each queue with how many fire for it."""
    found = unique(values, by("queue"))
    assert found["billing",] == 2
    assert found["support",] in (4, 5, 6, 7, 8)


def fired(seen: Seen, values: list[Value]) -> None:
    """Each alert that fires with the minutes it has done so: a few."""
    of_queues = [value for value in values if value.labels.get("queue")]
    found = unique(of_queues, by("alertname", "queue", "severity"))
    assert found.keys() >= FLOOR_ALERTS
    assert all(0 < value.number < 10 for value in values)


ALERTS: dict[str, Panel] = {
    "Critical alerts": {"AB": firing_number("critical", "A")},
    "Warnings": {"AB": firing_number("warning", "A")},
    "Pending": {"A": between(0, len(SLOW_ALERTS), "some alerts hold for minutes before they fire")},
    "Messages failed, 1 h": {"A": total(lambda seen: 0)},
    "Alerts dropped, 1 h": {"A": total(lambda seen: 0)},
    "Rules failed, 1 h": {"A": total(lambda seen: 0)},
    "Firing": {"A": firing()},
    "Pending, each": {"A": pending},
    "Firing, by alert": {"A": by_alert},
    "Firing, by queue": {"A": by_queue},
    "Fired in the time range": {"A": fired},
    "Messages a minute": {
        "A": between(0, 600, "Prometheus tells its alerts again and again"),
        "B": between(0, 600, "each receiver's messages; most kinds have none", labels=("integration",)),
        "C": between(0, 0, "the receiver takes everything", labels=("integration",)),
    },
    "Alerts in Alertmanager": {"A": between(0, 40, "queues, the watchdog", least=2, labels=("state",))},
}
