"""What people should know beside the alerts of a back-test: one line each. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from floorpulse.backtest.history import History
from floorpulse.backtest.outcome import Outcome
from kpi.floor import CHANNELS, Floor, QueueConfig
from kpi.instants import format_time

# Of one kind no more than so many are named; the others are counted.
MOST = 5


def history_notes(history: History) -> list[str]:
    """What was odd in what was read."""
    found = _most(history.remarks, "and {} more of this kind")
    if history.refused:
        found.append(
            f"{history.refused} lines are no event, or of a time that cannot be (too long ago, later than 2200, more "
            "than 60 s after they were recorded); passed over"
        )
    return found


def outcome_notes(outcome: Outcome) -> list[str]:
    """What the list of alerts does not say of itself."""
    found = []
    if refused := outcome.ledger.get("dead_lettered"):
        found.append(f"{refused} records are no event of the contract; passed over, as workers do")
    if outcome.on_before:
        found.append(f"{outcome.on_before} alerts were on already when the span begins; they are not in the list")
    found += week_notes(outcome)
    lost = [
        f"{queue} ({channel}): {_waiting(count)} probably lost; alerts of waiting there do not end"
        for queue, channel, count in outcome.lost
    ]
    return found + _most(lost, "and so it is in {} more queues")


def week_notes(outcome: Outcome) -> list[str]:
    """Until when the rules that compare with the week before could not be tried."""
    past, names = outcome.past, ", ".join(outcome.of_week)
    if past is None or past.first_ms <= outcome.from_ms:
        return []
    why = "they compare with the week before, which must be in the history"
    if outcome.left_out:
        return [f"{names}: left out; {why}, and that is too short before {format_time(outcome.to_ms)}"]
    return [f"{names}: not tried before {format_time(past.first_ms)}; {why}"]


def unknown_queue_notes(history: History, floor: Floor, option: str) -> list[str]:
    """The queues that have limits of their own in the floor of `option`, and are in no event: nothing tried those."""
    own = dict.fromkeys(each.id for each in floor.configured if _has_own_limits(each, floor))
    unknown = [
        f"{option}: queue {queue} has limits of its own, and no event names it; is the id right?"
        for queue in own
        if queue not in history.queues
    ]
    return _most(unknown, f"{option}: and {{}} more queues that no event names")


def _has_own_limits(config: QueueConfig, floor: Floor) -> bool:
    """Whether anything about its alerts is other than for a queue that nobody configured."""
    channels: Iterable[str] = (config.channel,) if config.channel else CHANNELS
    return any(_limits(floor.queue(config.id, channel)) != _limits(floor.queue("", channel)) for channel in channels)


def _limits(config: QueueConfig) -> tuple[object, ...]:
    return config.thresholds, config.exits, config.alerting


def _waiting(count: int) -> str:
    if count == 1:
        return "1 contact waits longer than plausible_seconds; its end is"
    return f"{count} contacts wait longer than plausible_seconds; their ends are"


def _most(lines: Sequence[str], rest: str) -> list[str]:
    """The first of many lines, and how many more there are."""
    more = len(lines) - MOST
    return [*lines[:MOST], *([rest.format(more)] if more > 0 else [])]
