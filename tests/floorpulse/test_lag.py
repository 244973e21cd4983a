import redis

from floorpulse.lag import Lag
from kpi.keys import partition_prefix, position_key


def test_what_kafka_acknowledged_and_no_worker_has_counted_is_behind(redis_url: str) -> None:
    store = redis.Redis.from_url(redis_url)
    ends = {("calls.events", 0): 10, ("calls.events", 1): 4}
    lag = Lag(store, "monday", lambda: ends)
    assert (lag.total(), lag.counted(), lag.behind()) == (14, 0, 14)
    store.hset(position_key(partition_prefix("monday", "calls.events", 0)), "next", 7)
    assert (lag.counted(), lag.behind()) == (7, 7)
    store.hset(position_key(partition_prefix("monday", "calls.events", 1)), "next", 4)
    ends[("calls.events", 0)] = 12
    assert (lag.total(), lag.behind()) == (16, 5)


def test_a_worker_ahead_of_the_newest_acknowledgement_makes_up_for_nothing(redis_url: str) -> None:
    store = redis.Redis.from_url(redis_url)
    store.hset(position_key(partition_prefix("monday", "calls.events", 0)), "next", 9)
    lag = Lag(store, "monday", lambda: {("calls.events", 0): 5, ("calls.events", 1): 3})
    assert lag.behind() == 3
