"""Who is behind a number of now: as many as the number says, whatever the live sets hold."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from kpi.backlog import AGES, CLOCKS, MORE, SOON, STATUSES
from kpi.evidence.live import KINDS, Member, behind, value_of
from kpi.floor import parse_floor
from kpi.live_state import TARGET_MULTIPLES, LiveState, age_seconds, backlog_of, ghosts_of, now_of
from kpi.measures import summary
from kpi.tally import Tally
from tests.builders import T0
from tests.laws import WIDE

CONFIG = parse_floor(
    '[defaults]\ntarget = { percent = 80, seconds = 20 }\n[defaults.hours]\nmon-fri = ["08:00-12:00"]'
).queue("q", "voice")
COUNTED = (
    "now.waiting", "now.ringing", "now.in_service", "now.outbound", "now.unanswered", "now.callbacks", "now.lost",
    "now.callbacks.scheduled", "now.callbacks.due", "now.callbacks.overdue", "now.at_risk", "now.ghosts",
    *(f"now.waiting_over_target.{multiple}" for multiple in TARGET_MULTIPLES), "backlog.open", "backlog.overdue",
    "backlog.due_within_1h", "backlog.unassigned", "backlog.actionable",
    *(f"backlog.status.{status}" for status in STATUSES),
    *(f"backlog.age.{age}" for age in (*AGES, MORE)), *(f"backlog.age_business.{age}" for age in (*AGES, MORE)),
    *(f"backlog.clocks.{clock}.{soon}" for clock in CLOCKS for soon in ("overdue", *SOON)),
)  # fmt: skip
LENGTHS = (
    "now.oldest_wait_seconds", "now.oldest_unanswered_seconds", "backlog.oldest_age_seconds",
    "backlog.oldest_actionable_seconds",
)  # fmt: skip
# Seconds before now: on and around every border there is.
AGO = st.sampled_from(
    [-3_601, -3_600, -900, -1, 0, 1, 10, 10.001, 20, 20.001, 40, 80.5, 900, 901, 3_600, 3_601, 90_000]
)
SETS = st.fixed_dictionaries({kind: st.lists(AGO, max_size=5) for kind in KINDS})


def live_of(sets: Mapping[str, list[Member]]) -> LiveState:
    """The live sets as the board counts them."""
    scores = {kind: sorted(score for _, score in members) for kind, members in sets.items()}
    at = max(scores["snapshot_at"], default=None)
    listed = {member for member, _ in sets["snapshot"]}
    cases = {kind: scores[kind] for kind in scores if kind.startswith(("case_", "due_")) or kind == "unassigned"}
    return LiveState(
        waiting_since=scores["waiting"], ringing=len(scores["ringing"]), in_service=len(scores["in_service"]),
        opened_at=scores["open_cases"], due_at=scores["due"], outbound=len(scores["outbound"]),
        unanswered_since=scores["unanswered"], callbacks_at=scores["callbacks"], lost_at=scores["lost"], cases=cases,
        ghosts=None if at is None else ghosts_of(sets["waiting"], listed, at),
    )  # fmt: skip


@given(ago=SETS)
@WIDE
def test_the_list_is_as_long_as_the_number_says_and_as_old(ago: dict[str, list[float]]) -> None:
    sets = {
        kind: [(f"c{n}" if kind == "snapshot" else f"c{n}|{n}", T0 - round(each * 1000)) for n, each in enumerate(some)]
        for kind, some in ago.items()
    }
    # An open case has one status; the board looks at the others only where there are any cases.
    sets["open_cases"] = [
        (f"{status}-{n}", at) for status in STATUSES for n, (_, at) in enumerate(sets[f"case_{status}"])
    ]
    live = live_of(sets)
    now = now_of(live, T0, CONFIG.target_seconds, True)
    backlog = backlog_of(live, T0, CONFIG.opening, CONFIG.zone, summary(Tally()))
    has_cases = bool(sets["open_cases"] or sets["due"])
    for path in COUNTED:
        if has_cases or not path.startswith("backlog."):
            found = behind(path, sets, T0, CONFIG)
            assert len(found.members) == (value_of(path, now, backlog) or 0), path
            assert found.members == sorted(found.members, key=lambda each: (each[1], each[0]))
            assert found.cases == path.startswith("backlog.")
    for path in LENGTHS:
        found = behind(path, sets, T0, CONFIG)
        if has_cases or not path.startswith("backlog."):
            first = found.members[0][1] if found.members else None
            assert age_seconds(first, T0) == value_of(path, now, backlog), path


def test_nobody_is_behind_what_there_is_not() -> None:
    sets = {"waiting": [("c|1", T0 - 50_000)], "due_resolution": [("k", T0)]}
    for path in ("now.open", "now.waiting_over_target.x", "backlog.status.sung", "backlog.clocks.x", "backlog.age.9w",
                 "backlog.clocks.resolution.9w", "now.callbacks.none", "now.agents"):  # fmt: skip
        assert behind(path, sets, T0, CONFIG).members == []
