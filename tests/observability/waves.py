"""Square waves around a limit, many periods at once, each in queues of its own, while other things are tested."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.observability.alert_floor import AlertFloor, alert_floor

PERIODS = (5, 8, 15, 30, 60, 120)
#: Long enough for the slowest wave to come back once.
SECONDS = 130
LIMIT = 10
#: More than half of the second slowest wave, by as much as a busy machine may be late with a look.
KEEP_SECONDS = 35
#: `kept`: what floor.toml says of itself. `bare`: nothing but Alertmanager stands between the wave and people.
FLOOR = f"""
[defaults.thresholds]
waiting = {{ warning = {LIMIT}, critical = false, for_seconds = 0, keep_seconds = {KEEP_SECONDS} }}
longest_wait_seconds = false
unattended_contacts = false
closed_wait_seconds = false
abandonment_ratio = false
service_level_ratio = false
""" + "".join(
    f"""
[queue.bare{period}]
thresholds.waiting = {{ keep_seconds = 0 }}
"""
    for period in PERIODS
)
QUEUES = {f"{kind}{period}": period for period in PERIODS for kind in ("kept", "bare")}


@dataclass
class Waves:
    """Running waves; `wait` until they `ends` (Unix seconds), then ask what people were `told`."""

    floor: AlertFloor
    ends: float

    def told(self, status: str, queue: str) -> list[float]:
        """When people were told of a queue, up to `ends`; the waves may go on for longer."""
        return [
            message.at for message in self.floor.sites[0].webhook.about(status, queue=queue) if message.at < self.ends
        ]

    def wait(self) -> None:
        """Until they have run for long enough."""
        time.sleep(max(0.0, self.ends - time.time()))


@contextmanager
def waves(folder: Path) -> Iterator[Waves]:
    """Start them."""
    with alert_floor(folder, floor=FLOOR) as floor:
        floor.board.know(*QUEUES)
        floor.start_engine()
        floor.leader()
        ended = threading.Event()
        began = time.time()

        def swing() -> None:
            while not ended.wait(0.05):
                for queue, period in QUEUES.items():
                    is_up = (time.time() - began) % period < period / 2
                    floor.board.wait(queue, LIMIT + 1 if is_up else LIMIT - 1)

        thread = threading.Thread(target=swing, name="waves")
        thread.start()
        try:
            yield Waves(floor, began + SECONDS)
        finally:
            ended.set()
            thread.join()
