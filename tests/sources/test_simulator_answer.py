"""The answer key: worked examples by hand, formulas by their published figures, and nothing shared with the core."""

import ast
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kpi.events import parse_time
from sources.simulator import Simulation, answer, default_profile
from sources.simulator.answer import answer_key
from sources.simulator.answer.targets import Targets, open_ms
from sources.simulator.faults import Faults
from tests.builders import event

TINY = Path(__file__).parents[1] / "data" / "tiny"
START_MS = parse_time("2026-01-05T07:00:00+08:00")
HOUR_MS = 3_600_000


def day(hours: float = 4, seed: int = 9) -> list[bytes]:
    """Busy hours with a rush on a queue and on the letters, and events that arrive as badly as they may."""
    faults = Faults(seed, loss=0.02, duplicate=0.05, disorder_ms=600_000)
    end_ms = START_MS + round(hours * HOUR_MS)
    simulation = Simulation(default_profile("busy"), seed, START_MS)
    simulation.spike("sales", 5, START_MS + HOUR_MS, HOUR_MS // 3)
    simulation.spike("mail", 5, START_MS, HOUR_MS)
    return [event.to_json() for event in [*faults.deliver(simulation.run_until(end_ms), end_ms), *faults.drain()]]


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    return day()


@pytest.fixture(scope="module")
def key(lines: list[bytes]) -> dict[str, Any]:
    return answer_key(lines)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}" if path else name)
    else:
        yield path, value


def figures(**what: Any) -> dict[str, Any]:
    """The total of some events; `events` are theirs, the rest is the configuration's."""
    found: dict[str, Any] = answer_key([made.to_json() for made in what.pop("events")], **what)["total"]
    return found


def leg(number: int, wait: float, how: str, at: float = 100.0) -> list[Any]:
    """A leg that joins `wait` seconds before `at`, and is answered then or leaves for a reason; None: still waits."""
    names = {"contact_id": f"c{number}", "leg_id": f"c{number}/1"}
    joined = [event("contact.queued", at - wait, sequence=number, reason="initial", **names)]
    if how == "waiting":
        return joined
    if how == "answered":
        return [*joined, event("contact.answered", at, sequence=number, agent_id="ana", **names)]
    return [*joined, event("contact.left_queue", at, sequence=number, reason=how, **names)]


def test_nothing_is_shared_with_the_core() -> None:
    for path in Path(answer.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            ours = [name for name in names if name.partition(".")[0] in ("kpi", "floorpulse", "streams", "sources")]
            assert all(name.startswith("sources.simulator.answer") for name in ours), path.name


def test_the_small_worked_example_comes_out_as_it_is_published() -> None:
    want = json.loads((TINY / "expected-event.json").read_text(encoding="utf-8"))
    want = want.get("report", want)
    got = answer_key((TINY / "events.jsonl").read_bytes().splitlines())

    compared = 0
    for part in [part for part in got if part.startswith(("total", "per_")) and part in want]:
        known = dict(leaves(got[part]))
        for path, value in leaves(want[part]):
            assert known[path] == (pytest.approx(value) if isinstance(value, float) else value), path
            compared += 1
    assert compared > 100


def test_the_service_level_example_gives_every_published_variant() -> None:
    # Q = 100: A 80 (60 in time), B 15 (10 in time, 5 of them short), O 3 (1 in time, a callback), W 2 (1 too long).
    plan = [("answered", 10.0)] * 60 + [("answered", 40.0)] * 20
    plan += [("abandoned", 3.0)] * 5 + [("abandoned", 15.0)] * 5 + [("abandoned", 60.0)] * 5
    plan += [("callback_requested", 12.0), ("timeout", 60.0), ("overflow", 50.0), ("waiting", 30.0), ("waiting", 2.0)]
    found = figures(events=[made for number, (how, wait) in enumerate(plan) for made in leg(number, wait, how)])

    parts = {name: (level["numerator"], level["denominator"]) for name, level in found["service_level"].items()}
    assert parts == {
        "answered_only": (60, 80), "abandon_positive": (70, 95), "abandon_negative": (60, 95),
        "abandon_ignored_within_T": (60, 85), "short_excluded": (60, 90), "with_flowouts": (60, 98),
        "removed_within": (71, 100), "offered_minus_failures": (65, 100), "sl_event": (60, 98),
        "sl_event_ignored": (60, 88), "sl_event_positive": (70, 98),
    }  # fmt: skip
    # 80 % of 98 + n: (60 + 92) / (98 + 92).
    assert found["sl_needed"] == 92
    assert found["access_rate"]["value"] == 0.8
    assert found["abandon_hazard"][:2] == [
        {"from_seconds": 0, "abandoned": 10, "at_risk": 98, "value": 10 / 98},
        {"from_seconds": 20, "abandoned": 0, "at_risk": 27, "value": 0.0},
    ]


def test_a_chat_is_answered_by_people_and_timed_from_the_hand_off() -> None:
    chat = {"channel": "chat", "queue_id": "chats"}
    no_leg = {**chat, "leg_id": None}

    def said(at: float, author: str, **more: Any) -> Any:
        return event("contact.message", at, author=author, **{**chat, **more})

    found = figures(
        events=[
            said(0, "customer", **no_leg),
            said(1, "bot", **no_leg),
            event("contact.queued", 5, reason="bot_handoff", **chat),
            said(6, "system"),
            said(7, "customer"),
            event("contact.answered", 9, agent_id="ana", **chat),
            said(10, "agent", agent_id="ana", visibility="private"),
            said(15, "agent", agent_id="ana"),
            said(20, "customer"),
            said(21, "customer"),
            said(30, "agent", agent_id="ana"),
            said(31, "customer"),
        ]
    )

    assert found["first_response_seconds"]["sum"] == found["handoff_seconds"]["sum"] == 10
    # The question before the bot's answer is not answered by a bot, and two questions are one turn.
    assert (found["response_seconds"]["count"], found["response_seconds"]["sum"]) == (2, 15 + 10)
    assert found["first_response_level"]["value"] == 1


def test_a_clock_stands_still_while_the_customer_has_the_word() -> None:
    case = {"case_id": "k1", "channel": "email", "queue_id": "mail"}
    due = {"clock": "resolution", "due_at": "2026-11-20T10:01:40.000Z"}

    def told(resolved_at: float) -> Any:
        return figures(
            events=[
                event("case.opened", 0, status="new", **case, **due),
                event("case.waiting_customer", 10, agent_id="ana", status="pending", **case),
                event("case.replied", 70, author="customer", **case),
                event("case.resolved", resolved_at, agent_id="bo", **case),
            ]
        )["cases"]

    # 100 s and the minute it stood.
    assert told(160)["clocks"] == {"resolution": {"met": 1, "missed": 0}}
    assert told(160.001)["clocks"] == {"resolution": {"met": 0, "missed": 1}}
    assert told(160)["contacts_to_resolve"]["value"] == 2


def test_who_gave_up_and_was_answered_later_is_recovered() -> None:
    known = {"customer_key": "x"}
    gone = event("contact.left_queue", 10, reason="abandoned", **known)
    later = {"contact_id": "c2", "leg_id": "c2/1", **known}

    def told(at: float) -> Any:
        again = event("contact.queued", at, **later), event("contact.answered", at + 5, agent_id="ana", **later)
        return figures(events=[event("contact.queued", 0, **known), gone, *again])["customers"]

    soon, tomorrow = told(3600), told(3700)
    assert (soon["abandoned"], soon["recovered"], soon["lost"], soon["returned"]) == (1, 1, 0, 1)
    assert (tomorrow["recovered"], tomorrow["lost"], tomorrow["returned"]) == (0, 1, 1)
    assert soon["repeat"]["1h"]["numerator"] == 1
    assert (tomorrow["repeat"]["1h"]["numerator"], tomorrow["repeat"]["24h"]["numerator"]) == (0, 1)


def test_one_agent_at_two_desks_is_in_one_state_at_a_time() -> None:
    desk = {"source": "/chat/desk", "agent_id": "ana"}
    key = answer_key(
        made.to_json()
        for made in [
            event("agent.logged_in", 0, agent_id="ana", team="members"),
            event("agent.logged_in", 0, **desk),
            event("agent.state_changed", 0, state="idle", capacity=[{"channel": "chat", "max": 2}], **desk),
            event("contact.answered", 10, agent_id="ana"),
            event("contact.ended", 40, agent_id="ana"),
            event("contact.wrapup_started", 40, agent_id="ana"),
            event("contact.wrapup_ended", 50, agent_id="ana"),
            event("agent.state_changed", 60, agent_id="ana", state="break"),
            event("agent.logged_out", 100, agent_id="ana"),
            event("agent.logged_out", 110, **desk),
            event("source.heartbeat", 119.999),
        ]
    )

    mine = key["per_agent"]["ana"]
    states = {"idle": 10 + 10 + 10, "busy": 30, "acw": 10, "break": 40, "offline": 10}
    assert mine["state_seconds"] == dict(sorted(states.items()))
    assert mine["occupancy"] == {"numerator": 40_000, "denominator": 70_000, "value": 4 / 7}
    assert mine["slot_occupancy"]["denominator"] == 2 * 70_000
    assert key["per_team"]["members"]["state_seconds"] == mine["state_seconds"]


def test_work_whose_end_is_lost_lasts_until_the_next_call_or_until_its_agent_goes_home() -> None:
    ana, later = {"agent_id": "ana"}, {"agent_id": "ana", "contact_id": "c2", "leg_id": "c2/1"}
    key = answer_key(
        made.to_json()
        for made in [
            event("agent.logged_in", 0, team="members", **ana),
            event("contact.answered", 0, **ana),
            event("contact.wrapup_started", 10, **ana),
            event("contact.ended", 10, **ana),
            event("contact.answered", 20, channel="chat", contact_id="k1", leg_id="k1/1", **ana),
            event("contact.ended", 30, channel="chat", contact_id="k1", leg_id="k1/1", **ana),
            event("contact.answered", 50, **later),
            event("contact.ended", 60, **later),
            event("contact.wrapup_started", 70, **later),
            event("contact.offered", 75, channel="chat", contact_id="k2", leg_id="k2/1", **ana),
            event("agent.logged_out", 80, **ana),
            event("source.heartbeat", 99.999),
        ]
    )

    states = {"busy": 10 + 10 + 10, "acw": 10 + 20 + 10, "idle": 10, "offline": 20}
    assert key["per_team"]["members"]["state_seconds"] == dict(sorted(states.items()))
    assert key["floor"]["agents"] == {}


def test_repeats_and_disorder_change_nothing_but_the_ledger(lines: list[bytes], key: dict[str, Any]) -> None:
    mixed = [*lines, *lines[::7]]
    random.Random(4).shuffle(mixed)
    again = answer_key(mixed)

    assert {**again, "events": None} == {**key, "events": None}
    assert again["events"]["applied"] == key["events"]["applied"]
    assert again["events"]["sent"] == len(mixed)


def test_each_measure_is_something_somewhere(key: dict[str, Any]) -> None:
    seen: dict[str, bool] = {}
    for part in (key["total"], *key["per_queue"].values(), *key["per_agent"].values()):
        for path, value in leaves(part):
            seen[path] = seen.get(path, False) or bool(value)

    assert {path for path, some in seen.items() if not some} == set()
    assert len(seen) > 250
    assert all(key["floor"].values())
    for name in ("status", "unassigned", "actionable", "oldest_age_seconds", "age", "age_business", "clocks"):
        assert any(each[name] for each in key["backlog"].values()), name


def test_parts_add_up_to_the_total(key: dict[str, Any]) -> None:
    for name in ("offered", "answered", "abandoned", "transfers", "orphans", "missed_chats", "reassigned_silent"):
        for part in ("per_queue", "per_hour", "per_day"):
            assert sum(each[name] for each in key[part].values()) == key["total"][name], (name, part)
    for state, seconds in key["total"]["agents"]["state_seconds"].items():
        by_agent = sum(each["state_seconds"].get(state, 0) for each in key["per_agent"].values())
        by_hour = sum(each["agents"]["state_seconds"].get(state, 0) for each in key["per_hour"].values())
        assert by_agent == pytest.approx(seconds)
        assert by_hour == pytest.approx(seconds)


def test_a_floor_that_is_configured_has_its_own_targets() -> None:
    targets = Targets(
        """
        [defaults]
        target = { percent = 90, seconds = 30 }
        short_call_seconds = 7
        [queue.support]
        target = { seconds = 40 }
        [queue.support.chat]
        target = { seconds = 50 }
        [queue.mail]
        channel = "email"
        long_seconds = 900
        [agent.ana]
        team = "Night"
        """
    )
    support, chat, mail = targets.of("support", "voice"), targets.of("support", "chat"), targets.of("mail", "email")

    assert (support.percent, support.seconds, support.long_seconds, support.short_call_seconds) == (90, 40, 300, 7)
    assert (chat.seconds, chat.long_seconds) == (50, 480)
    assert (mail.long_seconds, targets.of("mail", "ticket").long_seconds) == (900, 300)
    assert (targets.team("ana"), targets.team("bo")) == ("Night", "")


def test_ids_that_are_mapped_cannot_be_answered() -> None:
    with pytest.raises(ValueError, match=r"\[\[ids\]\]: an answer key is made for events as they were sent"):
        Targets('[[ids]]\nsource = "a"\nnative = "b"\nqueue = "c"')


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        pytest.param("2026-01-05T07:00", "2026-01-05T21:00", 11, id="a day with a break at noon"),
        pytest.param("2026-01-05T11:30", "2026-01-05T13:30", 1, id="across the break"),
        pytest.param("2026-01-03T12:00", "2026-01-05T00:00", 8, id="a night that began on Saturday"),
        pytest.param("2026-01-01T00:00", "2026-01-02T00:00", 0, id="a holiday"),
        pytest.param("2026-02-14T00:00", "2026-02-14T20:00", 11, id="a Saturday that works like a Monday"),
    ],
)
def test_business_time_counts_opening_hours_alone(since: str, until: str, hours: float) -> None:
    toml = """
        [defaults]
        zone = "Asia/Shanghai"
        holidays = ["2026-01-01"]
        [defaults.hours]
        mon-fri = ["08:00-12:00", "13:00-20:00"]
        sat = ["22:00-06:00"]
        [defaults.special_days]
        "2026-02-14" = "mon"
        """
    target = Targets(toml).of("mail", "email")
    ends = [parse_time(f"{text}:00+08:00") for text in (since, until)]

    assert open_ms(target, ends[0], ends[1]) == hours * HOUR_MS
