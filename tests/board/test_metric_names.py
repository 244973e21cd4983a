"""Names come from outside: whatever they are, the metrics pages stay readable and no two queues become one."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.metrics import live_page
from board.publish import Publication
from kpi import keys
from kpi.label_names import MOST_BYTES, label_name
from tests.board.conftest import BoardMaker
from tests.board.metrics_pages import NOON, both, busy_floor
from tests.laws import LAW

SUPPORT = ("support", "voice")
ANY_TEXT = st.text(st.characters(), max_size=300)


@pytest.fixture
async def busy(redis_url: str, make_board: BoardMaker) -> Publication:
    return await busy_floor(redis_url, make_board)


def renamed(publication: Publication, names: list[str]) -> Publication:
    """As many queues as names, each like the queue `support`."""
    entry = publication.entries[SUPPORT]
    entries = {
        (name, "voice"): replace(entry, snapshot=msgspec.structs.replace(entry.snapshot, queue=name)) for name in names
    }
    return replace(publication, entries=entries)


HOSTILE = [
    'a"b\\c 客服',
    "new\nline",
    "new\\nline",
    "\x00\x1b[31mred",
    "\u202eright to left",
    "half \ud800",
    "客" * 200,
    "客" * 199 + "服",
    "q" * 200,
    "q" * 201,
    '"' * 200,
    "</script><script>alert(1)</script>",
    'evil"} 1\ncc_queue_contacts_waiting{queue="x",channel="voice"} 99',
    label_name("new\nline"),
    "__overflow__ ",
    "",
]


def test_hostile_names_of_queues_break_no_page_and_stay_apart(busy: Publication) -> None:
    live, full = both(renamed(busy, HOSTILE), NOON + 1_000)
    shown = {labels[0] for name, labels in live if name == "cc_queue_contacts_waiting"}
    assert len(shown) == len(HOSTILE)
    assert {labels[0] for name, labels in full if name == "cc_queue_target_wait_seconds"} == shown
    assert max(len(name.encode()) for name in shown) <= 200
    assert all(char.isprintable() for name in shown for char in name)
    assert {'a"b\\c 客服', "q" * 200, "</script><script>alert(1)</script>"} <= shown


@pytest.mark.observability
def test_promtool_finds_nothing_to_say_about_hostile_names(busy: Publication) -> None:
    live = live_page(renamed(busy, HOSTILE), NOON + 1_000)
    check = subprocess.run(["promtool", "check", "metrics"], input=live, capture_output=True, check=False)
    assert (check.returncode, check.stdout, check.stderr) == (0, b"", b"")


def test_a_queue_s_own_name_comes_back_from_its_key() -> None:
    name = 'a"b\\c\n客服'
    assert keys.parse_queue_suffix(keys.queue_suffix(name, "voice")) == (name, "voice")


@LAW
@given(ANY_TEXT)
def test_any_name_becomes_a_short_one_without_signs_that_hide(text: str) -> None:
    name = label_name(text)
    assert len(name.encode()) <= MOST_BYTES
    assert not any(ord(char) < 32 or 0xD800 <= ord(char) < 0xE000 for char in name)
    assert name == label_name(text)


@LAW
@given(ANY_TEXT, ANY_TEXT)
def test_two_names_stay_two(one: str, other: str) -> None:
    assert (label_name(one) == label_name(other)) == (one == other)
    assert label_name(label_name(one)) != label_name(one) or label_name(one) == one, "nobody can take another's place"
