"""Whatever dies, an alert of a queue arrives in time, and once: a real Alertmanager, our engine, a board of ours.

Each test tries RUNS incidents, each of them a queue of its own.
"""

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.observability.alert_floor import (
    GROUP_INTERVAL_SECONDS,
    KEEP_SECONDS,
    LIMIT_SECONDS,
    RUNS,
    AlertFloor,
    Site,
    alert_floor,
    all_ended,
    all_told,
    crossing,
    queues_named,
    starts_ms,
)

# G5: event to arrival while nothing is broken, and after what was broken is back.
NORMAL_SECONDS = 5.0
BACK_SECONDS = 10.0
# In the tests of Alertmanager and receiver each of 4 sites tries 5 queues at once.
SITES, AT_ONCE = 4, 5
ROUNDS = max(1, RUNS // (SITES * AT_ONCE))


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[AlertFloor]:
    """Four sites, each hearing of everything."""
    with alert_floor(tmp_path, SITES) as running:
        yield running


@pytest.fixture
def small_floor(tmp_path: Path) -> Iterator[AlertFloor]:
    """One site."""
    with alert_floor(tmp_path) as running:
        yield running


def join_one_by_one(floor: AlertFloor, queues: list[str], within: float) -> dict[str, int]:
    """Somebody joins each queue, at times spread over about so many seconds; since when they wait."""
    floor.board.know(*queues)
    joined = {}
    for queue in queues:
        time.sleep(random.uniform(0, 2 * within / len(queues)))
        joined[queue] = floor.board.wait(queue)
    return joined


def sleep_until(at: float) -> None:
    """`at`: Unix seconds."""
    time.sleep(max(0.0, at - time.time()))


def assert_once(site: Site, joined: dict[str, int]) -> None:
    """One message for every queue, with its true start, and none that it is over."""
    assert {queue: len(site.told(queue)) for queue in joined} == dict.fromkeys(joined, 1)
    assert [queue for queue in joined if site.ended(queue)] == []
    for queue, since_ms in joined.items():
        [start_ms] = starts_ms(site.told(queue), queue)
        # The board looks four times a second.
        assert 0 <= start_ms - crossing(since_ms) * 1000 <= 1000


def assert_over(floor: AlertFloor, queues: list[str]) -> None:
    """Everybody leaves: one message for every queue that it is over, not before it has been good for long enough."""
    left = time.time()
    floor.board.leave(*queues)
    all_ended(floor.sites, queues, KEEP_SECONDS + GROUP_INTERVAL_SECONDS + BACK_SECONDS)
    for site in floor.sites:
        for queue in queues:
            [ended] = site.ended(queue)
            assert ended.at >= left + KEEP_SECONDS - 0.5
            assert len(site.told(queue)) == 1


def test_while_nothing_is_broken_every_incident_arrives_once_and_within_5_s(floor: AlertFloor) -> None:
    floor.start_engine()
    joined = join_one_by_one(floor, queues_named("q", RUNS), 5)
    all_told(floor.sites, list(joined), LIMIT_SECONDS + NORMAL_SECONDS)
    for site in floor.sites:
        assert_once(site, joined)
        late = {queue: site.told(queue)[0].at - crossing(since) for queue, since in joined.items()}
        assert {queue: seconds for queue, seconds in late.items() if seconds > NORMAL_SECONDS} == {}
    assert_over(floor, list(joined))


def test_an_alertmanager_that_is_dead_at_the_crossing_tells_it_within_10_s_of_its_return(floor: AlertFloor) -> None:
    floor.start_engine()
    for round_ in range(ROUNDS):
        queues = queues_named(f"r{round_}-", AT_ONCE)
        for number, site in enumerate(floor.sites):
            site.alertmanager.kill() if number % 2 else site.alertmanager.stop()
        joined = join_one_by_one(floor, queues, 2)
        sleep_until(max(map(crossing, joined.values())) + random.uniform(0.5, 2))
        for site in floor.sites:
            site.alertmanager.start()
            all_told([site], queues, BACK_SECONDS)
        for site in floor.sites:
            assert_once(site, joined)
        assert_over(floor, queues)


def test_a_receiver_that_is_dead_or_refuses_hears_it_within_10_s_of_its_return(floor: AlertFloor) -> None:
    floor.start_engine()
    for round_ in range(ROUNDS):
        queues = queues_named(f"r{round_}-", AT_ONCE)
        for number, site in enumerate(floor.sites):
            if number % 2:
                site.webhook.refuse = 503
            else:
                site.webhook.close()
        joined = join_one_by_one(floor, queues, 2)
        for number, site in enumerate(floor.sites):
            # Alertmanager tries less and less often; so some are away for long.
            sleep_until(max(map(crossing, joined.values())) + 0.5 + 4 * number)
            if number % 2:
                site.webhook.refuse = None
            else:
                site.webhook.open()
            all_told([site], queues, BACK_SECONDS)
        for site in floor.sites:
            assert_once(site, joined)
        assert_over(floor, queues)


def test_when_the_engine_that_evaluates_dies_or_hangs_another_goes_on_as_if_nothing_was(
    small_floor: AlertFloor,
) -> None:
    floor, at_once, told = small_floor, 5, dict[str, int]()
    floor.start_engine()
    for round_ in range(RUNS // at_once):
        floor.start_engine()
        leader = floor.leader()
        joined = join_one_by_one(floor, queues_named(f"r{round_}-", at_once), 2)
        # Some crossings lie before its death, some after it.
        sleep_until(random.choice(list(joined.values())) / 1000 + LIMIT_SECONDS + random.uniform(-0.5, 0.5))
        fell = time.time()
        if round_ % 2:
            os.kill(leader.child.pid, signal.SIGSTOP)
        else:
            floor.kill(leader)
        all_told(floor.sites, list(joined), LIMIT_SECONDS + 2 * NORMAL_SECONDS)
        told |= joined
        for queue, since_ms in joined.items():
            arrived = floor.sites[0].told(queue)[0].at
            assert arrived - max(fell, crossing(since_ms)) <= NORMAL_SECONDS
        if round_ % 2:
            # It wakes up in the belief that it still evaluates.
            os.kill(leader.child.pid, signal.SIGCONT)
            time.sleep(1)
            floor.kill(leader)
        assert_once(floor.sites[0], told)
    assert_over(floor, list(told))


def test_an_engine_that_was_alone_goes_on_where_it_stopped_when_it_is_back(small_floor: AlertFloor) -> None:
    floor, at_once, told = small_floor, 5, dict[str, int]()
    floor.start_engine()
    for round_ in range(RUNS // at_once):
        engine = floor.leader()
        joined = join_one_by_one(floor, queues_named(f"r{round_}-", at_once), 2)
        sleep_until(random.choice(list(joined.values())) / 1000 + LIMIT_SECONDS + random.uniform(-0.5, 0.5))
        floor.kill(engine)
        sleep_until(max(map(crossing, joined.values())) + random.uniform(0, 1))
        floor.start_engine()
        all_told(floor.sites, list(joined), BACK_SECONDS)
        told |= joined
        assert_once(floor.sites[0], told)
    assert_over(floor, list(told))
