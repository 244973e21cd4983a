"""Deadly mutants of the alert policy and the incidents, each of which its tests must catch."""

from pathlib import Path

import pytest

from tests.mutants import assert_caught

POLICY = "tests/alerts/test_policy.py"
LAWS = "tests/alerts/test_policy_laws.py"
INCIDENTS = "tests/alerts/test_incidents.py"
RULEBOOK = "tests/alerts/test_rulebook.py"

MUTANTS = [
    ("value < bound if limit.rule.low_is_bad else value >= bound",
     "value < bound if limit.rule.low_is_bad else value > bound", POLICY, "at the limit is fine"),
    ("value < bound if limit.rule.low_is_bad else value >= bound", "value >= bound", POLICY, "low is never bad"),
    ("if value is None:\n        return False", "if value is None:\n        return True", POLICY, "no value is bad"),
    ("_is_past(limit, look.value, limit.exit)", "_is_past(limit, look.value, limit.enter)", POLICY, "no hysteresis"),
    ("_is_past(limit, look.value, limit.enter)", "_is_past(limit, look.value, limit.exit)", POLICY,
     "entered at the exit"),
    ("< limit.behaviour.for_seconds * 1000", "<= limit.behaviour.for_seconds * 1000", POLICY, "one look too late"),
    ("< limit.behaviour.keep_seconds * 1000", "<= limit.behaviour.keep_seconds * 1000", POLICY, "kept a look too long"),
    ("< limit.behaviour.keep_seconds * 1000", "< 0", LAWS, "resolves before its keep"),
    ('phase="firing", clear_ms=0), Reason.REENTERED', 'phase="firing", fired_ms=state.looked_ms), Reason.REENTERED',
     POLICY, "reached again is a new alert"),
    ("return Step(msgspec.structs.replace(state, clear_ms=0), Reason.HELD)", "pass", POLICY,
     "between exit and enter counts as good"),
    ("if gap_ms > SILENCE_MS or not state.clear_ms:", "if not state.clear_ms:", POLICY, "a gap counts towards the end"),
    ("if gap_ms > SILENCE_MS or not state.clear_ms:", "if gap_ms > SILENCE_MS:", POLICY, "good since 1970"),
    ("    if look.quiet:\n        return Step(state, Reason.QUIET)\n", "", POLICY, "fires in the quiet"),
    ("    if look.quiet:\n        return _hushed(limit, state, look)\n", "", POLICY, "goes on in the quiet"),
    ('phase="pending" if still_bad else "ok"', 'phase="ok"', POLICY, "the start is forgotten in the quiet"),
    ("if not look.known or", "if", POLICY, "stale numbers are believed"),
    (" or state.looked_ms - CLOCK_SET_MS <= now_ms < state.looked_ms", "", POLICY, "older looks are believed"),
    ("state.looked_ms - CLOCK_SET_MS <= now_ms < state.looked_ms", "now_ms < state.looked_ms", POLICY,
     "a clock put back silences"),
    ("return limit.behaviour.only_open and not look.open", "return not look.open", POLICY, "every rule keeps hours"),
    ("return limit.behaviour.only_open and not look.open", "return False", POLICY, "no rule keeps hours"),
    ("if gap_ms <= GAP_MS or look.since_ms is None else look.since_ms", "", POLICY, "every start is now"),
    ("if gap_ms <= GAP_MS or look.since_ms is None else", "if look.since_ms is None else", POLICY,
     "contacts tell while we look"),
    ("max(state.since_ms, look.since_ms)", "look.since_ms", POLICY, "a start moves back"),
    ("elif gap_ms > SILENCE_MS:", "elif False:", POLICY, "any gap is believed"),
    ("min(state.peak, look.value) if limit.rule.low_is_bad else max(state.peak, look.value)", "look.value", POLICY,
     "the peak is the last value"),
    ("0, 0, state.looked_ms, look.value, look.value)", "0, 0, state.looked_ms, look.value, state.peak)", POLICY,
     "the peak of the last time"),
    ("if limit.behaviour.keep_seconds <= 0:", "if False:", POLICY, "without a keep one look later"),
]  # fmt: skip
OTHERS = [
    ("alerts/incidents.py", "abs(since_ms - self._began[name]) <=", "since_ms - self._began[name] <=", INCIDENTS,
     "long before is together"),
    ("alerts/incidents.py", "<= TOGETHER_MS", "< TOGETHER_MS", INCIDENTS, "two minutes are too long"),
    ("alerts/incidents.py", " if pair[1]]", "]", INCIDENTS, "nothing is shared by two nobodies"),
    ("alerts/incidents.py", "self._by_queue.get((place.queue, place.channel)) or {", "{", INCIDENTS,
     "the group before the queue"),
    ("alerts/incidents.py", "(self._began[name], name)", "name", INCIDENTS, "the first by name"),
    ("alerts/incidents.py", "_began[name] = min(", "_began[name] = max(", INCIDENTS, "an incident goes on for ever"),
    ("alerts/rulebook.py", 'snapshot.state == "fresh" and ', "", RULEBOOK, "stale is known"),
    ("alerts/rulebook.py", " and measure in snapshot.judged", "", RULEBOOK, "unjudged is known"),
    ("alerts/rulebook.py", "if (behaviour := config.alerting[rule.measure]).alert",
     "if (behaviour := config.alerting[rule.measure])", RULEBOOK, "colours alert"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new", "tests"),
    [
        *(pytest.param("alerts/policy.py", *rest, id=name) for *rest, name in MUTANTS),
        *(pytest.param(*rest, id=name) for *rest, name in OTHERS),
    ],
)
def test_a_deadly_mutant_is_caught(tmp_path: Path, file: str, old: str, new: str, tests: str) -> None:
    assert_caught(tmp_path, file, old, new, tests)
