"""A floor in trouble with a board and a fake Alertmanager, as the tests of alerts and quiet look at it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

from floorpulse.embedded import Servers
from floorpulse.processes import Children
from kpi.keys import quiet_key
from tests.board.fake_alertmanager import FakeAlertmanager, serving
from tests.board.held_alerts import tell
from tests.browser.centre import Centre, Told
from tests.eventually import eventually

MINUTE = 60_000
FLOOR = """
[queue.billing]
channel = "voice"
group = "After-sales"
name = { en = "Billing", zh-CN = "账单咨询", zh-TW = "帳單諮詢" }
[queue.sales]
channel = "voice"
group = "Pre-sales"
name = { en = "Sales", zh-CN = "销售", zh-TW = "銷售" }
[group."After-sales"]
name = { en = "After-sales", zh-CN = "售后", zh-TW = "售後" }
[group."Pre-sales"]
name = { en = "Pre-sales", zh-CN = "售前", zh-TW = "售前" }
"""


@dataclass
class Scene:
    """A floor with one queue in trouble, and the alerts that a test wants."""

    centre: Centre
    told: Told
    manager: FakeAlertmanager
    redis: str

    def fires(self, *alerts: Any) -> None:
        """Exactly these fire, nobody has taken one, and nothing is quiet; the board knows it."""
        self.manager.alerts.clear()
        self.manager.silences.clear()
        self.manager.away = False
        with self.told.lock:
            self.told.redis.delete(quiet_key("live"))
        tell(self.redis, *alerts)
        eventually(lambda: self._knows({each.field for each in alerts}))

    def _knows(self, ids: set[str]) -> bool:
        known = self.centre.get("/api/alerts?limit=1000").json()["alerts"]
        taken = [each for each in known if each["acknowledged"]]
        return {each["id"] for each in known} == ids and not taken and not self.centre.get("/api/quiet").json()["quiet"]

    @property
    def url(self) -> str:
        return self.centre.url

    @property
    def now_ms(self) -> int:
        return self.told.start_ms


@contextmanager
def alert_scene(children: Children, only_redis: Servers, folder: Path) -> Iterator[Scene]:
    """A board beside a fake Alertmanager; 20 wait in billing, one in sales."""
    file = folder / "floor.toml"
    file.write_text(FLOOR, "utf-8")
    fake = FakeAlertmanager()
    with serving(fake) as address, Told(only_redis.redis) as told:
        with told.lock:
            for number in range(20):
                told.join("billing", f"s{number}", told.start_ms - 250_000 + number)
            told.join("sales", "w1", told.start_ms - 5_000)
        told.tick()
        centre = Centre(children, only_redis, file)
        centre.env["FLOORPULSE_ALERTMANAGER"] = address
        centre.start_board()
        eventually(lambda: centre.get("/readyz").status_code == 200)
        yield Scene(centre, told, fake, only_redis.redis)


def lines(page: Page, within: str) -> Locator:
    return page.locator(f"{within} .alert-line")


def fill(page: Page, name: str, why: str) -> None:
    fields = page.locator("dialog.modal .field input")
    fields.nth(0).fill(name)
    fields.nth(1).fill(why)


def local(ms: int) -> str:
    return time.strftime("%H:%M", time.localtime(ms / 1000))
