"""The layers of floor.toml: [defaults], [channel.X], [group.X], [queue.ID], [queue.ID.chat]; later wins, key by key."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.alerting import BUILT_IN, JUDGED, Behaviour
from kpi.floor import Floor, parse_floor
from kpi.quiet import Quiet, quiet_at


def at(text: str) -> int:
    """Milliseconds of a time with offset."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


LAYERS = (
    ("[defaults]", None, None),
    ("[channel.chat]", None, None),
    ("[group.Front]", None, None),
    ("[queue.a]", None, "group = 'Front'"),
    ("[queue.a.chat]", None, None),
)


def written(seconds: list[int | None]) -> str:
    """A file in which each layer that is not None sets a target; the queue is in the group."""
    parts = []
    for (header, _, more), target in zip(LAYERS, seconds, strict=True):
        lines = [header, *([more] if more else []), *([f"target.seconds = {target}"] if target is not None else [])]
        if header.startswith("[group") and target is None:
            lines.append("name = { en = 'Front' }")
        parts.append("\n".join(lines))
    return "\n".join(parts)


@given(st.lists(st.none() | st.integers(1, 99), min_size=5, max_size=5))
def test_the_last_layer_that_says_something_holds(seconds: list[int | None]) -> None:
    floor = parse_floor(written(seconds))
    chat = [each for each in seconds if each is not None]
    voice = [each for index, each in enumerate(seconds) if each is not None and index not in (1, 4)]

    assert floor.queue("a", "chat").target_seconds == (chat[-1] if chat else 20)
    assert floor.queue("a", "voice").target_seconds == (voice[-1] if voice else 20)


def test_a_queue_that_nobody_configured_has_what_its_channel_says() -> None:
    floor = parse_floor(
        "[defaults]\nshort_call_seconds = 7\n[channel.email]\ntarget.seconds = 3600\nzone = 'Asia/Tokyo'"
    )
    mail, voice = floor.queue("never heard of", "email"), floor.queue("never heard of", "voice")

    assert (mail.target_seconds, mail.zone, mail.short_call_seconds, mail.configured) == (3600, "Asia/Tokyo", 7, False)
    assert (voice.target_seconds, voice.zone) == (20, "UTC")


def test_a_group_of_the_defaults_lays_its_settings_over_all_queues() -> None:
    floor = parse_floor("[defaults]\ngroup = 'All'\n[group.All]\ntarget.seconds = 40\n[queue.a]\ntarget.seconds = 50")

    assert (floor.queue("b", "voice").target_seconds, floor.queue("a", "voice").target_seconds) == (40, 50)


def test_the_group_that_counts_is_the_one_the_queue_ends_up_in() -> None:
    floor = parse_floor(
        "[group.One]\ntarget.seconds = 1\n[group.Two]\ntarget.seconds = 2\n"
        "[queue.a]\ngroup = 'One'\n[queue.a.chat]\ngroup = 'Two'"
    )

    assert (floor.queue("a", "voice").target_seconds, floor.queue("a", "chat").target_seconds) == (1, 2)


def test_a_group_may_have_settings_and_no_names() -> None:
    floor = parse_floor("[group.One]\nreset = '04:00'\n[queue.a]\ngroup = 'One'")

    assert (floor.queue("a", "voice").reset_minutes, floor.queue("a", "voice").group_names) == (240, {})


# --- Limits and how alerts behave --------------------------------------------------------------------


def test_without_a_file_six_measures_have_limits_and_all_behave_as_built_in() -> None:
    config = parse_floor("").queue("a", "voice")

    assert {measure for measure, _ in config.thresholds} == {each.name for each in JUDGED if each.is_on}
    assert len({measure for measure, _ in config.thresholds}) == 6
    assert config.alerting == BUILT_IN


def test_behaviour_is_laid_over_key_by_key_and_leaves_the_limits_alone() -> None:
    floor = parse_floor(
        "[defaults.thresholds]\nwaiting = { for_seconds = 20, keep_seconds = 40 }\n"
        "[queue.a.thresholds]\nwaiting = { for_seconds = 0, alert = false }"
    )

    assert floor.queue("b", "voice").alerting["waiting"] == Behaviour(for_seconds=20, keep_seconds=40)
    assert floor.queue("a", "voice").alerting["waiting"] == Behaviour(alert=False, for_seconds=0, keep_seconds=40)
    assert floor.queue("a", "voice").thresholds["waiting", "warning"] == 10


def test_every_key_of_the_behaviour_is_read() -> None:
    text = "for_seconds = 1, keep_seconds = 2, minimum = 3, only_open = false, alert = false"
    floor = parse_floor(f"[defaults.thresholds]\nabandonment_ratio = {{ {text} }}")

    assert floor.defaults.alerting["abandonment_ratio"] == Behaviour(
        alert=False, for_seconds=1, keep_seconds=2, minimum=3, only_open=False
    )


RESEARCHED = {
    "growth_ratio": (0.2, 0.5),
    "ready_agents": (2, 1),
    "answer_speed_seconds": (60, 120),
    "first_response_seconds": (60, 180),
    "handle_time_ratio": (1.5, None),
    "wrapup_ratio": (0.25, 0.5),
    "paused_ratio": (0.35, 0.5),
    "unanswered_offers_ratio": (0.10, 0.25),
    "volume_high_ratio": (1.5, 2),
    "volume_low_ratio": (0.5, 0.2),
    "overdue_contacts": (1, None),
    "overdue_callbacks": (1, None),
}


@pytest.mark.parametrize("measure", RESEARCHED)
def test_true_gives_a_measure_that_is_off_the_researched_limits(measure: str) -> None:
    off, on = (
        parse_floor(f"[defaults]\ntarget.seconds = 30\n[queue.a.thresholds]\n{measure} = {value}").queue("a", "voice")
        for value in ("false", "true")
    )
    warning, critical = RESEARCHED[measure]

    assert not any(name == measure for name, _ in off.thresholds)
    assert on.thresholds.get((measure, "warning")) == warning
    assert on.thresholds.get((measure, "critical")) == critical


def test_a_measure_that_is_off_has_only_the_limits_that_were_given() -> None:
    given_one = parse_floor("[defaults.thresholds]\ngrowth_ratio = { warning = 0.3 }").defaults
    none_given = parse_floor("[defaults.thresholds]\ngrowth_ratio = { for_seconds = 5 }").defaults

    assert [key for key in given_one.thresholds if key[0] == "growth_ratio"] == [("growth_ratio", "warning")]
    assert not any(measure == "growth_ratio" for measure, _ in none_given.thresholds)


def test_true_brings_back_the_researched_limits_over_those_of_a_lower_layer() -> None:
    floor = parse_floor(
        "[defaults.thresholds]\nwaiting = { warning = 1, critical = 2 }\nlongest_wait_seconds = false\n"
        "[queue.a.thresholds]\nwaiting = true\nlongest_wait_seconds = true"
    )
    limits = floor.queue("a", "chat").thresholds

    assert (limits["waiting", "warning"], limits["waiting", "critical"]) == (10, 20)
    assert (limits["longest_wait_seconds", "warning"], limits["longest_wait_seconds", "critical"]) == (90, 300)


def test_occupancy_is_of_teams_and_of_no_queue() -> None:
    floor = parse_floor("[defaults.thresholds]\noccupancy_ratio = { warning = { enter = 0.9 }, minimum = 0 }")

    assert floor.team_limits == {("occupancy_ratio", "warning"): (0.9, 0.9)}
    assert not any(measure == "occupancy_ratio" for measure, _ in floor.defaults.thresholds)
    assert parse_floor("").team_limits == {}
    assert parse_floor("[defaults.thresholds]\noccupancy_ratio = true").team_limits == {
        ("occupancy_ratio", "warning"): (0.88, 0.88),
        ("occupancy_ratio", "critical"): (0.93, 0.93),
    }


def test_an_alert_of_a_team_has_exits_and_times_as_every_other_one() -> None:
    floor = parse_floor(
        "[defaults.thresholds]\noccupancy_ratio = "
        "{ warning = { enter = 0.9, exit = 0.85 }, critical = 0.95, for_seconds = 60, keep_seconds = 0 }"
    )

    assert floor.team_limits == {
        ("occupancy_ratio", "warning"): (0.9, 0.85),
        ("occupancy_ratio", "critical"): (0.95, 0.95),
    }
    behaviour = floor.defaults.alerting["occupancy_ratio"]
    assert (behaviour.for_seconds, behaviour.keep_seconds, behaviour.only_open) == (60, 0, False)


def test_a_low_limit_ends_above_where_it_begins() -> None:
    config = parse_floor("[defaults.thresholds]\nready_agents = { warning = { enter = 2, exit = 4 } }").defaults

    assert (config.thresholds["ready_agents", "warning"], config.exits["ready_agents", "warning"]) == (2, 4)


# --- What else alerts want ---------------------------------------------------------------------------


def test_entry_point_and_source_are_of_the_queue_or_of_all() -> None:
    floor = parse_floor("[defaults]\nsource = 'pbx'\n[queue.a]\nentry_point = '0800 1234'\n[queue.b]\nsource = 'acd'")

    assert [(one.entry_point, one.source) for one in (floor.queue(name, "voice") for name in "abc")] == [
        ("0800 1234", "pbx"),
        ("", "acd"),
        ("", "pbx"),
    ]


def test_the_language_of_alerts_is_english_unless_it_is_set() -> None:
    assert (parse_floor("").language, parse_floor("").also) == ("en", frozenset())
    floor = parse_floor("[alerts]\nlanguage = 'zh-TW'\nalso = ['BoardFreshnessBurn', 'EventDelayHigh']")
    assert (floor.language, sorted(floor.also)) == ("zh-TW", ["BoardFreshnessBurn", "EventDelayHigh"])


QUIET = """
[defaults]
zone = "Asia/Shanghai"
[queue.a]
zone = "Europe/Berlin"
group = "G"
[[quiet]]
from = 2026-11-23T14:00:00
to = "2026-11-23T14:30"
queue = "a"
channel = "chat"
reason = "team meeting"
[[quiet]]
from = 2026-11-23T14:00:00
to = 2026-11-24
[[quiet]]
from = "2026-11-23T14:00:00+00:00"
to = 2026-11-23T15:00:00Z
group = "G"
"""


class TestQuiet:
    floor: Floor = parse_floor(QUIET)

    def test_local_times_are_those_of_the_queue_else_of_the_centre(self) -> None:
        meeting, night, group = self.floor.quiet

        assert meeting == Quiet(
            id="floor-1", from_ms=at("2026-11-23T14:00:00+01:00"), to_ms=at("2026-11-23T14:30:00+01:00"), queue="a",
            channel="chat", reason="team meeting", author="floor.toml",
        )  # fmt: skip
        assert (night.from_ms, night.to_ms) == (at("2026-11-23T14:00:00+08:00"), at("2026-11-24T00:00:00+08:00"))
        assert (night.queue, night.group, night.channel, night.reason) == (None, None, None, "")
        assert (group.from_ms, group.to_ms) == (at("2026-11-23T14:00:00+00:00"), at("2026-11-23T15:00:00+00:00"))

    def test_it_holds_from_its_beginning_until_just_before_its_end(self) -> None:
        meeting = self.floor.quiet[0]

        def quiet(now_ms: int, queue: str = "a", channel: str = "chat", group: str = "") -> Quiet | None:
            return quiet_at([meeting], queue, channel, group, now_ms)

        assert [quiet(meeting.from_ms - 1), quiet(meeting.to_ms)] == [None, None]
        assert [quiet(meeting.from_ms), quiet(meeting.to_ms - 1)] == [meeting, meeting]
        assert [quiet(meeting.from_ms, queue="b"), quiet(meeting.from_ms, channel="voice")] == [None, None]

    def test_of_a_group_it_covers_every_queue_in_it_and_of_the_floor_all(self) -> None:
        _, floor_wide, group = self.floor.quiet

        assert quiet_at([group], "x", "voice", "G", group.from_ms) == group
        assert quiet_at([group], "x", "voice", "", group.from_ms) is None
        assert quiet_at([floor_wide], "x", "voice", "", floor_wide.from_ms) == floor_wide

    def test_of_several_the_one_that_ends_last_is_told(self) -> None:
        short, longer = (Quiet(id=name, from_ms=0, to_ms=end) for name, end in (("a", 10), ("b", 20)))

        assert quiet_at([longer, short], "x", "voice", "", 5) == longer
        assert quiet_at([short, longer], "x", "voice", "", 5) == longer
