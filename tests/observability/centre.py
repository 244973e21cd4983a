"""A small contact centre written by hand: a floor and one half-hour of events with a known outcome."""

import asyncio

from kpi.envelope import Event, event_id, make_event
from kpi.instants import format_time
from sources.publish import Publisher

FLOOR = """
[defaults]
target = { percent = 80, seconds = 20 }
short_abandon_seconds = 5

[defaults.thresholds]
longest_wait_seconds = { warning = 30, critical = 60 }
waiting = { warning = 2, critical = 4 }
abandonment_ratio = { warning = 0.2, critical = 0.5 }
service_level_ratio = { warning = 0.8, critical = 0.5 }
occupancy_ratio = { warning = { enter = 0.99, exit = 0.95 } }
ready_agents = { warning = 0 }

[queue.support]
name = "技术 \\"Support\\""
channel = "voice"
group = "service"

[queue.sales]
channel = "voice"

[queue.billing]
channel = "voice"

[queue.billing.thresholds]
longest_wait_seconds = { warning = 30, critical = 3600 }

[queue.chats]
name = "Chats"
channel = "chat"

[queue.chats.thresholds]
longest_wait_seconds = false

[queue.mail]
name = { en = "mail", zh-CN = "邮件" }
channel = "email"

# Whatever may be said of limits, so that every family of metrics is there; mail is answered long before.
[queue.mail.thresholds]
longest_wait_seconds = { warning = { enter = 30, exit = 20 }, for_seconds = 9, keep_seconds = 8 }
waiting = { warning = { enter = 2, exit = 1 }, alert = false }
abandonment_ratio = { warning = { enter = 0.2, exit = 0.1 }, minimum = 9, only_open = false }
growth_ratio = true

[[quiet]]
from = 2020-01-01
to = 2090-01-01
queue = "mail"

[alerts]
also = ["EventDelayHigh"]
"""

SOURCE = "/acd/tests/centre"
MINUTE = 60.0


class Centre:
    """Writes events; times are seconds before `now_ms`, `prefix` begins the names of contacts."""

    def __init__(self, now_ms: int, prefix: str = "c") -> None:
        self.now_ms = now_ms
        self.prefix = prefix
        self.events: list[Event] = []
        self._contacts = 0
        self._leg = {"contact_id": "", "queue_id": ""}

    def say(self, noun_verb: str, ago: float, subject: str, **data: object) -> None:
        """One event about `subject`."""
        time_ms = self.now_ms - round(ago * 1000)
        found = event_id(SOURCE, subject, noun_verb, time_ms)
        self.events.append(make_event(noun_verb, source=SOURCE, id=found, time_ms=time_ms, data=data))

    def contact(
        self,
        queue: str,
        ago: float,
        *,
        channel: str = "voice",
        offered: float | None = None,
        answered: float | None = None,
        talk: float | None = None,
        hold: float | None = None,
        left: tuple[float, str] | None = None,
        agent: str = "ana",
    ) -> dict[str, str]:
        """One contact that joined so long ago; the rest in seconds after the join, `talk` and `hold` as lengths.

        Returns what further events of its leg have to say.
        """
        self._contacts += 1
        contact = f"{self.prefix}{self._contacts}"
        same = {"contact_id": contact, "leg_id": f"{contact}/1", "channel": channel, "queue_id": queue}
        self._leg = same
        self.say("contact.queued", ago, contact, **same, direction="inbound", sequence=1, reason="initial")
        if offered is not None:
            offer = {"offer_id": f"{contact}-o", "agent_id": agent}
            self.say("contact.offered", ago - offered, contact, **same, **offer, sequence=2)
        if answered is not None:
            self.say("contact.answered", ago - answered, contact, **same, agent_id=agent, sequence=3)
            if hold is not None:
                self.say("contact.held", ago - answered - 1, contact, **same, agent_id=agent, sequence=4)
                self.say("contact.resumed", ago - answered - 1 - hold, contact, **same, agent_id=agent, sequence=5)
            if talk is not None:
                ended = ago - answered - talk
                self.say("contact.ended", ended, contact, **same, agent_id=agent, ended_by="customer", sequence=6)
        if left is not None:
            self.say("contact.left_queue", ago - left[0], contact, **same, reason=left[1], sequence=7)
        return same

    def message(self, ago: float, author: str) -> None:
        """A message in the chat that came last."""
        contact, queue = self._leg["contact_id"], self._leg["queue_id"]
        self.say("contact.message", ago, contact, contact_id=contact, channel="chat", queue_id=queue, author=author)

    def agent(self, name: str, ago: float, state: str, queue: str, chats: int, team: str = "front") -> None:
        """An agent who came so long ago, with room for so many chats."""
        same = {"agent_id": name, "team": team}
        self.say("agent.logged_in", ago, name, **same)
        self.say("agent.membership_changed", ago - 1, name, **same, queue_id=queue, member=True)
        capacity = [{"channel": "chat", "max": chats}]
        self.say("agent.state_changed", ago - 2, name, **same, state=state, capacity=capacity)

    def list_waiting(self, queue: str, ago: float, waiting: list[str]) -> None:
        """The source's own list of who waits."""
        listed = [{"contact_id": contact} for contact in waiting]
        self.say("queue.snapshot", ago, queue, queue_id=queue, channel="voice", waiting=listed)

    def case(self, name: str, ago: float, *, due_in: float, resolved: float | None = None) -> None:
        """One case of the queue `mail`, opened so long ago and due in so many seconds from now."""
        same = {"case_id": name, "channel": "email", "queue_id": "mail"}
        due = format_time(self.now_ms + round(due_in * 1000))
        self.say("case.opened", ago, name, **same, due_at=due, sequence=1)
        if resolved is not None:
            self.say("case.resolved", ago - resolved, name, **same, sequence=2)


def half_an_hour(now_ms: int) -> Centre:
    """What happened. `support` is bad in everything, `billing` fair, `sales` idle, `chats` without a limit on waits."""
    centre = Centre(now_ms)
    for number in range(8):
        wait = 4.0 + 6 * number  # 4 10 16 | 22 28 34 40 46: three within 20 s
        centre.contact("support", 20 * MINUTE - 30 * number, offered=1, answered=wait, talk=100, hold=10)
    centre.contact("support", 9 * MINUTE, left=(3, "abandoned"))
    for number in range(4):
        centre.contact("support", 8 * MINUTE + number, left=(40, "abandoned"))
    centre.contact("support", 7 * MINUTE, left=(30, "timeout"))
    centre.contact("support", 7 * MINUTE, left=(12, "key_exit"))
    for ago in (100, 90, 80):
        centre.contact("support", ago)
    centre.contact("support", 75, offered=2)
    centre.contact("support", 4 * MINUTE, answered=5)
    for number in range(5):
        centre.contact("billing", 10 * MINUTE + number, answered=10, talk=60)
    centre.contact("billing", 9 * MINUTE, answered=50, talk=60)
    centre.contact("billing", 9 * MINUTE, left=(50, "abandoned"))
    centre.contact("billing", 35)
    centre.contact("chats", 10 * MINUTE, channel="chat", answered=15, talk=300)
    centre.contact("chats", 90, channel="chat")
    centre.message(85, "customer")
    centre.agent("bo", 15 * MINUTE, "idle", "support", 3)
    centre.agent("cleo", 15 * MINUTE, "break", "chats", 2)
    centre.agent("dora", 15 * MINUTE, "idle", "sales", 1)
    centre.list_waiting("sales", 30, [])
    centre.case("late", 20 * MINUTE, due_in=-60)
    centre.case("soon", 15 * MINUTE, due_in=1800)
    centre.case("later", 12 * MINUTE, due_in=7200)
    centre.case("done", 10 * MINUTE, due_in=7200, resolved=60)
    return centre


#: What `half_an_hour` comes to: with `centre_more`: joined in the last 30 minutes by queue, and open cases.
OFFERED = {"support": 20, "billing": 22, "chats": 5, "sales": 0, "mail": 0}
OPEN_CASES = 4


def write(kafka: str, partitions: int, events: list[Event]) -> None:
    """Send events to the namespace `live`; returns once Kafka has acknowledged all of them."""

    async def send() -> None:
        async with Publisher(kafka, "live") as publisher:
            await publisher.ensure_topics(partitions)
            await publisher.send_many(events)

    asyncio.run(send())
