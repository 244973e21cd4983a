"""The rules of table import, one by one."""

import gzip
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kpi.events import TYPES, format_time
from kpi.floor import parse_floor
from sources.errors import SourceError
from sources.reading import ReadResult
from sources.table import read_table
from sources.table_mapping import TableMapping, load_mapping, parse_mapping, shipped

MAPPING = """
[contact]
queue = "queue"
agent = { column = "agent", none = ["-"] }
[times]
formats = ["%H:%M:%S"]
none = ["0:00:00"]
entered = ["joined", "arrived"]
left = "left"
ended = "ended"
[durations]
wait = "wait"
[[rows]]
when = { how = "test" }
is = "dropped"
[[rows]]
when = { how = ["ok", "OK"] }
is = "answered"
[[rows]]
when = { how = { matches = "^gone" }, agent = "-" }
is = "abandoned"
"""
HEADER = "queue,agent,arrived,joined,left,ended,wait,how"


def mapping(text: str = MAPPING, **times: str) -> TableMapping:
    for key, value in times.items():
        text = text.replace("[times]", f"[times]\n{key} = {value}")
    return parse_mapping(text, "bank.toml")


def read(tmp_path: Path, *rows: str, used: TableMapping | None = None, **options: Any) -> ReadResult:
    path = tmp_path / "calls.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    result = read_table(path, used or mapping(), **{"date": "2026-03-02", **options})
    for event in result.events:
        TYPES[event.noun_verb].model_validate(event.data)
    return result


def told(result: ReadResult) -> list[tuple[str, str]]:
    return [(event.noun_verb.removeprefix("contact."), format_time(event.time_ms)[5:19]) for event in result.events]


ANSWERED = "support,ana,9:00:00,9:00:10,9:00:40,9:05:00,30,ok"


def test_an_answered_row_is_three_events_with_agent_and_reported_wait(tmp_path: Path) -> None:
    result = read(tmp_path, ANSWERED)
    assert told(result) == [("queued", "03-02T09:00:10"), ("answered", "03-02T09:00:40"), ("ended", "03-02T09:05:00")]
    queued, answered, ended = result.events
    assert answered.data["agent_id"] == ended.data["agent_id"] == "ana"
    assert answered.data["reported"] == {"wait_ms": 30_000}
    assert {event.data["queue_id"] for event in result.events} == {"support"}
    assert len({event.data["contact_id"] for event in result.events}) == 1
    assert [event.data["sequence"] for event in result.events] == [8, 9, 10]
    assert queued.source == "/import/bank"


def test_the_first_rule_that_fits_decides(tmp_path: Path) -> None:
    gone = "support,-,9:00:00,9:00:10,9:00:20,,10,gone away"
    result = read(tmp_path, gone, ANSWERED.replace("ok", "test"))
    assert told(result) == [("queued", "03-02T09:00:10"), ("left_queue", "03-02T09:00:20")]
    assert result.events[1].data["reason"] == "abandoned"
    assert "agent_id" not in result.events[1].data


def test_a_row_that_no_rule_fits_is_a_problem_that_names_the_cells(tmp_path: Path) -> None:
    result = read(tmp_path, ANSWERED.replace("ok", "what"), ANSWERED)
    assert len(result.events) == 3
    assert result.problems == [f"{tmp_path}/calls.csv:2: no rule of bank.toml fits how = 'what', agent = 'ana'"]


def test_the_first_column_that_holds_a_time_is_taken(tmp_path: Path) -> None:
    assert told(read(tmp_path, ANSWERED.replace("9:00:10", "0:00:00")))[0] == ("queued", "03-02T09:00:00")
    assert told(read(tmp_path, ANSWERED.replace("9:00:10", "")))[0] == ("queued", "03-02T09:00:00")


def test_a_contact_that_waits_across_midnight_ends_on_the_next_day(tmp_path: Path) -> None:
    result = read(tmp_path, "support,ana,,23:59:50,0:00:20,0:04:00,30,ok")
    assert [time for _, time in told(result)] == ["03-02T23:59:50", "03-03T00:00:20", "03-03T00:04:00"]


def test_a_contact_that_began_before_midnight_joins_on_the_next_day(tmp_path: Path) -> None:
    used = mapping(began='"arrived"')
    result = read(tmp_path, "support,ana,23:59:50,0:00:05,0:00:20,0:04:00,15,ok", used=used)
    assert {time[:5] for _, time in told(result)} == {"03-03"}


def test_a_clock_that_ran_late_does_not_end_a_contact_before_its_start(tmp_path: Path) -> None:
    result = read(tmp_path, "support,ana,,9:00:10,9:00:08,9:00:09,0,ok")
    assert {time for _, time in told(result)} == {"03-02T09:00:10"}


def test_without_a_time_of_leaving_the_wait_gives_it(tmp_path: Path) -> None:
    assert told(read(tmp_path, "support,ana,,9:00:10,,9:05:00,30,ok"))[1] == ("answered", "03-02T09:00:40")


def test_who_left_without_a_wait_and_a_time_is_counted_with_an_unknown_wait(tmp_path: Path) -> None:
    (left,) = read(tmp_path, "support,-,,9:00:10,,,,gone").events
    assert (left.noun_verb, "reported" in left.data) == ("contact.left_queue", False)


def test_a_conversation_of_unknown_end_is_over_without_a_talk_time(tmp_path: Path) -> None:
    ended = read(tmp_path, "support,ana,,9:00:10,9:00:40,,30,ok").events[2]
    assert (ended.data["ended_by"], "reported" in ended.data) == ("lost_unknown", False)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("support,ana,,soon,9:00:40,9:05:00,30,ok", "joined: 'soon' is not a time; wanted %H:%M:%S"),
        ("support,ana,,9:00:10,9:00:40,9:05:00,half,ok", "wait: 'half' is not a duration; wanted seconds"),
        (",ana,,9:00:10,9:00:40,9:05:00,30,ok", "queue: is empty; it names the queue"),
        ("support,ana,,,9:00:40,9:05:00,30,ok", "joined, arrived: no time; one of them says when the contact joined"),
        ("support,ana,,9:00:10,,9:05:00,,ok", "left, wait: no time and no wait; an answered contact needs one"),
        ("support,ana,,9:00:10,9:0", "how: the row ends before this column"),
    ],
)
def test_a_bad_row_names_its_line_and_column_and_the_rest_goes_on(tmp_path: Path, row: str, said: str) -> None:
    result = read(tmp_path, ANSWERED, row)
    assert len(result.events) == 3
    assert len(result.problems) == 1 and result.problems[0].startswith(f"{tmp_path}/calls.csv:3: {said}")


def test_a_last_row_that_was_cut_off_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    for rest, cut in (("support,ana,,9:0", True), ("support,ana,,9:0\n", False), (f"x\n{ANSWERED}", False)):
        path.write_text(f"{HEADER}\n{ANSWERED}\n{rest}", encoding="utf-8")
        result = read_table(path, mapping(), date="2026-03-02")
        assert len(result.problems) == 1
        assert result.cut_off == (result.problems[0] if cut else None)


def test_a_file_without_one_good_row_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no row could be read with bank.toml; the first: .*calls.csv:2: no rule"):
        read(tmp_path, ANSWERED.replace("ok", "what"))


def test_times_are_local_times_of_the_zone(tmp_path: Path) -> None:
    berlin = read(tmp_path, ANSWERED, used=mapping(zone='"Europe/Berlin"'))
    assert (told(berlin)[0][1], berlin.zone) == ("03-02T08:00:10", "Europe/Berlin")
    tokyo = read(tmp_path, ANSWERED, used=mapping(zone='"Europe/Berlin"'), zone="Asia/Tokyo")
    assert (told(tokyo)[0][1], tokyo.zone) == ("03-02T00:00:10", "Asia/Tokyo")


def test_in_the_hour_that_a_clock_repeats_a_wait_is_not_negative(tmp_path: Path) -> None:
    row = "support,ana,,2:59:50,2:00:20,2:10:00,30,ok"
    result = read(tmp_path, row, zone="Europe/Berlin", date="2026-10-25")
    assert [time for _, time in told(result)] == ["10-25T00:59:50", "10-25T01:00:20", "10-25T01:10:00"]


def test_the_day_may_stand_in_a_column_or_in_the_mapping(tmp_path: Path) -> None:
    text = MAPPING.replace('queue = "queue"', 'queue = { constant = "main" }')
    used = mapping(text, date='{ column = "queue", formats = ["%d.%m.%Y"] }')
    assert told(read(tmp_path, ANSWERED.replace("support", "24.12.2025"), used=used, date=None))[0][1][:5] == "12-24"
    used = mapping(date="2026-05-06")
    assert told(read(tmp_path, ANSWERED, used=used, date=None))[0][1][:5] == "05-06"
    assert told(read(tmp_path, ANSWERED, used=used, date=date(2026, 7, 8)))[0][1][:5] == "07-08"


def test_whole_timestamps_need_no_day(tmp_path: Path) -> None:
    used = mapping(MAPPING.replace('["%H:%M:%S"]', '["iso", "%d/%m/%Y %H:%M"]'))
    row = "support,ana,,2026-03-02T09:00:10+01:00,2026-03-02T08:00:40Z,02/03/2026 08:05,30,ok"
    assert [time[-8:] for _, time in told(read(tmp_path, row, used=used, date=None))] == [
        "08:00:10", "08:00:40", "08:05:00",
    ]  # fmt: skip


def test_a_date_that_is_missing_wrong_or_too_much_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="has no dates; say which day it is with --date YYYY-MM-DD"):
        read(tmp_path, ANSWERED, date=None)
    with pytest.raises(SourceError, match="--date tomorrow: this is no date; wanted YYYY-MM-DD"):
        read(tmp_path, ANSWERED, date="tomorrow")
    with pytest.raises(SourceError, match="takes the days from the table; leave --date out"):
        read(tmp_path, ANSWERED, used=mapping(MAPPING.replace("%H:%M:%S", "iso")))


def test_cells_can_be_translated_and_durations_have_units(tmp_path: Path) -> None:
    text = MAPPING.replace(
        'queue = "queue"', 'queue = "queue"\nchannel = { column = "agent", values = { ana = "chat" } }'
    )
    used = mapping(text.replace('wait = "wait"', 'wait = { column = "wait", unit = "h:m:s" }'))
    answered = read(tmp_path, ANSWERED.replace(",30,", ",1:30,"), used=used).events[1]
    assert (answered.data["channel"], answered.data["reported"]) == ("chat", {"wait_ms": 90_000})
    problem = read(tmp_path, ANSWERED, ANSWERED.replace("ana", "fax"), used=used).problems[0]
    assert "agent: 'fax' is no channel; wanted one of voice, video" in problem


def test_ids_come_from_the_content_the_day_and_the_row(tmp_path: Path) -> None:
    rows = [ANSWERED, ANSWERED]
    first, again = read(tmp_path, *rows), read(tmp_path, *rows)
    assert [event.id for event in first.events] == [event.id for event in again.events]
    assert len({event.data["contact_id"] for event in first.events}) == 2
    other_day = read(tmp_path, *rows, date="2026-03-03")
    other_file = read(tmp_path, *rows, ANSWERED)
    contacts = [{event.data["contact_id"] for event in result.events} for result in (first, other_day, other_file)]
    assert not contacts[0] & contacts[1] and not contacts[0] & contacts[2]


def test_a_compressed_table_gives_the_same_events(tmp_path: Path) -> None:
    plain = read(tmp_path, ANSWERED)
    with gzip.open(tmp_path / "calls.csv.gz", "wb") as file:
        file.write((tmp_path / "calls.csv").read_bytes())
    assert read_table(tmp_path / "calls.csv.gz", mapping(), date="2026-03-02").events == plain.events


def test_a_key_names_the_contact_and_a_repeated_one_is_a_problem(tmp_path: Path) -> None:
    used = mapping(MAPPING.replace("[contact]", '[contact]\nkey = "arrived"'))
    result = read(tmp_path, ANSWERED, ANSWERED, used=used)
    assert {event.data["contact_id"] for event in result.events} == {"9:00:00"}
    assert "arrived: '9:00:00' stands in row 1 already; take `key` out of bank.toml" in result.problems[0]


def test_the_floor_maps_names_to_ids(tmp_path: Path) -> None:
    floor = parse_floor('[[ids]]\nsource = "/import/bank"\nnative = "support"\nqueue = "help"\n')
    assert read(tmp_path, ANSWERED, floor=floor).events[0].data["queue_id"] == "help"


def test_a_column_that_is_missing_is_named_with_where_it_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text("\ufeffqueue;agent\na;b\n", encoding="utf-8")
    with pytest.raises(SourceError) as error:
        read_table(path, mapping(MAPPING + "[file]\ndelimiter = ';'\n"), date="2026-03-02")
    assert str(error.value) == (
        f"{path}: no column 'joined' (mapping bank.toml: [times].entered); the file has: queue, agent"
    )


@pytest.mark.parametrize("content", [b"\x00\x01\xfe\xff" * 40, b"", b"just some text\n", b"\x1f\x8b broken"])
def test_a_file_that_is_no_table_is_refused_with_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "calls.csv"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"calls\.csv") as error:
        read_table(path, mapping(), date="2026-03-02")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('queue = "queue"', ""), "contact.queue: field required"),
        (('queue = "queue"', "queue = { }"), "contact.queue: wanted either column or constant"),
        (
            ("[times]", "[times]\nzone = 'Mars/Base'"),
            "times.zone: wanted an IANA zone, e.g. Europe/Berlin ('Mars/Base')",
        ),
        (("[times]", "[times]\nentred = 'x'"), "times.entred: extra inputs are not permitted"),
        (('is = "dropped"', 'is = "gone"'), "rows.0.is: input should be 'dropped', 'answered', 'abandoned'"),
        (('"^gone"', '"("'), "rows.2.when.how.matches: no regular expression"),
        (('["%H:%M:%S"]', '["%H:%M:%S", "iso"]'), "times: formats with a day and formats without one cannot be mixed"),
        (("[times]", "[times"), "not TOML"),
    ],
)
def test_a_wrong_mapping_names_its_key(change: tuple[str, str], said: str) -> None:
    with pytest.raises(SourceError) as error:
        parse_mapping(MAPPING.replace(*change), "bank.toml")
    assert str(error.value).startswith(f"bank.toml: {said}")


def test_shipped_mappings_are_found_by_name_and_others_by_path(tmp_path: Path) -> None:
    assert {"technion", "simulated"} <= set(shipped())
    for name in shipped():
        assert load_mapping(name).name == f"{name}.toml"
    own = tmp_path / "own.toml"
    own.write_text(MAPPING)
    assert load_mapping(own).source == "/import/own"
    with pytest.raises(
        SourceError, match="there is no such mapping; name a TOML file or one that is shipped: simulated"
    ):
        load_mapping("bank")


def test_the_documented_example_is_a_mapping() -> None:
    import sources.table_mapping

    doc = sources.table_mapping.__doc__ or ""
    example = "\n".join(line[4:] for line in doc.splitlines() if line.startswith("    "))
    used = parse_mapping(example, "example.toml")
    assert used.rows[0].what == "dropped"
