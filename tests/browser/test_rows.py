"""The rows of the floor, told by hand: what they show, that they fit, and what stands below them."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from floorpulse.embedded import start_redis
from floorpulse.processes import Children
from kpi import keys
from kpi.floor import parse_floor
from tests.board.fake_worker import FakeWorker
from tests.board.test_server import Running, end_all
from tests.browser.centre import Told
from tests.data_sets import ROOT

EVIL = '<img src=x onerror="document.title=1">\'"&{};</script><script>document.title=1</script>'


@pytest.fixture(scope="module", autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    end_all()


@pytest.fixture
def floor(redis_url: str) -> Iterator[tuple[FakeWorker, Running]]:
    """A board whose worker's last tick is of now; three queues, one of them with an evil name."""
    worker, now_ms = FakeWorker(redis_url), time.time_ns() // 1_000_000
    for number in range(3):
        worker.join("support", str(number), now_ms - 240_000 - number)
    worker.redis.hset(keys.queues_key("live"), keys.queue_suffix("quiet", "voice"), "seen")
    worker.redis.hset(keys.queues_key("live"), keys.queue_suffix(EVIL, "chat"), "seen")
    worker.commit(now_ms)
    board = Running(redis_url)
    board.wait_until_ready()
    yield worker, board
    board.stop()


def open_page(chromium: Browser, url: str, complaints: list[str]) -> Any:
    page = chromium.new_page(viewport={"width": 1920, "height": 1080})
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append("dialog"))
    page.goto(url)
    return page


def test_the_worst_queue_is_first_names_are_only_text_and_silence_turns_it_grey(
    chromium: Browser, floor: tuple[FakeWorker, Running]
) -> None:
    worker, board = floor
    complaints: list[str] = []
    page = open_page(chromium, board.url, complaints)
    page.wait_for_selector("article")
    # The worker writes on its own; here it wrote once, so 3 s later the page must say that this is old.
    assert page.locator("article h2").all_inner_texts()[0] == "support"
    assert EVIL in page.locator("article h2").all_inner_texts()
    assert page.locator("article").first.locator(".waiting .number").inner_text() == "3"
    assert page.locator("article").first.locator(".verdict").inner_text() == "‼ CRITICAL"
    assert page.locator("article", has_text="quiet").locator(".level .number").inner_text() == "–"
    page.locator("body[data-state=stale]").wait_for(timeout=10_000)
    assert page.locator("#banner").inner_text().startswith("STALE since")
    assert page.title() == "Floorpulse"
    assert complaints == [], "no violation of the content security policy, no error, no dialog"
    worker.redis.flushall()
    page.locator("body[data-state=rebuilding]").wait_for(timeout=10_000)
    assert page.locator("article").first.locator(".waiting .number").inner_text() == "–"


def test_a_board_that_is_gone_turns_the_page_grey_within_five_seconds(
    chromium: Browser, floor: tuple[FakeWorker, Running]
) -> None:
    _, board = floor
    page = open_page(chromium, board.url + "?lang=zh-CN", [])
    page.wait_for_selector("article")
    os.kill(board.process.pid, signal.SIGKILL)
    page.locator("body[data-state=lost]").wait_for(timeout=5_000)
    assert page.locator("#banner").inner_text().startswith("连接中断")
    assert page.evaluate("getComputedStyle(document.querySelector('main')).filter") == "grayscale(1)"
    quiet, number = (
        page.evaluate(f"getComputedStyle(document.querySelector('{which}')).color") for which in (".about", ".number")
    )
    assert number == quiet, "old numbers stand out from nothing"


def test_a_longest_wait_ticks_between_two_updates_and_fits_on_a_phone(chromium: Browser) -> None:
    with Children() as children:
        url = start_redis(children)
        worker, now_ms = FakeWorker(url), time.time_ns() // 1_000_000
        worker.join("support", "a", now_ms - 3_725_000)
        worker.commit(now_ms + 60_000)  # its clock is ahead: fresh for the whole test
        board = Running(url)
        board.wait_until_ready()
        page = chromium.new_page(viewport={"width": 390, "height": 844})
        page.goto(board.url)
        wait = page.locator(".longest .number")
        wait.wait_for()
        first = wait.inner_text()
        assert first.startswith("1:02:")
        expect(wait).not_to_have_text(first)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        board.stop()


def spilling(page: Any) -> list[str]:
    """What does not fit: parts that leave their row, texts wider than their part, a page that has to be scrolled."""
    found: list[str] = page.evaluate(
        """() => {
            const part = (e) => {
                if (!e.offsetParent) return false; // not drawn at all
                const [own, row] = [e.getBoundingClientRect(), e.parentElement.getBoundingClientRect()];
                return own.top < row.top - 1 || own.bottom > row.bottom + 1 || e.scrollWidth > e.clientWidth + 1;
            };
            const whole = document.documentElement;
            return [...document.querySelectorAll("article > div")].filter(part).map((e) => e.innerText)
                .concat(whole.scrollHeight > whole.clientHeight + 1 ? ["the page"] : []);
        }"""
    )
    return found


@pytest.mark.parametrize("language", ["en", "zh-CN", "zh-TW"])
def test_eleven_queues_in_trouble_fit_on_one_screen_and_still_do_when_the_banner_comes(
    chromium: Browser, redis_url: str, language: str
) -> None:
    with Told(redis_url) as worker:
        with worker.lock:
            trouble_everywhere(worker)
        worker.tick()
        board = Running(redis_url, "--config", str(ROOT / "floor.toml"), "--demo")
        board.wait_until_ready()
        page = open_page(chromium, f"{board.url}?lang={language}", [])
        page.locator("body[data-state=fresh] article").nth(10).wait_for()
        page.locator("#agents").wait_for()
        assert spilling(page) == []
        worker.talking = False
        page.locator("body[data-state=stale]").wait_for(timeout=20_000)
        assert spilling(page) == []
        page.set_viewport_size({"width": 1280, "height": 720})
        assert spilling(page) == []
        board.stop()


def trouble_everywhere(worker: Told) -> None:
    """In every queue of floor.toml there is as much to say as there can be."""
    now_ms = worker.start_ms
    for config in parse_floor((ROOT / "floor.toml").read_text("utf-8")).configured:
        for number in range(120):
            joined = now_ms - 3_700_000 + number
            worker.join(config.id, str(number), joined, channel=config.channel)
            if number > 100:
                worker.leave(config.id, str(number), now_ms - 60_000, now_ms, "abandoned", channel=config.channel)
        for kind in ("open_cases", "case_new", "unassigned", "due", "due_resolution"):
            worker.live(kind, config.id, config.channel, "case", now_ms)
        worker.count(config.id, config.channel, now_ms - 60_000, offered=14, abandoned=14, wait__abandoned__3=14)
        worker.live("unanswered", config.id, config.channel, "u|1", now_ms - 3_700_000)
        worker.live("lost", config.id, config.channel, "l|1", now_ms - 1_000)
        for callback, due in (("one", -1_000), ("two", 60_000)):
            worker.live("callbacks", config.id, config.channel, callback, now_ms + due)
        worker.agent(f"agent of {config.id}", "break", now_ms - 3_700_000, queues={config.id: "lunch"})
        for weeks in (1, 2):  # what is normal, and by how much
            then = now_ms - weeks * 604_800_000 - 900_000
            waits = {"wait__answered__10": 90 + weeks, "wait_ms__answered": 900_000}
            worker.count(config.id, config.channel, then, offered=100, answered=90 + weeks, abandoned=weeks, **waits)
    worker.live("source", "", "", "/acd/a/source/with/a/name", now_ms - 200_000)


def test_agents_backlog_and_doubts_stand_below_the_queues_and_open_into_lists(
    chromium: Browser, redis_url: str
) -> None:
    worker, now_ms = FakeWorker(redis_url), time.time_ns() // 1_000_000
    for number in range(7):  # one at a time is about to pass the target of 20 s, for a minute from now on
        worker.join("support", f"a{number}", now_ms - 15_000 + number * 10_000)
    worker.agent(EVIL, "break", now_ms - 125_000, team="Front", queues={"support": "lunch"}, reason=EVIL)
    worker.agent("bo", "idle", now_ms - 5_000, queues={"support": None})
    worker.live("agent_heartbeat", "", "", "bo", now_ms - 400_000)
    worker.live("unanswered", "support", "voice", "u|1", now_ms - 61_000)
    worker.live("lost", "support", "voice", "l|1", now_ms - 1_000)
    worker.count("support", "voice", now_ms - 60_000, abandoned=3, wait__abandoned__3=2, wait__abandoned__9=1)
    for kind in ("open_cases", "case_open", "unassigned", "due", "due_first_response"):
        worker.live(kind, "mail", "email", "k1", now_ms - 7_200_000)
    worker.live("source", "", "", "/acd/one", now_ms - 100_000)
    worker.commit(now_ms + 60_000)
    board = Running(redis_url)
    board.wait_until_ready()
    complaints: list[str] = []
    page = open_page(chromium, board.url, complaints)
    support = page.locator("article", has_text="support")
    expect(support.locator(".waiting .extra")).to_have_text("1 at risk")
    expect(support.locator(".longest .extra")).to_have_text(re.compile(r"^1 unanswered, oldest 1:\d\d$"))
    expect(support.locator(".lost .extra")).to_have_text("1 still lost · 2 short")
    expect(support.locator(".lost .extra")).to_have_attribute("title", re.compile("2 within 5 s not judged$"))
    # Whether he came in this quarter-hour or in the one before, the clock decides.
    expect(support.locator(".calls")).to_have_text(re.compile(r"^1/1 free · this quarter-hour \d, the last \d$"))
    agents, backlog = page.locator("#agents"), page.locator("#backlog")
    expect(agents.locator("summary")).to_contain_text("Agents 2 1 idle · 1 break · longest break 2:")
    expect(agents.locator("summary")).to_contain_text("1 without a sign of life")
    expect(backlog.locator("summary")).to_have_text("Open cases 1 open · 1 without owner · 1 overdue · oldest 2 h")
    expect(page.locator("#doubt")).to_have_text("/acd/one is silent")
    assert page.locator("#agents-list td").count() == 0
    agents.locator("summary").click()
    expect(page.locator("#agents-list tr").nth(1).locator("td").first).to_have_text(EVIL)
    expect(page.locator("#agents-list tr").nth(2).locator("td").last).to_have_text("no sign of life")
    backlog.locator("summary").click()
    expect(page.locator("#backlog-list tr").nth(1)).to_contain_text("1 / 0 / 0 / 0")
    assert complaints == []
    board.stop()


def test_a_floor_without_agents_or_cases_says_nothing_about_them(chromium: Browser, redis_url: str) -> None:
    worker, now_ms = FakeWorker(redis_url), time.time_ns() // 1_000_000
    worker.join("support", "a", now_ms - 60_000)  # long past the target: not about to pass it
    worker.commit(now_ms + 60_000)
    board = Running(redis_url)
    board.wait_until_ready()
    page = open_page(chromium, board.url, [])
    page.locator("body[data-state=fresh] article").wait_for()
    for part in ("#agents", "#backlog", "#doubt"):
        assert page.locator(part).is_hidden()
    assert page.locator("article .extra").all_inner_texts() == [""] * 5
    board.stop()
