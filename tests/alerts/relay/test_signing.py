"""The two signatures, against other code that does the same."""

import base64
from urllib.parse import parse_qs, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from alerts.relay.signing import dingtalk_url, feishu_fields
from tests.alerts.relay.fakes import other_hmac
from tests.laws import WIDE

SECRETS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=100)


@WIDE
@given(secret=SECRETS, now_ms=st.integers(0, 4 * 10**12))
def test_dingtalk_the_secret_signs_time_and_secret_in_the_address(secret: str, now_ms: int) -> None:
    url = dingtalk_url("https://oapi.dingtalk.com/robot/send?access_token=abc", secret, now_ms)

    assert parse_qs(urlsplit(url).query) == {
        "access_token": ["abc"],
        "timestamp": [str(now_ms)],
        "sign": [other_hmac(secret.encode(), f"{now_ms}\n{secret}".encode())],
    }


@WIDE
@given(secret=SECRETS, now_ms=st.integers(0, 4 * 10**12))
def test_feishu_time_and_secret_sign_nothing_in_the_body(secret: str, now_ms: int) -> None:
    seconds = str(now_ms // 1000)

    assert feishu_fields(secret, now_ms) == {
        "timestamp": seconds,
        "sign": other_hmac(f"{seconds}\n{secret}".encode(), b""),
    }


def test_the_other_code_is_right_itself() -> None:
    # RFC 4231, test cases 2 and 6: a short key, and one longer than a block.
    assert other_hmac(b"Jefe", b"what do ya want for nothing?") == _b64(
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )
    assert other_hmac(b"\xaa" * 131, b"Test Using Larger Than Block-Size Key - Hash Key First") == _b64(
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    )


def _b64(hexed: str) -> str:

    return base64.b64encode(bytes.fromhex(hexed)).decode()
