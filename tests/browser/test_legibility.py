"""From 8 m on a screen of 55 inches every value of the wall has at least 20 arc-minutes, and none is clipped."""

from __future__ import annotations

from collections.abc import Iterator
from math import radians, tan
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from floorpulse.embedded import Servers
from floorpulse.processes import Children
from tests.browser.centre import Centre, Told
from tests.browser.watch import DESK, TELEVISION, Pages
from tests.eventually import eventually

# A screen of 55 inches and 16:9 is 1,217.6 mm wide.
MM_PER_PX = 1_217.6 / DESK[0]
LEAST_DIGIT_PX = 8_000 * tan(radians(20 / 60)) / MM_PER_PX
LEAST_FONT_PX = 105
GROUPS = ("After-sales", "会员", "Pre-sales", "Collections and payments, second line")
FLOOR = "".join(
    f'[queue.{kind}{number}]\nchannel = "{channel}"\ngroup = "{group}"\n'
    for number, group in enumerate(GROUPS)
    for kind, channel in (("q", "voice"), ("m", "email"))
)
# Font size, height of a digit as drawn, and what leaves its box or touches its neighbour.
LOOK = """() => {
    const pen = document.createElement("canvas").getContext("2d");
    const whole = document.documentElement;
    const shown = (selector) => [...document.querySelectorAll(selector)].filter((each) => each.offsetParent);
    const found = shown("#panels .value-digits").map((each) => {
        const style = getComputedStyle(each);
        pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
        const [panel, box] = [each.closest("article"), each.closest(".value")];
        const range = document.createRange();
        range.selectNodeContents(each);
        const [own, around] = [range.getBoundingClientRect(), panel.getBoundingClientRect()];
        const beside = box.nextElementSibling?.offsetParent ? box.nextElementSibling.getBoundingClientRect() : around;
        const next = beside.left > own.left ? beside.left : around.right;
        const cut = own.left < around.left || own.bottom > around.bottom || own.top < around.top;
        return {
            text: each.textContent, font: parseFloat(style.fontSize), clipped: cut || own.right > next + 1,
            digit: pen.measureText("8").actualBoundingBoxAscent, beyond: Math.round(own.right - next),
        };
    });
    const notes = shown("#panels .value .note").filter((each) => each.scrollWidth > each.clientWidth + 1);
    return { found, cut: notes.map((each) => each.textContent),
             scrolls: whole.scrollWidth > whole.clientWidth || whole.scrollHeight > whole.clientHeight };
}"""


@pytest.fixture(scope="module")
def board(children: Children, only_redis: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """Four groups with the longest numbers there are: hours of waiting, hundreds who wait, 100 %, hundreds of cases."""
    file: Path = tmp_path_factory.mktemp("floor") / "floor.toml"
    file.write_text(FLOOR, "utf-8")
    with Told(only_redis.redis) as told:
        now_ms = told.start_ms
        with told.lock:
            for number in range(len(GROUPS)):
                queue = f"q{number}"
                for customer in range(120 if number < 2 else 3):
                    told.join(queue, f"w{customer}", now_ms - 36_125_000 if number == 0 else now_ms - 3_725_000)
                for customer in range(40):
                    joined = now_ms - 600_000 + customer
                    how = "answered" if number % 2 else "abandoned"
                    told.join(queue, f"c{customer}", joined)
                    told.leave(queue, f"c{customer}", joined, joined + 9_000, how)
                for agent in range(130 if number == 0 else 8):
                    told.agent(f"{queue}-{agent}", "idle", now_ms - 5_000, queues={queue: None})
                for case in range(150):
                    for kind in ("open_cases", "case_open", "due"):
                        told.live(kind, f"m{number}", "email", f"{number}-{case}", now_ms - 7_200_000)
        told.tick()
        centre = Centre(children, only_redis, file)
        centre.start_board()
        eventually(lambda: centre.get("/readyz").status_code == 200)
        yield centre


def unreadable(page: Page, scale: float) -> list[Any]:
    """Numbers that are too small or clipped at a screen of `scale` times 1920 px."""
    page.evaluate("() => document.fonts.ready")
    seen: dict[str, Any] = page.evaluate(LOOK)
    assert len(seen["found"]) >= 5
    wrong = [
        each
        for each in seen["found"]
        if each["font"] < LEAST_FONT_PX * scale or each["digit"] < LEAST_DIGIT_PX * scale or each["clipped"]
    ]
    return [*wrong, *seen["cut"], *(["the page has to be scrolled"] if seen["scrolls"] else [])]


@pytest.mark.parametrize("language", ["en", "zh-CN", "zh-TW"])
@pytest.mark.parametrize("size", [DESK, TELEVISION], ids=["1080p", "4k"])
def test_every_value_of_the_wall_can_be_read_from_eight_metres(
    board: Centre, pages: Pages, size: tuple[int, int], language: str
) -> None:
    scale = size[0] / DESK[0]
    found = {}
    page = pages.open(f"{board.url}wall?lang={language}&rotate=0&per=4", size)
    for groups in (4, 3, 2, 1):
        page.goto(f"{board.url}wall?lang={language}&rotate=0&per={groups}")
        page.locator(f"body[data-state=fresh] #panels[data-panels='{groups}'] article").first.wait_for()
        found[groups] = unreadable(page, scale)
    assert {groups: wrong for groups, wrong in found.items() if wrong} == {}


def test_the_simulated_centre_can_be_read_from_eight_metres(centre: Centre, pages: Pages) -> None:
    assert unreadable(pages.open(f"{centre.url}wall"), 1) == []
    assert unreadable(pages.open(f"{centre.url}wall", TELEVISION), 2) == []
