"""Pictures of every view, in every language and theme, calm and in a spike, of a simulated centre that runs for them.

`python -m scripts.screenshots` writes them into build/screenshots/; `--best` also the chosen ones into docs/images/.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from floorpulse.commands.demo import simulated_floor
from floorpulse.embedded import HOST, free_port, servers
from floorpulse.processes import Children, floorpulse_command, wait_until
from floorpulse.settings import Settings
from scripts.browser import chromium_path

ROOT = Path(__file__).resolve().parents[1]
ALL, BEST = ROOT / "build" / "screenshots", ROOT / "docs" / "images"
MOST_BYTES = 400_000
LANGUAGES, THEMES = ("en", "zh-CN", "zh-TW"), ("dark", "light")
DESK, PHONE = (1920, 1080), (390, 844)
# A phone has more pixels than its width says; of a desk's screen a picture needs fewer.
PHONE_SCALE, DESK_SCALE = 2.0, 5 / 6
WARM_UP_SECONDS, START_SECONDS, SPIKE_SECONDS = 3_600, 60.0, 120.0
QUEUE = "support"


@dataclass(frozen=True)
class View:
    """What to open, what has to be there, and on which screen."""

    path: str
    ready: str
    size: tuple[int, int] = DESK
    dialog: str = ""
    spikes: bool = True


EXPLAINED = "dialog.explain .explain-body:not([aria-busy])"
VIEWS = {
    "wall": View("wall", "#panels article"),
    "floor": View("", "#rows .spark[aria-label]"),
    "queue": View(f"queue/{QUEUE}/voice", ".sheet.agents tbody tr"),
    "cases": View("queue/mail/email", ".queue-head", spikes=False),
    "explain": View(f"queue/{QUEUE}/voice", ".windows-table [data-none=no]", dialog=EXPLAINED),
    "keys": View("", "#rows article", dialog="#help", spikes=False),
    "login": View("login", ".login", spikes=False),
    "phone": View("", "#rows article", PHONE),
    "phone-wall": View("wall", "#panels article", PHONE),
    "phone-queue": View(f"queue/{QUEUE}/voice", ".sheet.agents tbody tr", PHONE),
}
# The name in docs/images -> which of all the pictures.
CHOSEN = {
    "wall": "spike-wall-en-dark",
    "floor": "spike-floor-en-light",
    "queue": "spike-queue-en-light",
    "explain": "spike-explain-en-light",
    "wall-zh-CN": "spike-wall-zh-CN-dark",
    "phone-zh-TW": "spike-phone-zh-TW-light",
}


def main() -> None:
    """Make the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--best", action="store_true", help="also write the chosen ones into docs/images/")
    best = parser.parse_args().best
    ALL.mkdir(parents=True, exist_ok=True)
    with centre() as url, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        take_all(chromium, url, "calm", VIEWS)
        spike(chromium, url)
        take_all(chromium, url, "spike", {name: view for name, view in VIEWS.items() if view.spikes})
        chromium.close()
    if best:
        choose()


@contextmanager
def centre() -> Iterator[str]:
    """The parts of the demo with an hour behind them; gives the board's address."""
    with servers(Settings.from_env()) as at, Children() as children:
        port = free_port()
        url = f"http://{HOST}:{port}/"
        env = at.env(FLOORPULSE_CONFIG=str(simulated_floor()), FLOORPULSE_BOARD_PORT=str(port))
        children.start("the worker", floorpulse_command("worker"), {**env, "FLOORPULSE_WORKER_PORT": str(free_port())})
        children.start("the simulator", floorpulse_command("simulate", "--warm-up", str(WARM_UP_SECONDS)), env)
        board = children.start("the board", floorpulse_command("board", "--demo"), env)
        wait_until(lambda: is_running(url), board, START_SECONDS, "showing numbers")
        yield url


def is_running(url: str) -> bool:
    """Whether the board's numbers are fresh, and there are some."""
    try:
        told = httpx.get(f"{url}api/queues", timeout=5).json()
    except httpx.HTTPError:
        return False
    return told["state"] == "fresh" and any(each["windows"]["5m"]["offered"] for each in told["queues"])


def spike(chromium: Browser, url: str) -> None:
    """Order a spike, and wait until its queue is critical."""
    httpx.post(f"{url}api/simulator/spike", json={"queue": QUEUE, "cause": "volume"}).raise_for_status()
    page = chromium.new_page()
    page.goto(url)
    page.locator(f"#rows article[data-queue={QUEUE}][data-severity='2']").wait_for(timeout=SPIKE_SECONDS * 1_000)
    page.context.close()


def take_all(chromium: Browser, url: str, state: str, views: dict[str, View]) -> None:
    """Pictures of all views, languages and themes."""
    for name, view in views.items():
        width, height = view.size
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=PHONE_SCALE if view.size == PHONE else DESK_SCALE,
        )
        page = context.new_page()
        for language in LANGUAGES:
            for theme in THEMES:
                page.goto(f"{url}{view.path}?lang={language}&theme={theme}")
                take(page, view, ALL / f"{state}-{name}-{language}-{theme}.png")
        context.close()


def take(page: Page, view: View, file: Path) -> None:
    """One picture, once everything is there and nothing moves."""
    if view.path != "login":
        page.locator("body[data-state=fresh]").wait_for()
    page.locator(view.ready).first.wait_for(state="attached")
    if view.dialog == "#help":
        page.keyboard.press("?")
    elif view.dialog:
        page.locator(".windows-table [data-explain='service_level:30m:sl_event']").click()
    if view.dialog:
        page.locator(view.dialog).wait_for()
    page.wait_for_load_state("load")
    page.evaluate("() => Promise.all(document.getAnimations().map((each) => each.finished.catch(() => null)))")
    page.screenshot(path=file)
    print(file.relative_to(ROOT))


def choose() -> None:
    """Copy the chosen ones; one that is too large for a page of ours is a fault."""
    BEST.mkdir(parents=True, exist_ok=True)
    for name, source in CHOSEN.items():
        picture = (ALL / f"{source}.png").read_bytes()
        if len(picture) > MOST_BYTES:
            raise SystemExit(f"{source}: {len(picture):,} bytes; a picture in docs/images may have {MOST_BYTES:,}")
        (BEST / f"{name}.png").write_bytes(picture)
        print(f"docs/images/{name}.png: {len(picture):,} bytes")


if __name__ == "__main__":
    began = time.monotonic()
    main()
    print(f"{time.monotonic() - began:.0f} s")
