"""Names in Redis come apart into what they were made of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi import keys

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


@given(names)
def test_any_name_comes_back_from_its_escaped_form(text: str) -> None:
    assert keys.unescape(keys.escape(text)) == text


@given(names)
def test_an_escaped_name_holds_no_separator_brace_or_white_space(text: str) -> None:
    assert not any(char in ":{}" or char.isspace() for char in keys.escape(text))


@given(names, names)
def test_two_names_never_share_an_escaped_form(one: str, other: str) -> None:
    assert (keys.escape(one) == keys.escape(other)) == (one == other)


def test_letters_of_any_script_stay_readable() -> None:
    assert keys.escape("客服 a:b%") == "客服%20a%3Ab%25"


@given(names, names, st.sampled_from([10_000, 900_000]), st.integers(0, 2**45))
def test_a_pane_name_says_what_it_was_made_of(queue: str, channel: str, res_ms: int, start_ms: int) -> None:
    suffix = keys.pane_suffix(res_ms, start_ms, queue, channel)

    assert keys.parse_pane_suffix(suffix) == (res_ms, start_ms, queue, channel)


@given(names, names)
def test_a_live_set_and_a_queue_field_say_what_they_were_made_of(queue: str, channel: str) -> None:
    assert keys.parse_live_suffix(keys.live_suffix("waiting", queue, channel)) == ("waiting", queue, channel)
    assert keys.parse_queue_suffix(keys.queue_suffix(queue, channel)) == (queue, channel)


def test_all_keys_of_a_partition_share_one_hash_tag() -> None:
    prefix = keys.partition_prefix("live", "calls.events", 3)

    assert prefix == "fp:{live/calls.events/3}"
    assert keys.pane_key(prefix, "10:0:q:voice") == "fp:{live/calls.events/3}:pane:10:0:q:voice"


def test_live_topics_have_their_base_name_and_a_replays_have_its_name_before_it() -> None:
    assert keys.topic_name("live", "calls.events") == "calls.events"
    assert keys.topic_name("monday", "calls.events") == "monday.calls.events"
    assert keys.base_topic_of("monday", "monday.calls.events") == "calls.events"


@pytest.mark.parametrize("text", ["", "a b", "a/b", "{x}", ".x", "x" * 101, "客服"])
def test_a_namespace_that_kafka_could_not_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="wanted letters"):
        keys.check_namespace(text)
