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
from alerts.alertmanager import Address, Alertmanager
from alerts.notices import Notice
from alerts.tasks import end
from alerts.watch import BACK_MS, SILENT_MS, Watch

T0 = 1_795_168_800_000
STEP_MS = 5_000


SILENT, GONE = "PrometheusSilent", "PrometheusGone"
#: What is found of one that answers, of one that only Alertmanager hears, and of one that nobody hears.
ANSWERS, PROVES, NOTHING = (True, False), (False, True), (False, False)


def told(answers: list[bool], step_ms: int = STEP_MS) -> list[tuple[int, int, int | None]]:
    """(ms after T0, its start, its end) of everything that people are told, when it is asked every `step_ms`."""
    found = told_of([(answer, False) for answer in answers], step_ms)
    return [(at, starts, ended) for name, at, starts, ended in found if name == SILENT]


def told_of(found: list[tuple[bool, bool]], step_ms: int = STEP_MS) -> list[tuple[str, int, int, int | None]]:
    """(alert, ms after T0, its start, its end) of all that is told; `found`: whether it answers, and is proved."""
    said: list[tuple[str, int, int, int | None]] = []
    now = T0

    def tell(notice: Notice) -> None:
        ended = None if notice.ended_ms is None else notice.ended_ms - T0
        said.append((dict(notice.labels)["alertname"], now - T0, notice.starts_ms - T0, ended))

    watch = Watch(Address("http://127.0.0.1:1"), tell, lambda: now)
    watch.begin(T0)
    for answers, proves in found:
        watch.judge(answers, now, proves=proves)
        now += step_ms
    return said


def changes(found: list[tuple[bool, bool]]) -> list[tuple[str, int, bool]]:
    """(alert, ms after T0, whether it is over) of all that is told."""
    return [(name, at, ended is not None) for name, at, _, ended in told_of(found)]


def test_one_that_nobody_hears_is_gone_as_soon_as_it_is_silent() -> None:
    assert changes([ANSWERS, *[NOTHING] * 4]) == [(SILENT, 15_000, False), (GONE, 15_000, False)]


def test_one_that_only_we_do_not_hear_is_silent_and_never_gone() -> None:
    # What an engine before us may have said of it is taken back.
    assert changes([ANSWERS, *[PROVES] * 20]) == [(SILENT, 15_000, False), (GONE, BACK_MS, True)]


def test_one_that_dies_while_we_do_not_hear_it_is_gone_with_its_last_proof() -> None:
    assert changes([ANSWERS, *[PROVES] * 3, *[NOTHING] * 4]) == [(SILENT, 15_000, False), (GONE, 20_000, False)]


def test_one_that_is_gone_is_back_when_it_is_heard_for_twenty_seconds_without_a_break() -> None:
    found = [ANSWERS, *[NOTHING] * 4, *[PROVES] * 3, NOTHING, *[PROVES] * 6]
    assert changes(found)[2:] == [(GONE, 65_000, True)]


def test_one_that_answers_again_is_neither_silent_nor_gone_in_the_same_moment() -> None:
    found = [ANSWERS, *[NOTHING] * 4, *[ANSWERS] * 6]
    assert changes(found)[2:] == [(SILENT, 45_000, True), (GONE, 45_000, True)]


def test_a_proof_does_not_make_an_answer() -> None:
    said = told([True, *[False] * 30])
    assert said == [(at, starts, ended) for name, at, starts, ended in told_of([ANSWERS, *[PROVES] * 30])
                    if name == SILENT]  # fmt: skip


@given(st.lists(st.sampled_from([ANSWERS, PROVES, NOTHING]), max_size=80), st.sampled_from([1_000, 5_000, 20_000]))
def test_only_what_is_silent_is_gone_and_beginnings_and_ends_take_turns(
    found: list[tuple[bool, bool]], step_ms: int
) -> None:
    on: dict[str, bool] = {}
    for name, _, starts, ended in told_of(found, step_ms):
        # The first may be an end: another engine may have told the beginning.
        assert on.get(name) is not (ended is None)
        assert ended is None or starts < ended
        on[name] = ended is None
        assert not (name == GONE and on[GONE]) or on[SILENT]


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


@pytest.mark.parametrize(
    ("hears", "proves"),
    [([], False), ([None], False), ([False], False), ([True], True), ([True, None], True), ([True, False], False)],
    ids=["nobody to ask", "none answers", "one does not", "one does", "one answers", "one of two"],
)
async def test_every_alertmanager_that_answers_has_to_hear_from_it(
    hears: list[bool | None], proves: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = "Mon, 23 Nov 2026 10:00:10 GMT"
    alert = {"updatedAt": "2026-11-23T10:00:00.000Z", "endsAt": "2026-11-23T10:00:40.000Z"}

    def one(does: bool | None) -> Alertmanager:
        def answer(request: httpx.Request) -> httpx.Response:
            if does is None:
                raise httpx.ConnectError("away")
            return httpx.Response(200, json=[alert] if does else [], headers={"date": now})

        address = Address("http://x:1")
        return Alertmanager(address, httpx.AsyncClient(base_url=str(address), transport=httpx.MockTransport(answer)))

    asked = httpx.MockTransport(lambda request: httpx.Response(503))
    monkeypatch.setattr(watch_module, "client", lambda address: httpx.AsyncClient(base_url=address, transport=asked))
    monkeypatch.setattr(watch_module, "ASK_SECONDS", 0.0)
    said, clock = asyncio.Queue[Notice](), itertools.count(T0, SILENT_MS)
    watch = Watch(
        Address("http://x:1"), said.put_nowait, lambda: next(clock), alertmanagers=[one(each) for each in hears]
    )
    task = asyncio.create_task(watch.run())
    async with asyncio.timeout(5):
        told = [await said.get(), await said.get()]
    await end([task])

    assert [(dict(each.labels)["alertname"], each.ended_ms is not None) for each in told] == [
        (SILENT, False), (GONE, proves),
    ]  # fmt: skip
