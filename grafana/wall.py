"""The dashboard `wall`: five numbers of every queue, the worst first, and how old they are."""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard

from grafana import queries as q
from grafana.panels import SIGNS, Query, Tile, picker, source_picker, wall_tile

UID = "cc-wall"
NAME = "{{display_name}} {{channel}}"
GATE = "Shown only while the state of the queue is at most 12 s old."
COLOUR = (
    "Yellow and ▲: the queue has reached a warning limit of floor.toml with any of its numbers; "
    "red and ■: a critical one (cc_queue_severity)."
)


def by_severity(value: str, *, dash: bool = False) -> list[Query]:
    """A measure as three queries, the worst first: each queue is in the result of exactly one of them.

    With `dash` a fourth one says NaN for the queues without traffic; it is drawn as a dash.
    """
    found = [
        Query(ref, q.named(q.fresh(q.at_severity(value, severity))), NAME, severity)
        for ref, severity in (("C", 2), ("B", 1), ("A", 0))
    ]
    return [*found, Query("D", q.named(q.fresh(q.no_traffic(value))), NAME)] if dash else found


def tiles() -> list[Tile]:
    """The panels, in reading order."""
    return [
        Tile(
            1,
            "Waiting",
            f"Contacts in queue now, ringing ones included (cc_queue_contacts_waiting). {COLOUR} {GATE}",
            "none",
            (0, 0, 19, 6),
            by_severity(q.WAITING),
        ),
        Tile(
            2,
            "Age of the data",
            "Now minus the time the state is true for, of the selected queue whose state is oldest. Never hidden. "
            "Yellow above 15 s, red above 30 s, the limits of the alert BoardStale; the other numbers vanish at 12 s.",
            "dthms",
            (19, 0, 5, 6),
            [Query("A", f"clamp_min(max({q.AGE}), 0)", "DATA AGE")],
            steps=((15, SIGNS[1][1]), (30, SIGNS[2][1])),
        ),
        Tile(
            3,
            "Longest wait",
            "How long the first in line has waited: now minus the earliest join of those waiting "
            f"(cc_queue_oldest_contact_enqueued_timestamp_seconds); 0 when nobody waits. {COLOUR} {GATE}",
            "dthms",
            (0, 6, 24, 6),
            by_severity(q.LONGEST_WAIT),
        ),
        Tile(
            4,
            "Service level, 30 min",
            "Answered within the target / (answered + abandoned + other exits - other exits within the target + still "
            "waiting past the target), last 30 minutes, from the cc_queue_window_* gauges (variant sl_event, as on the "
            "board's own page). A dash: nothing to judge. "
            f"{COLOUR} {GATE}",
            "percentunit",
            (0, 12, 24, 6),
            by_severity(q.SERVICE_LEVEL, dash=True),
        ),
        Tile(
            5,
            "Abandoned, 30 min",
            "Customers who gave up / all who left the queue (answered + abandoned + other exits), last 30 minutes, "
            f"from the cc_queue_window_* gauges. A dash: nobody left the queue. {COLOUR} {GATE}",
            "percentunit",
            (0, 18, 12, 6),
            by_severity(q.ABANDONMENT, dash=True),
            decimals=1,
        ),
        Tile(
            6,
            "Open backlog",
            f"Deferred cases (e-mail, tickets) not resolved yet (cc_backlog_contacts, all states). {COLOUR} {GATE}",
            "none",
            (12, 18, 12, 6),
            by_severity(q.BACKLOG),
        ),
    ]


def wall() -> dashboard.Dashboard:
    """The whole dashboard."""
    state = "cc_queue_state_updated_timestamp_seconds"
    board = (
        dashboard.Dashboard("Floor wall")
        .uid(UID)
        .description("What is true on the floor now, for the screen on the wall: five numbers of every queue.")
        .tags(["floorpulse", "floor"])
        .readonly()
        .refresh("5s")
        .time("now-30m", "now")
        .timezone("browser")
        .with_variable(source_picker())
        .with_variable(picker("channel", "Channel", f"label_values({state}, channel)"))
        .with_variable(picker("queue", "Queue", f'label_values({state}{{channel=~"$channel"}}, queue)'))
    )
    for tile in tiles():
        board = board.with_panel(wall_tile(tile))
    return board
