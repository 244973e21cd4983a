"""The floor as a whole: teams, sources, doubts, worked out by hand."""

import json

import pytest

from kpi.floor_snapshot import FloorSnapshot, agent_of, doubts_of, sources_of, summed, team_of, worked
from kpi.staff import parse_card

NOW = 1_795_168_830_000
ANA = parse_card(
    '["ana","busy","","Front","Berlin",[["talks",null]],{"chat":3,"voice":1},[["talks","chat","talking",7]]]', NOW - 9
)
BO = parse_card('["bo","idle","","Front","",[],{"chat":2},[]]', NOW - 5)
CLEO = parse_card('["cleo","break","lunch","Back","",[["talks","lunch"]],{"chat":9},[]]', NOW - 90)


def test_a_team_counts_each_agent_once_and_slots_of_those_at_work() -> None:
    team = team_of([ANA, BO, CLEO], {}, {"cleo", "somebody else"})

    assert team.states == {"break": 1, "busy": 1, "idle": 1}
    assert (team.logged_in, team.staffed, team.available, team.with_capacity) == (3, 2, 1, 2)
    assert team.phantoms == 1
    assert team.slots == {"chat": {"total": 5, "busy": 1}, "voice": {"total": 1, "busy": 0}}
    assert team.free_slots == 4
    assert team.longest["break"].agent == "cleo"
    assert team.longest["break"].since_ms == NOW - 90


def test_ratios_of_several_agents_are_sums_over_sums_and_nothing_of_nobody() -> None:
    together = summed([{"busy": 30_000, "chats": 60_000, "chatting": 30_000, "slots": 90_000}, {"idle": 30_000}])

    found = worked(together)

    assert found.state_seconds == {"busy": 30, "idle": 30}
    assert found.occupancy == {"numerator": 30_000, "denominator": 60_000, "value": 0.5}
    assert found.slot_occupancy["value"] == pytest.approx(2 / 3)
    assert found.chat_concurrency["value"] == 2
    assert worked({}).occupancy == {"numerator": 0, "denominator": 0, "value": None}


def test_an_agent_is_told_with_name_pauses_and_what_he_has_in_hand() -> None:
    agent = agent_of(ANA, "Ana Silva", "Mine", phantom=False)

    assert (agent.id, agent.name, agent.team, agent.site, agent.state, agent.since_ms) == (
        "ana", "Ana Silva", "Mine", "Berlin", "busy", NOW - 9
    )  # fmt: skip
    assert [(one.queue, one.channel, one.phase, one.since_ms) for one in agent.engagements] == [
        ("talks", "chat", "talking", 7)
    ]
    assert agent_of(CLEO, "cleo", "", phantom=True).queues == {"talks": "lunch"}


def test_a_source_is_silent_when_neither_events_nor_heartbeats_came_for_ninety_seconds() -> None:
    found = sources_of(
        {"/a": NOW - 90_000, "/b": NOW - 90_001, "/c": NOW - 500_000, "/ahead": NOW + 2_500},
        {"/c": NOW - 1_000, "/d": NOW - 2_000},
        NOW,
    )

    assert {each.source: each.silent for each in found} == {
        "/a": False, "/ahead": False, "/b": True, "/c": False, "/d": False
    }  # fmt: skip
    by_name = {each.source: each for each in found}
    assert by_name["/c"].lag_seconds == 500
    assert (by_name["/d"].newest_event_ms, by_name["/d"].lag_seconds) == (None, None)
    assert (by_name["/ahead"].lag_seconds, by_name["/ahead"].ahead_seconds) == (0, 2.5)


def test_doubts_are_summed_over_partitions_and_reasons_told_apart() -> None:
    ledgers = [
        {"applied": 9, "late_dropped": 2, "reason:late": 1, "reason:folded": 1, "dead_lettered": 1, "reason:schema": 1},
        {
            "duplicate": 3,
            "conflict": 1,
            "reason:unknown_type": 4,
            "dead_lettered": 2,
            "reason:schema": 1,
            "reason:poison": 1,
        },
    ]

    found = doubts_of(ledgers, 6, [1, None, 2], [0, -2, None, 3])

    assert found.events == {"late_dropped": 2, "duplicate": 3, "conflict": 1, "dead_lettered": 3, "unknown_type": 4}
    assert found.dead_letters == {"poison": 1, "schema": 2}
    assert (found.orphans, found.ghosts, found.drift, found.drifting) == (6, 3, 5, 2)


def test_a_floor_comes_back_from_its_json_and_what_is_none_is_refused() -> None:
    team = team_of([ANA], {"1h": {"busy": 5_000}}, ())
    floor = FloorSnapshot(
        namespace="live", state="fresh", reason=None, true_at="2026-11-20T10:00:30.000Z", true_at_ms=NOW,
        published_at_ms=NOW, epoch=7, total=team, teams={"Front": team},
        agents=(agent_of(ANA, "ana", "Front", phantom=False),), sources=sources_of({"/a": NOW}, {}, NOW),
        doubts=doubts_of([], 0, [], []),
    )  # fmt: skip

    assert FloorSnapshot.from_json(floor.to_json()) == floor
    assert list(json.loads(floor.to_json()))[:4] == ["schema", "namespace", "state", "reason"]
    with pytest.raises(ValueError, match="wanted the JSON of a floor snapshot"):
        FloorSnapshot.from_json(b'{"schema": 1}')
