"""Deadly mutants: small changes to the core and the guard, each of which our laws must catch.

Each row names what was broken, where, and the tests that must notice. The tree is copied, one change is
made, and those tests are run on the copy: they must fail there, as they pass here.
"""

from pathlib import Path

import pytest

from tests.mutants import assert_caught

LAW = "tests/streams/test_law.py"
HANDLER = "tests/streams/test_handler.py"
CONTACT = "tests/kpi/test_contact.py"
RECORD = "tests/kpi/test_record.py"
CHAT = "tests/kpi/test_contact_more.py"
AGENT = "tests/kpi/test_agent.py"
AGENT_KEPT = "tests/kpi/test_agent_kept.py"
AGENT_ENGAGED = "tests/kpi/test_agent_engaged.py"
STAFF = "tests/kpi/test_staff.py"
LEVELS = "tests/kpi/test_levels.py"
CASE = "tests/kpi/test_case.py"
BACKLOG = "tests/kpi/test_backlog.py"
CUSTOMER = "tests/kpi/test_customer.py"
SERVICE_LEVEL = "tests/kpi/test_service_level.py"
ABANDONMENT = "tests/kpi/test_abandonment.py"
THEMES = "tests/kpi/test_theme_measures.py"
TRAP_LEGS = "tests/traps/test_legs.py"
TRAP_TIME = "tests/traps/test_time.py"
TRAP_CHATS = "tests/traps/test_long_chats.py::test_messages_out_of_order_fold_to_the_same_numbers"
TRAP_SMALL = "tests/traps/test_long_chats.py::test_an_agent_and_a_customer_who_never_rest_keep_small_records"
TRAP_PEOPLE = "tests/traps/test_people.py"
# Everything at once, against brute force: slower than the others.
WILD = "tests/brute/test_wild_stories.py::test_stories_that_make_no_sense_are_counted_as_brute_force_counts_them[0]"

MUTANTS = [
    pytest.param("streams/commit.lua", "if (stored[1] or '') ~= ARGV[1] or", "if", LAW, id="no position check"),
    pytest.param("streams/commit.lua", "or stored[4] then", "then", HANDLER, id="a half-written partition is used"),
    pytest.param("streams/pipeline.py", "await letters.write(", "letters.write(", LAW, id="no wait for dead letters"),
    pytest.param("streams/handler.py", "if r.offset >= stands", "if r.offset > stands", LAW, id="one record skipped"),
    pytest.param("streams/handler.py", "if chunk.base <= max(wanted, first)", "if True", HANDLER, id="holes ignored"),
    pytest.param("streams/difference.py", "roll_up(start, field)[1]", "field", LAW, id="lengths not rolled up"),
    pytest.param("kpi/facts.py", "return -(-ms // 1000)", "return ms // 1000", CONTACT, id="waits rounded down"),
    pytest.param("kpi/contact.py", "_KNOWS.get(outcome, 2) < _KNOWS", "_KNOWS.get(outcome, 2) <= _KNOWS", CONTACT,
                 id="the first of equal ends wins"),
    pytest.param("kpi/contact.py", "_leave(other, max(joined, other.joined)", "_leave(other, min(joined, other.joined)",
                 CONTACT, id="min for max"),
    pytest.param("kpi/contact.py", "count_all(leg, -1, counts)", "pass", CONTACT, id="nothing is taken back"),
    pytest.param("kpi/leg_counts.py", '"@" + field, n', '"@" + field, 1', CONTACT, id="arrival basis counts ones"),
    pytest.param("kpi/record.py", "if canonical(fact) < canonical(known)", "if True", RECORD, id="the last body wins"),
    pytest.param("kpi/record.py", "if known is not None and not self._is_folded(known):", "if False:", RECORD,
                 id="duplicates count"),
    pytest.param("kpi/record.py", "self._committed, self._refold = self.facts[: self._stored], True\n        place",
                 "pass\n        place", RECORD, id="late facts are stepped, not folded"),
    pytest.param("kpi/record.py", "for count in old]", "for count in old[:0]]", RECORD, id="the old effect stays"),
    pytest.param("streams/store.py", 'b"dirty" in stored or ', "", HANDLER, id="dirty is not looked at"),
    # Chats.
    pytest.param("kpi/thread.py", "if thread.turn_since is None:", "if True:", CHAT, id="each question is a turn"),
    pytest.param("kpi/thread.py", "        thread.turn_since = None\n", "", CHAT, id="a turn never closes"),
    pytest.param("kpi/thread.py", 'author not in ("customer", "agent")', 'author == "system"', CHAT, id="bots answer"),
    pytest.param("kpi/thread.py", 'fact.more.get("visibility") == "private"', "False", CHAT, id="notes answer"),
    pytest.param("kpi/chat.py", "max(handoffs) if handoffs", "min(handoffs) if handoffs", CHAT,
                 id="the first hand-off starts the clock"),
    pytest.param("kpi/chat.py", "if leg.reason == HANDOFF and", "if", WILD, id="every join is a hand-off"),
    pytest.param("kpi/chat.py", "if not handoffs and first.asked is None:", "if False:", CHAT,
                 id="chats that an agent began have a first response"),
    pytest.param("kpi/chat.py", "thread.first.time > at", "thread.first.time < at", CHAT, id="missed upside down"),
    pytest.param("kpi/chat.py", "replied is None or replied > leg.ended", "replied is None", CHAT,
                 id="a reply after the end counts as one before"),
    # Agents.
    pytest.param("kpi/agent_state.py", '"error", "busy", "acw"', '"busy", "error", "acw"', TRAP_PEOPLE,
                 id="busy hides errors"),
    pytest.param("kpi/agent_state.py", '"acw", "ringing", "break"', '"break", "acw", "ringing"', AGENT_KEPT,
                 id="a break hides work"),
    pytest.param("kpi/agent_state.py", "None not in self.queues.values()", "True", TRAP_PEOPLE,
                 id="one pause is a break"),
    pytest.param("kpi/agent_told.py", "for queue in source.queues:", "for queue in ():", AGENT,
                 id="a break leaves the queues open"),
    pytest.param("kpi/agent.py", "change * (PANE_MS - into)", "change * into", LEVELS, id="into counts from the start"),
    pytest.param("kpi/agent.py", "if not chats or not state.chats:", "if True:", AGENT_ENGAGED,
                 id="chatting counts chats"),
    pytest.param("kpi/agent.py", "if now != state.state or reason != state.reason:", "if True:", AGENT,
                 id="every fact begins the state anew"),
    pytest.param("streams/difference.py", "+= n * rest_ms", "+= 0", WILD, id="into not rolled up"),
    pytest.param("kpi/staff.py", "len(chats) >= self.slots", "len(chats) > self.slots", STAFF, id="one chat too many"),
    # Cases.
    pytest.param("kpi/case.py", "state.due[clock] += pause", "pass", CASE,
                 id="clocks run while the customer is awaited"),
    pytest.param("kpi/case.py", "fact.time <= due + pause", "fact.time < due + pause", CASE,
                 id="the last moment is late"),
    pytest.param("kpi/case.py", "early = 0 if state.paused is None else fact.time - state.paused", "early = 0", CASE,
                 id="a due time set in a pause gets all of it"),
    pytest.param("kpi/case.py", "state.owner = state.owner or fact.agent", "pass", CASE, id="who replies owns nothing"),
    pytest.param("kpi/case.py", "if state.status == \"resolved\":\n        state.contacts += 1", "if True:\n        "
                 "state.contacts += 1", CASE, id="reopening what is open"),
    pytest.param("kpi/backlog.py", "overdue = bisect_left(due, now_ms)", "overdue = bisect_right(due, now_ms)", BACKLOG,
                 id="due now is overdue"),
    # Customers.
    pytest.param("kpi/customer.py", "        _withdraw(state, leg, counts)\n", "", CUSTOMER,
                 id="an answer never withdraws an abandonment"),
    pytest.param("kpi/customer.py", "    state.lost.clear()\n", "", CUSTOMER, id="recovered again and again"),
    pytest.param("kpi/customer.py", "fact.time - state.latest <= most", "fact.time - state.latest < most", CUSTOMER,
                 id="a repeat after exactly an hour"),
    pytest.param("kpi/customer.py", 'if leg.partition("|")[0] != contact', "if True", CUSTOMER,
                 id="another visit of the same contact is a return"),
    pytest.param("kpi/customer.py", "_count(one.at, one.queue, one.channel, f\"recovered.{one.recovered}\", 1",
                 "_count(time, one.queue, one.channel, f\"recovered.{one.recovered}\", 1", CUSTOMER,
                 id="recovered where it was answered"),
    # Fold points and horizons.
    pytest.param("kpi/record.py", "fact.time < self.newest - folding.after_ms", "fact.time <= self.newest - "
                 "folding.after_ms", TRAP_TIME, id="refused at the fold point"),
    pytest.param("kpi/record.py", "if fact.time < point and (rank is None or rank == fact.rank):",
                 "if fact.time < point:",
                 TRAP_CHATS, id="legs fold like messages"),
    pytest.param("kpi/record.py", "return cls(key, facts, newest, base)", "return cls(key, facts, newest)", TRAP_SMALL,
                 id="the base is forgotten"),
    pytest.param("kpi/kinds.py", "35 * DAY_MS", "15 * DAY_MS", TRAP_TIME, id="cases are forgotten too soon"),
    pytest.param("streams/partition.py", "elif one.time < watermark - self._lateness:", "elif False:", TRAP_TIME,
                 id="nothing is too late"),
    # Legs.
    pytest.param("kpi/contact.py", "if offer.ended is not None:\n        count_offer(leg, offer, -1, counts)",
                 "if False:\n"
                 "        pass", WILD, id="an offer told twice counts twice"),
    pytest.param("kpi/contact.py", '"no_answer", "rejected",', '"no_answer", "lost_race", "rejected",', TRAP_LEGS,
                 id="losers of a ring-all failed to answer"),
    pytest.param("kpi/contact.py", 'more.get("direction") == "outbound"', "False", CHAT, id="outbound is inbound"),
    pytest.param("kpi/contact.py", "    count_wrapup(leg, -1, counts)\n", "", CHAT, id="two wrap-ups of one leg"),
    pytest.param("kpi/contact.py", "return max(moved, key", "return min(moved, key", CHAT,
                 id="the first transfer's kind"),
    pytest.param("kpi/leg_counts.py", 'leg.hold_open and leg.ended_by in ("customer", "unknown")',
                 "leg.hold_open", CHAT,
                 id="agents who hang up on hold are customers"),
    # Formulas.
    pytest.param("kpi/abandonment.py", "at_risk = decided.count - before[1]", "at_risk = decided.count", ABANDONMENT,
                 id="hazard over all"),
    pytest.param("kpi/abandonment.py", "gone = abandoned.within(at + HAZARD_STEP) - before[0]",
                 "gone = abandoned.within(at + HAZARD_STEP)", ABANDONMENT, id="hazard adds up"),
    pytest.param("kpi/service_level.py", "self.other_exits - self.other_exits_in_target", "self.other_exits",
                 SERVICE_LEVEL, id="early exits are events"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "tests"), MUTANTS)
def test_a_deadly_mutant_is_caught(tmp_path: Path, file: str, old: str, new: str, tests: str) -> None:
    assert_caught(tmp_path, file, old, new, tests)
