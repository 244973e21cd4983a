"""The lower half of the dashboard of one queue: the lengths of waits and talks, the people, the exits, the doubts."""

from __future__ import annotations

from grafana import parts
from grafana import queries as q
from grafana.model import Panel, Query

HALF = (12, 8)
OVER = "cc_queue_contacts_waiting_over_target"
WAITS = "cc_contact_wait_duration_seconds"
DRIVERS = ("volume", "staff", "handle_time")
REPLIES = "cc_chat_first_response_duration_seconds"


def details() -> list[Panel]:
    """The panels, in reading order."""
    return [*_waits(), *_talks(), *_people(), *_doubts()]


def _waits() -> list[Panel]:
    answered = f'{q.SELECTED},outcome="answered"'
    buckets = f"sum by (le) (increase({WAITS}_bucket{{{q.SELECTED}}}[$__range]))"
    over = [Query(q.each(OVER, f'multiple="{times}"'), f"legend.over_{times}") for times in (1, 2, 4)]
    return [
        Panel("trend", "over_target", HALF, [*over, Query(q.each("cc_queue_contacts_at_risk"), "legend.at_risk")]),
        parts.volume(HALF),
        Panel("bars", "wait_distribution", HALF, [Query(buckets, legend="≤ {{le}} s")], slow=True),
        Panel(
            "trend",
            "wait_percentiles",
            HALF,
            [
                Query(q.quantile(0.5, WAITS, matchers=answered), "legend.p50"),
                Query(q.quantile(0.9, WAITS, matchers=answered), "legend.p90"),
            ],
            "dthms",
            slow=True,
        ),
    ]


def _talks() -> list[Panel]:
    completed = q.window("completed")
    phases = [
        Query(
            q.ratio(q.each("cc_queue_window_handle_seconds", q.LAST_30_MIN, f'phase="{phase}"'), completed),
            f"legend.{phase}",
        )
        for phase in ("talk", "hold", "wrapup")
    ]
    replied = q.ratio(q.each("cc_queue_window_first_response_seconds", q.LAST_30_MIN), q.window("first_responses"))
    return [
        Panel("trend", "handling", HALF, phases, "dthms"),
        Panel(
            "trend",
            "handling_percentiles",
            HALF,
            [
                Query(q.quantile(0.5, "cc_contact_handle_duration_seconds"), "legend.p50"),
                Query(q.quantile(0.9, "cc_contact_handle_duration_seconds"), "legend.p90"),
            ],
            "dthms",
            slow=True,
        ),
        Panel("trend", "first_response", HALF, [Query(replied, "legend.first_response")], "dthms"),
        Panel(
            "trend",
            "first_response_p90",
            HALF,
            [Query(q.quantile(0.9, REPLIES, matchers='queue=~"$queue"'), "legend.p90")],
            "dthms",
            slow=True,
        ),
        Panel(
            "trend",
            "chats_waiting",
            HALF,
            [
                Query(q.each("cc_queue_contacts_unanswered"), "legend.unanswered"),
                Query(q.window("missed"), "legend.missed"),
            ],
        ),
    ]


def _people() -> list[Panel]:
    exits = f"max by (queue, channel, reason) ({q.series('cc_queue_window_other_exit_contacts', q.LAST_30_MIN)})"
    return [
        Panel(
            "trend",
            "queue_agents",
            HALF,
            [parts.states(q.each_by("cc_queue_agents_serving", "state"), ())],
            speaks=parts.STATES,
            stacked=True,
            link="agents",
        ),
        Panel("trend", "exits", HALF, [Query(exits, legend="{{reason}}")], speaks=parts.EXIT_REASONS, stacked=True),
        Panel(
            "trend",
            "passed_on",
            HALF,
            [
                Query(q.per_minute("cc_contacts_transferred_total"), "legend.transferred"),
                Query(q.per_minute("cc_offers_unanswered_total"), "legend.offers_unanswered"),
            ],
            decimals=1,
            slow=True,
        ),
        Panel(
            "trend",
            "callbacks",
            HALF,
            [
                Query(q.each("cc_callbacks", f'state="{state}"'), f"legend.{state}")
                for state in ("scheduled", "due", "overdue")
            ],
        ),
    ]


def _doubts() -> list[Panel]:
    names = ("drift", "ghost", "orphan")
    doubts = [Query(q.each(f"cc_queue_{name}_contacts"), f"legend.{name}") for name in names]
    drivers = q.each_by("cc_queue_load_ratio", "driver")
    return [
        Panel("trend", "drivers", HALF, [Query(drivers, legend="{{driver}}")], decimals=1, speaks=DRIVERS),
        parts.count("stat", "lost", "cc_queue_lost_contacts", (4, 8)),
        Panel("trend", "outbound", (8, 8), [Query(q.each("cc_queue_contacts_outbound"), "legend.outbound")]),
        Panel("trend", "queue_doubts", HALF, doubts, minimum=None, link="pipeline"),
    ]
