import json
import lzma
from pathlib import Path

import pytest

from floorpulse.comparison import Poll, compare, read_polls
from kpi.floor import parse_floor
from sources.errors import SourceError


def test_a_poll_counts_the_waiting_of_every_queue_it_lists(tmp_path: Path) -> None:
    line = {
        "t": 100.9,
        "params": [{"Queue": "sales"}, {"Queue": "vip"}],
        "waiting": [{"Queue": "vip"}, {"Queue": "vip"}],
    }
    path = tmp_path / "polls.jsonl.xz"
    path.write_bytes(lzma.compress(json.dumps(line).encode() + b"\n"))
    assert read_polls(path, source="/pbx", floor=None) == [Poll(100, {"sales": 0, "vip": 2})]
    floor = parse_floor('[[ids]]\nsource = "/pbx"\nnative = "vip"\nqueue = "gold"\n')
    assert read_polls(path, source="/pbx", floor=floor) == [Poll(100, {"sales": 0, "gold": 2})]


def test_a_file_that_holds_no_polls_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "polls.jsonl"
    path.write_text('{"t": 1}\n')
    with pytest.raises(SourceError, match=r"polls\.jsonl:1: this is no poll"):
        read_polls(path, source="", floor=None)
    path.write_text("")
    with pytest.raises(SourceError, match="it holds no polls"):
        read_polls(path, source="", floor=None)


@pytest.mark.parametrize(
    ("ours", "equal", "close"),
    [
        ([5, 5, 5], 1, 1),
        ([5, 7, 7], 0, 1),  # the second before
        ([7, 7, 5], 0, 1),  # the second after
        ([4, 6, 6], 0, 1),  # it passed through 5 in this second
        ([6, 6, 6], 0, 0),
        ([6, 7, 8], 0, 0),
        ([None, None, 5], 0, 1),
        ([None, None, None], 0, 0),
    ],
)
def test_a_length_is_compared_with_three_seconds(ours: list[int | None], equal: int, close: int) -> None:
    found = compare([Poll(100, {"vip": 5})], lambda queue, second: ours[second - 99])
    assert found == {"compared": 1, "equal": equal, "within_one_second": close}
