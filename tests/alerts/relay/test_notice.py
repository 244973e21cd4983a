"""What is taken for a call of Alertmanager."""

import json

import pytest

from alerts.relay.notice import BadNoticeError, parse_notice
from tests.alerts.relay.calls import alert, body, notice


def raw(**other: object) -> bytes:
    return json.dumps({**body([alert()]), **other}).encode()


def test_a_call_is_read_whole() -> None:
    read = parse_notice(raw(truncatedAlerts=3))

    assert (read.group_key, read.truncated_alerts, read.alerts) == ("g1", 3, [alert()])


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b'{"x":' + b"[" * 100_000, "not JSON"),
        (b'{"version": "4", "groupKey": "\\ud800", "alerts": []}', "not JSON"),
        (b"[]", "version 4"),
        (b"{}", "version 4"),
        (raw(version="3"), "version '3'; wanted '4'"),
        (raw(version=4), "version 4"),
        (raw(alerts=[]), "alerts: none"),
        (raw(alerts=[{"labels": {"a": 1}}]), "version 4"),
        (raw(truncatedAlerts=-1), "truncatedAlerts"),
    ],
)
def test_anything_else_is_refused_in_one_sentence(sent: bytes, wanted: str) -> None:
    with pytest.raises(BadNoticeError, match=wanted) as caught:
        parse_notice(sent)
    assert "\n" not in str(caught.value)


def test_a_retry_has_the_key_of_its_call_and_what_says_something_else_has_not() -> None:
    a, b, over = alert("a"), alert("b"), alert("a", status="resolved")
    key = notice([a, b]).key

    assert notice([b, a]).key == key
    assert len({key, notice([a]).key, notice([a, b], "g2").key, notice([over, b]).key}) == 4
    assert notice([a, b], truncated=1).key != key
    assert notice([alert("a", started="2026-11-20T11:00:00Z"), b]).key != key


def test_an_incident_is_what_the_label_says_else_the_group() -> None:
    call = notice([alert("a", incident="i"), alert("b")], "g")

    assert [call.incident_of(one) for one in call.alerts] == ["i", "g"]
