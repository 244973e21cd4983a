"""In Chinese everything is Chinese: no English word is left on any view, and queues and groups are called as floor.toml
calls them.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from floorpulse.commands.demo import simulated_floor
from floorpulse.embedded import Servers
from floorpulse.processes import Children
from tests.browser.centre import Centre, Told
from tests.browser.watch import TOO_MUCH, Pages
from tests.eventually import eventually

CHINESE = ("zh-CN", "zh-TW")
#: What may stand there in Latin letters: our name, the switch to English, units, keys, files, and who defined what.
WRITTEN_SO = (
    "Floorpulse", "EN", "English", "CSV", "min", "Enter", "Esc", "floor.toml", "sl_event", "SL X", "SL",
    "Amazon Connect", "Asterisk", "Cisco", "Firstline", "Genesys", "Redis", "RingCentral", "Serenova", "Twilio Flex",
)  # fmt: skip
# Texts that are seen or read aloud: of elements that are shown, and what names them.
SAID = """() => {
    const found = [];
    const shown = (element) => element.checkVisibility({ visibilityProperty: true });
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const parent = walker.currentNode.parentElement;
        if (!parent.closest("script, noscript, template") && shown(parent)) found.push(walker.currentNode.data);
    }
    for (const element of document.querySelectorAll("body *")) {
        if (!shown(element)) continue;
        for (const name of ["aria-label", "title", "placeholder", "alt"]) {
            if (element.getAttribute(name)) found.push(element.getAttribute(name));
        }
    }
    return [...found, document.title];
}"""
EXPLAINED = ("waiting", "longest_wait", "available", "service_level:30m:sl_event", "abandonment:30m", "handle_time:1h")


def names_of(centre: Centre) -> list[str]:
    """Names of people, teams and contacts, and ids: they are what they are in every language. The longest first."""
    agents = centre.get("/api/agents").json()["agents"]
    found = {str(agent[name]) for agent in agents for name in ("id", "name", "team", "reason") if agent[name]}
    queues = tomllib.loads(simulated_floor().read_text("utf-8"))["queue"]
    return sorted({*found, *queues, *WRITTEN_SO}, key=len, reverse=True)


def english_words(page: Page, names: list[str]) -> set[str]:
    """Texts with a Latin word that is neither a name nor in the written list."""
    known = re.compile("|".join(map(re.escape, names)))
    # Contacts and cases are called as the source calls them; a definition stands in a file, a log has a name.
    native = re.compile(r"\b(call|chat|case|mail|ticket|wx|c|k)-[\w.-]+|/acd/[\w/.-]+|docs/[\w/.#-]+|\w+\.events/\d+")
    texts: list[str] = page.evaluate(SAID)
    return {text for text in texts if re.search(r"[A-Za-z]{2,}", known.sub("", native.sub("", text)))}


def called(table: dict[str, Any], language: str) -> set[str]:
    return {each["name"][language] for each in table.values()}


@pytest.mark.parametrize("language", CHINESE)
def test_no_english_word_is_left_and_queues_and_groups_have_their_chinese_names(
    centre: Centre, pages: Pages, language: str
) -> None:
    names, file = names_of(centre), tomllib.loads(simulated_floor().read_text("utf-8"))
    pages.excuse(TOO_MUCH)
    page = pages.open(f"{centre.url}?lang={language}")
    left: dict[str, set[str]] = {}

    def look(view: str) -> None:
        # Somebody may have gone on a break since, for a reason that is called as the source calls it.
        left[view] = english_words(page, names)
        if left[view]:
            left[view] = english_words(page, sorted({*names, *names_of(centre)}, key=len, reverse=True))

    assert set(page.locator("#rows h2").all_inner_texts()) == called(file["queue"], language)
    for details in ("#agents", "#backlog"):
        page.locator(f"{details} summary").click()
    page.locator("#backlog-list td").first.wait_for()
    look("floor")
    assert set(page.locator("#group option").all_inner_texts()[1:]) == called(file["group"], language)
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    look("keys")
    page.keyboard.press("Escape")
    page.locator("#spike").click()
    look("order of a spike")
    page.keyboard.press("Escape")
    page.goto(f"{centre.url}wall?lang={language}")
    page.locator("#panels article").first.wait_for()
    look("wall")
    assert set(page.locator("#panels h2").all_inner_texts()) == called(file["group"], language)
    for queue, channel in (("support", "voice"), ("chat-support", "chat"), ("mail", "email")):
        page.goto(f"{centre.url}queue/{queue}/{channel}?lang={language}")
        expect(page.locator(".queue-head h1")).to_have_text(file["queue"][queue]["name"][language])
        page.locator(".sheet.agents tbody tr").first.wait_for()
        page.locator(".windows-table [data-none=no]").first.wait_for(state="attached")
        look(f"queue {queue}")
        for measure in (
            EXPLAINED if queue == "support" else ("first_response:1h",) if channel == "chat" else ("overdue",)
        ):
            page.locator(f"[data-explain='{measure}']").first.click()
            page.locator("dialog.explain .explain-body:not([aria-busy])").wait_for()
            look(f"explained {measure} of {queue}")
            page.keyboard.press("Escape")
    page.goto(f"{centre.url}login?lang={language}")
    page.locator(".login").wait_for()
    look("login")
    assert [f"{view}: {text}" for view, words in left.items() for text in words] == []


def test_what_is_wrong_with_the_data_is_said_in_chinese(children: Children, only_redis: Servers, pages: Pages) -> None:
    with Told(only_redis.redis) as told:
        told.join("support", "a", told.start_ms - 60_000)
        told.tick()
        centre = Centre(children, only_redis, simulated_floor())
        board = centre.start_board()
        eventually(lambda: centre.get("/readyz").status_code == 200)
        opened = [pages.open(f"{centre.url}?lang={language}") for language in CHINESE]

    def say(state: str, why: str) -> None:
        for page in opened:
            page.locator(f"body[data-state={state}]").wait_for(timeout=10_000)
            expect(page.locator("#reason")).to_have_text(re.compile(why))
            assert english_words(page, [*WRITTEN_SO]) == set()

    say("stale", r"工作(进程|程序).*calls\.events/0")
    told.redis.flushall()
    say("rebuilding", "还没有|還沒有|正在重新")
    pages.excuse("console error: Failed to load resource: net::ERR_")
    children.remove(board)
    say("lost", "^$")


@pytest.mark.parametrize(
    ("wanted", "shown"), [("zh-CN", "zh-CN"), ("zh-HK", "zh-TW"), ("zh", "zh-CN"), ("de-DE", "en"), ("en-GB", "en")]
)
def test_the_browser_says_which_language_it_is(centre: Centre, pages: Pages, wanted: str, shown: str) -> None:
    page = pages.open(f"{centre.url}wall", locale=wanted)
    assert page.evaluate("document.documentElement.lang") == shown
