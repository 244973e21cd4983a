"""Panels that several dashboards have: the same query, the same words, the same colours."""

from __future__ import annotations

from collections.abc import Sequence

from grafana import queries as q
from grafana.model import Kind, Link, Panel, Query
from grafana.palette import SIGNS

NAME = "{{display_name}}"
QUEUE_NAME = "{{display_name}} {{channel}}"
# The limits of the alert BoardStale, which hold for no queue and so are no metric; a test compares them with the rule.
AGE_LIMITS = ((15, SIGNS[1][1]), (30, SIGNS[2][1]))
STATES = ("idle", "has_capacity", "ringing", "busy", "acw", "break", "error")
EXIT_REASONS = (
    *("timeout", "key_exit", "overflow", "callback_requested", "empty", "withdrawn", "system_error", "transferred"),
    *("lost_unknown", "unknown_exit"),
)


def age(kind: Kind, size: tuple[int, int]) -> Panel:
    """How old the data are; never hidden, and coloured where the alert BoardStale fires."""
    return Panel(kind, "age", size, [Query(q.DATA_AGE)], "dthms", steps=AGE_LIMITS, link="pipeline")


def judged(total: str, measure: str, *, dash: str = "") -> list[Query]:
    """A number of all queues in the colour of the worst of them by one measure: exactly one query has a result.

    With `dash`, a count of them, a fourth query says NaN while the count is known and the number is not: no traffic.
    """
    found = [Query(q.at_limit(total, measure, severity), severity=severity) for severity in (2, 1, 0)]
    return [*found, Query(f"{q.total(dash)} * NaN unless on () ({total})")] if dash else found


def by_severity(expr: str, *, dash: str = "", legend: str = QUEUE_NAME) -> list[Query]:
    """A measure of each queue in the colour of the queue, the worst first: each queue is in one result.

    With `dash`, the measure as it is, a fourth query says NaN for the queues without traffic.
    """
    found = [
        Query(q.named(q.fresh(q.at_severity(expr, severity))), legend=legend, severity=severity)
        for severity in (2, 1, 0)
    ]
    return [*found, Query(q.named(q.fresh(q.no_traffic(dash))), legend=legend)] if dash else found


def by_limit(expr: str, measure: str, *, dash: str = "", legend: str = QUEUE_NAME) -> list[Query]:
    """The same in the colour of the queue's own measure."""
    found = [
        Query(q.named(q.fresh(q.at_limit(expr, measure, severity, q.SAME_QUEUE))), legend=legend, severity=severity)
        for severity in (2, 1, 0)
    ]
    return [*found, Query(q.named(q.fresh(q.no_traffic(dash))), legend=legend)] if dash else found


def waiting(kind: Kind, size: tuple[int, int]) -> Panel:
    """All who wait."""
    return Panel(kind, "waiting", size, judged(q.total(q.WAITING), "waiting"), link="overview")


def longest_wait(kind: Kind, size: tuple[int, int]) -> Panel:
    """The longest wait of all, with the queue it is in."""
    worst = f"topk(1, {q.fresh(q.LONGEST_WAIT)})"
    queries = by_limit(worst, "longest_wait", legend=NAME)
    return Panel(kind, "longest_wait", size, queries, "dthms", link="queue")


def service_level(kind: Kind, size: tuple[int, int]) -> Panel:
    """Of all queues together."""
    level = q.total_ratio(q.window("answered_in_target"), q.judged())
    queries = judged(level, "service_level", dash=q.window("answered"))
    return Panel(kind, "service_level", size, queries, "percentunit", link="overview", maximum=1)


def abandoned(kind: Kind, size: tuple[int, int]) -> Panel:
    """Of all queues together."""
    share = q.total_ratio(q.window("abandoned"), q.decided())
    queries = judged(share, "abandonment", dash=q.window("answered"))
    return Panel(kind, "abandoned", size, queries, "percentunit", 1, link="overview", maximum=1)


def free_agents(kind: Kind, size: tuple[int, int], matcher: str = "") -> Panel:
    """Agents who could take a contact, each once; 0 where teams are known and nobody is free."""
    free = f'state=~"{q.FREE_STATES}"'
    matchers = f"{matcher},{free}" if matcher else free
    known = f"max(cc_agents_phantom{{{matcher}}}) * 0" if matcher else "max(cc_agents_phantom) * 0"
    expr = q.fresh_floor(f"sum(max by (team, state) (cc_agents{{{matchers}}})) or {known}")
    return Panel(kind, "free_agents", size, [Query(expr)], link="agents")


def count(kind: Kind, key: str, name: str, size: tuple[int, int], *matchers: str, link: Link = "overview") -> Panel:
    """One gauge, summed over the queues; without a colour, for it has no limit.

    Queues of other channels may not have it at all: of these alone there are none.
    """
    expr = f"{q.total(q.each(name, *matchers))} or {q.total(q.WAITING)} * 0"
    return Panel(kind, key, size, [Query(expr)], link=link)


def volume(size: tuple[int, int]) -> Panel:
    """What came and what became of it, a minute."""
    queries = [
        Query(q.per_minute(f"cc_contacts_{what}_total"), f"legend.{what}")
        for what in ("offered", "answered", "abandoned", "exited")
    ]
    return Panel("trend", "volume", size, queries, decimals=1, slow=True)


def states(expr: str, labels: Sequence[str]) -> Query:
    """Agents by state, with the state's word at the end of the legend."""
    return Query(expr, legend=" ".join(f"{{{{{label}}}}}" for label in (*labels, "state")))
