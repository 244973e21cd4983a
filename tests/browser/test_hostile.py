"""Names are only names: two hundred hostile ones run nothing, add nothing, ask for nothing and break no layout."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from playwright.sync_api import Page

from floorpulse.embedded import Servers
from floorpulse.processes import Children
from kpi import keys
from tests.browser.centre import Centre, Told
from tests.browser.hostile import CLOSELY, NAMES, hostile_names
from tests.browser.watch import DESK, PHONE, TOO_MUCH, Pages
from tests.eventually import eventually

CHANNEL, MAX_ID = "voice", 200
IN_TROUBLE = 2
GROUPED = 20
# What no name may bring into the page; an address must stay one of ours or a file of ours.
HARM = """() => {
    const found = [];
    if (window.harm !== undefined) found.push("a script ran");
    const tags = "img, iframe, object, embed, base, meta[http-equiv], style, form[action], script:not([src]), audio";
    for (const each of document.querySelectorAll(tags)) found.push(each.outerHTML.slice(0, 200));
    for (const each of document.querySelectorAll("*")) {
        for (const { name, value } of each.attributes) {
            const acts = name.startsWith("on") || (name === "style" && !each.closest("svg"));
            if (acts) found.push(`${name}=${value}`.slice(0, 200));
        }
    }
    for (const link of document.querySelectorAll("a[href]")) {
        if (new URL(link.href).origin !== location.origin) found.push(link.getAttribute("href").slice(0, 200));
    }
    if (document.querySelectorAll("script").length !== 2) found.push("scripts");
    return found;
}"""
# By its name and how its address begins, not by its place: rows move. Null while it is not there yet.
OPEN_QUEUE = """([name, beginning]) => {
    const links = [...document.querySelectorAll("#rows h2 a")];
    const link = links.find((each) => each.textContent === name && each.getAttribute("href").startsWith(beginning));
    link?.click();
    return link ? location.pathname : null;
}"""
# Names that leave their box, and a page that has to be scrolled sideways.
SPILLED = """(selector) => {
    const found = [];
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (wide > 0) found.push(`the page is ${wide} px too wide`);
    for (const name of document.querySelectorAll(selector)) {
        if (!name.getClientRects().length) continue;
        const box = name.closest("article, section, dialog, .queue-head");
        const [own, around] = [name.getBoundingClientRect(), box.getBoundingClientRect()];
        // A dialog is scrolled where its text is longer than the screen.
        const long = box.tagName !== "DIALOG" && (own.top < around.top - 1 || own.bottom > around.bottom + 1);
        const out = long || own.left < around.left - 1 || own.right > around.right + 1;
        const cut = getComputedStyle(name).overflow !== "visible";
        if (out || (!cut && name.scrollWidth > name.clientWidth + 1)) {
            const sizes = [own.left, own.right, around.left, around.right, name.scrollWidth, name.clientWidth];
            found.push(`${name.className || name.tagName} "${name.textContent.slice(0, 60)}" ${sizes}`);
        }
    }
    return found;
}"""


def floor_file(names: list[str]) -> str:
    """A floor.toml whose names and groups are hostile, too."""
    lines = []
    for number, name in enumerate(name for name in names if name.isprintable()):
        text = json.dumps(name, ensure_ascii=False)
        lines.append(f'[queue."configured-{number}"]\nchannel = "chat"\nname = {{ en = {text}, zh-CN = {text} }}\n')
        if number < GROUPED:
            lines.append(f"group = {text}\n")
    return "".join(lines)


@pytest.fixture(scope="module")
def board(children: Children, only_redis: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A board of hostile queues, of which some are in trouble; agents, customers and sources are hostile, too."""
    names, now_ms = hostile_names(), time.time_ns() // 1_000_000
    assert len(names) == NAMES
    file: Path = tmp_path_factory.mktemp("floor") / "floor.toml"
    file.write_text(floor_file([*names[:GROUPED], *(name for name in names if len(name) > MAX_ID)]), "utf-8")
    with Told(only_redis.redis) as told:
        with told.lock:
            for number, name in enumerate(names):
                told.redis.hset(keys.queues_key("live"), keys.queue_suffix(name, CHANNEL), "seen")
                if number < IN_TROUBLE or name in CLOSELY:
                    told.join(name, name, now_ms - (300_000 if number < IN_TROUBLE else 30_000))
                    told.join(name, f"{name} too", now_ms - 20_000)
                    told.leave(name, f"{name} too", now_ms - 20_000, now_ms - 10_000, "abandoned")
            for name in names[:20]:
                told.agent(
                    name, "idle", now_ms - 5_000, team=name, queues={names[0]: None, names[5]: None}, reason=name
                )
                told.live("source", "", "", name, now_ms - 200_000)
        told.tick()
        centre = Centre(children, only_redis, file)
        centre.start_board()
        eventually(lambda: centre.get("/readyz").status_code == 200)
        for name in CLOSELY:
            centre.post("/api/notes", {"text": name[:150], "author": name[:40]})
        yield centre


def shown_names(page: Page, selector: str) -> list[str]:
    """The texts of all names, each of them one text and no element."""
    texts: list[str] = page.evaluate(
        """(selector) => [...document.querySelectorAll(selector)].map((name) =>
            name.children.length ? `elements in ${name.outerHTML}` : name.textContent)""",
        selector,
    )
    return texts


def is_harmless(page: Page, names: str) -> None:
    assert page.evaluate(HARM) == []
    assert page.evaluate(SPILLED, names) == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_two_hundred_hostile_names_are_only_names_on_the_floor(
    board: Centre, pages: Pages, size: tuple[int, int]
) -> None:
    page = pages.open(board.url, size)
    shown = shown_names(page, "#rows h2 a")
    assert set(hostile_names()) <= set(shown)
    is_harmless(page, "#rows article :is(h2, .about)")
    for text in ("#agents", "#backlog"):
        page.evaluate("(text) => { document.querySelector(text).open = true; }", text)
    page.locator("#agents-list td").first.wait_for()
    is_harmless(page, "#rows article :is(h2, .about)")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    is_harmless(page, "#rows article :is(h2, .about)")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_hostile_names_of_groups_and_queues_are_only_names_on_the_wall(
    board: Centre, pages: Pages, size: tuple[int, int]
) -> None:
    page = pages.open(f"{board.url}wall?rotate=0&lang=zh-CN", size)
    shown: set[str] = set()
    text = page.locator("#page").inner_text() if page.locator("#pages").is_visible() else "1 1"
    for _ in range(int(text.split()[-2]) if size == DESK else 1):
        shown |= set(shown_names(page, "#panels h2 a"))
        is_harmless(page, "#panels article :is(h2, .why)")
        page.keyboard.press("ArrowRight")
    assert set(hostile_names()) - shown == set()


def test_the_view_and_the_dialog_of_a_hostile_queue_hold_nothing_but_text(board: Centre, pages: Pages) -> None:
    page = pages.open(board.url)
    pages.excuse(TOO_MUCH)  # from view to view faster than anybody
    for name in CLOSELY:
        # No event can hold an id that long, but floor.toml may call a queue so.
        is_id = len(name) <= MAX_ID
        found = page.wait_for_function(
            OPEN_QUEUE, arg=[name, "/queue/" if is_id else "/queue/configured-"]
        ).json_value()
        if not is_id:
            look_closely(page, name)
        elif name in (".", ".."):  # no address of the web can end in such a name; it leads nowhere else either
            assert found in ("/", "/voice", "/queue/voice")
        else:
            assert [unquote(part) for part in found.split("/")] == ["", "queue", name, CHANNEL]
            look_closely(page, name)
        page.evaluate("() => document.querySelector('#views a').click()")


def look_closely(page: Page, name: str) -> None:
    """The view of one queue and the dialog of its first number, at a desk and on a phone."""
    page.locator(".queue-head").wait_for()
    assert shown_names(page, ".queue-head h1") == [name]
    page.locator(".queue-head [data-explain=waiting]").click()
    page.locator(
        "dialog.explain .explain-body:not([aria-busy]), dialog.explain .note[data-failed=yes]"
    ).first.wait_for()
    (about,) = shown_names(page, ".explain-about")
    assert name in about
    page.locator(".sheet.contacts :is(tbody tr, .empty)").first.wait_for(state="attached")
    for width, height in (PHONE, DESK):
        page.set_viewport_size({"width": width, "height": height})
        is_harmless(page, ".queue-head :is(h1, .queue-about), .explain-about, .sheet h2")
    page.keyboard.press("Escape")
    page.locator("dialog.explain").wait_for(state="detached")


@pytest.mark.parametrize(
    "name", ["a/b/c", "%2e%2e%2f", "?q=1#x", "👩‍👩‍👧‍👦" * 20, "</script><script>window.harm=1</script>"]
)
def test_a_hostile_queue_has_an_address_of_its_own(board: Centre, pages: Pages, name: str) -> None:
    page = pages.open(f"{board.url}queue/{quote(name, safe='')}/{CHANNEL}?lang=zh-TW")
    assert shown_names(page, ".queue-head h1") == [name]
    is_harmless(page, ".queue-head :is(h1, .queue-about)")


def test_an_inline_script_that_somehow_came_in_does_not_run(board: Centre, pages: Pages) -> None:
    page = pages.open(board.url)
    stopped: list[Any] = page.evaluate(
        """() => new Promise((resolve) => {
            addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
                resolve([effectiveDirective, blockedURI, window.harm ?? "did not run"]);
            });
            const script = document.createElement("script");
            script.textContent = "window.harm = 1";
            document.body.append(script);
        })"""
    )
    assert stopped == ["script-src-elem", "inline", "did not run"]
    assert page.evaluate("window.harm === undefined")
    pages.excuse("console error: Executing inline script violates")
    page.evaluate("window.violations.length = 0")
