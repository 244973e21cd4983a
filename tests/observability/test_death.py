"""When the worker dies the numbers go, and people are told; alone in its file, for nothing comes back after it."""

import time

from kpi.catalogue import BY_NAME
from tests.grafana.boards import put_in, selectors
from tests.observability.shown import AGE, PANELS
from tests.observability.small_floor import Floor
from tests.observability.stack import eventually, page

# Numbers of the live state; the time it is true for and the names of queues stay.
LIVE = {"floor", "staff", "backlog", "window"}
STAYS = {"cc_queue_state_updated_timestamp_seconds", "cc_queue_info"}


def live_queries(key: str) -> str:
    """The letters of a panel's queries that ask for the live state, be it recorded."""

    def is_live(name: str) -> bool:
        return ":" in name if name not in BY_NAME else BY_NAME[name].group in LIVE and name not in STAYS

    def recorded(name: str) -> bool:
        return name.startswith(("queue_channel:", "team:", "site:"))

    return "".join(
        ref
        for ref, expr in PANELS[key].queries
        if any(is_live(name) for name, _ in selectors(put_in(expr)) if name in BY_NAME or recorded(name))
    )


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
    # What is read every 5 s goes a scrape later, what is recorded of it every 5 s another 5 s later.
    slowest = "cc_agent_slots or team:cc_occupancy:ratio30m or queue_channel:cc_queue_service_level:ratio30m"
    left = died + 12 + 5 + 5 + 2 - time.time()
    eventually(lambda: not floor.prometheus.query(slowest), left, "what is read and recorded more slowly is gone")
    now, snapshots = time.time(), floor.snapshots()
    asked = {key: live_queries(key) for key in PANELS}
    shown = {key: [value for value in floor.show(key, now, snapshots) if value.ref in asked[key]] for key in PANELS}
    assert sum(map(len, asked.values())) > 100
    assert {key: values for key, values in shown.items() if values} == {}
    age = floor.show(f"overview: {AGE}", now, snapshots)[0].number
    assert age > 11

    stale = floor.receiver.wait_for(30, "firing", since=died, alertname="BoardStale", reason="old")
    assert stale.labels["severity"] == "warning"
    assert stale.annotations["summary"].startswith("The board shows old numbers")
    assert stale.annotations["description"].startswith("Do first: ")
    silent = {"critical": True, "warning": True}
    eventually(lambda: floor.held_back("QueueLongestWaitHigh") == silent, 5, "old numbers prove nothing of a queue")
    floor.receiver.wait_for(40, "firing", since=died, alertname="BoardStale", reason="old", severity="critical")
