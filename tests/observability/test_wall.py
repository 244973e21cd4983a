"""The dashboard `wall` on a real Prometheus: each query gives the snapshot's and the report's number, or nothing."""

import math
import subprocess
import time
from collections.abc import Callable, Mapping

import pytest

from floorpulse.report import build_report
from kpi.catalogue import BY_NAME
from kpi.floor import parse_floor
from kpi.snapshot import QueueSnapshot
from tests.observability.centre import FLOOR
from tests.observability.small_floor import AGE, PANELS, Floor, Queue, Result
from tests.observability.stack import PROMTOOL, eventually, page
from tests.promql import family_of


def promtool_complaints(text: str) -> str:
    done = subprocess.run([PROMTOOL, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 and not done.stdout + done.stderr else done.stdout + done.stderr


def families(text: str) -> set[str]:
    named = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE ")}
    return {family_of(name) or name for name in named}


def test_the_pages_pass_promtool_and_together_hold_every_family_of_the_catalogue(floor: Floor) -> None:
    urls = [
        f"{floor.ours.board_url}/metrics/live",
        f"{floor.ours.board_url}/metrics",
        f"{floor.ours.worker_url}/metrics",
    ]
    pages = [page(url) or "" for url in urls]
    assert [promtool_complaints(text) for text in pages] == ["", "", ""]
    live, board, worker = (families(text) for text in pages)
    assert BY_NAME.keys() - (live | board | worker) == set()
    assert live & board == set()


def waiting(snapshot: QueueSnapshot) -> float | None:
    return snapshot.now.waiting


def service_level(snapshot: QueueSnapshot) -> float | None:
    value: float | None = snapshot.windows["30m"]["service_level"]["sl_event"]["value"]
    return value


def abandonment(snapshot: QueueSnapshot) -> float | None:
    value: float | None = snapshot.windows["30m"]["abandonment"]["value"]
    return value


def backlog(snapshot: QueueSnapshot) -> float | None:
    return snapshot.backlog.open


SEVERITY_OF = {"A": 0, "B": 1, "C": 2}


def assert_shown(
    found: list[Result], snapshots: Mapping[Queue, QueueSnapshot], numbers: Mapping[Queue, float | None]
) -> None:
    """Each queue has exactly one result: its number in the colour of its severity, or NaN where there is none."""
    assert sorted((labels["queue"], labels["channel"]) for _, labels, _ in found) == sorted(snapshots)
    for ref_id, labels, value in found:
        queue = labels["queue"], labels["channel"]
        number = numbers[queue]
        if number is None:
            assert math.isnan(value), queue
            assert ref_id == "D", queue
        else:
            assert value == pytest.approx(number, abs=0.002), queue
            assert SEVERITY_OF[ref_id] == snapshots[queue].severity, queue


@pytest.mark.parametrize(
    ("title", "number"),
    [
        ("Waiting", waiting),
        ("Service level, 30 min", service_level),
        ("Abandoned, 30 min", abandonment),
        ("Open backlog", backlog),
    ],
)
def test_a_panel_shows_the_number_and_the_colour_of_the_snapshot(
    floor: Floor, title: str, number: Callable[[QueueSnapshot], float | None]
) -> None:
    snapshots = floor.snapshots()
    assert_shown(floor.panel(title, time.time()), snapshots, {queue: number(each) for queue, each in snapshots.items()})


def test_the_longest_wait_is_that_of_the_snapshot_at_the_same_instant(floor: Floor) -> None:
    at, snapshots = time.time(), floor.snapshots()
    joined = {queue: each.now.oldest_queued_at_ms for queue, each in snapshots.items()}
    waits = {queue: 0.0 if ms is None else at - ms / 1000 for queue, ms in joined.items()}
    assert_shown(floor.panel("Longest wait", at), snapshots, waits)


def test_the_floor_is_bad_enough_to_show_every_colour_and_a_dash(floor: Floor) -> None:
    assert {each.severity for each in floor.snapshots().values()} == {0, 1, 2}
    shown = [result for title in PANELS for result in floor.panel(title, time.time())]
    assert {ref_id for ref_id, _, _ in shown} == {"A", "B", "C", "D"}


def test_the_numbers_are_those_of_the_report_for_the_same_half_hour(floor: Floor) -> None:
    now_ms = time.time_ns() // 1_000_000
    parsed = parse_floor(FLOOR)
    report = build_report(
        floor.store, "live", span_from_ms=now_ms - 1_750_000, span_to_ms=now_ms, by=("queue",), floor=parsed
    )["per_queue"]
    at = now_ms / 1000
    found = {
        title: {labels["queue"]: value for _, labels, value in floor.panel(title, at) if not math.isnan(value)}
        for title in PANELS
        if title != AGE
    }
    with_traffic = {"support", "billing", "chats"}
    assert {queue: report[queue]["open"] for queue in with_traffic} == {
        queue: found["Waiting"][queue] for queue in with_traffic
    }
    assert found["Abandoned, 30 min"] == pytest.approx(
        {queue: report[queue]["abandoned"] / report[queue]["decided"] for queue in with_traffic}
    )
    assert found["Service level, 30 min"] == pytest.approx(
        {queue: report[queue]["service_level"]["sl_event"]["value"] for queue in with_traffic}
    )
    assert report["support"]["abandoned"] == 5
    assert report["support"]["decided"] == 16
    # 9 answered, 5 gave up, 1 timed out late, 4 still wait past the target; a key exit after 12 s does not count.
    assert found["Service level, 30 min"]["support"] == pytest.approx(4 / 19)


def test_names_are_the_configured_ones_and_ids_where_there_is_none(floor: Floor) -> None:
    names = {labels["queue"]: labels["display_name"] for _, labels, _ in floor.panel("Waiting", time.time())}
    assert names == {
        "support": '技术 "Support"',
        "sales": "sales",
        "billing": "billing",
        "chats": "Chats",
        "mail": "mail",
    }


def test_the_age_of_the_data_is_a_few_seconds(floor: Floor) -> None:
    [(_, _, age)] = floor.panel(AGE, time.time())
    assert 0 <= age < 5


def test_the_long_wait_is_announced_as_critical_with_links_that_lead_somewhere(floor: Floor) -> None:
    arrived = floor.receiver.wait_for(30, "firing", alertname="QueueLongestWaitHigh", queue="support")
    assert arrived.labels["severity"] == "critical"
    assert "(voice): a customer has waited" in arrived.annotations["summary"]
    assert "Limit (critical): 1m 0s." in arrived.annotations["description"]
    runbook = arrived.annotations["runbook_url"]
    assert runbook.startswith(f"{floor.prometheus.url}/user/")
    assert "## QueueLongestWaitHigh" in (page(runbook) or "")
    assert arrived.annotations["dashboard_url"].endswith("?var-queue=support&var-channel=voice")
    assert not {"runbook", "dashboard"} & arrived.labels.keys()
    one_message = {"critical": False, "warning": True}
    eventually(lambda: floor.held_back("QueueLongestWaitHigh") == one_message, 10, "the critical one speaks for both")
