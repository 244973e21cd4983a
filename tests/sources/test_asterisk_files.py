"""Recorded queue_logs: rotated, compressed, cut off, in any script."""

import gzip
import lzma
from pathlib import Path

import pytest

from sources.asterisk import read_files
from sources.errors import SourceError
from tests.sources.queue_lines import T, connect, join


def write(path: Path, *lines: str, end: str = "\n") -> Path:
    path.write_text("\n".join(lines) + end, encoding="utf-8")
    return path


def test_rotated_files_are_one_history_in_any_order_and_compressed(tmp_path: Path) -> None:
    lines = [
        join(),
        connect(),
        f"{T + 60}|NONE|NONE|NONE|CONFIGRELOAD|",
        f"{T + 65}|c|support|Ana|COMPLETEAGENT|5|60|1",
    ]
    whole = read_files([write(tmp_path / "all", *lines)])
    new = write(tmp_path / "queue_log", *lines[2:])
    with gzip.open(tmp_path / "queue_log.1.gz", "wt") as file:
        file.write("\n".join(lines[:1]) + "\n")
    with lzma.open(tmp_path / "queue_log.0.xz", "wt") as file:
        file.write("\n".join(lines[1:2]) + "\n")
    parts = read_files([new, tmp_path / "queue_log.0.xz", tmp_path / "queue_log.1.gz"])
    assert parts.events == whole.events
    assert parts.ignored == {"CONFIGRELOAD": 1}


def test_rotated_files_read_one_by_one_give_the_same_ids(tmp_path: Path) -> None:
    lines = [join(), connect(), f"{T + 65}|c|support|Ana|COMPLETEAGENT|5|60|1"]
    whole = read_files([write(tmp_path / "all", *lines)])
    parts = [read_files([write(tmp_path / str(n), line)]).events[0] for n, line in enumerate(lines)]
    assert parts == whole.events


def test_the_same_file_twice_is_refused(tmp_path: Path) -> None:
    one = write(tmp_path / "queue_log.1", join(), connect())
    with gzip.open(tmp_path / "queue_log.1.gz", "wb") as file:
        file.write(one.read_bytes())
    with pytest.raises(SourceError, match="hold the same lines; name one of them"):
        read_files([one, tmp_path / "queue_log.1.gz"])


def test_a_broken_line_is_a_problem_with_its_place_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = write(tmp_path / "queue_log", join(), "half a li", connect())
    result = read_files([path])
    assert len(result.events) == 2
    assert len(result.problems) == 1 and result.problems[0].startswith(f"{path}:2: not a queue_log line")


@pytest.mark.parametrize("cut", ["COMPLETEAGENT|5|6", "COMPLETEAG", "COMPLETEAGENT", "COMPLETEAGENT|5|60|"])
def test_a_last_line_that_was_cut_off_is_a_problem(tmp_path: Path, cut: str) -> None:
    path = write(tmp_path / "queue_log", join(), connect(), f"{T + 65}|c|support|Ana|{cut}", end="")
    result = read_files([path])
    assert [event.noun_verb for event in result.events] == ["contact.queued", "contact.answered"]
    assert len(result.problems) == 1 and f"{path}:3: the line is cut off" in result.problems[0]
    assert result.cut_off == result.problems[0]


def test_a_last_line_without_its_end_is_told_since_it_may_have_lost_digits(tmp_path: Path) -> None:
    path = write(tmp_path / "queue_log", join(), connect(), f"{T + 65}|c|support|Ana|COMPLETEAGENT|5|60|1", end="")
    result = read_files([path])
    assert (len(result.events), result.problems) == (3, [])
    assert result.cut_off is not None and f"{path}:3: the last line has no end" in result.cut_off


def test_only_the_newest_file_counts_as_cut_off(tmp_path: Path) -> None:
    old = write(tmp_path / "queue_log.1", join(), f"{T + 3}|c|supp", end="")
    new = write(tmp_path / "queue_log", f"{T + 60}|NONE|NONE|NONE|QUEUESTART|")
    result = read_files([old, new])
    assert (len(result.problems), result.cut_off) == (1, None)


def test_a_restart_glued_to_a_cut_line_is_seen(tmp_path: Path) -> None:
    path = write(tmp_path / "queue_log", join(), f"{T + 3}|c|support|Ana|CONN{T + 60}|NONE|NONE|NONE|QUEUESTART|")
    result = read_files([path])
    assert [event.noun_verb for event in result.events] == ["contact.queued", "source.restarted", "contact.left_queue"]
    assert len(result.problems) == 1


def test_a_file_of_another_kind_is_refused_with_one_sentence(tmp_path: Path) -> None:
    other = write(tmp_path / "calls.csv", "id,start,end", "1,2,3")
    with pytest.raises(SourceError, match="this is no Asterisk queue_log"):
        read_files([other])


def test_an_empty_file_has_no_events(tmp_path: Path) -> None:
    assert read_files([write(tmp_path / "queue_log", end="")]).events == []


def test_names_in_any_script_and_in_latin_1_are_read(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_bytes(f"{T}|c|客服|NONE|ENTERQUEUE||x|1\r\n".encode() + f"{T}|c|客服|José|CONNECT|0|x|0\n".encode())
    assert [event.data["queue_id"] for event in read_files([path]).events] == ["客服", "客服"]
    path.write_bytes(f"{T}|c|support|José|CONNECT|0|x|0\n".encode("latin-1"))
    assert read_files([path]).events[0].data["agent_id"] == "José"
