"""Mistakes in floor.toml: each is named with file, line and key, and what would be right."""

import textwrap

import pytest

from kpi.floor import FloorError, parse_floor


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "[queue.support]\n\ntarget = { percent = 80, seconds = 'abc' }",
            "3: queue.support.target.seconds: 'abc'; wanted a whole number of seconds from 0 to 86400, e.g. 20",
            id="a word for a number",
        ),
        pytest.param(
            "[queue.a]\ntarget.percent = 0",
            "2: queue.a.target.percent: 0; wanted a percentage above 0 and up to 100, e.g. 80",
            id="a promise of nothing",
        ),
        pytest.param(
            "[queue.a]\nchanel = 'voice'", "2: queue.a.chanel: unknown key; did you mean channel?", id="a typing error"
        ),
        pytest.param(
            "# floor\nzone = 'UTC'",
            "2: zone: unknown key; wanted one of agent, alerts, channel, defaults, group, ids, links, queue, quiet, "
            "time",
            id="a key outside its table",
        ),
        pytest.param(
            "[defaults]\nzone = 'Berlin'",
            "2: defaults.zone: 'Berlin'; wanted an IANA zone name, e.g. \"Europe/Berlin\"",
            id="a zone nobody knows",
        ),
        pytest.param(
            "[defaults]\nzone = '../../etc/passwd'",
            "2: defaults.zone: '../../etc/passwd'; wanted an IANA zone name, e.g. \"Europe/Berlin\"",
            id="a path for a zone",
        ),
        pytest.param(
            "[defaults]\nreset = '04:10'",
            "2: defaults.reset: '04:10'; wanted a time HH:MM, a multiple of 15 minutes, e.g. \"04:00\"",
            id="a day that begins inside a pane",
        ),
        pytest.param(
            "[queue.a]\nholidays = [\n  '2026-12-25',\n  '2026-12-32',\n]",
            "4: queue.a.holidays.1: '2026-12-32'; wanted a date, e.g. \"2026-12-25\"",
            id="the line inside a list",
        ),
        pytest.param(
            "[queue.a.hours]\nmon-fri = ['8-12']",
            '2: queue.a.hours.mon-fri: ["8-12"]; wanted opening and closing time, e.g. "08:00-20:00"',
            id="hours without minutes",
        ),
        pytest.param(
            "[queue.a.hours]\nmon-fri = ['08:00-12:00']\nfri = ['08:00-10:00']",
            "3: queue.a.hours.fri: names a weekday a second time; wanted each weekday once",
            id="a weekday twice",
        ),
        pytest.param(
            "[queue.a.hours]\nmonday = []",
            "2: queue.a.hours.monday: wanted a weekday (mon, tue, wed, thu, fri, sat, sun), "
            "a range such as mon-fri, or daily",
            id="a weekday in full",
        ),
        pytest.param(
            "[queue.a]\nchannel = 'phone'",
            "2: queue.a.channel: 'phone'; wanted one of voice, video, callback, chat, message, social, email, ticket",
            id="a channel nobody knows",
        ),
        pytest.param(
            "[queue.a]\nchannel = 'voice'\n[queue.a.chat]\ngroup = 'x'",
            "3: queue.a.chat: a table for chat beside channel = 'voice'; wanted one of the two",
            id="one channel and a table for another",
        ),
        pytest.param(
            "[defaults.thresholds]\nabandonment_ratio = { warning = 5 }",
            "2: defaults.thresholds.abandonment_ratio.warning: 5; wanted a ratio from 0 to 1, e.g. 0.05",
            id="percent for a ratio",
        ),
        pytest.param(
            "[defaults.thresholds]\nwaiting = { warning = 9, critical = 8 }",
            "2: defaults.thresholds.waiting: critical 8 below warning 9; wanted critical at or above warning",
            id="critical before warning",
        ),
        pytest.param(
            "[defaults.thresholds]\nservice_level_ratio = { warning = 0.5, critical = 0.6 }",
            "2: defaults.thresholds.service_level_ratio: critical 0.6 above warning 0.5; "
            "wanted critical at or below warning",
            id="where low is bad, the other way round",
        ),
        pytest.param(
            "[queue.a.thresholds.waiting]\nwarning = { enter = 8, exit = 9 }",
            "2: queue.a.thresholds.waiting.warning.exit: 9; wanted no more than enter, 8",
            id="an exit before its enter",
        ),
        pytest.param(
            "[queue.a.thresholds]\nwait = 3",
            "2: queue.a.thresholds.wait: unknown key; did you mean waiting?",
            id="a measure nobody knows",
        ),
        pytest.param(
            "[queue.a]\nname = 'A'\nwaiting = { warning = 8 }",
            "3: queue.a.waiting: is a limit; wanted it as thresholds = { waiting = ... }",
            id="a limit beside the thresholds",
        ),
        pytest.param(
            "[[ids]]\nsource = 'a'\nnative = 'x'\nqueue = 'q'\n\n[[ids]]\nsource = 'a'",
            '6: ids.1: no native; wanted native = "support"',
            id="the second of several tables",
        ),
        pytest.param(
            "[[ids]]\nsource = 'a'\nnative = 'x'\nqueue = 'q'\nagent = 'b'",
            "1: ids.0: queue and agent; wanted one of queue, agent",
            id="an id for two things",
        ),
        pytest.param(
            "[[ids]]\nsource = 'a'\nnative = 'x'\nqueue = 'q'\n[[ids]]\nsource = 'a'\nnative = 'x'\nqueue = 'r'",
            "7: ids.1.native: 'x' of 'a' is mapped twice; wanted each native name once",
            id="one name for two ids",
        ),
        pytest.param(
            "[links]\ncontact = 'https://crm.example/{phone}'",
            "2: links.contact: 'https://crm.example/{phone}'; wanted an address with no braces but "
            "{native_id}, {contact_id}, {source}, {queue_id}, {channel}",
            id="a link to what no event knows",
        ),
        pytest.param(
            "[links]\ncontact = 'javascript:alert(1)'",
            "2: links.contact: 'javascript:alert(1)'; wanted an http(s) address, e.g. "
            '"https://crm.example/{native_id}"',
            id="a link that is a script",
        ),
        pytest.param(
            "[queue.a]\nname = { english = 'A' }",
            '2: queue.a.name: \'english\'; wanted a language tag, e.g. "en" or "zh-CN"',
            id="a language in full",
        ),
        pytest.param(
            "[agent.ana]\ngroup = 'x'",
            "2: agent.ana.group: unknown key; wanted one of name, team",
            id="an agent's group",
        ),
        pytest.param(
            "[agent.ana]\nteam = ''", "2: agent.ana.team: ''; wanted a text in quotes, e.g. \"support\"", id="no team"
        ),
        pytest.param(
            "[group.Front]\nname = 'Front office'\n[queue.a]\ngroup = 'Front'",
            '2: group.Front.name: \'Front office\'; wanted names by language, e.g. { en = "Sales", zh-CN = "销售" }',
            id="a group with a plain name",
        ),
        pytest.param(
            "[group.Front]\n[queue.a]\ngroup = 'Front'",
            '1: group.Front.name: no name; wanted names by language, e.g. { en = "Sales", zh-CN = "销售" }',
            id="a group without a name",
        ),
        pytest.param(
            "[group.Frnt]\nname = { en = 'Front' }\n[queue.a]\ngroup = 'Front'\n[queue.b]",
            "1: group.Frnt: no queue has this group; wanted one of Front",
            id="a group that no queue has",
        ),
        pytest.param(
            "[group.Front]\nname = { en = 'Front' }\nteam = 'x'\n[queue.a]\ngroup = 'Front'",
            "3: group.Front.team: unknown key; wanted one of entry_point, holidays, hours, long_seconds, name, "
            "plausible_seconds, reset, short_abandon_seconds, short_call_seconds, source, special_days, target, "
            "thresholds, zone",
            id="a group's team",
        ),
        pytest.param(
            "[group.Front]\ngroup = 'Back'\n[queue.a]\ngroup = 'Front'",
            "2: group.Front.group: unknown key; wanted one of entry_point, holidays, hours, long_seconds, name, "
            "plausible_seconds, reset, short_abandon_seconds, short_call_seconds, source, special_days, target, "
            "thresholds, zone",
            id="a group in a group",
        ),
        pytest.param(
            "[channel.phone]\ntarget.seconds = 5",
            "1: channel.phone: no such channel; wanted one of voice, video, callback, chat, message, social, email, "
            "ticket",
            id="settings of a channel nobody knows",
        ),
        pytest.param(
            "[channel.chat]\nname = 'Chats'",
            "2: channel.chat.name: unknown key; wanted one of entry_point, group, holidays, hours, long_seconds, "
            "plausible_seconds, reset, short_abandon_seconds, short_call_seconds, source, special_days, target, "
            "thresholds, zone",
            id="a channel's name",
        ),
        pytest.param(
            "[channel.chat.thresholds]\nwaiting = { critical = 5 }\n[group.G.thresholds]\nwaiting = { warning = 9 }\n"
            "[queue.a]\ngroup = 'G'",
            "4: group.G.thresholds.waiting: critical 5 below warning 9; wanted critical at or above warning",
            id="two layers that do not agree",
        ),
        pytest.param(
            "[channel.chat.thresholds]\nwaiting = { critical = 5 }\n[queue.a.thresholds]\nwaiting = { warning = 9 }",
            "4: queue.a.thresholds.waiting: critical 5 below warning 9; wanted critical at or above warning",
            id="a queue that does not agree with its channel",
        ),
        pytest.param(
            "[defaults.thresholds]\nwaiting = 5",
            "2: defaults.thresholds.waiting: 5; wanted { warning = ..., critical = ... }, true or false",
            id="a limit of no severity",
        ),
        pytest.param(
            "[defaults.thresholds]\nwaiting = { warning = 5, for_second = 9 }",
            "2: defaults.thresholds.waiting.for_second: unknown key; did you mean for_seconds?",
            id="a behaviour nobody knows",
        ),
        pytest.param(
            "[defaults.thresholds]\nwaiting = { for_seconds = -1 }",
            "2: defaults.thresholds.waiting.for_seconds: -1; wanted a whole number of seconds from 0 to 86400, e.g. 20",
            id="a time that ran backwards",
        ),
        pytest.param(
            "[defaults.thresholds]\nabandonment_ratio = { minimum = 1.5 }",
            "2: defaults.thresholds.abandonment_ratio.minimum: 1.5; wanted a whole number, 0 or more, e.g. 20",
            id="half a customer",
        ),
        pytest.param(
            "[queue.a.thresholds]\n\nwaiting.minimum = 3",
            "3: queue.a.thresholds.waiting.minimum: 3; wanted 0, for it is not made of counted contacts",
            id="a minimum of nothing",
        ),
        pytest.param(
            "[defaults.thresholds]\nwaiting = { only_open = 'yes' }",
            "2: defaults.thresholds.waiting.only_open: 'yes'; wanted true or false",
            id="a word for yes",
        ),
        pytest.param(
            "[defaults.thresholds]\nclosed_wait_seconds = { only_open = true }",
            "2: defaults.thresholds.closed_wait_seconds.only_open: true; wanted false, for it is about the time "
            "outside opening hours",
            id="closed in opening hours alone",
        ),
        pytest.param(
            "[queue.a.thresholds]\noccupancy_ratio = true",
            "2: queue.a.thresholds.occupancy_ratio: is a measure of teams, not of queues; "
            "wanted it in [defaults.thresholds]",
            id="a measure of teams for a queue",
        ),
        pytest.param(
            "[defaults.thresholds]\noccupancy_ratio = { warning = 0.9, for_seconds = 'soon' }",
            "2: defaults.thresholds.occupancy_ratio.for_seconds: 'soon'; wanted a whole number of "
            "seconds from 0 to 86400, e.g. 20",
            id="a time to begin of a team",
        ),
        pytest.param(
            "[defaults.thresholds]\noccupancy_ratio = { warning = 0.9, keep_seconds = -1 }",
            "2: defaults.thresholds.occupancy_ratio.keep_seconds: -1; wanted a whole number of seconds "
            "from 0 to 86400, e.g. 20",
            id="a time to end of a team",
        ),
        pytest.param(
            "[defaults.thresholds]\noccupancy_ratio = { critical = { enter = 0.9, exit = 0.95 } }",
            "2: defaults.thresholds.occupancy_ratio.critical.exit: 0.95; wanted no more than enter, 0.9",
            id="an exit of a team",
        ),
        pytest.param(
            "[defaults.thresholds]\noccupancy_ratio = { warning = 0.9, minimum = 5 }",
            "2: defaults.thresholds.occupancy_ratio.minimum: 5; wanted 0, for it is not made of counted contacts",
            id="a fewest number of contacts of a team",
        ),
        pytest.param(
            "[defaults.thresholds]\noccupancy_ratio = { warning = 0.9, only_open = true }",
            "2: defaults.thresholds.occupancy_ratio.only_open: true; wanted false, for a team has no opening hours",
            id="opening hours of a team",
        ),
        pytest.param(
            "[defaults.thresholds]\noccupancy_ratio = { warning = { enter = 0.9, exit = 0.8 }, critical = 0.85 }",
            "2: defaults.thresholds.occupancy_ratio: critical 0.85 below warning 0.9; wanted critical "
            "at or above warning",
            id="a critical limit of a team before the warning",
        ),
        pytest.param(
            "[defaults.thresholds]\nhandle_time_ratio = { warning = 150 }",
            "2: defaults.thresholds.handle_time_ratio.warning: 150; wanted how many times as much, from 0 to 100, "
            "e.g. 1.5",
            id="percent for times",
        ),
        pytest.param(
            "[defaults.thresholds]\nready_agents = { warning = { enter = 2, exit = 1 } }",
            "2: defaults.thresholds.ready_agents.warning.exit: 1; wanted no less than enter, 2",
            id="an exit on the wrong side, where low is bad",
        ),
        pytest.param(
            "[alerts]\nlanguage = 'de'",
            "2: alerts.language: 'de'; wanted one of en, zh-CN, zh-TW",
            id="a language without texts",
        ),
        pytest.param(
            "[alerts]\nalso = ['WorkerDown']",
            "2: alerts.also.0: 'WorkerDown'; wanted one of EventDelayHigh, ConsumerLagGrowing, InvalidEvents, "
            "LateEventsDropped, PartitionsUnassigned, RebalanceStorm, BoardFreshnessBurn, BacklogGrowing",
            id="a rule that is always on",
        ),
        pytest.param(
            "[alerts]\nalso = 'EventDelayHigh'",
            "2: alerts.also: 'EventDelayHigh'; wanted a list of names of rules, e.g. [\"EventDelayHigh\"]",
            id="one name for a list",
        ),
        pytest.param(
            "[[quiet]]\nfrom = 2026-11-23T14:00:00",
            "1: quiet.0: no to; wanted to = 2026-11-23T14:00:00",
            id="quiet for ever",
        ),
        pytest.param(
            "[[quiet]]\nfrom = 2026-11-23T14:00:00\nto = 2026-11-23T14:00:00",
            "3: quiet.0.to: not after from; wanted a later time",
            id="quiet for no time",
        ),
        pytest.param(
            "[[quiet]]\nfrom = '14:00'\nto = 2026-11-23T14:00:00",
            "2: quiet.0.from: '14:00'; wanted a time, e.g. 2026-11-23T14:00:00, or with its offset "
            '"2026-11-23T14:00+08:00"',
            id="quiet every day",
        ),
        pytest.param(
            "[queue.a]\ngroup = 'G'\n[[quiet]]\nfrom = 2026-11-23\nto = 2026-11-24\nqueue = 'a'\ngroup = 'G'",
            "3: quiet.0: queue and group; wanted one of them, or neither for the whole floor",
            id="quiet of two things",
        ),
        pytest.param(
            "[queue.a]\ngroup = 'G'\n[[quiet]]\nfrom = 2026-11-23\nto = 2026-11-24\ngroup = 'F'",
            "6: quiet.0.group: no queue has the group 'F'; wanted one of G",
            id="quiet of a group that no queue has",
        ),
        pytest.param("[group]\nFront = 'x'", "2: group.Front: 'x'; wanted a table", id="a group that is a text"),
        pytest.param("[queue]\na = 3", "2: queue.a: 3; wanted a table", id="a value for a table"),
        pytest.param("ids = 3", "1: ids: wanted [[ids]] with double brackets", id="a value for a list of tables"),
        pytest.param("a = 1\nb = \n", "2: not TOML: invalid value", id="no TOML"),
        pytest.param("[queue.a]\nname = '''x", "2: not TOML: expected \"'''\"", id="a text that never ends"),
    ],
)
def test_a_mistake_is_named_with_file_line_key_and_what_would_be_right(text: str, message: str) -> None:
    with pytest.raises(FloorError) as caught:
        parse_floor(text, "my.toml")

    assert str(caught.value) == f"my.toml:{message}"


def test_the_line_is_found_behind_everything_toml_can_say() -> None:
    text = textwrap.dedent(
        '''\
        [links]
        contact = """https://crm.example/
        [queue.fake]  # not a table: inside a text
        """ # "
        [queue."a.b"] # a dot in a name
        "name" = { "en" = "x # y", "de" = 'z' }
        target . seconds = 20
        hours = { mon = [
            "08:00-09:00", # ] not the end
        ], tue = [ "nine" ] }
        '''
    )

    with pytest.raises(FloorError, match=r"^floor\.toml:10: queue\.a\.b\.hours\.tue: "):
        parse_floor(text)


def test_an_error_is_one_short_line_whatever_stands_in_the_file() -> None:
    with pytest.raises(FloorError) as caught:
        parse_floor('[queue.a]\nchannel = "\\n\\u001b[31m' + "x" * 500 + '"')

    message = str(caught.value)
    assert message.isprintable()
    assert len(message) < 250
