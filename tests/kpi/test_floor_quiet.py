"""Quiet for a queue that no other table names is taken, and said: it may be misspelt, and people would be woken."""

import pytest

from kpi.floor import parse_floor

TABLES = """
[queue.support]
[queue.sales]
channel = "voice"
[[ids]]
source = "asterisk"
native = "600"
queue = "vip"
"""
TIMES = "[[quiet]]\nfrom = 2026-11-23T14:00:00\nto = 2026-11-23T14:30:00\n"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("queue = 'spport'", "12: [[quiet]] names queue 'spport', which no table names; did you mean 'support'?"),
        (
            "channel = 'chat'\nqueue = 'vipp'",
            "13: [[quiet]] names queue 'vipp', which no table names; did you mean 'vip'?",
        ),
        ("queue = '客服'", "12: [[quiet]] names queue '客服', which no table names"),
        ("queue = 'a\tb'", "12: [[quiet]] names queue 'a b', which no table names"),
        (
            "queue = 'sales'\nchannel = 'chat'",
            "13: [[quiet]] names queue 'sales' on channel 'chat', which no table names; there is voice",
        ),
    ],
)
def test_a_queue_that_no_other_table_names_is_told_with_its_line_and_the_one_that_may_be_meant(
    rows: str, said: str
) -> None:
    floor = parse_floor(TABLES + TIMES + rows, "centre.toml")

    assert len(floor.quiet) == 1, "it is no error: events may name a queue without a table"
    assert floor.notes == (f"centre.toml line {said}",)


@pytest.mark.parametrize(
    "rows",
    [
        "", "queue = 'support'", "queue = 'support'\nchannel = 'chat'", "queue = 'sales'\nchannel = 'voice'",
        "queue = 'vip'\nchannel = 'email'", "channel = 'chat'",
    ],
)  # fmt: skip
def test_what_other_tables_name_needs_no_word(rows: str) -> None:
    assert parse_floor(TABLES + TIMES + rows).notes == ()


def test_a_channel_that_no_queue_has_is_told_unless_it_has_a_table() -> None:
    sales = "[queue.sales]\nchannel = 'voice'\n"
    [said] = parse_floor(f"{sales}{TIMES}channel = 'chat'").notes

    assert said == "floor.toml line 6: [[quiet]] names channel 'chat', which no table names; there is voice"
    assert parse_floor(f"{sales}[channel.chat]\n{TIMES}channel = 'chat'").notes == ()
    assert parse_floor(f"{TIMES}channel = 'chat'").notes == (), "without tables nothing is known"


def test_every_row_that_may_be_wrong_is_told() -> None:
    rows = "".join(f"{TIMES}queue = '{name}'\n" for name in ("one", "two", "support"))
    assert [line.partition(":")[0] for line in parse_floor(TABLES + rows).notes] == [
        "floor.toml line 12", "floor.toml line 16",
    ]  # fmt: skip
