"""The walls, one for each kind of channel whose customers wait live: seven numbers and the three worst queues."""

from __future__ import annotations

from grafana import parts
from grafana import queries as q
from grafana.frame import KINDS
from grafana.model import Board, Panel

WORST = 3
# Severity first, and among equals the longest wait, which stays far under this many seconds.
RANK = f"({q.each('cc_queue_severity')} * 1e7 + {q.LONGEST_WAIT})"


def worst_queues() -> Panel:
    """The longest waits of the three worst queues, the worst first."""
    waits = f"{q.LONGEST_WAIT} and {q.SAME_QUEUE} topk({WORST}, {RANK})"
    return Panel("tile", "worst_queues", (24, 9), parts.by_severity(waits, legend=parts.NAME), "dthms", link="queue")


def board(kind: str) -> Board:
    """The wall of one kind of channel."""
    to_do = {
        "voice": parts.count("tile", "lost", "cc_queue_lost_contacts", (10, 9)),
        "chat": parts.count("tile", "unanswered", "cc_queue_contacts_unanswered", (10, 9)),
    }
    panels = [
        parts.waiting("tile", (5, 9)),
        parts.longest_wait("tile", (9, 9)),
        parts.service_level("tile", (5, 9)),
        parts.free_agents("tile", (5, 9)),
        parts.abandoned("tile", (5, 9)),
        parts.age("tile", (9, 9)),
        to_do[kind],
        worst_queues(),
    ]
    return Board(f"wall-{kind}", panels, (f"channel-{kind}", "queue"))


BOARDS = tuple(board(kind) for kind in KINDS)
