"""When the worker dies the numbers go, and people are told; alone in its file, for nothing comes back after it."""

import time

from tests.observability.small_floor import AGE, PANELS, Floor
from tests.observability.stack import eventually, page


def test_when_the_worker_dies_every_number_goes_and_the_board_says_so(floor: Floor) -> None:
    one_message = {"critical": False, "warning": True}
    eventually(lambda: floor.held_back("QueueLongestWaitHigh") == one_message, 60, "the long wait is announced")
    gauge = "cc_queue_contacts_waiting{"
    assert gauge in (page(f"{floor.ours.board_url}/metrics/live") or "")
    died = time.time()
    floor.ours.worker.kill()

    eventually(lambda: all(each.state == "stale" for each in floor.snapshots().values()), 10, "the snapshots say stale")
    left = died + 15 - time.time()
    eventually(
        lambda: not floor.prometheus.query("cc_queue_contacts_waiting"), left, "the gauge is gone, scrape included"
    )
    assert gauge not in (page(f"{floor.ours.board_url}/metrics/live") or gauge)
    shown = {title: floor.panel(title, time.time()) for title in PANELS}
    assert {title for title, results in shown.items() if results} == {AGE}
    [(_, _, age)] = shown[AGE]
    assert age > 11

    stale = floor.receiver.wait_for(30, "firing", since=died, alertname="BoardStale", reason="old")
    assert stale.labels["severity"] == "warning"
    assert "Limit (warning): 15s." in stale.annotations["description"]
    silent = {"critical": True, "warning": True}
    eventually(lambda: floor.held_back("QueueLongestWaitHigh") == silent, 5, "old numbers prove nothing of a queue")
    floor.receiver.wait_for(40, "firing", since=died, alertname="BoardStale", reason="old", severity="critical")
