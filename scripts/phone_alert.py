"""An alert as a phone shows it: the card of a chat, 390 x 844, in three languages.

`python -m scripts.phone_alert` writes build/screenshots/alert-*.png. The texts come from `alerts.text.message`, the
message by Alertmanager's own template engine (`amtool`), so the picture is of what is sent. The card follows Slack on
a phone: bold title, a coloured bar, the text folded after five lines, its links blue.
"""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from scripts.browser import chromium_path

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "build" / "screenshots"
PHONE, SCALE = (390, 844), 2.0
LANGUAGES = ("en", "zh-CN", "zh-TW")
FOLD_LINES = 5
_COLOURS = {"danger": "#d0342c", "warning": "#c98a00", "good": "#2e7d4f"}
_CHANNEL = {"en": "# floor-leads", "zh-CN": "# 现场组长", "zh-TW": "# 現場組長"}
_MORE = {"en": "Show more", "zh-CN": "显示更多", "zh-TW": "顯示更多"}
_PAGE = """<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><style>
* {{ box-sizing: border-box }}
body {{ margin: 0; font: 17px/1.42 -apple-system, "Segoe UI", Roboto, "Noto Sans", "{font}", sans-serif; color: #1d1c1d;
  overflow-wrap: anywhere }}
.status {{ height: 47px }}
header {{ height: 52px; padding: 12px 16px; font-weight: 700; border-bottom: 1px solid #ddd }}
article {{ display: grid; grid-template-columns: 40px 1fr; gap: 10px; padding: 14px 14px 0 }}
.face {{ width: 40px; height: 40px; border-radius: 8px; background: #1b4f72; color: #fff; display: grid;
  place-items: center; font-weight: 700 }}
.from b {{ font-size: 16px }} .from span {{ color: #616061; font-size: 13px }}
.card {{ border-left: 4px solid {colour}; padding-left: 10px; margin-top: 4px }}
.title {{ font-weight: 700; color: #1264a3 }}
.line {{ margin-top: 2px }}
a, .more {{ color: #1264a3; text-decoration: none }}
</style></head><body><div class="status"></div><header>{channel}</header>
<article><div class="face">F</div><div><div class="from"><b>Floorpulse</b> <span>APP · 14:06</span></div>
<div class="card"><div class="title">{title}</div>{lines}</div></div></article></body></html>"""


def rendered(name: str, alerts: Sequence[Mapping[str, Any]]) -> str:
    """What Alertmanager's template `name` makes of a notification with these alerts (labels, annotations, status)."""
    status = "firing" if any(each["status"] == "firing" for each in alerts) else "resolved"
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump({"status": status, "alerts": list(alerts)}, file)
        file.flush()
        command = [
            os.environ.get("AMTOOL", "amtool"), "template", "render",
            f"--template.glob={ROOT / 'alerts' / 'templates' / '*.tmpl'}", f"--template.data={file.name}",
            f'--template.text={{{{ template "{name}" . }}}}',
        ]  # fmt: skip
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.strip("\n")


def card(alerts: Sequence[Mapping[str, Any]], language: str) -> str:
    """The page of one message."""
    tag = language.lower()
    lines = rendered(f"floorpulse.slack.text.{tag}", alerts).splitlines()
    shown = "".join(f'<div class="line">{_linked(line)}</div>' for line in lines[:FOLD_LINES])
    if len(lines) > FOLD_LINES:
        shown += f'<div class="more">{_MORE[language]}</div>'
    return _PAGE.format(
        language=language,
        font={"en": "Noto Sans", "zh-CN": "Noto Sans CJK SC", "zh-TW": "Noto Sans CJK TC"}[language],
        channel=_CHANNEL[language],
        colour=_COLOURS[rendered("floorpulse.slack.color", alerts)],
        title=_shown(rendered(f"floorpulse.slack.title.{tag}", alerts)),
        lines=shown,
    )


def _linked(line: str) -> str:
    parts = re.split(r"<([^|>]+)\|([^>]+)>", line)
    texts = [_shown(part) for part in parts[0::3]]
    links = [f'<a href="{_shown(url)}">{_shown(text)}</a>' for url, text in zip(parts[1::3], parts[2::3], strict=True)]
    return texts[0] + "".join(link + text for link, text in zip(links, texts[1:], strict=True))


def _shown(text: str) -> str:
    """A text as Slack has it, its three entities read, for HTML."""
    return html.escape(html.unescape(text))


def take(chromium: Browser, page_text: str, file: Path | None) -> list[tuple[str, float]]:
    """(text, lower edge in CSS pixels) of the title and each line, from above; the picture in `file`."""
    context = chromium.new_context(viewport={"width": PHONE[0], "height": PHONE[1]}, device_scale_factor=SCALE)
    page = context.new_page()
    page.set_content(page_text)
    if file is not None:
        page.screenshot(path=file)
    edges = page.evaluate(
        "() => [...document.querySelectorAll('.title, .line')]"
        ".map((each) => [each.textContent, each.getBoundingClientRect().bottom])"
    )
    context.close()
    return [(str(text), float(bottom)) for text, bottom in edges]


def examples() -> dict[str, list[dict[str, Any]]]:
    """Name -> alerts: one queue with a crowd; an incident of three queues."""
    from tests.alerts import telling  # the same made-up trouble that the tests are about

    def one(name: Mapping[str, str], **changes: Any) -> dict[str, Any]:
        alert = telling.held(**changes)
        config = telling.support(display_names=name)
        labels = {"alertname": alert.rule, "severity": alert.severity, "queue": alert.queue, "channel": "voice"}
        texts = dict(telling.told(alert, telling.snapshot(lost=2), config))
        return {"status": "firing", "labels": labels, "annotations": texts, "startsAt": "2026-11-20T06:06:09Z"}

    support = {"en": "Technical support", "zh-CN": "技术支持", "zh-TW": "技術支援"}
    billing = {"en": "Billing", "zh-CN": "账单咨询", "zh-TW": "帳單諮詢"}
    returns = {"en": "Returns", "zh-CN": "退换货", "zh-TW": "退換貨"}
    warning = {"severity": "warning", "rule": "QueueLengthHigh", "value": 12.0, "threshold": 10.0}
    return {
        "one": [one(support)],
        "incident": [one(billing, queue="billing", **warning), one(returns, queue="returns", **warning), one(support)],
    }


def main() -> None:
    """Make the pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        for name, alerts in examples().items():
            for language in LANGUAGES:
                file = PICTURES / f"alert-{name}-{language}.png"
                lowest = max(bottom for _, bottom in take(chromium, card(alerts, language), file))
                print(f"{file.relative_to(ROOT)}: ends at {lowest:.0f} of {PHONE[1]} px")
        chromium.close()


if __name__ == "__main__":
    main()
