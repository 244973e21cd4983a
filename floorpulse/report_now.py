"""What is true at the end of a span that ends at the newest event: agents, chats, callbacks, lost callers, backlog."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from floorpulse.report_history import History, QueueChannel
from kpi.backlog import CLOCKS, STATUSES, Backlog, CaseSets, backlog, total
from kpi.facts import CHAT_CHANNELS
from kpi.floor import Floor
from kpi.live_state import LOST_MS, callbacks_of
from kpi.measures import Measures

# The live sets of a queue that are read for it.
LIVE_SETS = (
    "unanswered", "in_service", "callbacks", "lost", "unassigned", *(f"case_{status}" for status in STATUSES),
    *(f"due_{clock}" for clock in CLOCKS),
)  # fmt: skip


def queues_now(history: History, now_ms: int) -> dict[str, Measures]:
    """Per queue: chats that wait for an answer, chats with an agent, callbacks by when they are due, lost callers.

    Lost: gave up in the last 60 min, and no agent answered another contact of theirs since.
    """
    live = history.live
    chats = {key: scores for key, scores in live["in_service"].items() if key[1] in CHAT_CHANNELS}
    lost = {key: [at for at in scores if at >= now_ms - LOST_MS] for key, scores in live["lost"].items()}
    callbacks = {
        queue: msgspec.structs.asdict(callbacks_of(sorted(scores), now_ms))
        for queue, scores in _by_queue(live["callbacks"]).items()
    }
    return {
        "unanswered": _counts(live["unanswered"]),
        "active_chats": _counts(chats),
        "callbacks": callbacks,
        "lost": _counts(lost),
    }


def backlogs_now(history: History, now_ms: int, floor: Floor) -> dict[str, Backlog]:
    """Per queue with open cases the backlog of its channels together, each by its own opening hours."""
    live, found = history.live, defaultdict[str, list[Backlog]](list)
    kinds = [f"case_{status}" for status in STATUSES]
    for key in sorted({key for kind in kinds for key in live[kind]}):
        config = floor.queue(*key)
        found[key[0]].append(backlog(_cases(live, key), now_ms, config.opening, config.zone))
    return {queue: total(parts) for queue, parts in found.items()}


def _cases(live: Mapping[str, Mapping[QueueChannel, Sequence[int]]], key: QueueChannel) -> CaseSets:
    return CaseSets(
        opened={status: live[f"case_{status}"].get(key, ()) for status in STATUSES},
        unassigned=len(live["unassigned"].get(key, ())),
        due={clock: live[f"due_{clock}"].get(key, ()) for clock in CLOCKS},
    )


def _by_queue(sets: Mapping[QueueChannel, Sequence[int]]) -> dict[str, list[int]]:
    """The scores of all channels of each queue."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for (queue, _), scores in sorted(sets.items()):
        found[queue] += scores
    return dict(found)


def _counts(sets: Mapping[QueueChannel, Sequence[int]]) -> dict[str, int]:
    return {queue: len(scores) for queue, scores in _by_queue(sets).items() if scores}
