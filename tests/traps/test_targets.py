"""A changed target or short limit changes the numbers at once, needs no recount, and `verify` has nothing to say."""

from board.health import Verdict
from board.snapshots import Assembler
from board.view import Delta, FloorView
from floorpulse.batch import Batch, Limits
from floorpulse.report_read import Position
from floorpulse.verify import Stored, compare, fact_ids
from floorpulse.verify import Verdict as Verified
from kpi.envelope import Event
from kpi.floor import parse_floor
from kpi.snapshot import QueueSnapshot
from tests.builders import T0, event
from tests.traps.worker import LATENESS_MS, Worker

BEFORE = parse_floor("[queue.support]\ntarget = { percent = 80, seconds = 20 }\nshort_abandon_seconds = 5\n")
AFTER = parse_floor("[queue.support]\ntarget = { percent = 95, seconds = 40 }\nshort_abandon_seconds = 10\n")
NOW = T0 + 100_000


def calls() -> list[Event]:
    """Answered after 10, 30 and 50 s; given up after 4, 8 and 60 s; one still waiting, for 35 s."""
    found = []
    for number, wait in enumerate((10, 30, 50)):
        name = {"contact_id": f"a{number}", "leg_id": f"a{number}/1"}
        found += [event("contact.queued", 1, **name), event("contact.answered", 1 + wait, agent_id="ana", **name)]
    for number, wait in enumerate((4, 8, 60)):
        name = {"contact_id": f"b{number}", "leg_id": f"b{number}/1"}
        found += [event("contact.queued", 1, **name), event("contact.left_queue", 1 + wait, reason="abandoned", **name)]
    return [*found, event("contact.queued", 65, contact_id="w", leg_id="w/1")]


def counted() -> Worker:
    worker = Worker(keeps_all=True)
    worker.take(*calls())
    return worker


def shown(worker: Worker, floor: object = BEFORE) -> QueueSnapshot:
    """The snapshot of the one queue under a configuration."""
    view = FloorView()
    view.expect(["p"])
    partition = view.partitions["p"]
    partition.loaded, partition.epoch, partition.next = True, 1, 0
    lives = {name: dict(members) for name, members in worker.lives.items()}
    view.apply_delta("p", Delta(1, 0, 1, worker.panes, lives))
    view.advance(NOW, dict.fromkeys(view.queues, ("UTC", 0)))
    config = floor.queue("support", "voice")  # type: ignore[attr-defined]
    return Assembler(view.queues["support", "voice"], config).snapshot("live", Verdict("fresh", None, NOW, NOW), NOW)


def numbers(snapshot: QueueSnapshot) -> dict[str, object]:
    window = snapshot.windows["5m"]
    return {
        "over": snapshot.now.waiting_over_target["1"],
        "short": window["short_abandoned"],
        "needed": window["sl_needed"],
        **{
            name: (level["numerator"], level["denominator"])
            for name, level in window["service_level"].items()
            if name in ("answered_only", "short_excluded", "sl_event")
        },
    }


def test_a_changed_target_and_short_limit_change_the_numbers_of_what_was_counted_long_ago() -> None:
    worker = counted()
    assert numbers(shown(worker, BEFORE)) == {
        "over": 1, "short": 1, "needed": 23, "answered_only": (1, 3), "short_excluded": (1, 5), "sl_event": (1, 7)
    }  # fmt: skip
    assert numbers(shown(worker, AFTER)) == {
        "over": 0, "short": 2, "needed": 74, "answered_only": (2, 3), "short_excluded": (2, 4), "sl_event": (2, 6)
    }  # fmt: skip


def test_what_is_stored_knows_no_target_so_verify_agrees_whatever_it_is() -> None:
    worker = counted()
    batch = Batch("calls.events", Limits(earliest=0, lateness=LATENESS_MS, live=False, expires=False))
    for one in calls():
        batch.take(one.to_json(), 2**52)
    position = Position(next=len(calls()), epoch=1, watermark=worker.position.watermark, tick=0)
    records = {key: fact_ids(key, blob) for key, blob in worker.blobs.items()}
    stored = Stored(position, dict(worker.ledger), worker.panes, {n: m for n, m in worker.lives.items() if m}, records)
    limits, verdict = Limits(earliest=0, lateness=LATENESS_MS, live=False, expires=False), Verified()
    compare("calls.events/0", batch.result(), stored, limits, verdict, whole=True)
    assert verdict.differences == []
    assert verdict.counts > 50
    fields = {name for some in worker.panes.values() for name in some}
    assert not [name for name in fields if "target" in name or "short" in name]
