"""All can be done without a mouse: each key of the page, Tab to everything, focus that is seen and comes back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Page, expect

from floorpulse.embedded import Servers
from floorpulse.processes import Children
from tests.browser.centre import Centre, Told
from tests.browser.watch import Pages
from tests.eventually import eventually

T = TypeVar("T")
# What the focus is on, where it stands, and whether it is to be seen.
FOCUS = """() => {
    const at = document.activeElement;
    if (!at || at === document.body) return null;
    const style = getComputedStyle(at);
    const box = at.getBoundingClientRect();
    window.tabbed ??= new Map();
    if (!window.tabbed.has(at)) window.tabbed.set(at, window.tabbed.size);
    return {
        number: window.tabbed.get(at), id: at.id, tag: at.tagName, text: at.textContent.trim().slice(0, 40),
        name: at.getAttribute("aria-label") ?? at.title, explain: at.dataset.explain ?? null,
        queue: at.closest("[data-queue]")?.dataset.queue ?? null, dialog: at.closest("dialog") !== null,
        seen: box.width > 0 && box.height > 0 && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    };
}"""

# From the top of the page; what is there now is noted, and how often some of it is moved from here on.
START = """() => {
    window.tabbed = new Map();
    window.there = new Set(document.querySelectorAll("*"));
    window.moves = 0;
    window.observer?.disconnect();
    window.observer = new MutationObserver((records) => {
        for (const { addedNodes } of records)
            window.moves += [...addedNodes].filter((node) => window.there.has(node)).length;
    });
    window.observer.observe(document.body, { childList: true, subtree: true });
    // What had the focus is where Tab goes on from, even when it has lost it.
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute("tabindex");
}"""

# What was there, is there, and was not reached by Tab.
MISSED = """(selectors) => selectors.flatMap((selector) => [...document.querySelectorAll(selector)]
    .filter((each) => each.checkVisibility({ visibilityProperty: true }) && !each.disabled)
    .filter((each) => window.there.has(each) && !window.tabbed.has(each))
    .map((each) => `${selector}: ${each.outerHTML.slice(0, 120)}`))"""


def focus(page: Page) -> dict[str, Any]:
    """What has the focus; nothing is an empty answer."""
    found: dict[str, Any] | None = page.evaluate(FOCUS)
    return found or {}


def tab_through(page: Page, most: int = 400) -> list[dict[str, Any]]:
    """Everything that Tab reaches, from where the focus is (START: the top) until it leaves the page or comes round."""
    found: list[dict[str, Any]] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        at = focus(page)
        if found and at and at["number"] == found[-1]["number"]:
            continue  # a field for a time has several parts
        if not at or at["number"] < len(found):
            break
        found.append(at)
    assert len(found) < most
    return found


def while_all_stands_still(page: Page, act: Callable[[], T], tries: int = 8) -> T:
    """What `act` finds in a time in which nothing of the page changed places: what passes the focus is not reached."""
    for _ in range(tries):
        page.evaluate(START)
        found = act()
        if page.evaluate("window.moves") == 0:
            return found
    raise AssertionError(f"the rows changed places in each of {tries} walks through the page")


def test_keys_change_the_view_and_back_is_where_one_was(centre: Centre, pages: Pages) -> None:
    page = pages.open(centre.url + "?theme=light")
    page.keyboard.press("w")
    expect(page).to_have_url(re.compile(r"/wall\?theme=light$"))
    page.locator("#panels article").first.wait_for()
    page.keyboard.press("f")
    expect(page).to_have_url(re.compile(r"/\?theme=light$"))
    page.locator("#rows article").first.wait_for()
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("j")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("k")
    page.keyboard.press("j")
    at = focus(page)
    assert (at["tag"], at["seen"]) == ("A", True)
    page.keyboard.press("Enter")
    expect(page.locator(".queue-view")).to_have_attribute("data-queue", at["queue"])
    expect(page).to_have_url(re.compile(r"/queue/[^/]+/\w+\?theme=light$"))
    page.keyboard.press("Escape")
    page.locator("#rows article").first.wait_for()
    assert focus(page)["queue"] == at["queue"], "back on the row one came from"


def test_the_rows_keys_stop_at_both_ends(centre: Centre, pages: Pages) -> None:
    page = pages.open(centre.url)
    rows = page.locator("#rows article").count()
    for key, end in (("j", "last"), ("k", "first")):

        def at_the_end(key: str = key, end: str = end) -> str | None:
            for _ in range(rows + 3):
                page.keyboard.press(key)
            at = focus(page)["queue"]
            is_end = at == getattr(page.locator("#rows article"), end).get_attribute("data-queue")
            return None if is_end else f"{key} led to {at}"

        assert while_all_stands_still(page, at_the_end) is None


def test_a_number_is_explained_by_e_and_the_dialog_keeps_the_focus_and_gives_it_back(
    centre: Centre, pages: Pages
) -> None:
    page = pages.open(centre.url + "queue/support/voice")
    page.keyboard.press("j")
    before = focus(page)
    assert (before["explain"], before["seen"]) == ("waiting", True)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("e")
    page.locator("dialog.explain .explain-body:not([aria-busy])").wait_for()
    assert focus(page)["dialog"]
    for key in ("Tab", "Shift+Tab"):
        seen = set()
        for _ in range(60):
            page.keyboard.press(key)
            at = focus(page)
            assert at["dialog"], "the focus left the dialog"
            seen.add(at["number"])
        assert len(seen) >= 2
    page.keyboard.press("w")  # a dialog has its own keys
    expect(page).to_have_url(re.compile("/queue/support/voice$"))
    page.keyboard.press("Escape")
    expect(page.locator("dialog.explain")).to_have_count(0)
    assert focus(page)["number"] == before["number"]


def test_on_the_floor_e_explains_the_focused_row_and_enter_the_focused_number(centre: Centre, pages: Pages) -> None:
    page = pages.open(centre.url)
    page.keyboard.press("j")
    queue = focus(page)["queue"]
    for keys in (["e"], ["Tab", "Enter"]):
        for key in keys:
            page.keyboard.press(key)
        dialog = page.locator("dialog.explain")
        dialog.locator(".explain-body:not([aria-busy])").wait_for()
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        assert focus(page)["queue"] == queue


def test_search_sound_help_and_full_screen_have_keys(centre: Centre, pages: Pages) -> None:
    page = pages.open(centre.url)
    page.keyboard.press("/")
    assert focus(page)["id"] == "search"
    page.keyboard.type("wm?")  # in a field these are letters
    expect(page.locator("#search")).to_have_value("wm?")
    expect(page.locator("#help")).to_be_hidden()
    page.keyboard.press("Escape")
    assert focus(page) == {}
    page.keyboard.press("m")
    expect(page.locator("#sound")).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile("sound=1"))
    page.keyboard.press("m")
    expect(page.locator("#sound")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    assert set(page.locator("#help kbd").all_inner_texts()) >= set("wf/jemF?") | {"Enter", "Esc", "↓"}
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    page.keyboard.press("Shift+F")
    page.wait_for_function("() => document.fullscreenElement !== null")  # functions: the policy lets nothing be eval'd
    page.keyboard.press("Shift+F")
    page.wait_for_function("() => document.fullscreenElement === null")


@pytest.fixture
def calm(children: Children, only_redis: Servers, tmp_path: Path) -> Iterator[Centre]:
    """Two groups that nothing happens in: an urgent one would stand on every page of the wall."""
    file = tmp_path / "floor.toml"
    file.write_text(
        "".join(f'[queue.{name}]\nchannel = "voice"\ngroup = "{name}"\n' for name in ("one", "two")), "utf-8"
    )
    with Told(only_redis.redis) as told:
        told.tick()
        made = Centre(children, only_redis, file)
        made.start_board()
        eventually(lambda: made.get("/readyz").status_code == 200)
        yield made


def test_arrows_turn_the_pages_of_the_wall(calm: Centre, pages: Pages) -> None:
    page = pages.open(calm.url + "wall?per=1&rotate=0")
    panel = page.locator("#panels h2")
    first = panel.inner_text()
    page.keyboard.press("ArrowRight")
    expect(panel).not_to_have_text(first)
    page.keyboard.press("ArrowLeft")
    expect(panel).to_have_text(first)


def reached_on_floor(page: Page) -> list[str]:
    page.locator("#rows article").first.wait_for()
    return [
        "#views a",
        "#search",
        "#group",
        "#channel",
        "#controls button",
        "#languages a",
        "#rows h2 a",
        "summary",
    ]


def reached_on_wall(page: Page) -> list[str]:
    return ["#views a", "#controls button", "#languages a", "#panels a[href]", "#pages button"]


def reached_on_queue(page: Page) -> list[str]:
    page.locator(".sheet.agents tbody tr").first.wait_for()
    return [
        ".back",
        ".queue-view button",
        ".queue-view a[href]",
        ".queue-view input",
        "summary",
    ]


@pytest.mark.parametrize(
    ("path", "wanted"),
    [("", reached_on_floor), ("wall?per=1&rotate=0", reached_on_wall), ("queue/support/voice", reached_on_queue)],
    ids=["floor", "wall", "queue"],
)
def test_tab_reaches_everything_and_the_focus_is_seen(
    centre: Centre, pages: Pages, path: str, wanted: Callable[[Page], list[str]]
) -> None:
    page = pages.open(centre.url + path)
    selectors = wanted(page)
    reached = while_all_stands_still(page, lambda: tab_through(page))
    assert [at for at in reached if not at["seen"]] == []
    assert reached[0]["tag"] == "A" and page.locator(".skip").count() == 1
    assert page.evaluate(MISSED, selectors) == []
