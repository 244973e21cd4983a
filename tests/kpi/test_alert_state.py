"""How an alert stands in Redis: the name of its field and its JSON lose nothing, whatever a queue is called."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.alert_state import Held, held_field

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
HELD = Held(rule="QueueLengthHigh", severity="warning", queue="support", channel="voice")


@given(one=st.tuples(NAMES, NAMES), other=st.tuples(NAMES, NAMES))
def test_two_queues_never_share_a_field(one: tuple[str, str], other: tuple[str, str]) -> None:
    fields = [held_field("QueueLengthHigh", "critical", *queue) for queue in (one, other)]
    assert (fields[0] == fields[1]) == (one == other)


@given(queue=NAMES, value=st.none() | st.floats(allow_nan=False, allow_infinity=False), text=NAMES)
def test_json_gives_the_alert_back(queue: str, value: float | None, text: str) -> None:
    held = msgspec.structs.replace(HELD, queue=queue, value=value, annotations={"summary": text})
    assert Held.from_json(held.to_json()) == held


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"rule":1}', b"\xff"])
def test_what_is_no_alert_is_refused_in_one_sentence(text: bytes) -> None:
    with pytest.raises(ValueError, match="wanted the JSON of a held alert"):
        Held.from_json(text)


def test_unknown_keys_of_a_newer_engine_are_ignored() -> None:
    text = HELD.to_json()[:-1] + b',"newer":{"x":1}}'
    assert Held.from_json(text) == HELD


def test_an_alert_is_active_until_it_has_ended() -> None:
    phases = ("ok", "pending", "firing", "resolving")
    assert [msgspec.structs.replace(HELD, phase=phase).is_active for phase in phases] == [False, False, True, True]
