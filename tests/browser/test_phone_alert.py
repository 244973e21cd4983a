"""An on-call person reads an alert on a phone: queue, size, cause and first step without scrolling or unfolding."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from scripts.phone_alert import FOLD_LINES, LANGUAGES, PHONE, card, examples, rendered, take

pytestmark = pytest.mark.browser

#: What has to be read: queue, size, cause in the title; the first step and the cause's numbers below it.
WORDS = {
    "en": ("Technical support", "longest wait 3 min 25 s", "14 waiting", "volume ×3.4", "Do first: bring", "before"),
    "zh-CN": ("技术支持", "最长等待 3 分 25 秒", "排队 14 人", "话务量 ×3.4", "首要措施：请小休", "前一小时"),
    "zh-TW": ("技術支援", "最長等待 3 分 25 秒", "排隊 14 人", "話務量 ×3.4", "優先處理：請小休", "前一小時"),
}  # fmt: skip
EXAMPLES = examples()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", EXAMPLES)
def test_queue_size_cause_and_first_step_stand_above_the_fold(chromium: Browser, name: str, language: str) -> None:
    lines = take(chromium, card(EXAMPLES[name], language), None)
    seen = "\n".join(text for text, bottom in lines if bottom <= PHONE[1])
    assert len(lines) == FOLD_LINES + 1
    assert [word for word in WORDS[language] if word not in seen] == []
    # Half of the screen is the keyboard's, or another message's.
    assert max(bottom for _, bottom in lines[:3]) <= PHONE[1] / 2
    print(f"{name} in {language}: ends at {max(bottom for _, bottom in lines):.0f} of {PHONE[1]} px")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_links_stand_above_the_fold_and_name_the_other_queues_follow(chromium: Browser, language: str) -> None:
    lines = [text for text, _ in take(chromium, card(EXAMPLES["incident"], language), None)]
    assert lines[3].count(" · ") == 2
    assert all(line.startswith("• ") for line in lines[4:6])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_lock_screen_shows_queue_and_size_in_its_two_lines(language: str) -> None:
    title = rendered(f"floorpulse.title.{language.lower()}", EXAMPLES["one"])
    # About 40 Latin or 20 Chinese signs a line.
    wide = sum(2 if ord(sign) > 0x2E80 else 1 for sign in title.split(WORDS[language][1])[0] + WORDS[language][1])
    assert wide <= 80
