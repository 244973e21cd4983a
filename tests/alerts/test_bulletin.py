"""What every Alertmanager is to know, and what of it a change takes along."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.bulletin import AGAIN_MS, MOST_OTHERS, Bulletin
from alerts.notices import INCIDENT, RETELL_MS, Notice

NOTICES = st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["a", "b", ""]), st.booleans()), max_size=30)


def notice(queue: object, incident: str, words: str = "first", *, over: bool = False) -> Notice:
    labels = (("queue", str(queue)), (INCIDENT, incident)) if incident else (("queue", str(queue)),)
    return Notice(tuple(sorted(labels)), {"summary": words}, 1_000, ended_ms=2_000 if over else None)


def test_what_begins_takes_the_newest_words_of_its_incident_along() -> None:
    bulletin = Bulletin()
    bulletin.tell([notice("support", "i"), notice("sales", "other"), notice("over", "i", over=True)])
    told = bulletin.serial
    bulletin.refresh([notice("support", "i", "newer"), notice("sales", "other", "newer")])

    assert bulletin.due_after(told) == []
    bulletin.tell([notice("billing", "i")])

    assert bulletin.after(told) == [notice("billing", "i")]
    assert bulletin.due_after(told) == [notice("billing", "i"), notice("support", "i", "newer")]


def test_what_belongs_to_no_incident_takes_nothing_along() -> None:
    bulletin = Bulletin()
    bulletin.tell([notice("support", ""), notice("sales", "")])
    told = bulletin.serial
    bulletin.tell([notice("billing", "")])

    assert bulletin.due_after(told) == [notice("billing", "")]


@pytest.mark.parametrize("ago_ms", [0, AGAIN_MS, -AGAIN_MS])
def test_an_end_is_told_again_for_a_moment_and_what_is_due_anyway_is_not(ago_ms: int) -> None:
    bulletin = Bulletin()
    bulletin.tell([notice("support", "i", over=True), notice("sales", "i")])
    told = bulletin.serial
    bulletin.tell([notice("billing", "i", over=True)])

    assert bulletin.ended_lately(told, 2_000 + ago_ms) == [notice("support", "i", over=True)]
    assert bulletin.ended_lately(told, 2_001 + AGAIN_MS) == []


def test_an_incident_of_a_whole_floor_is_not_told_again_with_each_change() -> None:
    bulletin = Bulletin()
    bulletin.tell(notice(number, "i") for number in range(MOST_OTHERS + 1))
    told = bulletin.serial
    bulletin.tell([notice("billing", "i")])

    assert bulletin.due_after(told) == [notice("billing", "i")]


@given(before=NOTICES, after=NOTICES)
def test_everything_that_changed_is_due_and_nothing_twice(
    before: list[tuple[int, str, bool]], after: list[tuple[int, str, bool]]
) -> None:
    bulletin = Bulletin()
    bulletin.tell(notice(queue, incident, over=over) for queue, incident, over in before)
    told = bulletin.serial
    bulletin.tell(replace(notice(queue, incident, over=over), annotations={}) for queue, incident, over in after)

    due = bulletin.due_after(told)

    labels = [each.labels for each in due]
    assert len(labels) == len(set(labels))
    changed = {each.labels: each for each in bulletin.after(told)}
    incidents = {dict(each)[INCIDENT] for each in changed if INCIDENT in dict(each)}
    assert set(changed) <= set(labels)
    for other in (each for each in due if each.labels not in changed):
        assert other.ended_ms is None and dict(other.labels)[INCIDENT] in incidents


@pytest.mark.parametrize("ahead_ms", [0, 3_600_000])
def test_what_ended_some_minutes_ago_is_forgotten_by_any_clock(ahead_ms: int) -> None:
    bulletin = Bulletin()
    ended = 2_000
    bulletin.tell([notice("support", "i", over=True)])

    bulletin.forget(ended + RETELL_MS)
    assert len(bulletin) == 1
    bulletin.forget(ended + (-ahead_ms if ahead_ms else RETELL_MS + 1))
    assert len(bulletin) == 0
