"""What is known of one agent: what each source system says of him, and which contacts he is engaged in.

Plain values only: an agent's older facts fold into this, and it is stored as it stands.
"""

import msgspec

from kpi.facts import CHAT_CHANNELS

OFFLINE = "offline"
# Of several states at once the first of these is the agent's.
STATES = ("error", "busy", "acw", "ringing", "break", "has_capacity", "idle", OFFLINE)
PRECEDENCE = {state: rank for rank, state in enumerate(STATES)}


class Declared(msgspec.Struct, array_like=True):
    """What one source says of an agent.

    `login`: whether he logged in or out there, None when that was never told. `queues`: the queues he is a member of,
    each with the reason of its pause, "" when none was given, None while it is not paused; the one that was paused
    last stands last. `capacity`: how many contacts of a channel he may have at once.
    """

    login: bool | None = None
    state: str | None = None
    reason: str = ""
    queues: dict[str, str | None] = {}
    was_member: bool = False
    capacity: dict[str, int] = {}

    @property
    def logged_in(self) -> bool:
        """As told; else by membership where the source has members; else when any state was declared."""
        if self.login is not None:
            return self.login
        if self.was_member:
            return bool(self.queues)
        return self.state is not None

    def told(self) -> tuple[str, str]:
        """(state, reason) while logged in: a pause of every queue is a break, unless what is declared goes before."""
        state = "idle" if self.state is None or self.state == OFFLINE else self.state
        if self.queues and PRECEDENCE[state] > PRECEDENCE["break"] and None not in self.queues.values():
            return "break", next(reversed(self.queues.values())) or ""
        return state, self.reason

    def declare(self, state: str, reason: str = "") -> None:
        """The agent's state at this source, whichever queue."""
        self.state, self.reason = state, reason

    def pause(self, queue: str, reason: str) -> None:
        """Pause one queue; whoever has a pause in a queue is a member of it."""
        self.queues.pop(queue, None)
        self.queues[queue] = reason
        self.was_member = True

    def join(self, queue: str) -> None:
        """Make him a member of a queue; a pause he has in it stays."""
        self.queues.setdefault(queue, None)
        self.was_member = True

    def unpause(self, queue: str) -> None:
        """End the pause of one queue."""
        self.queues[queue] = None
        self.was_member = True

    def leave(self, queue: str) -> None:
        """End the membership of one queue.

        Who leaves the last queue of a source without logins has gone home: what he declared there is over.
        """
        self.queues.pop(queue, None)
        if self.login is None and self.was_member and not self.queues:
            self.state, self.reason = None, ""


class Engagement(msgspec.Struct, array_like=True):
    """One leg an agent is engaged in, and since when (ms) it rings, is talked on, is held, is worked up; None: not."""

    queue: str
    channel: str
    ring: int | None = None
    talk: int | None = None
    held: int | None = None
    acw: int | None = None

    @property
    def is_over(self) -> bool:
        """Nothing left."""
        return self.ring is None and self.talk is None and self.acw is None

    @property
    def phase(self) -> tuple[str, int]:
        """(phase, since): the first of talking or hold, acw, ringing."""
        if self.talk is not None:
            return ("talking", self.talk) if self.held is None else ("hold", self.held)
        return ("acw", self.acw) if self.acw is not None else ("ringing", self.ring or 0)

    def hang_up(self) -> None:
        """The conversation is over, and the hold with it."""
        self.talk = self.held = None


class Agent(msgspec.Struct, array_like=True):
    """One agent. `sources`: by name; `engaged`: by ``<contact>|<leg>``; `team`, `site`: the latest told.

    `moved`: when (ms) team or site last changed.
    The rest follows from these and is kept so that a fact costs only what it changes: `logged_in` anywhere; of the
    sources the state that goes first, its reason, and the slots for chats; then what stood after the last fact:
    the exclusive `state` with its `reason`, both `since` (ms), and the levels `chats` and `slots`.
    """

    sources: dict[str, Declared] = {}
    engaged: dict[str, Engagement] = {}
    team: str = ""
    site: str = ""
    heartbeat: int = 0
    logged_in: bool = False
    declared: str = OFFLINE
    declared_reason: str = ""
    declared_slots: int = 0
    state: str = OFFLINE
    reason: str = ""
    since: int = 0
    chats: int = 0
    slots: int = 0
    moved: int = 0

    def sum_up(self) -> None:
        """Bring what all sources together say up to date."""
        self.logged_in, self.declared, self.declared_reason, self.declared_slots = False, OFFLINE, "", 0
        # In the order of their names, so that of two that say the same the first gives the reason.
        for name in sorted(self.sources):
            source = self.sources[name]
            if source.logged_in:
                self.logged_in = True
                self.declared_slots += slots_of(source.capacity)
                state, reason = source.told()
                if PRECEDENCE[state] < PRECEDENCE[self.declared]:
                    self.declared, self.declared_reason = state, reason
        if not self.logged_in:
            # Yesterday's sign of life must not make him look lost at tomorrow's login.
            self.heartbeat = 0

    def clear(self, *, rings: bool) -> None:
        """End the work after every contact, and with `rings` every offer too; conversations go on."""
        for one in self.engaged.values():
            one.acw = None
            if rings:
                one.ring = None
        self.engaged = {leg: one for leg, one in self.engaged.items() if not one.is_over}

    def doing(self) -> tuple[str, int]:
        """(state, chats) that the engagements make: busy, acw, ringing, or offline when there are none."""
        found, chats = OFFLINE, 0
        for one in self.engaged.values():
            if one.talk is not None:
                found = "busy"
                chats += one.channel in CHAT_CHANNELS
            elif found != "busy" and (one.acw is not None or found == OFFLINE):
                found = "ringing" if one.acw is None else "acw"
        return found, chats

    def queues(self) -> dict[str, str | None]:
        """His queues at every source where he is logged in; paused where no source has it open to him."""
        found: dict[str, str | None] = {}
        for name in sorted(self.sources):
            source = self.sources[name]
            if source.logged_in:
                for queue, pause in source.queues.items():
                    found[queue] = None if found.get(queue, "") is None else pause
        return found

    def capacity(self) -> dict[str, int]:
        """How many contacts of each channel he may have at once, at all sources where he is logged in."""
        found: dict[str, int] = {}
        for source in self.sources.values():
            if source.logged_in:
                for channel, most in source.capacity.items():
                    found[channel] = found.get(channel, 0) + most
        return found


def slots_of(capacity: dict[str, int]) -> int:
    """How many chats a capacity has room for."""
    return sum(most for channel, most in capacity.items() if channel in CHAT_CHANNELS)
