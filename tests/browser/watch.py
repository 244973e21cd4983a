"""Pages that are watched: what they complain of, what they ask for, and whether the policy had to stop them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page

# What the browser writes down of a 429. Whoever hops through views gets one, and the page asks again (test_busy.py).
TOO_MUCH = "console error: Failed to load resource: the server responded with a status of 429"
DESK, PHONE, TELEVISION = (1920, 1080), (390, 844), (3840, 2160)
# Run before any script of the page: what the policy stops is told to the document only.
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => window.violations.push(
    `${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""


def said(message: ConsoleMessage) -> str:
    """What stands in the console, and where it comes from."""
    return f"console {message.type}: {message.text} ({message.location.get('url', '')})"


class Pages:
    """Opens pages of one test. `excused`: beginnings of complaints that the test itself brings about."""

    def __init__(self, chromium: Browser) -> None:
        self._chromium = chromium
        self._open: list[tuple[Page, str]] = []
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.excused: list[str] = []

    def open(
        self, url: str, size: tuple[int, int] = DESK, *, wait: bool = True, script: str = "", **options: Any
    ) -> Page:
        """A page of its own context at `url`; `options` are those of the context, `size` its viewport in px.

        It comes back when it shows numbers that are fresh, without `wait` at once. `script` runs before the page's own.
        """
        context = self._chromium.new_context(viewport={"width": size[0], "height": size[1]}, **options)
        page = context.new_page()
        self.watch(page, url)
        if script:
            page.add_init_script(script)
        page.goto(url)
        if wait:
            page.locator("body[data-state=fresh] main :is(article, .queue-head)").first.wait_for(timeout=20_000)
        return page

    def watch(self, page: Page, url: str) -> None:
        """Listen to `page`, which is of the origin of `url`."""
        self._open.append((page, "{0.scheme}://{0.netloc}/".format(urlsplit(url))))
        page.add_init_script(WATCH)
        page.on("console", lambda message: self._complain(said(message)))
        page.on("pageerror", lambda error: self._complain(f"error: {error}"))
        page.on("dialog", lambda dialog: self._complain(f"dialog: {dialog.message}"))
        page.on("crash", lambda _: self._complain("crash"))
        page.on("popup", lambda _: self._complain("popup"))
        page.on("request", lambda request: self.requests.append(request.url))

    def excuse(self, *beginnings: str) -> None:
        """From now on complaints that begin so are expected."""
        self.excused += beginnings

    def _complain(self, text: str) -> None:
        self.complaints.append(text)

    def check(self) -> None:
        """No complaint, nothing the policy had to stop, no request to another origin."""
        origins = tuple({origin for _, origin in self._open})
        found = [text for text in self.complaints if not text.startswith(tuple(self.excused) or "\0")]
        found += [f"asked elsewhere: {url}" for url in self.requests if not url.startswith(origins)]
        for page, _ in self._open:
            if not page.is_closed():
                found += [f"stopped by the policy: {text}" for text in page.evaluate("window.violations")]
        assert not found, "\n".join(text[:500] for text in found)

    def close(self) -> None:
        """Check, and close all pages."""
        try:
            self.check()
        finally:
            for page, _ in self._open:
                page.context.close()
