import itertools

import pytest

from kpi.events import Event, make_event
from sources.cloudevents import RawLine
from sources.replay import Driver, Plan, make_plan


class Log:
    """A sink that remembers, and a clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, int, float]] = []
        self.flushed = 0
        self.wall = 100.0

    async def send(self, event: Event) -> None:
        self.entries.append(("event", event.time_ms, self.wall))

    async def send_raw(self, base: str, key: bytes, value: bytes) -> None:
        assert (base, key) == ("calls.events", value)
        self.entries.append(("raw", 0, self.wall))

    async def tick(self, time_ms: int) -> None:
        self.entries.append(("tick", time_ms, self.wall))

    async def flush(self) -> None:
        self.flushed = len(self.entries)

    async def sleep(self, seconds: float) -> None:
        self.wall += seconds

    def now(self) -> float:
        return self.wall

    def ticks(self) -> list[int]:
        return [time_ms for kind, time_ms, _ in self.entries if kind == "tick"]


def history(*times: int, shuffle_ms: int = 0, duplicate: float = 0.0) -> Plan:
    events = [
        make_event("contact.queued", source="/acd", id=str(number), time_ms=time_ms, data={"contact_id": "c"})
        for number, time_ms in enumerate(times)
    ]
    return make_plan(events, shuffle_ms=shuffle_ms, duplicate=duplicate, seed=5)


async def drive(plan: Plan, speed: float | None = None, slice_size: int = 1) -> Log:
    log = Log()
    await Driver(log, plan, speed=speed, slice_size=slice_size, now=log.now, sleep=log.sleep).run()
    return log


async def test_everything_is_sent_and_acknowledged_and_the_last_record_is_the_tick_of_the_spans_end() -> None:
    log = await drive(history(1000, 2500, 9000))
    assert [entry[:2] for entry in log.entries if entry[0] == "event"] == [
        ("event", 1000),
        ("event", 2500),
        ("event", 9000),
    ]
    assert log.entries[-1][:2] == ("tick", 9001)
    assert log.flushed == len(log.entries)


@pytest.mark.parametrize("speed", [None, 1.0, 4.0, 1000.0])
@pytest.mark.parametrize("shuffle_ms", [0, 30_000])
async def test_a_tick_comes_after_all_events_up_to_it(speed: float | None, shuffle_ms: int) -> None:
    log = await drive(history(*range(0, 100_000, 700), shuffle_ms=shuffle_ms), speed)
    for place, (kind, time_ms, _) in enumerate(log.entries):
        if kind == "tick":
            assert all(later[1] > time_ms for later in log.entries[place:] if later[0] == "event")


@pytest.mark.parametrize("speed", [1.0, 4.0, 50.0])
async def test_ticks_are_whole_seconds_once_each_and_at_most_ten_a_wall_second(speed: float) -> None:
    log = await drive(history(500, 60_000), speed)
    inner = log.ticks()[:-1]
    assert all(time_ms % 1000 == 0 for time_ms in inner)
    assert inner == sorted(set(inner))
    walls = [wall for kind, _, wall in log.entries if kind == "tick"][:-1]
    assert all(later - earlier > 0.099 for earlier, later in itertools.pairwise(walls))


async def test_a_quiet_stretch_still_ticks_every_second() -> None:
    log = await drive(history(0, 60_000), speed=4.0)
    assert log.ticks() == [*range(0, 60_001, 1000), 60_001]


async def test_a_paced_replay_sends_each_event_when_its_time_has_come() -> None:
    log = await drive(history(0, 8000, 20_000), speed=4.0)
    walls = [wall - 100.0 for kind, _, wall in log.entries if kind == "event"]
    assert walls == pytest.approx([0.0, 2.0, 5.0], abs=0.03)


async def test_a_raw_line_is_sent_as_it_is() -> None:
    first = make_event("contact.queued", source="/acd", id="1", time_ms=1000, data={"contact_id": "c"})
    log = await drive(make_plan([first, RawLine(b"oops", 1000)]))
    assert [entry[0] for entry in log.entries] == ["event", "raw", "tick"]


async def test_the_caller_hears_after_each_slice_how_many_were_handed_over() -> None:
    heard = []

    async def hear(sent: int) -> None:
        heard.append(sent)

    log = Log()
    await Driver(log, history(*range(10)), after_slice=hear, slice_size=4, now=log.now, sleep=log.sleep).run()
    assert heard == [4, 8, 10]
