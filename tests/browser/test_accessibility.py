"""axe-core finds nothing serious on any view, in both themes, at a desk and on a phone: calm, in a spike and stale."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page

from floorpulse.commands.demo import simulated_floor
from floorpulse.embedded import Servers
from floorpulse.processes import Children
from tests.browser.centre import Centre, Told
from tests.browser.watch import DESK, PHONE, TOO_MUCH, Pages
from tests.eventually import eventually

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
SERIOUS = ("serious", "critical")
THEMES = {"dark": "", "light": "color-contrast"}
# Of the second theme only what is about colours can be different.
RUN = """async (only) => {
    const runOnly = only ? { runOnly: { type: "rule", values: [only] } } : {};
    const found = await axe.run(document, { resultTypes: ["violations"], ...runOnly });
    return found.violations.map(({ id, impact, nodes }) => [id, impact, nodes.map((node) =>
        `${node.target.join(" ")} ${node.any[0]?.message ?? ""}`)]);
}"""


def serious(page: Page, only: str = "") -> list[str]:
    """What axe-core finds that is serious or critical; `only`: one of its rules."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE)
    # A colour that is on its way to another one is none that anybody has to read.
    page.evaluate("() => Promise.all(document.getAnimations().map((each) => each.finished.catch(() => null)))")
    found: list[Any] = page.evaluate(RUN, only)
    return [f"{id}: {node}" for id, impact, nodes in found if impact in SERIOUS for node in nodes[:4]]


class Scene:
    """A floor that is told: calm, in a spike, or left alone until it is stale."""

    def __init__(self, children: Children, at: Servers) -> None:
        self.told = Told(at.redis)
        self._state = "calm"
        self._begin(self.told.start_ms)
        self.told.tick()
        self.centre = Centre(children, at, simulated_floor(), board_options=("--demo",))
        self.centre.start_board()
        eventually(lambda: self.centre.get("/readyz").status_code == 200)

    def _begin(self, now_ms: int) -> None:
        told = self.told
        for number in range(40):
            joined = now_ms - 900_000 + number * 10_000
            told.join("billing", f"b{number}", joined)
            told.leave("billing", f"b{number}", joined, joined + 9_000, "answered" if number % 20 else "abandoned")
            told.hang_up("billing", f"b{number}", joined + 9_000, joined + 100_000)
        for name, state in (("ana", "idle"), ("bo", "break"), ("cy", "acw"), ("di", "busy")):
            told.agent(name, state, now_ms - 125_000, team="Front", queues={"billing": None}, reason="lunch")
        told.live("agent_heartbeat", "", "", "bo", now_ms - 400_000)
        told.live("lost", "billing", "voice", "b9", now_ms - 60_000)
        for kind in ("open_cases", "case_open", "unassigned", "due", "due_first_response"):
            told.live(kind, "mail", "email", "k1", now_ms - 7_200_000)

    def become(self, state: str) -> None:
        """Be "calm", in a "spike" in two queues, or "stale"."""
        now_ms, customers = self.told.start_ms, [("billing", f"s{n}") for n in range(20)]
        customers += [("sales", f"w{n}") for n in range(9)]
        with self.told.lock:
            for queue, name in customers if state != self._state else ():
                if state == "spike":
                    self.told.join(queue, name, now_ms - (200_000 if queue == "billing" else 50_000))
                elif self._state == "spike":
                    self.told.live("waiting", queue, "voice", name, None)
        self._state = state if state != "stale" else "calm"
        self.told.talking = True
        self.told.tick()
        wanted = 2 if state == "spike" else 0
        eventually(lambda: self.centre.snapshots()["billing", "voice"].severity == wanted)
        self.told.talking = state != "stale"


@pytest.fixture(scope="module")
def scene(children: Children, only_redis: Servers) -> Iterator[Scene]:
    """The floor of all tests here."""
    made = Scene(children, only_redis)
    with made.told:
        yield made


def explain(page: Page) -> None:
    """Open the dialog of a number, and wait for its answer or for why there is none."""
    page.locator(".queue-head [data-explain=waiting]").click()
    answered = "dialog.explain .explain-body:not([aria-busy]), dialog.explain .note[data-failed=yes]"
    page.locator(answered).first.wait_for()


def nothing(_: Page) -> None:
    """Look at it as it is."""


# Every view, with what is done in it before it is looked at.
View = tuple[str, Callable[[Page], None]]
MAIN: tuple[View, ...] = (
    ("", lambda page: page.locator("#agents summary").click()),
    ("wall", nothing),
    ("queue/billing/voice", lambda page: page.locator(".sheet.agents tbody tr").first.wait_for()),
)
MORE: tuple[View, ...] = (
    ("queue/mail/email", nothing),
    ("queue/billing/voice", explain),
    ("", lambda page: page.keyboard.press("?")),
    ("", lambda page: page.evaluate("document.getElementById('spike').click()")),
    ("login", lambda page: page.locator(".login").wait_for()),
)


def look_everywhere(page: Page, centre: Centre, views: tuple[View, ...], state: str) -> list[str]:
    """What is serious on any of the views in any theme."""
    found = []
    for path, act in views:
        page.goto(centre.url + path)
        if path != "login":
            page.locator(f"body[data-state={state}] main :is(article, .queue-head)").first.wait_for()
        act(page)
        for theme, only in THEMES.items():
            page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
            found += [f"{theme} /{path}: {text}" for text in serious(page, only)]
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("state", "size"), [("calm", DESK), ("spike", DESK), ("stale", DESK), ("calm", PHONE)],
    ids=["calm", "spike", "stale", "phone"],
)  # fmt: skip
def test_nothing_serious_is_found_on_any_view(scene: Scene, pages: Pages, state: str, size: tuple[int, int]) -> None:
    scene.become(state)
    pages.excuse(TOO_MUCH)
    page = pages.open(scene.centre.url, size, wait=False)
    shown = "stale" if state == "stale" else "fresh"
    assert look_everywhere(page, scene.centre, MAIN + (MORE if state == "calm" else ()), shown) == []


def test_what_is_planted_is_found(scene: Scene, pages: Pages) -> None:
    page = pages.open(scene.centre.url, wait=False)
    page.evaluate("() => document.body.append(document.createElement('input'))")
    assert any(text.startswith("label: ") for text in serious(page))
