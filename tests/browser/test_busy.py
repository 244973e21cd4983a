"""What is too much for the board at once is asked for again by the page itself, at the time that the answer says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from floorpulse.embedded import Servers
from floorpulse.processes import Children
from tests.browser.centre import Centre, Told
from tests.browser.watch import TOO_MUCH, Pages
from tests.eventually import eventually

QUEUE = "line"
# By its own turn it would be asked for again in days; what was refused, and how long it was left alone then (ms).
POLL = """(address) => new Promise(async (resolve, reject) => {
    const { Poll } = await import("/static/queue_poll.js");
    const failed = [];
    const poll = new Poll(() => address, 1e9,
        ({ answers }) => {
            poll.stop();
            resolve({ answers, refused: failed.map(({ status }) => status), left: performance.now() - failed[0].at });
        },
        ({ status }) => failed.push({ status, at: performance.now() }));
    setTimeout(() => reject("it is not asked for again"), 15_000);
})"""


@pytest.fixture(scope="module")
def board(children: Children, only_redis: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A queue in which one waits."""
    file: Path = tmp_path_factory.mktemp("floor") / "floor.toml"
    file.write_text(f'[queue.{QUEUE}]\nchannel = "voice"\n', "utf-8")
    with Told(only_redis.redis) as told:
        with told.lock:
            told.join(QUEUE, "a", told.start_ms - 20_000)
        told.tick()
        centre = Centre(children, only_redis, file)
        centre.start_board()
        eventually(lambda: centre.get("/readyz").status_code == 200)
        yield centre


class Busy:
    """Refuses what a page asks for as too much at once, while it is `busy`."""

    def __init__(self, page: Page, addresses: str) -> None:
        self.busy = True
        page.route(addresses, self._answer)

    def _answer(self, route: Route) -> None:
        if self.busy:
            route.fulfill(status=429, headers={"Retry-After": "1"}, json={"error": "two are being made already"})
        else:
            route.fallback()


@pytest.mark.parametrize(
    ("said", "least_ms"), [("2", 2_000), ("0", 1_000), (None, 1_000), ("Sat, 21 Nov 2026 08:00:00 GMT", 1_000)]
)
def test_a_refused_list_is_asked_for_again_when_its_answer_says(
    board: Centre, pages: Pages, said: str | None, least_ms: int
) -> None:
    pages.excuse(TOO_MUCH)
    page = pages.open(board.url)
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        headers = {"Retry-After": said} if said and len(asked) == 1 else {}
        route.fulfill(status=429 if len(asked) == 1 else 200, headers=headers, json={"answers": len(asked)})

    page.route("**/api/tried", answer)
    told: dict[str, Any] = page.evaluate(POLL, "/api/tried")
    assert (told["answers"], told["refused"]) == (2, [429])
    assert told["left"] >= least_ms - 10  # a browser's clocks are not that exact


def test_a_list_that_was_refused_comes_and_says_so_until_then_in_the_language_of_the_page(
    board: Centre, pages: Pages
) -> None:
    pages.excuse(TOO_MUCH)
    page = pages.open(f"{board.url}?lang=zh-CN")
    busy = Busy(page, "**/contacts?*list=waiting*")
    page.goto(f"{board.url}queue/{QUEUE}/voice?lang=zh-CN")
    contacts = page.locator(".sheet.contacts")
    expect(contacts.locator(".empty")).to_have_text("服务器当前请求过多，稍后自动重试。")
    busy.busy = False
    expect(contacts.locator("tbody tr")).to_have_count(1)
    expect(contacts.locator(".empty")).to_be_hidden()


def test_a_refused_explanation_comes_by_itself_and_its_button_stays_until_then(board: Centre, pages: Pages) -> None:
    pages.excuse(TOO_MUCH)
    page = pages.open(f"{board.url}queue/{QUEUE}/voice")
    busy = Busy(page, "**/api/explain/**")
    page.locator(".queue-head [data-explain=waiting]").click()
    again = page.locator("dialog.explain").get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    again.focus()
    for _ in range(2):  # nobody presses it
        with page.expect_response(lambda answer: "/api/explain/" in answer.url and answer.status == 429):
            pass
        expect(again).to_be_focused()
    again.click()  # it still asks
    busy.busy = False
    expect(page.locator("dialog.explain .explain-body:not([aria-busy])")).to_be_visible()
    expect(again).to_be_hidden()
