"""The numbers on the page are those of the API and of the snapshots in Redis, at the same tick of a replay."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from floorpulse.embedded import Servers
from floorpulse.processes import Children, floorpulse_command
from kpi.keys import snapshots_channel
from tests.browser.centre import Centre
from tests.browser.texts import DASH, duration, parts, percent, rounded, small_percent
from tests.browser.watch import Pages
from tests.data_sets import ROOT
from tests.eventually import eventually

NAMESPACE, QUEUE = "calm", "support"
HISTORY = ROOT / "tests" / "data" / "asterisk-calm" / "queue_log"
RECORDER = Path(__file__).with_name("recorder.js").read_text("utf-8")
FLOOR = """
[queue.support]
group = "Service"
[queue.billing]
group = "Service"
[queue.sales]
group = "Shop"
[queue.vip]
group = "Members"
"""
VIEWS = ("", "wall", f"queue/{QUEUE}/voice")
SPEED, REPLAY_SECONDS = 50, 90
LEAST_TICKS, LEAST_ANSWERS = 15, 5

Shots = dict[int, dict[str, dict[str, Any]]]


class Told:
    """Snapshots by the time they were published and by queue, as Redis and as the API told them."""

    def __init__(self, centre: Centre) -> None:
        self.redis: Shots = {}
        self.api: Shots = {}
        self._centre = centre
        self._ended = threading.Event()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Keep what is told until the end of the block."""
        heard: Any = self._centre.store.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
        heard.subscribe(snapshots_channel(NAMESPACE))
        threads = [threading.Thread(target=self._hear, args=(heard,)), threading.Thread(target=self._ask)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._ended.set()
            for thread in threads:
                thread.join()
            heard.close()

    def _hear(self, heard: Any) -> None:
        while not self._ended.is_set():
            message = heard.get_message(timeout=0.1)
            if message:
                self._keep(self.redis, json.loads(message["data"]))

    def _ask(self) -> None:
        while not self._ended.wait(0.1):
            for shot in self._centre.get("/api/queues").json()["queues"]:
                self._keep(self.api, shot)

    def _keep(self, shots: Shots, shot: dict[str, Any]) -> None:
        shots.setdefault(shot["published_at_ms"], {})[shot["queue"]] = shot


def row_of(shot: dict[str, Any]) -> dict[str, str | None]:
    """A row of the floor."""
    now, judged = shot["now"], shot["windows"]["30m"]
    return {
        "queue": shot["queue"],
        "channel": shot["channel"],
        "severity": str(shot["severity"]),
        "waiting": str(now["waiting"]),
        "longest": duration(now["oldest_wait_seconds"]),
        "level": percent(judged["service_level"]["sl_event"]),
        "lost": small_percent(judged["abandonment"]),
    }


def panel_of(group: str, shots: list[dict[str, Any]]) -> dict[str, Any]:
    """A panel of the wall: sums over its queues, the longest of their waits."""
    waits = [shot["now"]["oldest_wait_seconds"] for shot in shots if shot["now"]["oldest_wait_seconds"] is not None]
    judged = [shot["windows"]["30m"] for shot in shots]

    def summed(ratios: list[dict[str, Any]]) -> dict[str, int]:
        return {name: sum(ratio[name] or 0 for ratio in ratios) for name in ("numerator", "denominator")}

    return {
        "group": group,
        "severity": str(max(shot["severity"] for shot in shots)),
        "waiting": str(sum(shot["now"]["waiting"] for shot in shots)),
        "longest": duration(max(waits, default=None)),
        "level": percent(summed([window["service_level"]["sl_event"] for window in judged])),
        "lost": small_percent(summed([window["abandonment"] for window in judged])),
    }


def figures_of(shot: dict[str, Any]) -> dict[str, str]:
    """The numbers of this second in the head of a queue's view."""
    now = shot["now"]
    agents = sum(now["agents"].values())
    return {
        "waiting": str(now["waiting"]),
        "longest_wait": duration(now["oldest_wait_seconds"]),
        "in_service": str(now["in_service"]),
        "available": str(now["available"]) if agents else DASH,
        "lost": str(now["lost"]),
    }


def windows_of(shot: dict[str, Any]) -> dict[str, list[str]]:
    """The windows of a queue's view, each with the parts of its ratio."""
    found = {}
    for name in ("5m", "15m", "30m", "1h", "day"):
        window = shot["windows"][name]
        level = window["service_level"]["sl_event"]
        for count in ("offered", "answered", "abandoned", "max_waiting"):
            found[f"{count}:{name}"] = [str(window[count]), ""]
        found[f"service_level:{name}:sl_event"] = [percent(level), parts(level)]
        found[f"abandonment:{name}"] = [small_percent(window["abandonment"]), parts(window["abandonment"])]
        found[f"mean_wait:{name}"] = [rounded(window["wait_seconds"]["answered"]["mean"]), ""]
        found[f"max_wait:{name}"] = [rounded(window["wait_seconds"]["all"]["max"]), ""]
        found[f"handle_time:{name}"] = [rounded(window["handle_seconds"]["mean"]), ""]
    return found


@dataclass(frozen=True)
class Seen:
    """What was told, and what each page showed right after the event of a tick; the answers of the queue's page."""

    told: Told
    floor: dict[str, Any]
    wall: dict[str, Any]
    queue: dict[str, Any]
    answers: list[Any]


@pytest.fixture(scope="module")
def seen(children: Children, at: Servers, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """A recorded history is replayed while the three views are open."""
    folder = tmp_path_factory.mktemp("replay")
    (folder / "floor.toml").write_text(FLOOR, "utf-8")
    centre = Centre(children, at, folder / "floor.toml", NAMESPACE)
    centre.start_board()
    pages, told = Pages(chromium), Told(centre)
    views = [pages.open(centre.url + path, wait=False, script=RECORDER) for path in VIEWS]
    with told.listening():
        replay = children.start(
            "the replay",
            floorpulse_command(
                "replay", str(HISTORY), "--as", "asterisk", "--namespace", NAMESPACE, "--speed", str(SPEED),
                "--report", str(folder / "report.json"),
            ),
            centre.env,
        )  # fmt: skip
        eventually(lambda: replay.exit_code is not None, REPLAY_SECONDS)
        assert replay.exit_code == 0, replay.last_words()
    floor, wall, queue = (view.evaluate("window.ticks") for view in views)
    answers = views[-1].evaluate("window.answers")
    pages.close()
    return Seen(told, floor, wall, queue, answers)


@pytest.mark.slow
def test_the_floor_shows_what_the_api_and_redis_tell_at_the_same_tick_of_a_replay(seen: Seen) -> None:
    compared = 0
    for tick, rows in seen.floor.items():
        shots = seen.told.api.get(int(tick))
        if shots is None:
            continue
        compared += 1
        assert shots == seen.told.redis[int(tick)]
        shown = {row["queue"]: {name: row[name] for name in row_of(shots[row["queue"]])} for row in rows}
        assert shown == {name: row_of(shot) for name, shot in shots.items()}
    print(f"\n{compared} ticks of the floor")
    assert compared >= LEAST_TICKS
    waited = {row["waiting"] for rows in seen.floor.values() for row in rows if row["queue"] == QUEUE}
    assert len(waited) >= 5, "the numbers moved"


@pytest.mark.slow
def test_the_wall_shows_the_sums_of_what_the_api_tells_at_the_same_tick_of_a_replay(seen: Seen) -> None:
    compared = 0
    for tick, panels in seen.wall.items():
        shots = seen.told.api.get(int(tick), {})
        for panel in panels if shots else []:
            compared += 1
            some = [shot for shot in shots.values() if (shot["group"] or shot["display_name"]) == panel["group"]]
            shown = {"group": panel["group"], "severity": panel["severity"], **panel["values"]}
            # Who serves several queues of a group is counted once, which snapshots of queues cannot tell.
            free = figures_of(some[0])["available"] if len(some) == 1 else shown["free"]
            assert shown == {**panel_of(panel["group"], some), "free": free}
    print(f"\n{compared} panels of the wall")
    assert compared >= LEAST_TICKS
    assert {panel["group"] for panels in seen.wall.values() for panel in panels} >= {"Service", "Shop", "Members"}


@pytest.mark.slow
def test_the_view_of_a_queue_shows_what_the_api_and_redis_tell_at_the_same_tick_of_a_replay(seen: Seen) -> None:
    compared = 0
    for tick, head in seen.queue.items():
        shot = seen.told.api.get(int(tick), {}).get(QUEUE)
        if shot is None or not head["figures"]:
            continue
        compared += 1
        shown = {name: head["figures"][name] for name in figures_of(shot)}
        assert (head["severity"], shown) == (str(shot["severity"]), figures_of(shot))
    windows = 0
    for (shot,), shown in seen.answers:
        published = seen.told.redis.get(shot["published_at_ms"], {}).get(QUEUE)
        if published is None:  # of before we listened
            continue
        windows += 1
        assert shot == published
        assert shown == windows_of(shot)
    print(f"\n{compared} ticks of the queue, {windows} times its windows")
    assert compared >= LEAST_TICKS
    assert windows >= LEAST_ANSWERS
