"""When a worker must end itself: a table of what it sees over time."""

import pytest

from streams.watchdog import Watchdog

Look = tuple[float, int, int, str | None]


@pytest.mark.parametrize(
    ("looks", "ends"),
    [
        pytest.param([(0, 5, 10, None), (59, 5, 10, None)], False, id="patient for a minute"),
        pytest.param([(0, 5, 10, None), (60, 5, 10, None)], True, id="no progress with work left for a minute"),
        pytest.param([(0, 5, 10, None), (30, 6, 10, None), (89, 6, 10, None)], False, id="progress starts it anew"),
        pytest.param([(0, 5, 0, None), (600, 5, 0, None)], False, id="nothing to do is no reason"),
        pytest.param([(0, 5, 0, None), (600, 5, 3, None), (620, 5, 3, None)], False, id="work came only just now"),
        pytest.param([(0, 5, 10, "Redis"), (90, 5, 10, "Redis")], False, id="Redis is known to be down"),
        pytest.param([(0, 5, 9, "Redis"), (90, 5, 9, None), (149, 5, 9, None)], False, id="a minute after it is back"),
        pytest.param([(0, 5, 9, "Redis"), (90, 5, 9, None), (150, 5, 9, None)], True, id="back and still stuck"),
    ],
)
def test_the_watchdog_ends_a_worker_that_is_stuck(looks: list[Look], ends: bool) -> None:
    dog = Watchdog()
    verdicts = [dog.look({"calls.events/0": (at, behind)}, down, now) for now, at, behind, down in looks]
    assert (verdicts[-1] is not None) == ends
    assert not any(verdicts[:-1])


def test_a_partition_that_went_to_another_worker_is_forgotten() -> None:
    dog = Watchdog()
    dog.look({"calls.events/0": (5, 10)}, None, 0.0)
    dog.look({}, None, 30.0)
    assert dog.look({"calls.events/0": (5, 10)}, None, 70.0) is None
