"""Whatever a source names its queues and whatever the numbers are: a message is made, fits, and hurts nobody."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from alerts.changes import LIMIT_GONE, QUEUE_GONE
from alerts.rulebook import RULES
from alerts.text.frame import MOST_DESCRIPTION, MOST_LINE, MOST_SUMMARY
from alerts.text.plain import MOST_NAME, count, cut, duration, named, percent
from alerts.text.words import WORDS
from kpi.cause import DRIVERS, Cause, Handling, People, Volume
from kpi.floor import CHANNELS
from kpi.live_state import QueueStaff
from kpi.tally import Tally
from tests.alerts.telling import held, snapshot, support, told

HOSTILE = (
    "@all", "<!channel>", "<@U123|x>", "*bold* _it_ ~no~ `code`", "[click](https://evil.example)", "a\nb\r\n\tc",
    "\u202eabc", "<script>alert(1)</script>", "{{ .Labels }}", "%s %n", "\x00\x07", "𝕏" * 300, "客服" * 200,
    "e\u0301" * 200, "\ud800", "会员专线", "# heading", "> quote", "- list", "", "   ", "|table|", "\\",
    "https://evil.example", "&lt;!here&gt;", "\U0001f468\u200d\U0001f469", "support\u200b", "\ufeff",
)  # fmt: skip
SIGNS_THAT_ACT = set("@<>*`~[]\\|")
names = st.one_of(st.text(max_size=400), st.sampled_from(HOSTILE))
numbers = st.floats(allow_nan=False, allow_infinity=False)
amounts = st.one_of(st.none(), numbers)
people = st.integers(0, 10**9)
instants = st.integers(-(10**15), 10**15)
causes = st.one_of(
    st.none(),
    st.builds(
        Cause,
        st.one_of(st.none(), st.sampled_from(DRIVERS)),
        st.none(),
        st.builds(Volume, amounts, amounts),
        st.builds(People, people, amounts),
        st.builds(Handling, amounts, amounts),
    ),
)
staffs = st.builds(
    QueueStaff, st.dictionaries(st.sampled_from(("busy", "acw", "break", "idle", "?")), people), people, people
)
tallies = st.builds(
    Tally, st.dictionaries(st.sampled_from(("offered", "answered", "abandoned")), st.integers(0, 10**6), max_size=3)
)
alerts = st.builds(
    held,
    st.one_of(st.sampled_from([rule.name for rule in RULES]), st.from_regex("[A-Za-z]{1,200}", fullmatch=True)),
    severity=st.one_of(st.sampled_from(("warning", "critical")), names),
    queue=names,
    channel=st.one_of(st.sampled_from(CHANNELS), names),
    since_ms=instants,
    resolved_ms=st.one_of(st.none(), instants),
    reason=st.sampled_from(("", "resolved", "quiet", "closed", "?", LIMIT_GONE, QUEUE_GONE)),
    value=amounts,
    peak=amounts,
    threshold=numbers,
)
whole_snapshots = st.builds(
    snapshot,
    waits=st.lists(st.floats(0, 1e6), max_size=5),
    staff=staffs,
    cause=causes,
    counts=tallies,
    is_open=st.booleans(),
    lost=st.integers(0, 3),
    agents_known=st.booleans(),
)
# None: of an end without any.
snapshots = st.one_of(whole_snapshots, st.none())
configs = st.builds(
    support,
    display_name=names,
    display_names=st.dictionaries(st.sampled_from(("en", "zh-CN", "zh-TW", "zh", "de")), names, max_size=3),
    zone=st.sampled_from(("UTC", "Asia/Shanghai", "America/St_Johns", "Pacific/Chatham")),
    target_percent=st.floats(0.1, 100),
)


@given(alerts, snapshots, configs)
def test_every_text_fits_on_its_lines_and_holds_nothing_that_acts(alert: object, of: object, config: object) -> None:
    said = told(alert, of, config)  # type: ignore[arg-type]
    texts = {name: text for name, text in said.items() if not name.endswith("_url")}
    assert len(texts) == 8
    for name, text in texts.items():
        assert text.strip(), name
        assert not SIGNS_THAT_ACT & set(text), (name, text)
        assert "://" not in text
        assert all(unicodedata.category(sign)[0] != "C" for sign in text if sign != "\n"), (name, text)
        if name.startswith("summary"):
            assert len(text) <= MOST_SUMMARY
            assert "\n" not in text
        else:
            assert len(text) <= MOST_DESCRIPTION
            assert all(line.strip() and len(line) <= MOST_LINE for line in text.split("\n"))


@given(alerts, snapshots, configs)
def test_addresses_hold_nothing_that_ends_a_link(alert: object, of: object, config: object) -> None:
    said = told(alert, of, config)  # type: ignore[arg-type]
    for name in ("runbook_url", "dashboard_url", "acknowledge_url"):
        assert said[name].isascii()
        assert not set(' <>"|()[]\n') & set(said[name])
        assert said[name].startswith(("https://board.example/", "https://runbooks.example/runbook.md#"))


@given(names)
def test_a_name_is_one_short_line_that_says_something(name: str) -> None:
    shown = named(name)
    assert 1 <= len(shown) <= MOST_NAME
    assert shown == shown.strip()
    assert named(shown) == shown
    assert not shown.startswith(("#", "-", "+", "="))


@given(
    st.from_regex(
        r"[0-9A-Za-z客服会员专线][0-9A-Za-z客服会员专线 .&/'()-]{0,30}[0-9A-Za-z客服会员专线]", fullmatch=True
    )
)
def test_an_honest_name_stays_as_it_is(name: str) -> None:
    assert named(name) == " ".join(name.split())


def test_underscores_inside_a_word_stay() -> None:
    assert named("support_de_1") == "support_de_1"
    assert named("_sales_") == "＿sales＿"


@given(st.text(max_size=50), st.integers(1, 40))
def test_what_is_cut_has_its_length_and_says_that_it_was_cut(text: str, most: int) -> None:
    shown = cut(text, most)
    assert len(shown) <= most
    assert shown == text or shown.endswith("…")


@given(numbers)
def test_numbers_stay_short(value: float) -> None:
    assert len(count(value)) <= 9
    assert len(percent(value)) <= 8
    assert all(len(duration(value, WORDS[language])) <= 12 for language in WORDS)


def test_lengths_of_time_are_told_by_their_two_largest_units() -> None:
    seconds = (0, 45.9, 60, 205, 3_600, 3_725, 100_000, 10**9)
    said = [duration(each, WORDS["en"]) for each in seconds]
    assert said == ["0 s", "45 s", "1 min", "3 min 25 s", "1 h", "1 h 2 min", "1 d 3 h", "100 d"]
    assert duration(3_725, WORDS["zh-CN"]) == "1 小时 2 分"


def test_shares_near_a_promise_are_not_rounded_up_to_it() -> None:
    assert percent(0.7999, low_is_bad=True) == "79%"
    assert [percent(share) for share in (0.0523, 0.05, 0.1204, 0.0, 1.6)] == ["5.2%", "5%", "12%", "0%", "160%"]
