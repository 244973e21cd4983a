"""What the plain batch program makes of what sources list, and of their heartbeats."""

from typing import Any

from kpi.envelope import Event
from tests.builders import SOURCE, event
from tests.floorpulse.told import live, told

PBX = "/pbx/two"


def snapshot(at: float, *waiting: Any, source: str = SOURCE, **data: Any) -> Event:
    """A list of who waits in the queue `q`."""
    listed: dict[str, Any] = {"waiting": list(waiting)} if waiting else {}
    return event("queue.snapshot", at, source=source, queue_id="q", **listed, **data)


def where(*events: Event) -> dict[str, dict[str, float]]:
    return live(told(*events, topic="floor.events"))


def test_who_is_listed_waits_since_when_the_source_says_else_since_the_snapshot() -> None:
    found = where(
        snapshot(
            30, {"contact_id": "a", "since": "2026-11-20T10:00:05Z"}, {"contact_id": "b"}, {"since": "nobody"},
            {"contact_id": 7}, {"contact_id": "c", "since": "soon"},
        )
    )  # fmt: skip

    assert found == {"snapshot:q:voice": {"a": 5.0, "b": 30.0, "c": 30.0}, "snapshot_at:q:voice": {SOURCE: 30.0}}


def test_only_the_newest_list_of_a_source_and_channel_stands() -> None:
    older, newer = snapshot(30, {"contact_id": "a"}), snapshot(40, {"contact_id": "b"})
    chats = snapshot(35, {"contact_id": "k"}, channel="chat")

    assert where(older, newer, chats, snapshot(36, channel="voice")) == {
        "snapshot:q:chat": {"k": 35.0}, "snapshot:q:voice": {"b": 40.0}, "snapshot_at:q:chat": {SOURCE: 35.0},
        "snapshot_at:q:voice": {SOURCE: 40.0},
    }  # fmt: skip
    assert where(older, snapshot(50)) == {"snapshot_at:q:voice": {SOURCE: 50.0}}


def test_every_source_lists_its_own() -> None:
    found = where(snapshot(30, {"contact_id": "a"}), snapshot(40, {"contact_id": "b"}, source=PBX))

    assert found["snapshot:q:voice"] == {"a": 30.0, "b": 40.0}
    assert found["snapshot_at:q:voice"] == {SOURCE: 30.0, PBX: 40.0}


def test_a_source_lives_since_its_newest_heartbeat() -> None:
    beats = [event("source.heartbeat", at) for at in (5, 9)]

    assert where(*beats, event("source.restarted", 20)) == {"source_heartbeat::": {SOURCE: 9.0}}
