import itertools
import random
from collections.abc import Callable
from typing import Any, cast

import pytest

from floorpulse.errors import UserError
from floorpulse.killing import Killer
from floorpulse.lag import Lag
from floorpulse.processes import Child


class Fake:
    """A worker, a log and a clock: each sleep lets the living worker count some records."""

    def __init__(self, speed: int) -> None:
        self.speed = speed
        self.sent = self.done = 0
        self.alive = 0
        self.kills: list[tuple[int, int]] = []  # (counted, sent) at each kill
        self.last_words = lambda: ""

    def start(self) -> Child:
        assert not self.alive, "one worker at a time"
        self.alive = 1
        return cast(Child, self)

    def kill(self) -> None:
        self.kills.append((self.done, self.sent))
        self.alive = 0

    def check(self) -> None:
        pass

    def stop(self, _child: Child) -> None:
        assert not self.alive

    async def flush(self) -> None:
        pass

    async def sleep(self, _seconds: float) -> None:
        if self.alive:
            self.done = min(self.sent, self.done + self.speed)

    def counted(self) -> int:
        return self.done

    def behind(self) -> int:
        return self.sent - self.done


def killer(fake: Fake, kills: int, records: int, seed: int) -> Killer:
    start: Callable[[], Child] = fake.start
    return Killer(
        kills, records, random.Random(seed), start, fake.stop, fake.flush, cast(Lag, cast(Any, fake)), sleep=fake.sleep
    )


async def feed(fake: Fake, subject: Killer, records: int, slice_size: int) -> None:
    for sent in range(slice_size, records + 1, slice_size):
        fake.sent = sent
        await subject.after_slice(sent)
    await subject.finish()


@pytest.mark.parametrize("seed", range(5))
async def test_every_kill_hits_a_worker_with_work_left_and_they_are_spread_over_the_history(seed: int) -> None:
    fake = Fake(speed=7)
    subject = killer(fake, 10, 2000, seed)
    await feed(fake, subject, 2000, 10)
    assert subject.done == len(fake.kills) == 10
    assert all(done < sent for done, sent in fake.kills)
    assert fake.kills[0][1] < 700
    assert fake.kills[-1][1] > 1300


async def test_most_kills_come_after_the_worker_got_on() -> None:
    fake = Fake(speed=7)
    subject = killer(fake, 10, 2000, 1)
    await feed(fake, subject, 2000, 10)
    counted = [done for done, _ in fake.kills]
    assert sum(later > earlier for earlier, later in itertools.pairwise(counted)) >= 6


async def test_a_worker_too_fast_for_the_input_is_said_in_one_sentence() -> None:
    fake = Fake(speed=1_000_000)
    with pytest.raises(UserError, match="only 0 of 3 kills fell while there was work left: 20 records are too few"):
        await feed(fake, killer(fake, 3, 20, 0), 20, 10)


async def test_without_kills_nothing_happens() -> None:
    fake = Fake(speed=1)
    await feed(fake, killer(fake, 0, 20, 0), 20, 10)
    assert fake.kills == []
