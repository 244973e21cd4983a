"""Logging in at the page: by typing, by a television's link, and out again; what each sees, and what nobody does."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Request, expect

from floorpulse.commands.demo import simulated_floor
from floorpulse.embedded import Servers
from floorpulse.processes import Child, Children
from tests.board.doors import SCOPES, TOKENS
from tests.browser.centre import Centre, Told
from tests.browser.watch import Pages
from tests.eventually import eventually

AGENTS = ("Ana Adler", "Bo Berg")
# Who is not logged in, or not allowed to, is told so; the browser writes that down.
REFUSED = "console error: Failed to load resource: the server responded with a status of 40"


class Door(Centre):
    """A board that one has to log in to."""

    board: Child

    def __init__(self, children: Children, at: Servers) -> None:
        super().__init__(children, at, simulated_floor())
        self.env["FLOORPULSE_LOG_LEVEL"] = "debug"
        self.env.update({f"FLOORPULSE_{scope.upper()}_TOKEN": TOKENS[scope] for scope in SCOPES})
        self.board = self.start_board()

    def log(self) -> str:
        """All that the board has said."""
        output = self.board._output.fileno()
        return os.pread(output, os.fstat(output).st_size, 0).decode()


@pytest.fixture(scope="module")
def door(children: Children, only_redis: Servers) -> Iterator[Door]:
    """A floor with a queue in trouble, and agents who could help."""
    with Told(only_redis.redis) as told:
        with told.lock:
            for number in range(16):
                told.join("support", f"w{number}", told.start_ms - 300_000 + number)
            for name in AGENTS:
                told.agent(name, "idle", told.start_ms - 60_000, team="Front", queues={"support": None})
        told.tick()
        made = Door(children, only_redis)
        eventually(lambda: any(shot.severity for shot in made.snapshots().values()))
        yield made


def asked(page: Page) -> list[str]:
    """Everything that `page` sends from now on: addresses, headers and bodies."""
    sent: list[str] = []

    def note(request: Request) -> None:
        sent.append(f"{request.method} {request.url} {request.headers.get('referer', '')}")

    page.on("request", note)
    return sent


def log_in(page: Page, scope: str) -> None:
    page.locator("input[name=token]").fill(TOKENS[scope])
    page.keyboard.press("Enter")


def test_whoever_is_not_logged_in_is_sent_to_the_login_and_from_there_to_where_he_wanted(
    door: Door, pages: Pages
) -> None:
    pages.excuse(REFUSED)
    page = pages.open(door.url + "queue/support/voice?theme=light", wait=False)
    expect(page).to_have_url(re.compile(r"/login\?next="))
    page.locator(".login").wait_for()
    assert all(name not in page.content() for name in AGENTS)
    page.locator("input[name=token]").fill("x" * 40)
    page.keyboard.press("Enter")
    expect(page.locator(".login .problem")).to_have_text("This token is not known here.")
    log_in(page, "write")
    expect(page.locator(".queue-head h1")).to_have_text("Technical support")
    expect(page).to_have_url(re.compile(r"/queue/support/voice\?theme=light$"))
    expect(page.locator(".note-form")).to_be_visible()


def test_a_reader_sees_the_floor_and_may_not_write(door: Door, pages: Pages) -> None:
    pages.excuse(REFUSED)
    page = pages.open(door.url, wait=False)
    log_in(page, "read")
    page.locator("#rows article").first.wait_for()
    expect(page.locator("#rows article[data-queue=support] .helpers")).to_contain_text(AGENTS[0])
    page.goto(door.url + "queue/support/voice")
    page.locator(".sheet.agents tbody tr").first.wait_for()
    expect(page.locator(".note-form")).to_be_hidden()


def test_a_link_logs_a_television_in_and_its_token_is_neither_in_the_address_nor_sent_in_one(
    door: Door, pages: Pages
) -> None:
    pages.excuse(REFUSED)
    page = pages.open(door.url + "login", wait=False)
    page.goto("about:blank")
    sent = asked(page)
    page.goto(f"{door.url}login#token={TOKENS['tv']}")
    expect(page).to_have_url(door.url + "wall")
    page.locator("body[data-state=fresh] #panels article").first.wait_for()
    assert TOKENS["tv"] not in page.evaluate("location.href + document.documentElement.outerHTML")
    assert len(sent) > 10
    assert [text for text in sent if TOKENS["tv"] in text] == []
    page.go_back()
    assert TOKENS["tv"] not in page.url
    log = door.log()
    assert "audit" in log, "it says who logged in"
    assert [text for text in TOKENS.values() if text in log] == []


def test_a_television_sees_the_wall_without_any_agents_name(door: Door, pages: Pages) -> None:
    pages.excuse(REFUSED)
    page = pages.open(f"{door.url}login#token={TOKENS['tv']}", wait=False)
    page.locator("body[data-state=fresh] #panels article").first.wait_for()
    expect(page.locator("#panels article").first).to_have_attribute("data-severity", "2")
    expect(page.locator("#views")).to_be_hidden()
    told: str = page.evaluate(
        """() => new Promise((resolve) => new EventSource("/api/stream").addEventListener("snapshots",
            ({ data, target }) => { target.close(); resolve(data); }))"""
    )
    assert '"support"' in told
    for path in ("", "queue/support/voice"):
        page.goto(door.url + path)
        page.locator("body[data-state=fresh] main :is(article, .queue-head)").first.wait_for()
        assert all(name not in page.content() + told for name in AGENTS)
    assert all(page.request.get(door.url + f"api/{path}").status == 403 for path in ("agents", "floor", "report"))


def test_logging_out_ends_the_session(door: Door, pages: Pages) -> None:
    pages.excuse(REFUSED)
    page = pages.open(door.url, wait=False)
    log_in(page, "read")
    page.locator("#rows article").first.wait_for()
    cookies = page.context.cookies()
    assert [(cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) for cookie in cookies] == [
        (True, True, "Strict")
    ]
    page.goto(door.url + "login")
    expect(page.locator(".login")).to_contain_text("Logged in")
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("button", name="Log out")).to_be_hidden()
    # A copy of it is worth nothing either.
    page.context.add_cookies([{"name": each["name"], "value": each["value"], "url": door.url} for each in cookies])
    page.goto(door.url)
    expect(page).to_have_url(re.compile(r"/login\?next="))
