"""The floor.toml of the simulated day, and the same once more for the brute-force program: three zones and resets."""

from dataclasses import dataclass, field

from tests.brute.days import Hours
from tests.brute.log import DAY
from tests.brute.measures import Settings

TOML = """
[defaults]
zone = "Asia/Shanghai"
target = { percent = 80, seconds = 20 }

[queue.sales]
zone = "America/New_York"
reset = "04:00"
target = { percent = 90, seconds = 15 }
short_abandon_seconds = 10

[queue."会员专线"]
target = { percent = 100, seconds = 30 }

[queue.chat-sales]
zone = "Asia/Kolkata"
reset = "06:30"
target = { percent = 75, seconds = 40 }

[queue.chat-support]
zone = "Asia/Kolkata"
target = { percent = 80, seconds = 30 }

[queue.mail]
zone = "America/New_York"
[queue.mail.hours]
mon-fri = ["08:00-12:00", "13:00-20:15"]

[queue.complaints]
zone = "Asia/Kolkata"
holidays = ["2026-11-19"]
[queue.complaints.hours]
mon-sat = ["22:00-06:30"]
"""


@dataclass
class Queue:
    """What the file says of one queue. `weekly`: as in `Hours`."""

    zone: str = "Asia/Shanghai"
    reset: int = 0
    settings: Settings = field(default_factory=Settings)
    weekly: list[list[tuple[int, int]]] | None = None
    closed: tuple[str, ...] = ()

    def hours(self, begin: int, end: int) -> Hours:
        """Opening hours from a day before `begin` to a day after `end`."""
        return Hours(self.zone, begin - DAY, end + DAY, self.weekly, self.closed)


_OFFICE = [(480, 720), (780, 1215)]
_NIGHTS = [(1320, 1830)]
QUEUES = {
    "sales": Queue("America/New_York", 240, Settings(90, 15, 10)),
    "会员专线": Queue(settings=Settings(100, 30)),
    "chat-sales": Queue("Asia/Kolkata", 390, Settings(75, 40)),
    "chat-support": Queue("Asia/Kolkata", 0, Settings(80, 30)),
    "mail": Queue("America/New_York", weekly=[*[_OFFICE] * 5, [], []]),
    "complaints": Queue("Asia/Kolkata", weekly=[*[_NIGHTS] * 6, []], closed=("2026-11-19",)),
}


def queue_of(name: str) -> Queue:
    """The settings of a queue; the file's defaults when it is not named there."""
    return QUEUES.get(name, Queue())
