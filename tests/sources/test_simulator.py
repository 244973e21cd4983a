"""The simulated floor: reproducible, complete, and plausible enough to be believed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

import pytest

from kpi.events import TYPES, Event, parse_time
from kpi.floor import parse_floor
from sources.simulator import Profile, Simulation, default_profile, larger

HOUR_MS = 3_600_000
START_MS = parse_time("2026-01-05T00:00:00+08:00")
BUSY = default_profile("busy")
# Only a reaper or a driver writes these, and both are other programs.
NOT_SIMULATED = {"tick"}
ENDS = {
    "contact.ended", "contact.wrapup_ended", "contact.callback_completed", "contact.offer_ended",
    "case.resolved", "case.waiting_customer",
}  # fmt: skip


def run(seed: int, minutes: float, start_ms: int = START_MS, profile: Profile = BUSY) -> Iterator[Event]:
    return Simulation(profile, seed, start_ms).run_until(start_ms + round(minutes * 60_000))


def wire(events: Iterator[Event]) -> bytes:
    return b"\n".join(event.to_json() for event in events)


@dataclass
class Story:
    """What a stream of events says about legs and agents, followed event by event."""

    slots: dict[str, int]
    types: Counter[str] = field(default_factory=Counter)
    waiting: dict[str, int] = field(default_factory=dict)
    talking: dict[str, str] = field(default_factory=dict)
    chats: dict[str, set[str]] = field(default_factory=dict)
    waits: dict[str, list[float]] = field(default_factory=dict)
    exits: Counter[tuple[str, str]] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)
    most_chats: int = 0

    def follow(self, event: Event) -> None:
        self.types[event.noun_verb] += 1
        if event.noun_verb in ENDS and not event.data.get("agent_id"):
            self.unnamed.append(f"{event.noun_verb} {event.subject}")
        step = getattr(self, event.noun_verb.replace("contact.", "_"), None)
        if step is not None:
            step(event, event.data)

    def _queued(self, event: Event, data: dict[str, str]) -> None:
        self.waiting[data["leg_id"]] = event.time_ms

    def _answered(self, event: Event, data: dict[str, str]) -> None:
        agent, leg = data["agent_id"], data["leg_id"]
        if data["direction"] == "inbound":
            self.waits.setdefault(data["queue_id"], []).append((event.time_ms - self._unwait(leg)) / 1000)
        if data["channel"] == "voice":
            if agent in self.talking:
                self.problems.append(f"{agent} took {leg} while on {self.talking[agent]}")
            self.talking[agent] = leg
        else:
            held = self.chats.setdefault(agent, set())
            held.add(leg)
            self.most_chats = max(self.most_chats, len(held))
            if len(held) > self.slots[agent]:
                self.problems.append(f"{agent} held {len(held)} chats")

    def _left_queue(self, _: Event, data: dict[str, str]) -> None:
        if data["direction"] == "outbound":
            return
        self._unwait(data["leg_id"])
        self.exits[(data["queue_id"], data["reason"])] += 1

    def _ended(self, _: Event, data: dict[str, str]) -> None:
        agent, leg = data["agent_id"], data["leg_id"]
        found = self.talking.pop(agent, None) if data["channel"] == "voice" else leg
        self.chats.get(agent, set()).discard(leg)
        if found != leg:
            self.problems.append(f"{leg} ended with {agent}, who was on {found}")

    def _unwait(self, leg: str) -> int:
        if leg not in self.waiting:
            self.problems.append(f"{leg} left the queue without having joined, or twice")
        return self.waiting.pop(leg, 0)


@pytest.fixture(scope="module")
def day() -> tuple[Story, Simulation]:
    """A whole day from local midnight, followed to its end."""
    simulation = Simulation(default_profile("day"), 11, START_MS)
    story = Story({agent.id: agent.team.slots for agent in simulation.world.agents})
    for event in simulation.run_until(START_MS + 24 * HOUR_MS):
        story.follow(event)
    return story, simulation


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert wire(run(7, 20)) == wire(run(7, 20))


def test_different_seeds_differ() -> None:
    assert wire(run(7, 5)) != wire(run(8, 5))


def test_how_the_time_is_cut_into_calls_changes_nothing() -> None:
    simulation = Simulation(BUSY, 7, START_MS)
    pieces = [
        event.to_json()
        for end_ms in range(START_MS, START_MS + 20 * 60_000 + 1, 7_919)
        for event in simulation.run_until(end_ms)
    ]

    whole = [event.to_json() for event in run(7, 20)]

    assert len(pieces) > 1000
    assert pieces == whole[: len(pieces)]
    assert len(whole) - len(pieces) < 100


def test_events_come_in_order_of_time_and_sequence_within_the_span() -> None:
    times: list[int] = []
    last: dict[str, int] = {}
    for event in run(3, 30):
        times.append(event.time_ms)
        assert event.data["sequence"] == last.get(event.source, 0) + 1
        last[event.source] = event.data["sequence"]

    assert times == sorted(times)
    assert times[0] == START_MS
    assert times[-1] < START_MS + 30 * 60_000


def test_no_two_events_share_an_id() -> None:
    ids = [event.id for event in run(4, 30)]

    assert len(set(ids)) == len(ids)


def test_every_event_is_valid_by_the_published_models() -> None:
    for event in run(5, 60):
        TYPES[event.noun_verb].model_validate(event.data)


def test_a_day_shows_every_type_that_a_centre_can_give(day: tuple[Story, Simulation]) -> None:
    assert set(TYPES) - set(day[0].types) - NOT_SIMULATED == set()


def test_every_leg_that_joined_was_answered_or_left_or_still_waits(day: tuple[Story, Simulation]) -> None:
    story, simulation = day
    still = {contact.leg_id for queue in simulation.world.queues.values() for contact in queue.waiting.values()}

    assert story.problems == []
    assert set(story.waiting) == still
    joined = story.types["contact.queued"]
    answered = sum(len(waits) for waits in story.waits.values())
    assert joined == answered + sum(story.exits.values()) + len(still)


def test_chat_agents_hold_several_chats_but_never_more_than_their_slots(day: tuple[Story, Simulation]) -> None:
    assert day[0].most_chats == max(team.slots for team in BUSY.teams)


def test_waits_and_losses_of_a_day_are_those_of_a_healthy_floor(day: tuple[Story, Simulation]) -> None:
    story, _ = day
    lost = sum(count for (_, reason), count in story.exits.items() if reason == "abandoned")
    answered = sum(len(waits) for waits in story.waits.values())
    within = sum(wait <= 20 for waits in story.waits.values() for wait in waits)

    assert 0.015 < lost / story.types["contact.queued"] < 0.06
    assert 0.80 < within / answered < 0.97
    assert all(max(waits) > 30 for waits in story.waits.values())
    assert {reason for _, reason in story.exits} >= {
        "abandoned", "key_exit", "callback_requested", "withdrawn", "system_error",
    }  # fmt: skip


def test_the_night_is_quiet_and_the_morning_is_not() -> None:
    by_hour: Counter[int] = Counter()
    for event in run(2, 12 * 60, profile=default_profile("day")):
        if event.noun_verb == "contact.created":
            by_hour[(event.time_ms - START_MS) // HOUR_MS] += 1

    assert by_hour[3] > 20
    assert by_hour[10] > 8 * by_hour[3]


def test_every_event_that_ends_an_engagement_names_the_agent(day: tuple[Story, Simulation]) -> None:
    assert set(day[0].types) > ENDS
    assert day[0].unnamed == []


def test_ten_minutes_after_the_start_every_queue_has_seen_something() -> None:
    for seed in range(5):
        seen = {event.data.get("queue_id") for event in run(seed, 10) if event.noun_verb.endswith(("queued", "opened"))}

        assert seen == {queue.id for queue in BUSY.queues}


def test_the_shipped_floors_describe_exactly_the_simulated_queues() -> None:
    shipped = resources.files("sources.simulator").joinpath("floor.toml").read_text(encoding="utf-8")
    floor = parse_floor(shipped)
    described = {
        (queue.id, queue.channel, queue.group, queue.display_name, queue.display_names["zh-CN"])
        for queue in floor.configured
    }

    assert described == {(queue.id, queue.channel, queue.group, queue.name, queue.chinese) for queue in BUSY.queues}
    assert (Path(__file__).parents[2] / "floor.toml").read_text(encoding="utf-8") == shipped


def test_a_larger_floor_has_as_many_times_the_customers_in_the_same_queues() -> None:
    usual, large = (
        [event.data["queue_id"] for event in run(1, 30, profile=profile) if event.noun_verb == "contact.queued"]
        for profile in (BUSY, larger(BUSY, 4))
    )

    assert 3.5 < len(large) / len(usual) < 4.5
    assert set(large) == set(usual)
