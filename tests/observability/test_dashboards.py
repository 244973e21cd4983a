"""Every query of every dashboard on a real Prometheus: the snapshot's and the report's number, and no panel left out.

The languages share their queries, which tests/grafana/test_dashboards.py holds, so each is run once. When the worker is
dead the live ones give nothing: test_death.py.
"""

import re
import subprocess

import pytest

from kpi.catalogue import CATALOGUE
from tests.grafana.boards import ENGLISH, put_in
from tests.observability.expected import Panel, Seen
from tests.observability.expected_floor import OVERVIEW, WALL_CHAT, WALL_VOICE
from tests.observability.expected_people import AGENTS, BACKLOG
from tests.observability.expected_platform import ALERTS, PIPELINE
from tests.observability.expected_queue import QUEUE
from tests.observability.shown import PANELS, Value
from tests.observability.small_floor import Floor
from tests.observability.stack import PROMTOOL, eventually, page
from tests.promql import family_of

EXPECTED: dict[str, Panel] = {
    f"{board}: {title}": panel
    for board, panels in (
        ("wall-voice", WALL_VOICE),
        ("wall-chat", WALL_CHAT),
        ("overview", OVERVIEW),
        ("queue", QUEUE),
        ("agents", AGENTS),
        ("backlog", BACKLOG),
        ("pipeline", PIPELINE),
        ("alerts", ALERTS),
    )
    for title, panel in panels.items()
}


def test_no_panel_is_left_out() -> None:
    assert sorted(EXPECTED) == sorted(PANELS)
    for key, panel in PANELS.items():
        assert "".join(sorted("".join(EXPECTED[key]))) == "".join(ref for ref, _ in panel.queries), key


@pytest.mark.parametrize("key", EXPECTED)
def test_a_panel_shows_what_is_true(seen: Seen, shown: dict[str, list[Value]], key: str) -> None:
    for letters, expect in EXPECTED[key].items():
        expect(seen, [value for value in shown[key] if value.ref in letters])


def test_the_floor_is_bad_enough_to_show_every_colour_and_a_dash(seen: Seen, shown: dict[str, list[Value]]) -> None:
    assert {each.severity for each in seen.snapshots.values()} == {0, 1, 2}
    used = {value.ref for key in shown if key.startswith("queue: ") for value in shown[key]}
    assert {"A", "B", "C", "D"} <= used
    assert {value.labels["sign"] for value in shown["overview: Queues, worst first"] if value.ref == "A"} == set("●▲■")


def test_the_numbers_are_those_of_the_report_for_the_same_half_hour(seen: Seen, shown: dict[str, list[Value]]) -> None:
    lines = {
        ref: {
            value.queue[0]: value.number
            for value in shown["queue: Windows side by side"]
            if value.ref == ref and value.labels["window"] == "30m"
        }
        for ref in "ABCDEFGHIJ"
    }
    waiting = {value.queue[0]: value.number for value in shown["overview: Waiting, by queue"]}
    busy = {queue: of for queue, of in seen.report.items() if of["offered"]}
    assert busy.keys() == {"support", "billing", "chats", "general", "small-talk"}
    for queue, of in busy.items():
        mine = {ref: numbers.get(queue) for ref, numbers in lines.items()}
        level = of["service_level"]["sl_event"]["value"]
        assert mine == pytest.approx(
            {
                "A": of["offered"],
                "B": of["answered"],
                "C": 100 * level,
                "D": of["abandoned"],
                "E": 100 * of["abandoned"] / of["decided"],
                "F": of["short_abandoned"],
                "G": sum(of["exits"].values()),
                "H": of["wait_seconds"]["answered"]["mean"],
                "I": of["wait_seconds"]["all"]["max"],
                "J": of["handle_seconds"]["mean"],
            },
            rel=1e-6,
        ), queue
        assert waiting[queue] == of["open"], queue


def test_the_queue_that_is_known_by_heart_has_its_numbers(shown: dict[str, list[Value]]) -> None:
    def of(key: str) -> float:
        [value] = [value for value in shown[key] if value.queue == ("support", "voice")]
        return value.number

    # 9 answered, 4 of them within 20 s; 5 gave up, 1 timed out late, 4 still wait past the target; a key exit in time
    # says nothing of the service level.
    assert of("queue: Service level, 30 min") == pytest.approx(4 / 19)
    assert of("queue: Abandoned, 30 min") == pytest.approx(5 / 16)
    assert of("queue: Waiting") == 4


def test_names_are_the_configured_ones_and_ids_where_there_is_none(shown: dict[str, list[Value]]) -> None:
    names = {value.queue[0]: value.labels["display_name"] for value in shown["overview: Waiting, by queue"]}
    assert names == {
        "support": '技术 "Support"',
        "sales": "sales",
        "billing": "billing",
        "chats": "Chats",
        "mail": "mail",
        "general": "general",
        "small-talk": "small-talk",
    }


def test_annotations_mark_what_fires_and_what_was_deployed(busy_floor: Floor, seen: Seen) -> None:
    marks = {each["name"]: put_in(each["expr"]) for each in ENGLISH["overview"]["annotations"]["list"]}
    query = busy_floor.prometheus.query
    fired = query(marks["Floor alerts"], seen.at)
    assert {labels["alertname"] for labels, _ in fired} >= {"QueueLongestWaitHigh"}
    # The version that began with this test, while it was new.
    [(_, began)] = query("min(min_over_time(timestamp(cc_build_info)[10m:1s]))", seen.at)
    deployed = query(marks["New versions"], began + 10)
    assert {bool(labels["version"]) for labels, _ in deployed} == {True}
    assert query(marks["New versions"], began + 75) == []


def test_every_choice_has_something_to_choose(busy_floor: Floor, seen: Seen) -> None:
    asked = 0
    for name, board in ENGLISH.items():
        for variable in board["templating"]["list"]:
            if variable["type"] == "query":
                expr, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]).groups()  # type: ignore[union-attr]
                chosen = "voice" if 'channel="' in expr else ".+"
                found = busy_floor.prometheus.query(put_in(f"count by ({label}) ({expr})", channel=chosen), seen.at)
                assert found, (name, variable["name"])
                asked += 1
    assert asked > 10


def promtool_complaints(text: str) -> str:
    """What promtool finds wrong with a metrics page."""
    done = subprocess.run([PROMTOOL, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 and not done.stdout + done.stderr else done.stdout + done.stderr


def families(text: str) -> set[str]:
    """The families on a metrics page."""
    named = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE ")}
    return {family_of(name) or name for name in named}


def test_the_pages_pass_promtool_and_together_hold_every_family_of_the_catalogue(busy_floor: Floor) -> None:
    ours = busy_floor.ours
    urls = [f"{ours.board_url}/metrics/live", f"{ours.board_url}/metrics", f"{ours.worker_url}/metrics"]
    pages = [page(url) or "" for url in urls]
    assert [promtool_complaints(text) for text in pages] == ["", "", ""]
    live, board, worker = (families(text) for text in pages)
    ours_to_serve = {metric.name for metric in CATALOGUE if {"board_live", "board", "worker"} & {*metric.served_by}}
    assert ours_to_serve - (live | board | worker) == set()
    assert live & board == set()


def test_the_long_wait_is_announced_as_critical_with_links_that_lead_somewhere(busy_floor: Floor) -> None:
    arrived = busy_floor.receiver.wait_for(30, "firing", alertname="QueueLongestWaitHigh", queue="support")
    assert arrived.labels["severity"] == "critical"
    assert ": longest wait " in arrived.annotations["summary"]
    assert "(limit 1 min)" in arrived.annotations["summary"]
    runbook = arrived.annotations["runbook_url"]
    assert runbook.startswith(f"{busy_floor.prometheus.url}/user/")
    assert "## QueueLongestWaitHigh" in (page(runbook) or "")
    address, _, at = arrived.annotations["dashboard_url"].partition("?at=")
    assert address == f"{busy_floor.ours.board_url}/queue/support/voice"
    assert at.isdecimal()
    assert page(address) is not None
    assert arrived.annotations["acknowledge_url"].endswith(f"?at={at}&ack=QueueLongestWaitHigh.critical")
    assert not {"runbook", "dashboard", "board"} & arrived.labels.keys()
    one_message = {"critical": False, "warning": True}
    eventually(
        lambda: busy_floor.held_back("QueueLongestWaitHigh") == one_message, 10, "the critical one speaks for both"
    )
