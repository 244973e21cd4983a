"""What the platforms' answers mean: the code in the body counts, not the 200 around it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.relay.answers import judge
from alerts.relay.runner import pause_ms
from tests.alerts.relay.fakes import FEISHU_OK, OK, RECORDED
from tests.laws import WIDE

KINDS = {
    "wecom_fast": "busy",
    "wecom_long": "content",
    "wecom_form": "refused",
    "wecom_key": "refused",
    "dingtalk_fast": "busy",
    "dingtalk_long": "content",
    "dingtalk_form": "content",
    "dingtalk_sign": "refused",
    "dingtalk_word": "refused",
    "dingtalk_token": "refused",
    "feishu_fast": "busy",
    "feishu_form": "content",
    "feishu_sign": "refused",
    "feishu_key": "refused",
    "app_token": "token",
    "app_old": "gone",
    "app_card": "content",
}


@pytest.mark.parametrize("name", KINDS)
def test_recorded_answers(name: str) -> None:
    platform = name.partition("_")[0].replace("app", "feishu")
    verdict = judge(platform, 200, json.dumps(RECORDED[name]).encode())

    assert verdict.kind == KINDS[name]
    assert str(RECORDED[name].get("errcode", RECORDED[name].get("code"))) in verdict.why


@pytest.mark.parametrize(
    ("platform", "answer"),
    [("wecom", OK), ("dingtalk", OK), ("feishu", FEISHU_OK), ("feishu", {"StatusCode": 0, "StatusMessage": "success"})],
)
def test_only_a_code_of_nought_means_sent(platform: str, answer: dict[str, object]) -> None:
    assert judge(platform, 200, json.dumps(answer).encode()).kind == "sent"
    assert judge(platform, 502, json.dumps(answer).encode()).kind == "failed"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, b"<html>login</html>", "failed"),
        (200, b"{}", "failed"),
        (200, b'{"errcode": true}', "failed"),
        (302, b"", "refused"),
        (404, b"not found", "refused"),
        (429, b"", "busy"),
        (500, b"", "failed"),
        (200, b"[" * 100_000, "failed"),
        (200, b'{"errcode": -1, "errmsg": "system busy"}', "failed"),
    ],
)
def test_an_answer_that_says_nothing_is_no_success(status: int, body: bytes, kind: str) -> None:
    assert judge("wecom", status, body).kind == kind


def test_feishus_old_word_for_too_often_is_understood() -> None:
    assert judge("feishu", 200, b'{"code": 9499, "msg": "too many request"}').kind == "busy"


@WIDE
@given(
    platform=st.sampled_from(["wecom", "dingtalk", "feishu"]), status=st.integers(100, 599), body=st.binary(max_size=60)
)
def test_any_answer_gets_a_verdict(platform: str, status: int, body: bytes) -> None:
    assert judge(platform, status, body).kind != "sent" or status < 300


def test_pauses_grow_to_what_a_platform_blocks_for() -> None:
    assert [pause_ms("failed", n) for n in (1, 2, 3, 10)] == [1_000, 2_000, 4_000, 60_000]
    assert [pause_ms("busy", n) for n in (1, 2, 3, 4, 5, 99)] == [60_000, 120_000, 240_000, 480_000, 600_000, 600_000]
    assert pause_ms("busy", 1, "dingtalk") == 600_000
    assert pause_ms("refused", 99) == 300_000
