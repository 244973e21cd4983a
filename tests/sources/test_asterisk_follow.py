"""Following a live queue_log: whatever happens to its files and to us, every line is told once, in order."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sources.asterisk_follow import QueueLogFollower
from sources.errors import SourceError
from tests.sources.live_log import LINES, Asterisk, Reader, T, history


@pytest.fixture
def asterisk(tmp_path: Path) -> Asterisk:
    return Asterisk(tmp_path)


@pytest.fixture
def reader(asterisk: Asterisk) -> Iterator[Reader]:
    with Reader(asterisk.path) as reader:
        yield reader


ACTIONS = st.lists(
    st.one_of(
        st.integers(1, 4000), st.sampled_from(["poll", "poll", "crash", "restart", "rotate", "truncate", "compress"])
    ),
    max_size=30,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(actions=ACTIONS, read_bytes=st.sampled_from([200, 3000, 1 << 16]), seconds=st.sampled_from([1, 2**31]))
def test_any_rotation_and_any_restart_give_the_events_of_the_whole_log(
    actions: list[str | int], read_bytes: int, seconds: int
) -> None:
    """`seconds`: 1 leaves the recording as it is, more puts it into very few seconds, so that everything ties."""
    with tempfile.TemporaryDirectory() as folder:
        asterisk = Asterisk(Path(folder))
        raw = b"".join(_tied(LINES[:200], seconds))
        with Reader(asterisk.path, read_bytes=read_bytes) as reader:
            reader.poll()
            at = 0
            for action in actions:
                at = _act(action, asterisk, reader, raw, at)
            asterisk.write(raw[at:])
            reader.drain()
            assert reader.told == history(asterisk.path, raw)
            assert reader.problems == []


def _act(action: str | int, asterisk: Asterisk, reader: Reader, raw: bytes, at: int) -> int:
    """Do one thing; a number writes so many bytes of `raw` from `at` on. Where the next byte stands."""
    match action:
        case int(size):
            asterisk.write(raw[at : at + size])
            return min(at + size, len(raw))
        case "poll":
            reader.poll()
        case "crash":
            reader.poll(commit=False)
            reader.restart()
        case "restart":
            reader.restart()
        case "compress":
            asterisk.compress()
        case str(how):
            # Logs are rotated between lines: Asterisk writes a line in one go.
            end = raw.index(b"\n", at - 1) + 1 if 0 < at < len(raw) else at
            asterisk.write(raw[at:end])
            _rotate(asterisk, how)
            return end
    return at


def _rotate(asterisk: Asterisk, action: str) -> None:
    if asterisk.path.stat().st_size == 0:
        return  # notifempty
    if action == "truncate":
        asterisk.copy_and_truncate()
    else:
        asterisk.rename()
        asterisk.reopen()


def _tied(lines: list[bytes], seconds: int) -> Iterator[bytes]:
    for line in lines:
        time, _, rest = line.partition(b"|")
        second = int(time) if seconds == 1 else T + (int(time) - T) // 100
        yield b"%d|%s" % (second, rest)


def test_what_asterisk_writes_into_the_renamed_file_is_told(asterisk: Asterisk, reader: Reader) -> None:
    asterisk.write(LINES[0])
    reader.drain()
    asterisk.rename()
    asterisk.write(b"".join(LINES[1:20]))
    reader.drain()
    asterisk.path.touch()  # logrotate's `create`, before Asterisk reopens
    reader.drain()
    asterisk.write(b"".join(LINES[20:40]))
    asterisk.reopen()
    asterisk.write(b"".join(LINES[40:60]))
    reader.drain()
    assert reader.told == history(asterisk.path, *LINES[:60])


def test_rotations_while_we_were_away_are_caught_up(asterisk: Asterisk, reader: Reader) -> None:
    asterisk.write(b"".join(LINES[:10]))
    reader.drain()
    for start in (10, 20, 30, 40):
        asterisk.write(b"".join(LINES[start : start + 10]))
        asterisk.rename()
        asterisk.reopen()
        asterisk.compress()
    reader.restart()
    reader.drain()
    assert reader.told == history(asterisk.path, *LINES[:50])
    asterisk.write(b"".join(LINES[50:60]))
    reader.drain()
    assert reader.told == history(asterisk.path, *LINES[:60])


def test_a_truncated_log_that_grew_again_is_read_from_its_copy_and_its_beginning(
    asterisk: Asterisk, reader: Reader
) -> None:
    asterisk.write(b"".join(LINES[:10]))
    reader.drain()
    asterisk.write(b"".join(LINES[10:15]))
    asterisk.copy_and_truncate()
    asterisk.write(b"".join(LINES[15:200]))
    reader.drain()
    assert reader.told == history(asterisk.path, *LINES[:200])


def test_a_log_that_was_copied_and_truncated_before_its_first_line_was_read_is_read(
    asterisk: Asterisk, reader: Reader
) -> None:
    assert reader.poll() == []
    asterisk.write(b"".join(LINES[:10]))
    asterisk.copy_and_truncate()
    reader.drain()
    assert reader.told == history(asterisk.path, *LINES[:10])
    asterisk.write(b"".join(LINES[10:15]))
    asterisk.copy_and_truncate()
    asterisk.write(b"".join(LINES[15:20]))
    asterisk.rename()
    asterisk.reopen()
    asterisk.write(b"".join(LINES[20:30]))
    reader.drain()
    assert reader.told == history(asterisk.path, *LINES[:30])


def test_a_log_that_was_emptied_without_a_copy_is_said_and_followed_on(asterisk: Asterisk, reader: Reader) -> None:
    asterisk.write(b"".join(LINES[:10]))
    reader.drain()
    asterisk.path.write_bytes(b"")
    asterisk.write(b"".join(LINES[10:20]))
    reader.drain()
    assert reader.told == history(asterisk.path, *LINES[:20])
    assert len(reader.problems) == 1 and "was emptied" in reader.problems[0]


def test_a_file_that_is_gone_is_said_and_the_live_one_is_read(asterisk: Asterisk, reader: Reader) -> None:
    asterisk.write(b"".join(LINES[:10]))
    reader.drain()
    asterisk.rename()
    asterisk.path.with_name("queue_log.1").unlink()
    asterisk.reopen()
    asterisk.write(b"".join(LINES[10:20]))
    reader.restart()
    reader.drain()
    assert reader.told == history(asterisk.path, *LINES[:20])
    assert len(reader.problems) == 1 and "is gone" in reader.problems[0]


def test_an_incomplete_last_line_is_waited_for(asterisk: Asterisk, reader: Reader) -> None:
    asterisk.write(LINES[0] + LINES[1][:20])
    assert len(reader.poll()) == 1
    assert reader.poll() == []
    asterisk.write(LINES[1][20:])
    assert len(reader.poll()) == 1


def test_a_line_cut_off_at_the_end_of_a_rotated_file_is_a_problem(asterisk: Asterisk, reader: Reader) -> None:
    asterisk.write(b"".join(LINES[:20]) + LINES[20][:30])
    reader.drain()
    asterisk.rename()
    asterisk.reopen()
    asterisk.write(b"".join(LINES[21:30]))
    reader.drain()
    assert len(reader.problems) == 1 and "queue_log:21: the line is cut off" in reader.problems[0]
    assert len(reader.told) == len(history(asterisk.path, *LINES[:20], *LINES[21:30]))


def test_rotated_files_from_before_we_began_are_not_told(asterisk: Asterisk, reader: Reader) -> None:
    asterisk.write(b"".join(LINES[:30]))
    asterisk.rename()
    asterisk.reopen()
    asterisk.write(b"".join(LINES[30:60]))
    reader.drain()
    asterisk.rename()
    asterisk.reopen()
    asterisk.write(b"".join(LINES[60:90]))
    reader.drain()
    assert reader.told == history(asterisk.path, *LINES[30:90])


def test_a_first_start_tells_only_the_calls_that_are_still_open(asterisk: Asterisk) -> None:
    asterisk.write(
        f"{T}|a|support|NONE|ENTERQUEUE||x|1\n{T}|b|support|NONE|ENTERQUEUE||x|2\n"
        f"{T + 3}|a|support|NONE|ABANDON|1|1|3\n{T + 4}|b|support|Ana|CONNECT|4|b.1|1\n".encode()
    )
    with Reader(asterisk.path, from_start=False) as reader:
        assert [(e.noun_verb, e.data["leg_id"]) for e in reader.poll()] == [
            ("contact.queued", "b/1"), ("contact.answered", "b/1"),
        ]  # fmt: skip
        assert reader.follower.open_calls == 1
        asterisk.write(f"{T + 9}|NONE|NONE|NONE|QUEUESTART|\n".encode())
        assert [e.noun_verb for e in reader.poll()] == ["source.restarted", "contact.ended"]


def test_a_missing_log_and_one_of_another_kind_are_refused_with_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no such file; name Asterisk's queue_log"):
        QueueLogFollower(tmp_path / "none", tmp_path / "state").poll()
    (tmp_path / "csv").write_text("a,b\n1,2\n")
    with pytest.raises(SourceError, match="this is no Asterisk queue_log"):
        QueueLogFollower(tmp_path / "csv", tmp_path / "state").poll()


def test_a_position_of_another_log_or_a_broken_one_is_refused(
    asterisk: Asterisk, reader: Reader, tmp_path: Path
) -> None:
    asterisk.write(LINES[0])
    reader.drain()
    other = tmp_path / "other"
    other.write_bytes(LINES[0])
    with pytest.raises(SourceError, match="this is the position of"):
        QueueLogFollower(other, tmp_path / "position.json").poll()
    (tmp_path / "position.json").write_text("{}")
    with pytest.raises(SourceError, match="this is no position in a queue_log"):
        QueueLogFollower(asterisk.path, tmp_path / "position.json").poll()


def test_the_position_names_inode_offset_and_fingerprint(asterisk: Asterisk, reader: Reader, tmp_path: Path) -> None:
    asterisk.write(LINES[0])
    reader.drain()
    state = json.loads((tmp_path / "position.json").read_text())
    assert (state["inode"], state["offset"]) == (asterisk.path.stat().st_ino, len(LINES[0]))
    assert state["fingerprint"]["length"] == len(LINES[0])
