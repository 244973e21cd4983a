"""What an Alertmanager lists is somebody else's: nothing in it may stop the telling."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from alerts.delivery import known_labels

GOOD = {"queue": "support", "alertname": "QueueLongestWaitHigh"}
KNOWN = {(("alertname", "QueueLongestWaitHigh"), ("queue", "support"))}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.sampled_from(["labels", "status"]), JSON)), st.integers(0, 8))
def test_whatever_stands_beside_it_an_alert_of_ours_is_known(others: list[dict[str, Any]], at: int) -> None:
    assert known_labels([*others[:at], {"labels": GOOD}, *others[at:]]) >= KNOWN


def test_labels_that_are_no_texts_are_nobodys() -> None:
    odd: list[Any] = [1, None, "queue", ["queue"], {"queue": ["support"]}, {"queue": {"a": "b"}}, {"queue": 1}]
    assert known_labels([{}, *({"labels": labels} for labels in odd), {"labels": GOOD}]) == KNOWN
