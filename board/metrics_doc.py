"""The catalogue as a page for people: `python -m board.metrics_doc` writes docs/metrics.md; a test holds it fresh."""

from __future__ import annotations

from pathlib import Path

from board.overflow import MAX_BYTES, MAX_QUEUES, MAX_SERIES
from kpi.catalogue import CATALOGUE
from kpi.label_names import MOST_BYTES, OVERFLOW
from kpi.metric_family import Group, MetricDef

TARGET = Path("docs/metrics.md")

_GROUPS: dict[Group, tuple[str, str]] = {
    "floor": (
        "State now",
        (
            "Gone 12 s after the state was last known to be true (so within 15 s with the scrape), and while it is "
            "being rebuilt; `cc_queue_state_updated_timestamp_seconds` and `cc_queue_info` stay."
        ),
    ),
    "staff": (
        "Agents",
        (
            "An agent counts once in `cc_agents`, whatever queues, channels and systems he works in. `state` = "
            "`error`, `busy`, `acw`, `ringing`, `break`, `has_capacity` or `idle`. Gone when the state is too old."
        ),
    ),
    "backlog": ("Backlog", "Deferred cases: e-mail and tickets. Gone when the state is too old, like the state now."),
    "window": (
        "Windows",
        (
            "Exact sums over `window` = `5m`, `15m`, `30m`, `1h` or `day` (the business day), equal to snapshot "
            "and report. `window` is the one label whose values must never be summed up. Numerators and denominators "
            "only: divide them last. Live service level (`sl_event`) = answered_in_target / (answered + abandoned + "
            "other_exit over all reasons - other_exit_in_target + missed_target). Gone when the state is too old."
        ),
    ),
    "doubt": (
        "Reasons to doubt",
        "Where the numbers may be wrong: sources that say nothing, events that were refused, queues that do not agree.",
    ),
    "threshold": (
        "Targets and thresholds",
        (
            "What `floor.toml` says, so that boards and rules compare with the same numbers; `severity` = `warning` or "
            "`critical`, `measure` one of those in `kpi/alerting.py`. The four families with `threshold` in their "
            "names are those of one measure each, all others stand in the `limit` family of their unit. A measure that "
            "is off has no series. They stay when numbers vanish."
        ),
    ),
    "behaviour": (
        "How alerts behave",
        (
            "What `floor.toml` says: `cc_alert_*` for the whole floor, `cc_queue_alert_*` for one queue where that is "
            "something else."
        ),
    ),
    "cumulative": (
        "Cumulative",
        (
            "Counted by each worker as it applies live events, so sum them over workers. They are for rates: never "
            "subtract, and they stand still during rebuilding and catching up. Exact numbers are the window gauges."
        ),
    ),
    "pipeline": ("Pipeline", "From each worker."),
    "alert": ("Alert engine", "From each process of `floorpulse alerts`; one of them leads, the others stand by."),
    "relay": ("Relay to chat robots", "From `floorpulse relay`."),
    "exporter": ("The board itself", "`/metrics` always answers; `cc_exporter_redis_up` says whether Redis does."),
}
_PAGES = {
    "board_live": "board `/metrics/live`",
    "board": "board `/metrics`",
    "worker": "worker `/metrics`",
    "alerts": "alert engine `/metrics`",
    "relay": "relay `/metrics`",
}


def markdown() -> str:
    """The whole page."""
    parts = [
        "# Metrics",
        (
            "Generated from `kpi/catalogue.py` by `python -m board.metrics_doc`; do not edit. "
            "Scrape the board's `/metrics/live` every 1 to 5 s and everything else every 15 s. Two boards may run: use "
            "`max by (queue, channel)` over them, never a sum. No label ever names a contact, a customer or an agent."
        ),
        (
            f"Names come from outside, so there is a cap: at most {MAX_QUEUES} queues (`--max-queues` of the board) "
            "have series of their own, configured ones first, fewer when names are long: the board's two pages keep to "
            f"{MAX_SERIES:,} series and {MAX_BYTES // 1_000_000} MB. All others stand together, one per channel, as "
            f"`{OVERFLOW}`, and sums over all queues stay exact. Names longer than {MOST_BYTES} bytes, or with control "
            "characters, are cut or cleaned and end with `~` and a hash. Numbers worked out from these by Prometheus: "
            "`alerts/rules/recording.yml`."
        ),
    ]
    for group, (title, text) in _GROUPS.items():
        parts += [f"## {title}", text, _table([metric for metric in CATALOGUE if metric.group == group])]
    return "\n\n".join(parts) + "\n"


def _table(metrics: list[MetricDef]) -> str:
    rows = ["| name | type | labels | what it says | served by |", "|---|---|---|---|---|"]
    for metric in metrics:
        labels = ", ".join(f"`{label}`" for label in metric.labels) or "none"
        pages = ", ".join(_PAGES[page] for page in metric.served_by)
        rows.append(f"| `{metric.name}` | {metric.kind} | {labels} | {metric.help} | {pages} |")
    return "\n".join(rows)


if __name__ == "__main__":
    TARGET.write_text(markdown(), encoding="utf-8")
