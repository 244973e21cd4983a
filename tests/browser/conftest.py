"""Everything in this folder needs Chromium: `make test-browser`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from floorpulse.embedded import Servers, start_redis
from floorpulse.processes import Children
from scripts.browser import chromium_path
from tests.browser.centre import Centre, busy_centre
from tests.browser.watch import Pages

NOBODY = "127.0.0.1:1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def centre() -> Iterator[Centre]:
    """The simulated contact centre with all its parts, shared by whoever only looks or orders a spike."""
    with Children() as children:
        yield busy_centre(children)


@pytest.fixture(scope="module")
def only_redis(children: Children) -> Servers:
    """An empty Redis, and nobody where Kafka would be: for tests that are the worker themselves."""
    redis_url = start_redis(children)
    return Servers(NOBODY, redis_url, redis_url)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for the module. Not for the session: while it is there, no other loop can run in this thread."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def pages(chromium: Browser) -> Iterator[Pages]:
    """Opens pages; in the end none of them may have complained or asked another host for anything."""
    opened = Pages(chromium)
    yield opened
    opened.close()
