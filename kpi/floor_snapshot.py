"""FloorSnapshot: what is true of the floor as a whole at one instant: agents, teams, sources, reasons to doubt.

Like a queue's snapshot it is JSON that a person understands: every ratio stands with its numerator and denominator,
and nothing counted is null, never 0 %.
"""

from collections.abc import Collection, Iterable, Mapping

import msgspec

from kpi import staff
from kpi.levels import add_heights
from kpi.overdue import REAPER
from kpi.ratios import Ratio, ratio
from kpi.snapshot import State

SCHEMA = 1
# A source is expected to tell something, be it that it lives, this often; so many times nothing, and it is silent.
EXPECTED_GAP_SECONDS, GAPS_UNTIL_SILENT = 30, 3
# What of the ledgers is a reason to doubt, under the words of the contract.
DOUBTFUL = ("late_dropped", "duplicate", "conflict", "dead_lettered")
UNKNOWN_TYPE = "unknown_type"


class Engagement(msgspec.Struct, frozen=True):
    """A contact in an agent's hands; phase: ringing, talking, hold or acw."""

    queue: str
    channel: str
    phase: str
    since_ms: int


class Agent(msgspec.Struct, frozen=True):
    """One agent who is not offline. `queues`: queue -> reason of its pause, null while it is open to him."""

    id: str
    name: str
    state: str
    reason: str
    since_ms: int
    team: str
    site: str
    queues: dict[str, str | None]
    engagements: tuple[Engagement, ...]
    phantom: bool


class Longest(msgspec.Struct, frozen=True):
    """Who is in a state for longest."""

    agent: str
    since_ms: int


class Worked(msgspec.Struct, frozen=True):
    """What some agents did over a window: seconds per state, logged in only, and how busy they were."""

    state_seconds: dict[str, float]
    occupancy: Ratio
    slot_occupancy: Ratio
    chat_concurrency: Ratio


class Team(msgspec.Struct, frozen=True):
    """Agents together, each once. `slots`: channel -> what the staffed ones may have at once, and have."""

    states: dict[str, int]
    logged_in: int
    staffed: int
    available: int
    with_capacity: int
    free_slots: int
    phantoms: int
    longest: dict[str, Longest]
    slots: dict[str, dict[str, int]]
    windows: dict[str, Worked]


class Source(msgspec.Struct, frozen=True):
    """A source system. `lag_seconds`: since its newest event; `ahead_seconds`: how far its clock is ahead of ours."""

    source: str
    newest_event_ms: int | None
    heartbeat_ms: int | None
    lag_seconds: float | None
    ahead_seconds: float
    silent: bool


class Doubts(msgspec.Struct, frozen=True):
    """What speaks against the numbers. `events`: of the ledgers, since counting began; `dead_letters` by reason.

    `orphans`: contacts of the business day that were never seen to join; `ghosts`, `drift` (without its sign) over the
    queues that a source lists, and `drifting`, how many of these do not agree.
    """

    events: dict[str, int]
    dead_letters: dict[str, int]
    orphans: int
    ghosts: int
    drift: int
    drifting: int


class FloorSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The floor at one instant. `total` counts every agent once."""

    schema: int = SCHEMA
    namespace: str
    state: State
    reason: str | None
    true_at: str
    true_at_ms: int
    published_at_ms: int
    epoch: int
    total: Team
    teams: dict[str, Team]
    agents: tuple[Agent, ...]
    sources: tuple[Source, ...]
    doubts: Doubts

    def to_json(self) -> bytes:
        """UTF-8 JSON, keys in the order above."""
        return _encoder.encode(self)

    @classmethod
    def from_json(cls, text: bytes | str) -> "FloorSnapshot":
        """What `to_json` wrote; unknown keys are ignored. ValueError when it is none."""
        try:
            return _decoder.decode(text)
        except msgspec.MsgspecError as error:
            raise ValueError(f"floor: {error}; wanted the JSON of a floor snapshot") from error


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(FloorSnapshot)


def agent_of(card: staff.Card, name: str, team: str, *, phantom: bool) -> Agent:
    """An agent as people see him."""
    held = tuple(Engagement(one.queue, one.channel, one.phase, one.since) for one in card.engaged)
    return Agent(
        card.agent, name, card.state, card.reason, card.since, team, card.site, dict(card.queues), held, phantom
    )


def team_of(cards: Collection[staff.Card], spent: Mapping[str, Mapping[str, int]], phantoms: Collection[str]) -> Team:
    """Agents together. `spent`: window -> level -> ms of all of them; `phantoms`: ids, of others, too."""
    count = staff.headcount(cards)
    return Team(
        states=count.states,
        logged_in=count.logged_in,
        staffed=count.staffed,
        available=count.available,
        with_capacity=count.with_capacity,
        free_slots=count.free_slots,
        phantoms=sum(card.agent in phantoms for card in cards),
        longest={state: Longest(card.agent, card.since) for state, card in staff.longest(cards).items()},
        slots=slots_by_channel(cards),
        windows={window: worked(levels) for window, levels in spent.items()},
    )


def slots_by_channel(cards: Iterable[staff.Card]) -> dict[str, dict[str, int]]:
    """channel -> {"total", "busy"}: what agents who are staffed may have at once, and have, where sources tell it."""
    found: dict[str, dict[str, int]] = {}
    for card in cards:
        if card.is_staffed:
            for channel, most in card.capacity.items():
                slots = found.setdefault(channel, {"total": 0, "busy": 0})
                slots["total"] += most
                slots["busy"] += min(most, sum(one.channel == channel for one in card.engaged))
    return dict(sorted(found.items()))


def worked(levels: Mapping[str, int]) -> Worked:
    """What was done, from ms per level summed over agents: ratios are divided last."""
    in_state = {state: levels[state] / 1000 for state in sorted(staff.LOGGED_IN_STATES) if levels.get(state, 0) > 0}
    return Worked(
        in_state,
        ratio(*staff.occupancy(levels)),
        ratio(*staff.slot_occupancy(levels)),
        ratio(*staff.chat_concurrency(levels)),
    )


def summed(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """ms per level of several agents together."""
    total: dict[str, int] = {}
    for levels in parts:
        add_heights(total, levels)
    return total


def sources_of(events: Mapping[str, int], heartbeats: Mapping[str, int], now_ms: int) -> tuple[Source, ...]:
    """Every source that was heard of, by name; instants in ms. Silent: no event and no heartbeat for three gaps.

    Our own reaper is none: it speaks when others do not.
    """
    silent_ms = EXPECTED_GAP_SECONDS * GAPS_UNTIL_SILENT * 1000
    found = []
    for name in sorted((events.keys() | heartbeats.keys()) - {REAPER}):
        event, heartbeat = events.get(name), heartbeats.get(name)
        heard = max(event or 0, heartbeat or 0)
        lag = None if event is None else max(0, now_ms - event) / 1000
        found.append(Source(name, event, heartbeat, lag, max(0, heard - now_ms) / 1000, now_ms - heard > silent_ms))
    return tuple(found)


def doubts_of(
    ledgers: Iterable[Mapping[str, int]], orphans: int, ghosts: Iterable[int | None], drifts: Iterable[int | None]
) -> Doubts:
    """What speaks against the numbers, from the ledgers of all partitions and the queues' own comparison."""
    events = dict.fromkeys((*DOUBTFUL, UNKNOWN_TYPE), 0)
    letters: dict[str, int] = {}
    for ledger in ledgers:
        for word in DOUBTFUL:
            events[word] += ledger.get(word, 0)
        for word, count in ledger.items():
            kind, _, reason = word.partition(":")
            if reason == UNKNOWN_TYPE:
                events[UNKNOWN_TYPE] += count
            elif kind == "reason" and reason not in _REFUSED_LATE:
                letters[reason] = letters.get(reason, 0) + count
    apart = [abs(drift) for drift in drifts if drift is not None]
    return Doubts(
        events,
        dict(sorted(letters.items())),
        orphans,
        sum(count for count in ghosts if count is not None),
        sum(apart),
        sum(count > 0 for count in apart),
    )


# Reasons in a ledger that are about facts refused as too late; all others are those of dead letters.
_REFUSED_LATE = frozenset({"late", "folded"})
