"""The fields that are counted are the fields that are read: every one has its place, on both bases."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.fields import place_of, split_agent_field
from kpi.keys import NO_QUEUE, parse_pane_suffix
from kpi.panes import COARSE_MS
from kpi.tally import Tally
from streams.decode import Limits
from tests.laws import SERVER_LAW
from tests.streams.made_up import made_up_log
from tests.streams.streamed import Streamed

LIMITS = Limits(earliest=0, live=False)
LATENESS = 7 * 86_400_000


def everything(topic: str, chance: random.Random) -> Tally:
    """All that is counted of any log of a topic, whatever its queue, in all its time."""
    streamed = Streamed(topic, LATENESS, True, chance)
    streamed.take_all(made_up_log(chance, topic), LIMITS)
    total = Tally()
    for suffix, fields in streamed.panes.items():
        name = parse_pane_suffix(suffix)
        if name.res_ms == COARSE_MS and name.queue != NO_QUEUE:
            total.add(fields)
    return total


@pytest.mark.parametrize("topic", ["calls.events", "chats.events", "cases.events", "customers.events"])
@given(seed=st.integers(0, 10**9))
@SERVER_LAW
def test_every_counted_field_has_its_place(topic: str, seed: int) -> None:
    total = everything(topic, random.Random(seed))

    plain = [name for name in total.fields if name[0] not in "@~" and not name.startswith("net.")]
    mine = [split_agent_field(name)[0] for name in total.fields if name[0] == "~"]
    assert [name for name in (*plain, *mine) if place_of(name) is None] == []


@pytest.mark.parametrize("topic", ["calls.events", "chats.events", "cases.events", "customers.events"])
@given(seed=st.integers(0, 10**9))
@SERVER_LAW
def test_over_all_time_both_bases_say_the_same(topic: str, seed: int) -> None:
    total = everything(topic, random.Random(seed))

    assert total.arrival().fields == {name: n for name, n in total.fields.items() if name[0] != "@"}
