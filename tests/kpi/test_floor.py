"""floor.toml: what it may say, what holds where it says nothing, and what a mistake is told."""

import textwrap
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

import kpi.floor
from kpi.floor import AgentConfig, Floor, parse_floor

EXAMPLE = textwrap.dedent((kpi.floor.__doc__ or "").split("::\n", 1)[1])


def berlin(text: str) -> int:
    """Milliseconds of a local time in Berlin."""
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin")).timestamp() * 1000)


def at(text: str) -> int:
    """Milliseconds of a time with offset."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def test_an_empty_file_gives_the_defaults() -> None:
    config = parse_floor("").queue("support", "voice")

    assert (config.id, config.display_name, config.channel, config.configured) == ("support", "support", "voice", False)
    assert (config.target_percent, config.target_seconds, config.short_abandon_seconds) == (80, 20, 5)
    assert (config.short_call_seconds, config.long_seconds) == (10, 300)
    assert (config.zone, config.reset_minutes) == ("UTC", 0)
    assert config.thresholds == {
        ("longest_wait_seconds", "warning"): 60,
        ("longest_wait_seconds", "critical"): 180,
        ("waiting", "warning"): 10,
        ("waiting", "critical"): 20,
        ("abandonment_ratio", "warning"): 0.05,
        ("abandonment_ratio", "critical"): 0.10,
        ("service_level_ratio", "warning"): 0.64,
        ("service_level_ratio", "critical"): 0.48,
        ("unattended_contacts", "critical"): 1,
        ("closed_wait_seconds", "warning"): 60,
    }
    assert config.exits == config.thresholds


def test_the_defaults_of_the_file_itself() -> None:
    floor = parse_floor("")

    assert floor.configured == []
    assert floor.links == {}
    assert floor.earliest_ms == at("1990-01-01T00:00:00+00:00")
    assert floor.lateness_ms == 7 * 86_400_000


def test_a_chat_may_wait_longer_than_a_call_before_it_is_bad() -> None:
    chat = parse_floor("").queue("support", "chat").thresholds

    assert (chat["longest_wait_seconds", "warning"], chat["longest_wait_seconds", "critical"]) == (90, 300)


def test_service_level_thresholds_follow_the_target() -> None:
    levels = parse_floor("[queue.vip]\ntarget = { percent = 90 }").queue("vip", "voice").thresholds

    assert levels["service_level_ratio", "warning"] == pytest.approx(0.72)
    assert levels["service_level_ratio", "critical"] == pytest.approx(0.54)


@pytest.mark.parametrize("channel", ["chat", "message", "social"])
def test_a_chat_may_last_longer_than_a_call_before_it_is_long(channel: str) -> None:
    assert parse_floor("").queue("support", channel).long_seconds == 480
    assert parse_floor("[defaults]\nlong_seconds = 600").queue("support", channel).long_seconds == 600


def test_short_calls_and_long_contacts_are_set_per_queue_and_channel() -> None:
    floor = parse_floor(
        "[defaults]\nshort_call_seconds = 8\n"
        "[queue.a]\nlong_seconds = 0\n"
        "[queue.a.chat]\nshort_call_seconds = 0\nlong_seconds = 900"
    )
    found = [floor.queue(queue, channel) for queue, channel in (("a", "voice"), ("a", "chat"), ("b", "voice"))]

    assert [(one.short_call_seconds, one.long_seconds) for one in found] == [(8, 0), (0, 900), (8, 300)]


def test_an_agent_nobody_configured_is_called_by_the_id() -> None:
    floor = parse_floor("[agent.\"SIP/7\"]\nteam = 'Nights'")

    assert floor.agent("SIP/7") == AgentConfig(team="Nights", name="SIP/7")
    assert floor.agent("bo") == AgentConfig(team="", name="bo")


class TestTheExample:
    """The example at the top of kpi/floor.py, which others copy from."""

    floor = parse_floor(EXAMPLE)

    def test_lists_every_table_in_its_order(self) -> None:
        assert [(config.id, config.channel) for config in self.floor.configured] == [
            ("sales", "voice"),
            ("support", ""),
            ("support", "chat"),
        ]

    def test_a_queue_wins_over_the_defaults_key_by_key(self) -> None:
        sales = self.floor.queue("sales", "voice")

        assert (sales.target_percent, sales.target_seconds) == (90, 30)
        assert (sales.zone, sales.reset_minutes, sales.group) == ("Europe/Berlin", 240, "Front office")

    def test_a_queue_of_one_channel_is_not_configured_on_another(self) -> None:
        assert not self.floor.queue("sales", "email").configured
        assert self.floor.queue("sales", "email").target_seconds == 20

    def test_a_channel_table_wins_over_the_queue(self) -> None:
        chat, voice = self.floor.queue("support", "chat"), self.floor.queue("support", "voice")

        assert (chat.target_seconds, voice.target_seconds) == (60, 20)
        assert chat.thresholds["longest_wait_seconds", "warning"] == 120
        assert voice.thresholds["longest_wait_seconds", "warning"] == 60

    def test_names_stand_in_every_script(self) -> None:
        support = self.floor.queue("support", "voice")

        assert support.display_name == "Support"
        assert support.display_names == {"en": "Support", "zh-CN": "客服", "zh-TW": "客服"}

    def test_exit_values_are_kept_and_default_to_the_enter_value(self) -> None:
        sales = self.floor.queue("sales", "voice")

        assert (sales.thresholds["waiting", "warning"], sales.exits["waiting", "warning"]) == (10, 8)
        assert sales.exits["waiting", "critical"] == 20

    def test_ids_are_mapped_per_source_and_kind(self) -> None:
        assert self.floor.queue_id("asterisk", "support") == "support"
        assert self.floor.agent_id("asterisk", "SIP/101") == "alice"
        assert self.floor.agent_id("freeswitch", "SIP/101") == "SIP/101"
        assert self.floor.queue_id("asterisk", "SIP/101") == "SIP/101"

    def test_an_agent_has_a_name_and_a_team(self) -> None:
        assert self.floor.agent("alice") == AgentConfig(team="Front office", name="Alice Martin")

    def test_a_source_is_named_whole_or_by_a_word_of_its_path(self) -> None:
        assert self.floor.agent_id("/acd/asterisk/queue_log", "SIP/101") == "alice"
        assert self.floor.agent_id("/acd/my-asterisk/queue_log", "SIP/101") == "SIP/101"
        row = "[[ids]]\nsource = '{}'\nnative = 'a'\nagent = '{}'\n"
        both = parse_floor(row.format("asterisk", "any") + row.format("/acd/asterisk/two", "two"))
        assert both.agent_id("/acd/asterisk/one", "a") == "any"
        assert both.agent_id("/acd/asterisk/two", "a") == "two"

    def test_links_are_kept(self) -> None:
        assert self.floor.links["contact"].format(native_id="17.4") == "https://crm.example/17.4"

    @pytest.mark.parametrize(
        ("when", "is_open"),
        [
            pytest.param("2026-11-20T07:59:59", False, id="a second before opening"),
            pytest.param("2026-11-20T08:00:00", True, id="the opening second"),
            pytest.param("2026-11-20T12:00:00", False, id="closing is not open"),
            pytest.param("2026-11-20T19:59:59", True, id="the last second of the afternoon"),
            pytest.param("2026-11-21T23:00:00", True, id="Saturday night"),
            pytest.param("2026-11-22T05:59:59", True, id="Saturday's night goes on into Sunday"),
            pytest.param("2026-11-22T06:00:00", False, id="and ends there"),
            pytest.param("2026-11-22T10:00:00", False, id="a day that is not named"),
            pytest.param("2026-12-25T10:00:00", False, id="a holiday"),
            pytest.param("2027-01-01T10:00:00", False, id="a holiday written without quotes"),
            pytest.param("2026-12-24T11:59:00", True, id="a special day has its own hours"),
            pytest.param("2026-12-24T13:30:00", False, id="and no others"),
            pytest.param("2026-02-14T10:00:00", True, id="a make-up Saturday works like a Monday"),
            pytest.param("2026-02-14T23:00:00", False, id="and not like a Saturday"),
        ],
    )
    def test_opening_hours(self, when: str, is_open: bool) -> None:
        assert self.floor.is_open("sales", "voice", berlin(when)) is is_open


def test_without_hours_a_queue_is_always_open_but_on_holidays() -> None:
    floor = parse_floor("[defaults]\nholidays = ['2026-12-25']")

    assert floor.is_open("support", "voice", at("2026-12-24T23:59:59+00:00"))
    assert not floor.is_open("support", "voice", at("2026-12-25T00:00:00+00:00"))
    assert floor.is_open("support", "voice", at("2026-12-26T00:00:00+00:00"))


def night_shift() -> Floor:
    """Open from 02:15 to 02:45 in Berlin, where clocks change between 02:00 and 03:00."""
    return parse_floor("[queue.night]\nzone = 'Europe/Berlin'\nhours = { daily = ['02:15-02:45'] }")


def test_a_repeated_hour_is_open_twice() -> None:
    floor = night_shift()

    assert floor.is_open("night", "voice", at("2026-10-25T02:30:00+02:00"))
    assert not floor.is_open("night", "voice", at("2026-10-25T02:50:00+02:00"))
    assert floor.is_open("night", "voice", at("2026-10-25T02:30:00+01:00"))


def test_a_skipped_hour_never_opens() -> None:
    start = at("2026-03-29T01:00:00+01:00")
    minutes = [start + minute * 60_000 for minute in range(180)]

    assert not any(night_shift().is_open("night", "voice", minute) for minute in minutes)


def test_a_threshold_can_be_switched_off() -> None:
    floor = parse_floor("[queue.a.thresholds]\nwaiting = false\nlongest_wait_seconds = { warning = false }")
    levels = floor.queue("a", "voice").thresholds

    assert ("waiting", "warning") not in levels
    assert ("waiting", "critical") not in levels
    assert ("longest_wait_seconds", "warning") not in levels
    assert levels["longest_wait_seconds", "critical"] == 180


def test_a_built_in_warning_gives_way_to_an_earlier_critical() -> None:
    levels = (
        parse_floor("[defaults.thresholds]\nlongest_wait_seconds = { critical = 40 }").queue("a", "chat").thresholds
    )

    assert (levels["longest_wait_seconds", "warning"], levels["longest_wait_seconds", "critical"]) == (40, 40)


def test_a_built_in_critical_gives_way_to_a_later_warning() -> None:
    levels = (
        parse_floor("[defaults.thresholds]\nservice_level_ratio = { warning = 0.3 }").queue("a", "voice").thresholds
    )

    assert (levels["service_level_ratio", "warning"], levels["service_level_ratio", "critical"]) == (0.3, 0.3)


def test_a_queue_in_any_script_keeps_its_id() -> None:
    floor = parse_floor('[queue."客服 一线"]\nchannel = "voice"')

    assert [config.display_name for config in floor.configured] == ["客服 一线"]


def test_a_group_has_names_in_several_languages_which_its_queues_carry() -> None:
    floor = parse_floor(
        '[group."Front office"]\nname = { en = "Front office", zh-CN = "前台" }\n'
        '[queue.a]\ngroup = "Front office"\n[queue.b]'
    )

    assert floor.queue("a", "voice").group_names == {"en": "Front office", "zh-CN": "前台"}
    assert floor.queue("b", "voice").group_names == {}


def test_a_queue_that_has_its_group_from_the_defaults_carries_its_names_too() -> None:
    floor = parse_floor('[defaults]\ngroup = "All"\n[group.All]\nname = { de = "Alle" }\n[queue.a]')

    assert floor.queue("a", "voice").group_names == {"de": "Alle"}
    assert floor.queue("never heard of", "chat").group_names == {"de": "Alle"}


def test_earliest_may_be_an_instant() -> None:
    assert parse_floor("[time]\nearliest = 2020-01-01T00:00:00+01:00").earliest_ms == at("2019-12-31T23:00:00+00:00")
    assert parse_floor("[time]\nearliest = 2020-01-01").earliest_ms == at("2020-01-01T00:00:00+00:00")
    assert parse_floor("[time]\nearliest = '2020-01-01'\nlateness_days = 0.5").lateness_ms == 43_200_000


def test_what_a_queue_leaves_open_depends_on_its_channel() -> None:
    floor = parse_floor('[queue.help]\nname = "Help"\n')
    assert (floor.queue("help", "voice").long_seconds, floor.queue("help", "chat").long_seconds) == (300, 480)
