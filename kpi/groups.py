"""A group: one tally under the settings of its own queue and channel. A total is a sum over groups."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from kpi.ordered import Ordered
from kpi.tally import OUTCOMES, Tally

DEFAULT_WITHIN = (5, 10, 15, 20, 30, 60)


class Group(NamedTuple):
    """One tally under one set of targets; a total over queues is a sum over groups, each with its own targets.

    Seconds: `target_seconds` T, `short_seconds` S, a call no longer than `short_call_seconds` is short, one longer than
    `long_seconds` long. `waiting_over_target`: W_>, None when it is not known. `target_percent` None: there is none.
    """

    tally: Tally
    target_seconds: int = 20
    short_seconds: int = 5
    waiting_over_target: int | None = None
    target_percent: float | None = None
    short_call_seconds: int = 10
    long_seconds: int = 300
    queue: str = ""


class Targets(Protocol):
    """What a group needs of a queue's configuration (`kpi.floor.QueueConfig` is one)."""

    @property
    def target_percent(self) -> float: ...
    @property
    def target_seconds(self) -> int: ...
    @property
    def short_abandon_seconds(self) -> int: ...
    @property
    def short_call_seconds(self) -> int: ...
    @property
    def long_seconds(self) -> int: ...


def group_of(tally: Tally, config: Targets, *, queue: str = "", waiting_over_target: int | None = None) -> Group:
    """The group of a queue and channel under its configuration."""
    return Group(
        tally,
        config.target_seconds,
        config.short_abandon_seconds,
        waiting_over_target,
        config.target_percent,
        config.short_call_seconds,
        config.long_seconds,
        queue,
    )


def target_percent_of(groups: Sequence[Group]) -> float | None:
    """The target that all groups share, when they are channels of one queue; several queues have none in common."""
    found = {(group.queue, group.target_percent) for group in groups}
    return next(iter(found))[1] if len(found) == 1 else None


def sum_of(groups: Sequence[Group]) -> Tally:
    """All tallies in one."""
    if len(groups) == 1:
        return groups[0].tally
    total = Tally()
    for group in groups:
        total.add(group.tally.fields)
    return total


def ordered_waits(tally: Tally) -> Mapping[str, Ordered]:
    """The waits of each outcome, and of `all`, in order."""
    found = {outcome: Ordered(tally.wait_histogram(outcome)) for outcome in OUTCOMES}
    some = [outcome for outcome in OUTCOMES if tally.wait_histogram(outcome)]
    return {**found, "all": found[some[0]] if len(some) == 1 else Ordered(tally.wait_histogram())}
