"""The people of a floor: each counted once wherever they stand, who is free, who is lost, how busy they are."""

import msgspec
import pytest

from kpi.staff import (
    Card,
    Engaged,
    by_queue,
    by_team,
    chat_concurrency,
    count_states,
    headcount,
    heights,
    longest,
    occupancy,
    parse_card,
    parse_cards,
    parse_teams,
    phantoms,
    slot_occupancy,
    state_ms,
)


def card(agent: str = "ana", state: str = "idle", since: int = 0, **more: object) -> Card:
    """A card; `queues` by name with their pause, `engaged` as (queue, channel, phase)."""
    queues, engaged = more.get("queues", {}), more.get("engaged", ())
    assert isinstance(queues, dict) and isinstance(engaged, tuple | list)
    capacity = more.get("capacity", {})
    assert isinstance(capacity, dict)
    return Card(
        agent, state, "", str(more.get("team", "")), "", tuple(sorted(queues.items())), capacity,
        tuple(Engaged(queue, channel, phase, 0) for queue, channel, phase in engaged), since,
    )  # fmt: skip


CHATS = {"chat": 3}
CHAT = ("web", "chat", "talking")


def test_a_card_says_what_its_text_says() -> None:
    text = (
        '["ana","break","lunch","north","Porto",[["sales","lunch"],["web",null]],{"chat":3},[["web","chat","hold",7]]]'
    )

    wanted = Card(
        "ana", "break", "lunch", "north", "Porto", (("sales", "lunch"), ("web", None)), CHATS,
        (Engaged("web", "chat", "hold", 7),), 5,
    )  # fmt: skip
    assert parse_card(text, 5) == parse_card(text.encode(), 5) == wanted


def test_what_is_no_card_is_refused() -> None:
    with pytest.raises(msgspec.DecodeError):
        parse_card("c1|c1/1")


def test_an_agent_with_two_cards_has_the_later_one() -> None:
    texts = [
        (f'["ana","{state}","","","",[],{{}},[]]', since) for state, since in (("idle", 5), ("busy", 9), ("acw", 7))
    ]

    assert [(one.state, one.since) for one in parse_cards(texts).values()] == [("busy", 9)]


def test_the_team_of_everybody_who_is_known_is_the_one_told_last() -> None:
    texts = [('["ana","north","Porto"]', 5), ('["ana","south",""]', 9), ('["ana","west",""]', 7)]

    assert parse_teams([*texts, ('["bo","","Oslo"]', 1)]) == {"ana": "south", "bo": ""}
    with pytest.raises(msgspec.DecodeError):
        parse_teams([("ana", 5)])


# --- Counting ----------------------------------------------------------------------------------------------------


def test_an_agent_in_four_queues_counts_once_in_each_once_in_the_team_and_once_in_all() -> None:
    ana = card(queues=dict.fromkeys(("billing", "sales", "support", "vip")), team="north")
    bo = card("bo", "busy", queues={"sales": None}, team="south", engaged=[("web", "chat", "talking"), CHAT])
    cards = [ana, bo]

    assert count_states(cards) == {"busy": 1, "idle": 1}
    assert {queue: count_states(of) for queue, of in by_queue(cards).items()} == {
        "billing": {"idle": 1}, "sales": {"busy": 1, "idle": 1}, "support": {"idle": 1}, "vip": {"idle": 1},
        "web": {"busy": 1},
    }  # fmt: skip
    assert {team: count_states(of) for team, of in by_team(cards, lambda _: "").items()} == {
        "north": {"idle": 1}, "south": {"busy": 1},
    }  # fmt: skip
    assert sum(headcount(of).logged_in for of in by_team(cards, lambda _: "").values()) == headcount(cards).logged_in


def test_a_configured_team_wins_over_the_one_told() -> None:
    configured = {"ana": "nights"}
    cards = [card(team="north"), card("bo", team="north"), card("cy")]

    teams = by_team(cards, lambda agent: configured.get(agent, ""))
    assert {team: [one.agent for one in of] for team, of in teams.items()} == {
        "": ["cy"], "nights": ["ana"], "north": ["bo"],
    }  # fmt: skip


def test_logged_in_staffed_and_available_are_three_things() -> None:
    states = ("error", "busy", "acw", "ringing", "break", "has_capacity", "idle", "idle")
    found = headcount([card(f"a{n}", state) for n, state in enumerate(states)])

    assert (found.logged_in, found.staffed, found.available) == (8, 6, 3)
    assert found.states == {
        "acw": 1, "break": 1, "busy": 1, "error": 1, "has_capacity": 1, "idle": 2, "ringing": 1
    }  # fmt: skip


def test_a_floor_without_agents_counts_zero() -> None:
    assert headcount([]) == ({}, 0, 0, 0, 0, 0)
    assert (longest([]), by_queue([])) == ({}, {})


def test_who_is_in_a_state_for_longest() -> None:
    cards = [card("cy", "break", 7), card("bo", "break", 5), card("ana", "break", 5), card("di", "idle", 9)]

    assert {state: one.agent for state, one in longest(cards).items()} == {"break": "ana", "idle": "di"}


# --- Who could take one more -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "room", "slots"),
    [
        pytest.param(card(), True, 0, id="who is idle takes a call"),
        pytest.param(card(capacity=CHATS), True, 3, id="or as many chats as he has slots"),
        pytest.param(card(state="busy", capacity=CHATS, engaged=[CHAT, CHAT]), True, 1, id="chats leave room"),
        pytest.param(card(state="busy", capacity=CHATS, engaged=[CHAT] * 3), False, 0, id="until all slots are used"),
        pytest.param(card(state="busy", capacity=CHATS, engaged=[CHAT] * 4), False, 0, id="or more than all"),
        pytest.param(
            card(state="busy", capacity=CHATS, engaged=[CHAT, ("web", "chat", "ringing"), ("web", "chat", "acw")]),
            False, 0, id="a chat that rings or is worked up holds its slot",
        ),
        pytest.param(
            card(state="busy", capacity=CHATS, engaged=[CHAT, ("sales", "voice", "talking")]), False, 0,
            id="a call leaves no room beside it",
        ),
        pytest.param(card(state="busy", capacity=CHATS), False, 0, id="nor does what a source calls busy"),
        pytest.param(
            card(state="busy", capacity=CHATS, engaged=[CHAT], queues={"web": "lunch"}), False, 0,
            id="who finishes a chat before a break takes no other",
        ),
        pytest.param(card(state="ringing", capacity=CHATS), False, 0, id="ringing"),
        pytest.param(card(state="acw", capacity=CHATS), False, 0, id="wrap-up"),
        pytest.param(card(state="break", capacity=CHATS), False, 0, id="break"),
    ],
)  # fmt: skip
def test_room_for_one_more(one: Card, room: bool, slots: int) -> None:
    assert one.has_room() is room
    assert one.free_slots() == slots
    assert headcount([one])[4:] == (int(room), slots)


def test_for_a_queue_only_those_count_as_free_whom_it_may_ring() -> None:
    paused = card("bo", queues={"sales": "notes", "support": None}, capacity=CHATS)
    helper = card("cy", "busy", queues={"support": None}, capacity=CHATS, engaged=[("sales", "chat", "talking")])
    of_no_queue = card("di")

    for one, sales, support in ((paused, False, True), (helper, False, True), (of_no_queue, True, True)):
        assert (one.has_room("sales"), one.has_room("support"), one.has_room()) == (sales, support, True)
    found = headcount([paused, helper, of_no_queue], "sales")
    assert (found.logged_in, found.available, found.with_capacity, found.free_slots) == (3, 1, 1, 0)
    assert headcount([paused, helper, of_no_queue]).free_slots == 5


# --- Phantoms ----------------------------------------------------------------------------------------------------


def test_a_phantom_is_silent_for_more_than_five_minutes() -> None:
    beats = {"ana": 0, "bo": 100_000, "cy": 100_001, "di": 90_000}

    assert phantoms(beats, 400_000) == ["ana", "di"]
    assert phantoms(beats, 400_001) == ["ana", "di", "bo"]
    assert phantoms(beats, 400_000, after_ms=399_999) == ["ana"]


# --- Levels ------------------------------------------------------------------------------------------------------


def test_a_card_tells_how_high_its_levels_stand() -> None:
    engaged = [CHAT, ("web", "social", "hold"), ("web", "chat", "ringing"), ("sales", "voice", "talking")]
    chatting = card(state="busy", capacity={"chat": 3, "voice": 1, "social": 2}, engaged=engaged)

    assert heights(chatting) == {"busy": 1, "chats": 2, "chatting": 1, "slots": 5}
    assert heights(card(state="break", capacity=CHATS)) == {"break": 1}
    assert heights(card()) == {"idle": 1}


def test_occupancy_counts_work_over_work_and_readiness() -> None:
    spent = {"busy": 5, "acw": 2, "idle": 3, "has_capacity": 4, "break": 100, "ringing": 7, "error": 9}

    assert occupancy(spent) == (7, 14)
    assert occupancy({"break": 100}) == (0, 0)


def test_chats_are_weighed_against_slots_and_against_the_time_with_any() -> None:
    spent = {"chats": 50, "chatting": 20, "slots": 90}

    assert (slot_occupancy(spent), chat_concurrency(spent)) == ((50, 90), (50, 20))


def test_several_agents_are_offline_for_what_is_left_of_all_their_spans() -> None:
    assert state_ms({"busy": 30, "idle": 50, "chats": 30}, 2 * 60) == {"busy": 30, "idle": 50, "offline": 40}
    assert state_ms({"break": 60}, 60) == {"break": 60}
