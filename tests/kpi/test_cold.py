"""Records that are over are packed small when memory forgets them, and told on as if nothing had happened."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.cold import freeze, thaw
from kpi.record import Record
from streams.decode import Limits, decode
from streams.partition import Partition, Taken
from streams.store import Position
from tests.builders import T0, event

CALL = "calls.events"
LIMITS = Limits(0, live=False)
WEEK_MS = 7 * 86_400_000


@given(st.binary(max_size=2000))
def test_thawing_gives_what_was_frozen(blob: bytes) -> None:
    packed = b"\x93" + blob
    assert thaw(freeze(packed)) == packed
    assert thaw(packed) == packed


def take(into: Partition, blobs: dict[str, bytes], *told: tuple[str, str, float]) -> Taken:
    """Events (contact, verb, at), as a worker takes them; `blobs` is what Redis holds."""
    reason = {"left_queue": {"reason": "abandoned"}}
    raw = [event(f"contact.{verb}", at, contact_id=name, **reason.get(verb, {})).to_json() for name, verb, at in told]
    decoded = [decode(one, CALL, T0, LIMITS) for one in raw]
    wanted = into.missing(one.key for one in decoded if one.key is not None)
    into.remember(wanted, blobs)
    taken = into.take(range(len(raw)), decoded, [])
    into.advance((into.position.next or 0) + len(raw), taken, 0)
    blobs.update(taken.difference.records)
    return taken


@pytest.fixture
def small_memory(monkeypatch: pytest.MonkeyPatch) -> Partition:
    monkeypatch.setattr("streams.partition.RECORDS_CACHED", 1)
    return Partition("fp:{test}", Position(0, 1, 0, 0, 0), 7 * 86_400_000, keeps_all=True)


def test_only_what_is_over_and_leaves_the_memory_is_packed_small(small_memory: Partition) -> None:
    blobs: dict[str, bytes] = {}
    take(small_memory, blobs, ("waits", "queued", 0))
    take(small_memory, blobs, ("gone", "queued", 1), ("gone", "left_queue", 60))
    assert thaw(blobs["c:waits"]) == blobs["c:waits"], "it is open, so it stays as it is"
    take(small_memory, blobs, ("next", "queued", 70))
    assert len(blobs["c:gone"]) < len(thaw(blobs["c:gone"]))


def test_a_record_that_was_packed_small_goes_on_where_it_stood(small_memory: Partition) -> None:
    blobs: dict[str, bytes] = {}
    take(small_memory, blobs, ("gone", "queued", 1), ("gone", "left_queue", 60))
    take(small_memory, blobs, ("next", "queued", 70))
    again = take(small_memory, blobs, ("gone", "left_queue", 60), ("gone", "answered", 61))
    assert again.difference.ledger == {"duplicate": 1, "applied": 1}
    fields: dict[str, int] = {}
    for suffix, changed in again.difference.panes.items():
        if suffix.startswith("10:"):
            for name, n in changed.items():
                fields[name] = fields.get(name, 0) + n
    assert (fields["abandoned"], fields["answered"]) == (-1, 1)
    assert Record.unpack("c:gone", thaw(blobs["c:gone"])).state.legs["c1/1"].outcome == "answered"


def test_a_record_that_nothing_happened_to_is_not_written_again(small_memory: Partition) -> None:
    blobs: dict[str, bytes] = {}
    take(small_memory, blobs, ("gone", "queued", 1), ("gone", "left_queue", 60))
    take(small_memory, blobs, ("next", "queued", 70))
    take(small_memory, blobs, ("gone", "left_queue", 60))
    assert "c:gone" not in take(small_memory, blobs, ("last", "queued", 80)).difference.records


def test_a_record_that_is_swept_away_leaves_nothing_in_the_memory() -> None:
    here = Partition("fp:{test}", Position(0, 1, 0, 0, 0), 10 * WEEK_MS, keeps_all=True)
    take(here, {}, ("gone", "queued", 1), ("gone", "left_queue", 60))
    late = decode(event("contact.rated", 2 * WEEK_MS / 1000, contact_id="other", score=4).to_json(), CALL, T0, LIMITS)
    here.remember(["c:other"], {})
    taken = here.take([2], [late], ["r:c:gone"])
    here.advance(3, taken, 0)
    assert taken.difference.records_gone == ["c:gone"]
    assert "c:gone" not in here.records
    assert "c:gone" not in here._warm
