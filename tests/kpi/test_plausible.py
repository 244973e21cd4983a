"""plausible_seconds in floor.toml: what is built in, what a queue may set, and what a mistake is told."""

import pytest

from kpi.floor import FloorError, parse_floor
from kpi.plausible import Plausible


def limits(text: str, queue: str = "support", channel: str = "voice") -> Plausible:
    return parse_floor(text).queue(queue, channel).plausible


def test_built_in_limits_give_a_chat_a_day_and_a_letter_a_week() -> None:
    assert limits("") == Plausible(waiting=14_400, ringing=300, in_service=14_400, wrapup=3_600)
    for channel in ("chat", "message", "social"):
        assert limits("", channel=channel) == Plausible(14_400, 300, 86_400, 3_600)
    for channel in ("email", "ticket"):
        assert limits("", channel=channel) == Plausible(604_800, 300, 604_800, 3_600)


def test_a_queue_sets_some_of_them_and_the_defaults_the_rest() -> None:
    text = (
        "[defaults]\nplausible_seconds = { waiting = 7200, wrapup = 600 }\n"
        "[queue.vip]\nplausible_seconds = { waiting = 900 }\n"
        "[queue.vip.chat]\nplausible_seconds = { ringing = 90 }"
    )
    assert limits(text, "other") == Plausible(7_200, 300, 14_400, 600)
    assert limits(text, "vip") == Plausible(900, 300, 14_400, 600)
    assert limits(text, "vip", "chat") == Plausible(900, 90, 86_400, 600)


def test_a_table_for_every_channel_leaves_each_channel_its_own_built_in_limits() -> None:
    assert limits("[queue.vip]\nplausible_seconds = { waiting = 900 }", "vip", "chat").in_service == 86_400


@pytest.mark.parametrize("value", ["59", "2592001", "90.5", "true", '"4h"'])
def test_a_limit_is_whole_seconds_of_a_minute_to_thirty_days(value: str) -> None:
    with pytest.raises(FloorError, match=r"waiting: .*wanted a whole number of seconds from 60 to 2592000"):
        parse_floor(f"[defaults]\nplausible_seconds = {{ waiting = {value} }}")


def test_a_limit_of_something_else_is_refused_with_what_there_is() -> None:
    with pytest.raises(FloorError, match=r"plausible_seconds\.talking: unknown key"):
        parse_floor("[defaults]\nplausible_seconds = { talking = 100 }")
