"""Alerts on the page: what fires, who has taken it, and that it stays readable; by key, too."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from floorpulse.embedded import Servers
from floorpulse.processes import Children
from kpi.floor import parse_floor
from kpi.instants import parse_time
from kpi.keys import alerts_key
from tests.board.held_alerts import held, tell
from tests.browser.alert_scene import MINUTE, Scene, alert_scene, fill, lines, local
from tests.browser.centre import Centre, Told
from tests.browser.test_accessibility import THEMES, serious
from tests.browser.test_languages import english_words
from tests.browser.test_rows import spilling
from tests.browser.watch import DESK, PHONE, Pages
from tests.data_sets import ROOT
from tests.eventually import eventually

CHINESE = ("zh-CN", "zh-TW")


@pytest.fixture(scope="module")
def scene(children: Children, only_redis: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with alert_scene(children, only_redis, tmp_path_factory.mktemp("floor")) as made:
        yield made


@pytest.fixture
def waiting(scene: Scene) -> Any:
    """Somebody waits too long in billing: critical, the warning behind it, and too many of them."""
    since = scene.now_ms - MINUTE
    found = held(queue="billing", since_ms=since)
    scene.fires(found, held(queue="billing", severity="warning", threshold=60.0), held(
        "QueueLengthHigh", "warning", "billing", threshold=10.0, value=20.0, since_ms=since + 1))  # fmt: skip
    return found


def test_the_floor_says_what_fires_where_since_when_and_by_how_much(scene: Scene, waiting: Any, pages: Pages) -> None:
    page = pages.open(scene.url)
    strip = lines(page, "#strip")
    expect(strip).to_have_count(1)
    expect(strip).to_contain_text("Somebody waits too long")
    expect(strip.locator(".alert-place")).to_have_text("Billing")
    expect(strip.locator(".alert-since")).to_have_text(f"since {local(waiting.since_ms)}")
    expect(strip.locator(".alert-numbers")).to_have_text(re.compile(r"^\d+:\d\d(:\d\d)?, limit 3:00$"))
    first = strip.locator(".alert-numbers").inner_text()
    expect(strip.locator(".alert-numbers")).not_to_have_text(first)  # it moves by itself
    expect(page.locator("#alerts .count")).to_have_text("2")
    assert page.locator("#alerts").get_attribute("aria-label") == "Alerts: 2 firing, 0 taken"
    expect(page.locator("#rows [data-queue=billing] .sign-of.alert")).to_contain_text(local(waiting.since_ms))
    expect(page.locator("#rows [data-queue=sales] .signs")).to_have_count(0)
    strip.locator(".alert-place").click()
    expect(lines(page, ".queue-view")).to_have_count(2)  # the warning speaks behind the critical one
    page.keyboard.press("w")
    sign = page.locator("#panels article", has_text="After-sales").locator(".sign-of.alert")
    expect(sign).to_contain_text("2 alerts nobody has taken")
    tell(scene.redis)
    expect(page.locator("#panels .sign-of")).to_have_count(0)
    page.keyboard.press("f")
    expect(page.locator("#strip .alert-strip")).to_be_hidden()


def test_an_alert_is_taken_by_key_seen_by_all_and_given_back(scene: Scene, waiting: Any, pages: Pages) -> None:
    page, other = pages.open(f"{scene.url}queue/billing/voice"), pages.open(scene.url)
    page.keyboard.press("a")
    expect(page.locator("dialog.alert-list")).to_be_visible()
    for _ in range(20):
        page.keyboard.press("Tab")
        if "Somebody waits" in (page.evaluate("document.activeElement.getAttribute('aria-label')") or ""):
            break
    page.keyboard.press("Enter")
    page.locator("dialog.acknowledge").wait_for()
    page.keyboard.type("Ana Li")
    page.keyboard.press("Tab")
    page.keyboard.type("two more are on their way")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")  # 60 min
    page.keyboard.press("Enter")
    expect(page.locator("dialog.acknowledge")).to_have_count(0)
    [silence] = scene.manager.active()
    assert (silence["createdBy"], silence["comment"]) == ("Ana Li", "two more are on their way")
    begins_ms, until_ms = parse_time(silence["startsAt"]), parse_time(silence["endsAt"])
    assert abs(until_ms - begins_ms - 60 * MINUTE) < MINUTE
    taken = re.compile(rf"✓ Ana Li until {local(until_ms)} “two more are on their way”")
    page.keyboard.press("Escape")
    expect(page.locator(".queue-view .alert-taken").filter(has_text="Ana Li")).to_have_text(taken)
    expect(lines(other, "#strip").first).to_contain_text("Too many are waiting")  # what nobody has taken comes first
    expect(other.locator("#alerts .count")).to_have_text("1")
    page.locator(".queue-view .alert-line", has_text="Ana Li").locator("button").click()
    dialog = page.locator("dialog.acknowledge")
    expect(dialog.locator(".field input").first).to_have_value("Ana Li")  # remembered
    dialog.get_by_text("Give it back").click()
    expect(dialog).to_have_count(0)
    expect(page.locator(".queue-view .alert-taken").filter(has_text="Ana Li")).to_have_count(0)
    assert scene.manager.active() == []


def test_until_a_time_of_day_means_the_next_one(scene: Scene, waiting: Any, pages: Pages) -> None:
    page = pages.open(f"{scene.url}queue/billing/voice")
    lines(page, ".queue-view").first.locator("button").click()
    fill(page, "Ana", "meeting")
    soon = int(time.time()) + 2 * 3_600
    page.locator("dialog.acknowledge .time").fill(time.strftime("%H:%M", time.localtime(soon)))
    page.locator("dialog.acknowledge .primary").click()
    expect(page.locator("dialog.acknowledge")).to_have_count(0)
    [alert] = scene.centre.get("/api/alerts?state=acknowledged").json()["alerts"]
    assert alert["acknowledged"]["until_ms"] == soon // 60 * MINUTE


def test_a_link_opens_the_form_of_its_alert_once(scene: Scene, waiting: Any, pages: Pages) -> None:
    page = pages.open(f"{scene.url}queue/billing/voice?at={scene.now_ms}&ack=QueueLengthHigh.warning")
    dialog = page.locator("dialog.acknowledge")
    expect(dialog.locator(".modal-about")).to_contain_text("Too many are waiting")
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"\?at=\d+$"))
    page.goto(f"{scene.url}queue/billing/voice?ack=QueueLongestWaitHigh.warning")
    expect(dialog.locator(".modal-about")).to_contain_text("limit 1:00")  # inhibited, and still to be taken
    page.goto(f"{scene.url}queue/billing/voice?ack=QueueUnattended.critical")
    expect(dialog).to_contain_text("This alert is over.")
    page.goto(f"{scene.url}queue/billing/voice")
    expect(lines(page, ".queue-view")).not_to_have_count(0)
    tell(scene.redis, held(queue="billing", phase="ok", resolved_ms=scene.now_ms))
    expect(lines(page, ".queue-view")).to_have_count(0)  # the board has noticed; a page that opens now knows it
    page.goto(f"{scene.url}queue/billing/voice?ack=QueueLongestWaitHigh.critical")
    expect(dialog).to_contain_text(f"This alert ended at {local(scene.now_ms)}.")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"/$"))


def test_an_alertmanager_that_is_away_is_said_and_a_refusal_too(scene: Scene, waiting: Any, pages: Pages) -> None:
    page = pages.open(f"{scene.url}queue/billing/voice")
    scene.manager.away = True
    expect(page.locator(".queue-view .alert-warning")).to_contain_text("Alertmanager does not answer", timeout=10_000)
    lines(page, ".queue-view").first.locator("button").click()
    fill(page, "Ana", "x")
    pages.excuse("console error: Failed to load resource: the server responded with a status of 503")
    page.locator("dialog.acknowledge .primary").click()
    expect(page.locator("dialog.acknowledge .problem")).to_have_text(re.compile("Alertmanager does not answer"))
    page.keyboard.press("Escape")
    scene.manager.away = False
    expect(page.locator(".queue-view .alert-warning")).to_be_empty(timeout=10_000)


def test_an_engine_that_died_is_said(scene: Scene, waiting: Any, pages: Pages) -> None:
    page = pages.open(scene.url)
    tell(scene.redis, waiting, alive=False)
    expect(page.locator("#strip .alert-warning")).to_contain_text("The alert engine does not run", timeout=15_000)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_nothing_serious_is_found_where_alerts_are_and_nothing_leaves_the_screen(
    scene: Scene, waiting: Any, pages: Pages, size: tuple[int, int]
) -> None:
    scene.centre.post("/api/quiet", {"author": "Ana", "reason": "meeting " * 20, "minutes": 15, "queue": "sales"})
    page = pages.open(scene.url, size)
    found = []
    views = {
        "": None, "wall": None, "queue/billing/voice?at=" + str(scene.now_ms - MINUTE): None, "queue/sales/voice": None,
        "?": "a", "queue/billing/voice": "q", "queue/billing/voice?ack=QueueLengthHigh.warning": "",
    }  # fmt: skip
    for path, key in views.items():
        page.goto(scene.url + path)
        page.locator("body[data-state=fresh] main :is(article, .queue-head)").first.wait_for()
        if key is not None:
            page.keyboard.press(key) if key else None
            page.locator("dialog.modal").wait_for()
        for theme, only in THEMES.items():
            page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
            found += [f"{theme} /{path} {key}: {text}" for text in serious(page, only)]
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], path
    assert found == []


@pytest.mark.parametrize("language", CHINESE)
def test_alerts_speak_the_language_of_the_page(scene: Scene, waiting: Any, pages: Pages, language: str) -> None:
    scene.centre.post("/api/quiet", {"author": "王芳", "reason": "班会", "minutes": 15, "queue": "sales"})
    # Ana's meeting: what another test of this scene may have taken stays taken.
    taken = ["Ana", "meeting"]
    names = [*taken, "Floorpulse", "EN", "English", "min", "CSV", "voice", "Esc", *(f"s{n}" for n in range(20)), "w1"]
    page = pages.open(f"{scene.url}?lang={language}")
    left = english_words(page, names)
    for path, key in (("", "a"), ("queue/billing/voice", "q"), ("queue/billing/voice", ""), ("wall", "")):
        page.goto(f"{scene.url}{path}?lang={language}&at={scene.now_ms - MINUTE}")
        page.locator("body[data-state=fresh] main :is(article, .queue-head)").first.wait_for()
        if key:
            page.keyboard.press(key)
            page.locator("dialog.modal").wait_for()
        elif path.startswith("queue"):
            lines(page, ".queue-view").first.locator("button").click()
            page.locator("dialog.acknowledge").wait_for()
        left |= english_words(page, names)
    assert left == set()


def test_names_and_reasons_are_only_text(scene: Scene, waiting: Any, pages: Pages) -> None:
    evil = '<img src=x onerror="document.title=1">{time}${n}'
    scene.centre.post("/api/quiet", {"author": evil[:60], "reason": evil, "minutes": 15, "queue": "billing"})
    body = {"author": evil[:60], "reason": evil, "minutes": 15}
    path = f"/api/alerts/{waiting.field.replace('|', '%7C')}/acknowledge"
    assert scene.centre.post(path, body).status_code == 201
    page = pages.open(f"{scene.url}queue/billing/voice")
    expect(page.locator(".queue-view .quiet-text")).to_contain_text(evil)
    expect(page.locator(".queue-view .alert-taken").filter(has_text=evil)).to_have_count(1)
    assert page.locator("img").count() == 0


def test_two_hundred_alerts_are_one_line_on_the_floor_and_all_in_the_list(scene: Scene, pages: Pages) -> None:
    many = [held("QueueLengthHigh", "warning", f"q{n}", value=10.0, threshold=5.0, since_ms=n) for n in range(210)]
    scene.fires(held(queue="billing", since_ms=1), *many)
    page = pages.open(scene.url)
    expect(lines(page, "#strip")).to_have_count(1)
    page.locator("#strip .alert-tools button").click()
    expect(lines(page, "dialog.alert-list")).to_have_count(200)
    expect(page.locator("dialog.alert-list .hint")).to_have_text("Only the worst 200 of 211 are shown.")
    assert scene.told.redis.hlen(alerts_key("live")) == 212


@pytest.mark.parametrize("language", ["en", *CHINESE])
def test_eleven_queues_in_trouble_fit_on_one_screen_below_the_strip(
    children: Children, redis_url: str, pages: Pages, language: str
) -> None:
    file = ROOT / "floor.toml"
    with Told(redis_url) as told:
        configs = parse_floor(file.read_text("utf-8")).configured
        with told.lock:
            for config in configs:
                for number in range(30):
                    told.join(config.id, str(number), told.start_ms - 3_700_000 + number, channel=config.channel)
                told.agent(f"agent of {config.id}", "break", told.start_ms - 3_700_000, queues={config.id: "lunch"})
        told.tick()
        centre = Centre(children, Servers("127.0.0.1:1", redis_url, redis_url), file)
        centre.start_board()
        eventually(lambda: centre.get("/readyz").status_code == 200)
        tell(redis_url, *(held(queue=each.id, channel=each.channel, since_ms=told.start_ms) for each in configs))
        for number, place in enumerate(({}, {"group": configs[0].group}, {"queue": configs[0].id})):
            body = {"author": "Ana", "reason": f"team meeting {number}", "minutes": 15, **place}
            assert centre.post("/api/quiet", body).status_code == 201
        page = pages.open(f"{centre.url}?lang={language}")
        expect(page.locator("#rows .sign-of.alert")).to_have_count(len(configs))
        expect(page.locator("#strip .quiet-line")).to_have_count(1)
        assert spilling(page) == []
