from pathlib import Path

import pytest

from kpi.events import Event, make_event
from sources.cloudevents import RawLine, read_files
from sources.errors import SourceError


def queued(number: int, time_ms: int) -> bytes:
    data = {"contact_id": f"c{number}", "leg_id": f"c{number}/1", "channel": "voice", "queue_id": "support"}
    return make_event("contact.queued", source="/acd", id=str(number), time_ms=time_ms, data=data).to_json()


def write(tmp_path: Path, *lines: bytes, end: bytes = b"\n") -> Path:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\n".join(lines) + end)
    return path


def test_every_line_is_an_event_in_the_order_of_the_file(tmp_path: Path) -> None:
    found = read_files([write(tmp_path, queued(2, 5000), b"", queued(1, 1000))])
    assert [event.id for event in found if isinstance(event, Event)] == ["2", "1"]


def test_a_line_that_is_no_event_is_kept_raw_with_the_time_of_the_event_before_it(tmp_path: Path) -> None:
    found = read_files([write(tmp_path, b"oops", queued(1, 1000), queued(2, 5000), b'{"id": 7}', queued(3, 9000))])
    assert [item for item in found if isinstance(item, RawLine)] == [
        RawLine(b"oops", 1000),
        RawLine(b'{"id": 7}', 5000),
    ]


def test_an_event_of_another_version_of_the_format_is_not_repaired_on_the_way(tmp_path: Path) -> None:
    old = queued(1, 1000).replace(b'"specversion":"1.0"', b'"specversion":"0.3"')
    found = read_files([write(tmp_path, queued(2, 5000), old)])
    assert found[1] == RawLine(old, 5000)


def test_ticks_of_the_recorded_log_are_left_out(tmp_path: Path) -> None:
    tick = make_event("tick", source="/floorpulse/clock", id="t", time_ms=7000, data={}).to_json()
    assert len(read_files([write(tmp_path, queued(1, 1000), tick)])) == 1


def test_a_file_without_any_event_is_refused_with_the_reason_of_its_first_line(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"events\.jsonl: no line is an event in CloudEvents JSON \(line 1: "):
        read_files([write(tmp_path, b"1795317337|NONE|NONE|NONE|QUEUESTART|")])
    with pytest.raises(SourceError, match="it is empty"):
        read_files([write(tmp_path)])


def test_a_last_line_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"events\.jsonl:2: the last line is cut off"):
        read_files([write(tmp_path, queued(1, 1000), queued(2, 5000)[:-9], end=b"")])


def test_a_whole_last_line_needs_no_line_end(tmp_path: Path) -> None:
    assert len(read_files([write(tmp_path, queued(1, 1000), queued(2, 5000), end=b"")])) == 2


def test_several_files_are_one_history(tmp_path: Path) -> None:
    first = write(tmp_path, queued(1, 1000))
    second = tmp_path / "later.jsonl"
    second.write_bytes(queued(2, 5000))
    assert len(read_files([first, second])) == 2
