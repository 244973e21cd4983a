"""The simulated floor: queues, teams, and how busy it is through the day. Values only."""

import math
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

QUARTER_MS = 900_000

Shape = Literal["day", "busy"]

# Share of the busiest hour, by local hour: two humps around a lunch dip, and a thin night.
_DAY = (
    0.12, 0.09, 0.07, 0.06, 0.07, 0.11, 0.20, 0.38, 0.68, 0.92, 1.00, 0.97,
    0.80, 0.76, 0.88, 0.97, 1.00, 0.94, 0.80, 0.66, 0.52, 0.40, 0.28, 0.18,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class QueueProfile:
    """One queue. Rates are per minute in the busiest hour; all durations are means or limits in seconds.

    `ring_all`: a contact is offered to several agents at once. `outbound_per_minute`: how often agents who have time
    turn to a customer by themselves.
    """

    id: str
    name: str
    chinese: str
    channel: Literal["voice", "chat", "email", "ticket"]
    group: str
    per_minute: float
    handle_seconds: float
    wrapup_seconds: float
    patience_seconds: float = 190.0
    limit: int = 80
    weight: float = 1.0
    overflow_to: str | None = None
    overflow_seconds: float = 240.0
    timeout_seconds: float = 900.0
    transfer_to: tuple[str, ...] = ()
    due_seconds: float = 0.0
    carried_over: int = 0
    ring_all: bool = False
    outbound_per_minute: float = 0.0

    @property
    def deferred(self) -> bool:
        """Whether this is deferred work (cases), not contacts of people who wait on the line."""
        return self.channel in ("email", "ticket")

    @property
    def source(self) -> str:
        """The system that reports the queue's contacts."""
        return _SOURCES.get(self.channel, "/desk/simulator/cases")


_SOURCES = {"voice": "/acd/simulator/phones", "chat": "/chat/simulator/desk"}


@dataclass(frozen=True, slots=True)
class TeamProfile:
    """Agents with the same skills; `slots` is how many chats one agent holds at a time."""

    name: str
    size: int
    queues: tuple[str, ...]
    slots: int = 1
    site: str = "shanghai"


@dataclass(frozen=True, slots=True)
class Profile:
    """A whole floor. `shape` "day" follows the local hour, "busy" is the busiest hour all day long."""

    queues: tuple[QueueProfile, ...]
    teams: tuple[TeamProfile, ...]
    zone: str = "Asia/Shanghai"
    shape: Shape = "day"
    default_spike: str = "support"
    hours: tuple[float, ...] = field(default=_DAY)

    def demand(self, at_ms: int) -> float:
        """Arrivals at an instant as a share of the busiest hour, constant within a quarter-hour."""
        if self.shape == "busy":
            return 1.0
        return _demand(self.hours, self.zone, at_ms // QUARTER_MS)

    def staffing(self, at_ms: int) -> float:
        """Share of each team on duty: a little above demand when demand is small, for small groups pool badly."""
        demand = self.demand(at_ms)
        return demand + 0.4 * (math.sqrt(demand) - demand)

    def queue(self, queue_id: str) -> QueueProfile:
        """A queue by its id. Raises KeyError with the known ids."""
        for queue in self.queues:
            if queue.id == queue_id:
                return queue
        raise KeyError(f"no queue {queue_id!r}; there are {', '.join(queue.id for queue in self.queues)}")


@lru_cache(maxsize=4096)
def _demand(hours: tuple[float, ...], zone: str, quarter: int) -> float:
    local = datetime.fromtimestamp(quarter * QUARTER_MS // 1000, UTC).astimezone(ZoneInfo(zone))
    into = local.minute / 60
    return hours[local.hour] * (1 - into) + hours[(local.hour + 1) % 24] * into


AFTER, PRE, MEMBERS = "After-sales", "Pre-sales", "Members"

_QUEUES = (
    QueueProfile("support", "Technical support", "技术支持", "voice", AFTER, 5.0, 200, 25,
                 overflow_to="general", transfer_to=("returns", "billing"), outbound_per_minute=0.15),
    QueueProfile("billing", "Billing", "账单咨询", "voice", AFTER, 2.4, 165, 22,
                 overflow_to="general", transfer_to=("support",)),
    QueueProfile("returns", "Returns", "退换货", "voice", AFTER, 1.8, 155, 25, transfer_to=("billing", "support")),
    QueueProfile("sales", "Orders", "订购热线", "voice", PRE, 2.4, 220, 30,
                 overflow_to="general", transfer_to=("billing",), outbound_per_minute=0.2),
    # A native name in Chinese script, so that ids of any script are exercised wherever an id goes.
    QueueProfile("会员专线", "Members' line", "会员专线", "voice", MEMBERS, 1.0, 190, 25,
                 patience_seconds=240, weight=3.0, transfer_to=("support",), ring_all=True),
    QueueProfile("general", "General enquiries", "综合咨询", "voice", PRE, 1.2, 115, 15,
                 transfer_to=("support", "billing", "sales")),
    QueueProfile("chat-sales", "Sales chat", "售前在线客服", "chat", PRE, 2.4, 330, 15,
                 patience_seconds=260, transfer_to=("chat-support",), outbound_per_minute=0.15),
    QueueProfile("chat-support", "Support chat", "售后在线客服", "chat", AFTER, 2.0, 400, 18,
                 patience_seconds=260, transfer_to=("chat-sales",)),
    QueueProfile("wechat", "WeChat", "微信客服", "chat", MEMBERS, 1.0, 330, 15,
                 patience_seconds=300, weight=2.0, transfer_to=("chat-support",)),
    QueueProfile("mail", "E-mail", "邮件", "email", AFTER, 0.8, 230, 0, due_seconds=2 * 3600, carried_over=18),
    QueueProfile("complaints", "Complaints", "投诉工单", "ticket", MEMBERS, 0.35, 340, 0,
                 due_seconds=3600, carried_over=7, weight=2.0),
)  # fmt: skip

_TEAMS = (
    TeamProfile("support", 31, ("support", "returns")),
    TeamProfile("billing", 11, ("billing", "general")),
    TeamProfile("returns", 7, ("returns", "billing")),
    TeamProfile("sales", 16, ("sales", "general"), site="chengdu"),
    TeamProfile("members", 7, ("会员专线",)),
    # They sit at the telephone and at the chat desk, so two systems tell about them.
    TeamProfile("members-duo", 2, ("会员专线", "wechat")),
    TeamProfile("chat-sales", 8, ("chat-sales", "wechat"), slots=3, site="chengdu"),
    TeamProfile("chat-support", 9, ("chat-support", "wechat"), slots=3),
    TeamProfile("back-office", 9, ("complaints", "mail"), site="home"),
)


def default_profile(shape: Shape = "day") -> Profile:
    """The floor that `floor.toml` describes: six voice, three chat and two case queues, a hundred agents."""
    return Profile(_QUEUES, _TEAMS, shape=shape)


def larger(profile: Profile, times: int) -> Profile:
    """The same floor with so many times the customers and the agents, in the same queues."""
    queues = (
        replace(
            queue,
            per_minute=queue.per_minute * times,
            limit=queue.limit * times,
            carried_over=queue.carried_over * times,
        )
        for queue in profile.queues
    )
    teams = (replace(team, size=team.size * times) for team in profile.teams)
    return replace(profile, queues=tuple(queues), teams=tuple(teams))
