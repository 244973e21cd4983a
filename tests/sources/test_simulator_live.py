"""The simulation beside the clock, orders to it, and the command's file output."""

import gzip
import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from floorpulse.commands.simulate import simulate
from floorpulse.errors import UserError
from kpi.events import Event
from kpi.keys import simulator_channel
from sources.simulator import Simulation, default_profile
from sources.simulator.control import SpikeOrder, parse_order
from sources.simulator.faults import Faults
from sources.simulator.live import Live

NOW_MS = 1_767_600_000_000
BUSY = default_profile("busy")


@dataclass
class World:
    """A wall clock that moves when somebody sleeps, and what was sent when."""

    now_ms: int = NOW_MS
    sent: list[tuple[int, Event]] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.now_ms += round(seconds * 1000)

    async def send(self, event: Event) -> None:
        self.sent.append((self.now_ms, event))

    def live(self, warm_up: float, speed: float | None = None, faults: Faults | None = None) -> tuple[Live, int]:
        start_ms = self.now_ms - round(warm_up * 1000)
        simulation = Simulation(BUSY, 1, start_ms)
        clock = lambda: self.now_ms
        return Live(simulation, faults or Faults(1), self.send, clock, self.sleep, speed), start_ms


async def test_the_past_is_caught_up_at_once_and_then_time_goes_on_as_it_does() -> None:
    world = World()
    live, start_ms = world.live(warm_up=600)
    await live.run(start_ms, seconds=60)

    caught_up = [event for at_ms, event in world.sent if at_ms == NOW_MS]
    after = [(at_ms, event.time_ms) for at_ms, event in world.sent if at_ms > NOW_MS]
    assert caught_up[0].time_ms == start_ms
    assert NOW_MS - 5_000 < caught_up[-1].time_ms < NOW_MS
    assert len(after) > 50
    assert all(0 < at_ms - time_ms <= 150 for at_ms, time_ms in after)


async def test_nothing_is_sent_before_its_time_and_all_in_order() -> None:
    world = World()
    live, start_ms = world.live(warm_up=300, faults=Faults(1))
    await live.run(start_ms, seconds=30)
    times = [event.time_ms for _, event in world.sent]

    assert all(event.time_ms < at_ms for at_ms, event in world.sent)
    assert times == sorted(times)


async def test_at_a_speed_it_comes_from_the_past_and_ends_at_now() -> None:
    world = World()
    live, start_ms = world.live(warm_up=600, speed=20)
    await live.run(start_ms)

    assert 600 / 20 < (world.now_ms - NOW_MS) / 1000 < 600 / 19 + 1
    assert world.now_ms - 5_000 < world.sent[-1][1].time_ms < world.now_ms


async def test_an_order_begins_at_once_and_a_wrong_one_is_told() -> None:
    world = World()
    told: list[tuple[str, str]] = []
    wrong: list[str] = []
    live, start_ms = world.live(warm_up=60)
    live.on_spike = lambda queue, order: told.append((queue, order.cause))
    live.on_error = wrong.append
    live.order(SpikeOrder(None, 6, 60, "staff"))
    live.order(SpikeOrder("nowhere"))
    await live.run(start_ms, seconds=5)

    assert told == [("support", "staff")]
    assert wrong == [wrong[0]]
    assert wrong[0].startswith("no queue 'nowhere'")


async def test_a_stop_ends_it_within_one_event() -> None:
    world = World()
    live, start_ms = world.live(warm_up=600)

    async def send_then_stop(event: Event) -> None:
        await world.send(event)
        if len(world.sent) == 100:
            live.stop()

    live.send = send_then_stop
    await live.run(start_ms)

    assert len(world.sent) == 100


def test_an_order_reads_as_it_was_written() -> None:
    order = SpikeOrder("会员专线", 4, 90, "staff")

    assert parse_order(order.to_json()) == order
    assert parse_order('{"spike": null}') == SpikeOrder()
    assert simulator_channel("live") == "fp:live:simulator"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("{", "not JSON", id="cut off"),
        pytest.param("[]", "wanted an object like", id="a list"),
        pytest.param('{"factor": 3}', "wanted an object like", id="no spike"),
        pytest.param('{"spike": 3}', "spike: 3; wanted a queue's id or null", id="a number for a queue"),
        pytest.param('{"spike": null, "factor": "x"}', "factor: 'x'; wanted a number from 1 to 1000", id="bad factor"),
        pytest.param('{"spike": null, "factor": NaN}', "factor: nan; wanted", id="not a number"),
        pytest.param('{"spike": null, "seconds": true}', "seconds: True; wanted", id="a truth for a number"),
        pytest.param('{"spike": null, "cause": "rain"}', "cause: 'rain'; wanted volume or staff", id="bad cause"),
    ],
)
def test_a_bad_order_is_refused_with_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_order(text)


def command(*arguments: str) -> str:
    app = Typer()
    app.command()(simulate)
    result = CliRunner().invoke(app, arguments, catch_exceptions=True)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def test_the_command_writes_the_same_bytes_for_the_same_options(tmp_path: Path) -> None:
    options = ["--hours", "0.25", "--seed", "5", "--loss", "0.01", "--duplicate", "0.02", "--disorder", "30"]
    said = command("--out", str(tmp_path / "one.jsonl"), *options)
    command("--out", str(tmp_path / "two.jsonl"), *options)
    command("--out", str(tmp_path / "packed.jsonl.gz"), *options)
    one = (tmp_path / "one.jsonl").read_bytes()

    assert one == (tmp_path / "two.jsonl").read_bytes()
    assert one == gzip.decompress((tmp_path / "packed.jsonl.gz").read_bytes())
    assert f"{len(one.splitlines()):,} events in" in said
    assert all(json.loads(line)["specversion"] == "1.0" for line in one.splitlines())


def test_the_command_says_what_is_wrong_with_a_start(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--start: 'monday' is not a time"):
        command("--out", str(tmp_path / "one.jsonl"), "--start", "monday")


def test_a_spike_needs_a_redis_and_a_queue_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLOORPULSE_REDIS", raising=False)
    with pytest.raises(UserError, match="set FLOORPULSE_REDIS"):
        command("--spike", "support")

    monkeypatch.setenv("FLOORPULSE_REDIS", "redis://127.0.0.1:1/0")
    with pytest.raises(UserError, match="no queue 'nowhere'; there are support"):
        command("--spike", "nowhere")
