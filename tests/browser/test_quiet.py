"""Planned quiet on the page, and the minute that a link is about; by key, too."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from floorpulse.embedded import Servers
from floorpulse.processes import Children
from tests.browser.alert_scene import MINUTE, Scene, alert_scene, fill, local
from tests.browser.watch import Pages

# From now on: when, by the page's clock, the sign of quiet comes to a queue's row and when it goes.
WATCH_SIGN = """(queue) => {
    window.changes = [];
    const look = () => {
        const there = document.querySelector(`#rows [data-queue=${queue}] .sign-of.quiet`) !== null;
        if (there !== (window.changes.length % 2 === 1)) window.changes.push(Date.now());
    };
    new MutationObserver(look).observe(document.getElementById("rows"), { subtree: true, childList: true });
    look();
}"""


@pytest.fixture(scope="module")
def scene(children: Children, only_redis: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with alert_scene(children, only_redis, tmp_path_factory.mktemp("floor")) as made:
        yield made


def test_quiet_is_planned_for_a_queue_seen_everywhere_and_taken_back(scene: Scene, pages: Pages) -> None:
    scene.fires()
    page = pages.open(f"{scene.url}queue/billing/voice")
    page.keyboard.press("q")
    fill(page, "Ana", "team meeting")
    assert page.locator("dialog.plan-quiet select").input_value() == '{"queue":"billing"}'
    page.locator("dialog.plan-quiet .primary").click()
    line = page.locator("dialog.plan-quiet .quiet-line")
    expect(line.locator(".quiet-text")).to_have_text(re.compile(r"^team meeting until \d\d:\d\d$"))
    expect(line.locator(".quiet-place")).to_have_text("queue Billing")
    expect(line.locator(".quiet-who")).to_have_text("Ana")
    page.keyboard.press("Escape")
    expect(page.locator(".queue-view .quiet-text")).to_have_text(re.compile(r"^team meeting until"))
    page.keyboard.press("f")
    expect(page.locator("#rows [data-queue=billing] .sign-of.quiet")).to_contain_text("Quiet until")
    expect(page.locator("#rows [data-queue=sales] .sign-of")).to_have_count(0)
    page.keyboard.press("w")
    expect(page.locator("#panels .sign-of.quiet")).to_have_count(1)
    page.keyboard.press("q")
    page.locator("dialog.plan-quiet .quiet-line button").click()
    expect(page.locator("dialog.plan-quiet .quiet-line")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator("#panels .sign-of")).to_have_count(0)


def test_quiet_of_a_group_and_of_the_floor_is_about_all_in_it(scene: Scene, pages: Pages) -> None:
    scene.fires()
    page = pages.open(scene.url)
    signs = page.locator("#rows .sign-of.quiet")
    for place, count in (({"group": "Pre-sales"}, 1), ({}, 2)):
        body = {"author": "Ana", "reason": "fire drill", "minutes": 15, **place}
        assert scene.centre.post("/api/quiet", body).status_code == 201
        expect(signs).to_have_count(count)
    expect(page.locator("#strip .quiet-line")).to_have_count(1)  # the others stand in the list
    page.keyboard.press("a")
    expect(page.locator("dialog.alert-list .quiet-line")).to_have_count(2)


def test_quiet_that_is_to_come_begins_without_any_news(scene: Scene, pages: Pages) -> None:
    scene.fires()
    page = pages.open(scene.url)
    page.evaluate(WATCH_SIGN, "sales")
    from_ms = int(time.time() * 1000) + 3_000
    body = {"author": "Ana", "reason": "drill", "from_ms": from_ms, "to_ms": from_ms + 2_000, "queue": "sales"}
    assert scene.centre.post("/api/quiet", body).status_code == 201
    page.wait_for_function("() => window.changes.length === 2")
    came_ms, went_ms = page.evaluate("window.changes")
    # The page goes by the board's clock, which it knows as well as news travel.
    assert from_ms - 500 <= came_ms < from_ms + 8_000
    assert from_ms + 1_500 <= went_ms < from_ms + 10_000


def test_a_link_marks_its_minute_on_the_time_line_and_says_so(scene: Scene, pages: Pages) -> None:
    scene.fires()
    address = f"{scene.url}queue/billing/voice?at="
    page = pages.open(f"{address}{scene.now_ms - 2 * MINUTE}")
    text = page.locator(".marked-text")
    at = local(scene.now_ms - 2 * MINUTE)
    expect(text).to_have_text(re.compile(rf"^Marked: {at}\. Then \d+ waited; in that minute \d+ came, "))
    expect(page.locator(".hour-chart .marked")).to_have_count(1)
    expect(page.locator(".hour-chart .marked-time")).to_have_text(at)
    for ms, said in (
        (scene.now_ms - 3 * 3_600_000, "before the hour shown here"),
        (scene.now_ms + 3_600_000, "not come"),
    ):
        page.goto(f"{address}{ms}")
        expect(text).to_contain_text(said)
        expect(page.locator(".hour-chart .marked")).to_have_count(0)
    page.goto(f"{address}soon")
    page.locator(".hour-chart .waiting-line").wait_for(state="attached")
    expect(text).to_be_empty()
    page.goto(f"{address}{scene.now_ms}")
    page.locator(".queue-head").wait_for()
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"/$"))
