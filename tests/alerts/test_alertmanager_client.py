"""One Alertmanager: told in one call, whatever it answers; no address or answer of its ever ends the engine."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import pytest

from alerts import alertmanager as client_module
from alerts.alertmanager import Address, Alertmanager, addresses
from alerts.notices import LASTS_MS, Notice, labels_of, notice_of, watchdog
from kpi.alert_state import Held
from kpi.instants import format_time, parse_time
from tests.alerts.fake_alertmanager import FakeAlertmanager
from tests.alerts.fake_alertmanager import alertmanager as fake_alertmanager

NOW = 1_795_168_800_000
HELD = Held(
    rule="QueueLengthHigh", severity="critical", queue="support", channel="voice", group="Front office",
    incident="support-1", phase="firing", since_ms=NOW - 60_000, fired_ms=NOW - 50_000, looked_ms=NOW,
    annotations={"summary": "12 waiting", "dashboard_url": "https://board.example/queue/support/voice", "x": ""},
)  # fmt: skip


def numbered(count: int) -> list[Notice]:
    return [Notice((("alertname", f"A{number}"),), {}, NOW) for number in range(count)]


@pytest.fixture
def fake() -> Iterator[FakeAlertmanager]:
    with fake_alertmanager() as running:
        yield running


@pytest.fixture
async def one(fake: FakeAlertmanager) -> AsyncIterator[Alertmanager]:
    made = Alertmanager(Address(fake.url))
    yield made
    await made.close()


async def test_an_alert_that_fires_has_its_true_start_and_an_end_minutes_ahead(
    fake: FakeAlertmanager, one: Alertmanager
) -> None:
    told = await one.tell([notice_of(HELD, "live")], NOW)

    assert (told.taken, told.refused, told.error) == (1, 0, "")
    assert fake.posts == [
        [
            {
                "labels": {
                    "alertname": "QueueLengthHigh", "severity": "critical", "audience": "floor", "source": "stream",
                    "queue": "support", "channel": "voice", "group": "Front office", "incident": "support-1",
                },
                "annotations": {"summary": "12 waiting", "dashboard_url": "https://board.example/queue/support/voice"},
                "startsAt": format_time(NOW - 60_000),
                "endsAt": format_time(NOW + LASTS_MS),
                "generatorURL": "https://board.example/queue/support/voice",
            }
        ]
    ]  # fmt: skip


def test_the_labels_are_the_identity_so_nothing_that_changes_is_one() -> None:
    later = Held(**{name: getattr(HELD, name) for name in HELD.__struct_fields__} | {"value": 20.0, "peak": 21.0})
    assert labels_of(HELD, "live") == labels_of(later, "live")
    assert "value" not in dict(labels_of(HELD, "live"))


def test_a_replay_is_told_from_live() -> None:
    assert "namespace" not in dict(labels_of(HELD, "live"))
    assert dict(labels_of(HELD, "monday"))["namespace"] == "monday"


def test_an_alert_that_is_over_ends_when_it_was_decided_however_often_it_is_told() -> None:
    over = Held(
        rule="QueueLengthHigh", severity="critical", queue="s", channel="voice", since_ms=NOW, resolved_ms=NOW + 5,
        ended_ms=NOW + 9,
    )  # fmt: skip
    first, again = notice_of(over, "live").posted(NOW + 10), notice_of(over, "live").posted(NOW + 200_000)
    assert first == again
    assert first["endsAt"] == format_time(NOW + 9)


def test_an_end_is_no_time_ahead_by_a_clock_that_was_put_back() -> None:
    posted = Notice((), {}, NOW - 60_000, ended_ms=NOW + 3_600_000).posted(NOW)
    assert posted["endsAt"] == format_time(NOW)


@pytest.mark.parametrize("since_ms", [631_152_000_000, NOW - 1, NOW, NOW + 60_000])
def test_no_alert_ends_before_it_starts_whatever_the_clocks_say(since_ms: int) -> None:
    posted = Notice((), {}, since_ms, ended_ms=NOW).posted(NOW)
    assert parse_time(posted["startsAt"]) < parse_time(posted["endsAt"])


def test_names_from_outside_are_labels_that_prometheus_would_have_too() -> None:
    hostile = Held(rule="R", severity="warning", queue="x" * 5_000 + "\n\u202e", channel="voice", group="\x00")
    labels = dict(labels_of(hostile, "live"))
    assert all(len(value.encode()) <= 200 and value.isprintable() for value in labels.values())


def test_the_sign_of_life_lasts_half_a_minute() -> None:
    posted = watchdog(NOW).posted(NOW)
    assert posted["labels"]["alertname"] == "StreamWatchdog" and posted["labels"]["audience"] == "deadman"
    assert posted["endsAt"] == format_time(NOW + 30_000)


async def test_hundreds_of_alerts_are_few_calls(
    fake: FakeAlertmanager, one: Alertmanager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "MOST_IN_ONE", 40)

    told = await one.tell(numbered(100), NOW)

    assert told.taken == 100
    assert [len(post) for post in fake.posts] == [40, 40, 20]


async def test_calls_that_are_too_large_for_what_stands_before_it_become_smaller(
    fake: FakeAlertmanager, one: Alertmanager
) -> None:
    fake.most_bytes = 2_000

    told = await one.tell(numbered(100), NOW)

    assert (told.taken, told.refused, told.error) == (100, 0, "")
    assert len(fake.told()) == 100


async def test_one_alert_that_is_refused_does_not_keep_back_the_others(
    fake: FakeAlertmanager, one: Alertmanager, caplog: pytest.LogCaptureFixture
) -> None:
    fake.hates = '"A3"'

    told = await one.tell(numbered(9), NOW)

    assert (told.taken, told.refused, told.error) == (8, 1, "")
    assert sorted(alert["labels"]["alertname"] for alert in fake.told()) == sorted(
        f"A{number}" for number in range(9) if number != 3
    )
    assert "refuses an alert" in caplog.text


@pytest.mark.parametrize("status", [301, 401, 404, 413, 429, 500, 503])
async def test_any_other_answer_is_to_be_tried_again(fake: FakeAlertmanager, one: Alertmanager, status: int) -> None:
    fake.status = status

    told = await one.tell(numbered(3), NOW)

    assert (told.taken, told.refused, told.error) == (0, 0, f"it answers {status}")
    assert await one.held([]) is None


async def test_one_that_is_slow_is_not_waited_for_for_long(
    fake: FakeAlertmanager, one: Alertmanager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "ANSWER_SECONDS", 0.1)
    slow = Alertmanager(Address(fake.url))
    fake.gate.clear()

    # It answers when this is over, so to come back at all is not to have waited for it.
    told = await slow.tell(numbered(1), NOW)

    assert told.error == "it does not answer in time"
    assert fake.told() == []
    await slow.close()


async def test_one_that_sends_a_byte_now_and_then_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        with contextlib.suppress(ConnectionError), contextlib.closing(writer):
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.02)

    monkeypatch.setattr(client_module, "WHOLE_SECONDS", 0.2)
    async with await asyncio.start_server(drip, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        one = Alertmanager(Address(f"http://127.0.0.1:{port}"))
        assert (await one.tell(numbered(1), NOW)).error == "it does not answer in time"
        assert await one.held([]) is None
        await one.close()
        await asyncio.sleep(0.1)


async def test_an_answer_without_end_fills_no_memory(
    fake: FakeAlertmanager, one: Alertmanager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "MOST_ANSWER_BYTES", 1_000)
    fake.held = [{"labels": {"a": "x" * 5_000}}]
    assert await one.held([]) is None


async def test_one_that_is_not_there_is_said_in_one_line_without_its_password() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        away = Alertmanager(Address(f"http://user:canary@127.0.0.1:{unused.getsockname()[1]}/am"))
        told = await away.tell(numbered(1), NOW)
    assert told.error == "it cannot be reached (ConnectError)"
    assert "canary" not in repr(away.name) + repr(Address("http://user:canary@x:1"))
    assert away.name.endswith("/am")
    await away.close()


@pytest.mark.parametrize("held", [[], [{"labels": {"a": "b"}, "unknown": 1}]])
async def test_it_says_what_it_holds(fake: FakeAlertmanager, one: Alertmanager, held: list[dict[str, object]]) -> None:
    fake.held = held
    assert await one.held(['source="stream"']) == held


@pytest.mark.parametrize("held", [{"status": "x"}, [1], None])
async def test_an_answer_of_another_shape_is_none(fake: FakeAlertmanager, one: Alertmanager, held: object) -> None:
    fake.held = held  # type: ignore[assignment]
    assert await one.held([]) is None


def test_addresses_are_read_once_each() -> None:
    found = addresses(" http://127.0.0.1:9093/ ,https://am.example/alertmanager, http://127.0.0.1:9093 ,")
    assert found == ("http://127.0.0.1:9093", "https://am.example/alertmanager")
    assert addresses("") == ()


@pytest.mark.parametrize(
    "text", ["127.0.0.1:9093", "ftp://x:1", "http://", "http://x:port", "http://x:99999", "http://x/?a=b", "http://x#y"]
)
def test_what_is_no_address_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(ValueError, match=r"wanted addresses like http://127\.0\.0\.1:9093") as caught:
        addresses(f"{text},http://user:canary@x")
    assert "canary" not in str(caught.value)
