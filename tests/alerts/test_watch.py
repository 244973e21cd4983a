"""Whether Prometheus is silent: said after a while, and taken back only when it has been there for a while."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import watch as watch_module
from alerts.alertmanager import Address
from alerts.notices import Notice
from alerts.tasks import end
from alerts.watch import BACK_MS, SILENT_MS, Watch

T0 = 1_795_168_800_000
STEP_MS = 5_000


def told(answers: list[bool], step_ms: int = STEP_MS) -> list[tuple[int, int, int | None]]:
    """(ms after T0, its start, its end) of everything that is told, when it is asked every `step_ms` from T0 on."""
    said: list[tuple[int, int, int | None]] = []
    now = T0

    def tell(notice: Notice) -> None:
        ended = None if notice.ended_ms is None else notice.ended_ms - T0
        said.append((now - T0, notice.starts_ms - T0, ended))

    watch = Watch(Address("http://127.0.0.1:1"), tell, lambda: now)
    watch.begin(T0)
    for answer in answers:
        watch.judge(answer, now)
        now += step_ms
    return said


def test_it_is_silent_after_fifteen_seconds_and_the_alert_says_since_when() -> None:
    assert told([True, True, False, False, False, False]) == [(20_000, 5_000, None)]


def test_a_short_silence_is_none() -> None:
    assert told([True, False, False, True] * 10)[1:] == []


def test_the_alert_ends_when_it_has_answered_for_twenty_seconds_without_a_break() -> None:
    answers = [True, *[False] * 4, *[True] * 3, False, *[True] * 13]
    silent, over = told(answers)
    assert silent == (15_000, 0, None)
    assert over == (65_000, 0, 65_000)


def test_what_an_engine_before_us_may_have_said_is_taken_back_once() -> None:
    assert told([True] * 40) == [(BACK_MS, BACK_MS - 1, BACK_MS)]


def test_the_alert_has_texts_in_three_languages_and_is_for_who_runs_the_machines() -> None:
    notice = Watch(Address("http://x:1"), lambda _: None, lambda: T0, "http://x/runbook.md").notice(T0, None)
    labels = {"alertname": "PrometheusSilent", "severity": "critical", "audience": "platform", "source": "stream"}
    assert dict(notice.labels) == labels
    assert notice.annotations["runbook_url"] == "http://x/runbook.md#prometheussilent"
    for language in ("", "_en", "_zh_cn", "_zh_tw"):
        assert 0 < len(notice.annotations[f"summary{language}"]) <= 120
        assert notice.annotations[f"description{language}"]


@given(st.lists(st.booleans(), max_size=80), st.sampled_from([1_000, 5_000, 20_000]))
def test_beginnings_and_ends_take_turns(answers: list[bool], step_ms: int) -> None:
    said = [end is not None for _, _, end in told(answers, step_ms)]
    if said and said[0]:
        said = said[1:]
    assert said == [bool(number % 2) for number in range(len(said))]


async def test_one_that_says_a_byte_now_and_then_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_module, "ANSWER_SECONDS", 0.05)
    monkeypatch.setattr(watch_module, "ASK_SECONDS", 0.0)

    async def drip() -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await asyncio.sleep(0.01)

    def dripping(address: Address) -> httpx.AsyncClient:
        answer = httpx.MockTransport(lambda request: httpx.Response(200, content=drip()))
        return httpx.AsyncClient(base_url=str(address), transport=answer)

    monkeypatch.setattr(watch_module, "client", dripping)
    said, now = asyncio.Queue[Notice](), itertools.count(T0, SILENT_MS)
    task = asyncio.create_task(Watch(Address("http://x:1"), said.put_nowait, lambda: next(now)).run())
    async with asyncio.timeout(5):
        silent = await said.get()
    await end([task])

    assert silent.ended_ms is None


@pytest.mark.parametrize("silent_ms", [SILENT_MS])
def test_one_that_never_answered_is_silent_from_the_start(silent_ms: int) -> None:
    assert told([False] * 10) == [(silent_ms, 0, None)]
