"""A report of a whole floor: agents by the millisecond, chats, callbacks, lost callers and backlog at the end."""

import csv
import io
import random
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from floorpulse.report import build_report
from floorpulse.report_agents import AgentTimes
from floorpulse.report_csv import as_csv
from floorpulse.report_history import History
from floorpulse.report_read import PartitionState, Position
from floorpulse.report_span import cover, is_needed
from floorpulse.report_table import as_table
from kpi.envelope import Event
from kpi.floor import parse_floor
from kpi.instants import format_time
from kpi.keys import parse_pane_suffix
from kpi.panes import local_hours
from tests.builders import T0, event
from tests.floorpulse.stored import batch_of, store_events
from tests.laws import WIDE
from tests.streams.made_up import agents_topic_event

FLOOR = parse_floor('[agent.bo]\nteam = "night"\n[queue.chats]\ntarget = { seconds = 30 }\n')
CAPACITY = [{"channel": "chat", "max": 2}, {"channel": "voice", "max": 1}]


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as found:
        yield found


def report(client: redis.Redis, ns: str, start: float, end: float, **more: Any) -> dict[str, Any]:
    """A report from `start` to `end` seconds after T0."""
    found = {"floor": FLOOR, **more}
    return build_report(client, ns, span_from_ms=T0 + round(start * 1000), span_to_ms=T0 + round(end * 1000), **found)


def agents() -> list[Event]:
    """ana works from 10:00 on: a call of 5 min, its wrap-up, a break of 15 min. bo is there from 10:30 to 10:45."""
    call = {"contact_id": "c1", "leg_id": "c1/1", "queue_id": "support", "channel": "voice"}
    return [
        event("agent.logged_in", 0, agent_id="ana", team="front"),
        event("agent.state_changed", 0, agent_id="ana", state="idle", capacity=CAPACITY, sequence=1),
        event("contact.queued", 90, **call),
        event("contact.answered", 100, agent_id="ana", **call),
        event("contact.ended", 400, agent_id="ana", ended_by="customer", **call),
        event("contact.wrapup_started", 400, agent_id="ana", sequence=1, **call),
        event("contact.wrapup_ended", 460, agent_id="ana", **call),
        event("agent.state_changed", 1_000, agent_id="ana", state="break", reason="lunch"),
        event("agent.logged_in", 1_800, agent_id="bo", team="day"),
        event("agent.state_changed", 1_900, agent_id="ana", state="idle"),
        event("agent.logged_out", 2_700, agent_id="bo"),
        event("agent.state_changed", 3_599.999, agent_id="ana", state="busy"),
    ]


def test_time_in_state_is_exact_and_adds_up_to_the_span(client: redis.Redis) -> None:
    store_events(client, "r", agents())

    found = report(client, "r", 0, 3_600, sent=12)

    ana, bo = found["per_agent"]["ana"], found["per_agent"]["bo"]
    assert ana["state_seconds"] == {"acw": 60.0, "break": 900.0, "busy": 300.001, "idle": 2_339.999}
    assert bo["state_seconds"] == {"idle": 900.0, "offline": 2_700.0}
    assert ana["occupancy"] == {"numerator": 360_001, "denominator": 2_700_000, "value": 360_001 / 2_700_000}
    assert ana["slot_occupancy"] == {"numerator": 0, "denominator": 5_400_000, "value": 0.0}
    assert ana["chat_concurrency"] == {"numerator": 0, "denominator": 0, "value": None}
    assert (ana["wrapup_seconds"]["sum"], ana["handle_seconds"]["sum"]) == (60.0, 360.0)


def test_an_agent_is_once_in_his_team_and_once_in_the_whole(client: redis.Redis) -> None:
    store_events(client, "r", agents())

    found = report(client, "r", 0, 3_600, sent=12)

    teams, total = found["per_team"], found["total"]["agents"]
    assert {team: block["agents"] for team, block in teams.items()} == {"front": 1, "night": 1}
    assert teams["night"]["state_seconds"] == found["per_agent"]["bo"]["state_seconds"]
    assert total["agents"] == 2
    assert total["state_seconds"] == {
        "acw": 60.0, "break": 900.0, "busy": 300.001, "idle": 3_239.999, "offline": 2_700.0
    }  # fmt: skip
    assert found["per_hour"]["2026-11-20T10"]["agents"] == found["per_day"]["2026-11-20"]["agents"] == total


def test_who_went_home_stands_in_the_team_that_was_told_of_him(client: redis.Redis) -> None:
    shifts = [
        ("ana", "agent.logged_in", 0, {"team": "front"}), ("ana", "agent.logged_out", 900, {}),
        ("bo", "agent.logged_in", 0, {"team": "day"}), ("bo", "agent.logged_out", 600, {}),
        ("cy", "agent.logged_in", 0, {"team": "front"}), ("cy", "agent.heartbeat", 1_200, {"team": "back"}),
        ("di", "agent.logged_in", 0, {}), ("di", "agent.logged_out", 1_000, {}),
    ]  # fmt: skip
    store_events(client, "r", [event(kind, at, agent_id=name, **more) for name, kind, at, more in shifts])

    found = report(client, "r", 0, 1_800, sent=8)

    assert {team: block["state_seconds"] for team, block in found["per_team"].items()} == {
        "": {"idle": 1_000.0, "offline": 800.0},
        "back": {"idle": 1_800.0},
        "front": {"idle": 900.0, "offline": 900.0},
        "night": {"idle": 600.0, "offline": 1_200.0},  # as floor.toml says
    }
    assert found["floor"]["teams"] == {"back": {"idle": 1}}


def test_a_part_of_a_replay_is_told_backwards_from_the_cards(client: redis.Redis) -> None:
    store_events(client, "r", agents())

    quarters = report(client, "r", 900, 2_700)["per_agent"]
    edges = report(client, "r", 1_850, 1_950)["per_agent"]

    assert quarters["ana"]["state_seconds"] == {"break": 900.0, "idle": 900.0}
    assert quarters["bo"]["state_seconds"] == {"idle": 900.0, "offline": 900.0}
    assert edges["ana"]["state_seconds"] == {"break": 50.0, "idle": 50.0}


def test_agents_are_no_queue(client: redis.Redis) -> None:
    store_events(client, "r", agents())

    found = report(client, "r", 0, 3_600, sent=12)

    assert list(found["per_queue"]) == ["support"]
    assert {queue for row in found["per_minute"].values() for queue in row} == {"support"}
    assert found["total"]["channel_mix"] == {"voice": 1}


def everything() -> list[Event]:
    """Something of every kind, up to 11:00; a call goes on."""
    call = {"contact_id": "v2", "leg_id": "v2/1", "queue_id": "support"}
    chat = {"contact_id": "t1", "leg_id": "t1/1", "queue_id": "chats", "channel": "chat"}
    gone = {"contact_id": "v1", "leg_id": "v1/1", "queue_id": "support", "customer_key": "k1"}
    old = {"contact_id": "v0", "leg_id": "v0/1", "queue_id": "support", "customer_key": "k2"}
    case = {"case_id": "m1", "channel": "email", "queue_id": "mail"}

    def message(at: float, author: str, **more: Any) -> Event:
        return event("contact.message", at, author=author, **chat, **more)

    return [
        event("contact.queued", -300, **old),
        event("contact.left_queue", -200, reason="abandoned", **old),
        event("contact.queued", 1_000, **gone),
        event("contact.left_queue", 1_030, reason="abandoned", **gone),
        event("contact.queued", 3_000, **call),
        event("contact.answered", 3_001, agent_id="ana", **call),
        event("contact.queued", 100, **chat),
        message(100, "customer", sequence=1),
        event("contact.answered", 110, agent_id="ana", **chat),
        message(125, "agent", agent_id="ana"),
        message(200, "customer"),
        message(3_599.999, "bot"),
        *(
            event("contact.callback_requested", 600 + n, contact_id=f"b{n}", leg_id=None, due_at=due(at))
            for n, at in enumerate((2_600, 3_000, 9_000))
        ),
        event("case.opened", 0, due_at=due(3_000), clock="first_response", **case),
        event("case.sla_set", 10, due_at=due(6_000), clock="resolution", **case),
        event("case.opened", 20, **{**case, "case_id": "m2"}),
        event("case.resolved", 2_000, agent_id="ana", **{**case, "case_id": "m2"}),
    ]


def due(at: float) -> str:
    return format_time(T0 + round(at * 1000))


def test_the_end_of_a_span_tells_what_is_true_there(client: redis.Redis) -> None:
    store_events(client, "r", everything())

    found = report(client, "r", -300, 3_600, sent=19)

    assert found["floor"] == {
        "agents": {"busy": 1},
        "teams": {"": {"busy": 1}},
        "unanswered": {"chats": 1},
        "active_chats": {"chats": 1},
        "callbacks": {"support": {"scheduled": 1, "due": 2, "overdue": 1}},
        "lost": {"support": 1},
    }
    assert found["backlog"]["mail"] == {
        "status": {"new": 1}, "unassigned": 1, "actionable": 1, "oldest_age_seconds": 3_600.0, "age": {"4h": 1},
        "age_business": {"4h": 1},
        "clocks": {
            "first_response": {"overdue": 1, "15m": 0, "1h": 0, "4h": 0},
            "resolution": {"overdue": 0, "15m": 0, "1h": 1, "4h": 1},
        },
    }  # fmt: skip


def test_an_earlier_end_tells_nothing_of_the_present(client: redis.Redis) -> None:
    store_events(client, "r", everything())

    found = report(client, "r", -300, 1_800)

    assert "floor" not in found
    assert "backlog" not in found


def test_every_theme_stands_in_its_queue(client: redis.Redis) -> None:
    store_events(client, "r", everything())

    queues = report(client, "r", -300, 3_600, sent=19)["per_queue"]

    assert queues["chats"]["first_response_level"] == {"numerator": 1, "denominator": 1, "value": 1.0}
    assert queues["chats"]["first_response_seconds"]["sum"] == 25.0
    assert queues["mail"]["cases"]["resolve_seconds"] == 1_980.0
    assert (queues["mail"]["cases"]["opened"], queues["mail"]["cases"]["resolved"]) == (2, 1)
    assert queues["support"]["customers"]["abandoned"] == 2
    assert queues["support"]["callbacks"]["requested"] == 3
    assert queues["support"]["first_response_seconds"]["count"] == 0


def test_a_changed_target_changes_the_level_of_chats_at_once(client: redis.Redis) -> None:
    store_events(client, "r", everything())
    strict = parse_floor("[queue.chats]\ntarget = { seconds = 24 }\n")

    found = report(client, "r", -300, 3_600, sent=19, floor=strict)

    assert found["per_queue"]["chats"]["first_response_level"]["numerator"] == 0


def test_tables_and_csv_show_what_there_is(client: redis.Redis) -> None:
    store_events(client, "r", [*agents(), *everything()])
    found = report(client, "r", -300, 3_600, sent=31)
    console = Console(file=io.StringIO(), width=200, record=True)

    console.print(as_table(found))
    rows = {(row["part"], row["key"]): row for row in csv.DictReader(io.StringIO(as_csv(found)))}

    shown = console.export_text()
    for title in ("team, h:mm", "agent, h:mm", "chats", "cases", "customers", "at the end, team", "backlog, queue"):
        assert f"\n{title}" in shown, title
    assert rows["team", "night"]["state_seconds.idle"] == "900.0"
    assert rows["total", ""]["abandon_hazard.20.abandoned"] == "1"
    assert rows["floor", ""]["callbacks.support.overdue"] == "1"
    assert rows["backlog", "mail"]["clocks.resolution.1h"] == "1"


def test_of_calls_alone_there_are_no_further_tables(client: redis.Redis) -> None:
    store_events(client, "r", [event("contact.queued", 0), event("contact.left_queue", 5, reason="abandoned")])
    console = Console(file=io.StringIO(), width=200, record=True)

    console.print(as_table(report(client, "r", 0, 60, sent=2)))

    shown = console.export_text()
    assert not [title for title in ("chats", "cases", "backlog", "at the end") if f"\n{title}" in shown]


def history_of(events: list[Event], start: int, end: int) -> History:
    """What a report of [start, end) reads of a partition of agents' events."""
    told = batch_of("agents.events", events).result()
    panes = {
        name: fields for name, fields in told.panes.items() if is_needed(parse_pane_suffix(name), start, end, False)
    }
    return History([PartitionState("agents.events", 0, Position(), {}, panes, told.live)])


def times(events: list[Event], start: int, end: int, whole: bool) -> AgentTimes:
    newest = max(each.time_ms for each in events)
    span = cover(start, end, fine_from_ms=start, newest_ms=newest, whole=whole)
    return AgentTimes(history_of(events, start, end), span, FLOOR, whole)


@given(st.integers(0, 10**9))
@WIDE
def test_time_told_forwards_equals_time_told_backwards_and_the_sum_of_its_parts(seed: int) -> None:
    chance = random.Random(seed)
    events = [
        agents_topic_event(chance, number, T0 + chance.randrange(10_800_000) // 500 * 500)
        for number in range(chance.randrange(1, 30))
    ]
    events.sort(key=lambda each: each.time_ms)
    start, end = events[0].time_ms, events[-1].time_ms + 1
    forwards = times(events, start, end, whole=True)

    first = start - start % 10_000
    assert times(events, first, end, whole=False).spent == forwards.spent
    cuts = sorted({first + 10_000 * chance.randrange((end - first) // 10_000 + 1) for _ in range(3)} - {first})
    summed: dict[tuple[str, str], int] = {}
    for low, high in zip((first, *cuts), (*cuts, end), strict=True):
        for agent, levels in times(events, low, high, whole=False).spent.items():
            for level, ms in levels.items():
                summed[agent, level] = summed.get((agent, level), 0) + ms
    assert {place: ms for place, ms in summed.items() if ms} == {
        (agent, level): ms for agent, levels in forwards.spent.items() for level, ms in levels.items()
    }
    hours = forwards.of_parts(list(local_hours(start, end, "Asia/Kolkata")))
    total = forwards.sum_of(forwards.spent)
    for level, ms in total.items():
        assert sum(part.get(level, 0) for part in hours.values()) == ms
