"""What people write: one line, of the length that is allowed, without signs that steer what stands around it."""

import csv
import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.plain_text import plain_text
from kpi.spreadsheet import inert
from tests.laws import WIDE

DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("campaign sent 10:30", "campaign sent 10:30"),
        ("  two\t\r\n lines\u2028and\u00a0one ", "two lines and one"),
        ("a\u202eb\u0000c\u0085d\ufeff", "abc d"),
        ("cafe\u0301", "café"),
        ("促销短信已发送", "促销短信已发送"),
        ("👩\u200d🚒 on fire", "👩\u200d🚒 on fire"),
        ("a\u202e\u0301", "á"),
    ],
)
def test_a_text_is_made_fit_to_be_shown(text: str, plain: str) -> None:
    assert plain_text(text, 200) == plain


@pytest.mark.parametrize("text", ["", " \n", DIRECTIONS, "\u200d", "x" * 6, "\ud800"])
def test_too_little_and_too_much_are_refused_with_what_is_wanted(text: str) -> None:
    with pytest.raises(ValueError, match=r"^1 to 5 characters$"):
        plain_text(text, 5)


@WIDE
@given(text=st.text(st.characters() | st.sampled_from(DIRECTIONS + "\n\u0301\u200d"), min_size=1))
def test_what_is_plain_once_is_plain_and_holds_nothing_that_steers(text: str) -> None:
    try:
        plain = plain_text(text, 1_000)
    except ValueError:
        return

    assert plain_text(plain, 1_000) == plain
    assert not set(plain) & set(DIRECTIONS)
    assert not any(unicodedata.category(sign) in ("Cc", "Cs") for sign in plain)
    assert plain == plain.strip() == unicodedata.normalize("NFC", plain)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1", "\n=1", "＝1", "＠x"])
def test_what_a_spreadsheet_would_compute_is_quoted(text: str) -> None:
    assert inert(text) == f"'{text}"


@WIDE
@given(text=st.text())
def test_other_texts_stay_as_they_are_and_none_begins_a_formula(text: str) -> None:
    out = io.StringIO()
    csv.writer(out).writerow([inert(text), "x"])
    (read, _) = next(csv.reader(io.StringIO(out.getvalue(), newline="")))

    assert read in (text, f"'{text}")
    assert read[:1] not in tuple("=+-@\t\r\n＝＋－＠")
