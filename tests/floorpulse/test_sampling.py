from floorpulse.sampling import Sampler
from kpi.floor import parse_floor
from kpi.live_state import LiveState
from kpi.panes import WINDOWS
from kpi.snapshot import State, build_snapshot
from kpi.tally import Tally

FLOOR = parse_floor("")


def snapshot(queue: str, second: int, waiting: int, channel: str = "voice", state: State = "fresh") -> bytes:
    return build_snapshot(
        namespace="r", queue=queue, channel=channel, config=FLOOR.queue(queue, channel), is_open=True, state=state,
        reason=None, now_ms=second * 1000, published_at_ms=0, epoch=1, tallies={name: Tally() for name in WINDOWS},
        live=LiveState(waiting_since=[0] * waiting),
    ).to_json()  # fmt: skip


def sampled(*payloads: bytes) -> Sampler:
    sampler = Sampler("redis://127.0.0.1:1/0", "r")
    for payload in payloads:
        sampler.keep(payload)
    return sampler


def test_the_first_snapshot_of_a_second_counts() -> None:
    sampler = sampled(snapshot("vip", 100, 3), snapshot("vip", 100, 4))
    assert sampler.waiting_at("vip", 100) == 3


def test_the_channels_of_a_queue_are_added_up() -> None:
    sampler = sampled(snapshot("vip", 100, 3), snapshot("vip", 100, 2, "chat"))
    assert sampler.waiting_at("vip", 100) == 5


def test_a_second_without_a_snapshot_shows_the_one_before_for_two_seconds() -> None:
    sampler = sampled(snapshot("vip", 100, 3))
    assert [sampler.waiting_at("vip", second) for second in (101, 102, 103)] == [3, 3, None]


def test_nobody_waits_in_a_queue_before_its_first_snapshot() -> None:
    sampler = sampled(snapshot("vip", 100, 3))
    assert sampler.waiting_at("vip", 99) == 0
    assert sampler.waiting_at("tiny", 200) == 0


def test_a_snapshot_made_during_a_rebuild_is_passed_over() -> None:
    assert sampled(snapshot("vip", 100, 3, state="rebuilding")).samples == 0
