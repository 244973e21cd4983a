"""A whole floor, told by brute force: every story there is, and every number of any moment."""

from collections.abc import Iterable, Mapping

from tests.brute.agents import Agent, agent_story
from tests.brute.cases import case_story
from tests.brute.contacts import Happening, Story, contact_story
from tests.brute.customers import customer_story
from tests.brute.log import Log, Told

TELLERS = {"c": contact_story, "k": case_story, "u": customer_story}
Where = tuple[str, str]


class BruteFloor:
    """Takes logs in, record by record; a story is told anew, from the beginning, whenever it changed."""

    def __init__(self) -> None:
        self.logs: dict[tuple[str, int], Log] = {}
        self.stories: dict[tuple[tuple[str, int], str], Story] = {}
        self.agents: dict[str, Agent] = {}
        self._stale: set[tuple[tuple[str, int], str]] = set()

    def take(self, topic: str, partition: int, key: str, raw: bytes) -> None:
        """The next record of a partition."""
        place = topic, partition
        changed = self.logs.setdefault(place, Log()).take(topic, key, raw)
        if changed is not None:
            self._stale.add((place, changed))

    def tell(self) -> None:
        """Tell every story that changed."""
        for place, name in self._stale:
            events = self.logs[place].records[name].values()
            kind, _, plain = name.partition(":")
            if kind == "a":
                self.agents[plain] = agent_story(plain, events)
            elif kind in TELLERS:
                self.stories[place, name] = TELLERS[kind](plain, events)
        self._stale.clear()

    def happened(self, since: int) -> dict[Where, list[Happening]]:
        """By queue and channel everything that happened from `since` on."""
        found: dict[Where, list[Happening]] = {}
        for story in self.stories.values():
            for one in story.happened:
                if one.time >= since:
                    found.setdefault((one.queue, one.channel), []).append(one)
        return found

    def live(self) -> dict[Where, dict[str, dict[str, int]]]:
        """By queue and channel, by set, who is in it since when."""
        found: dict[Where, dict[str, dict[str, int]]] = {}
        for story in self.stories.values():
            for (kind, queue, channel), members in story.live.items():
                found.setdefault((queue, channel), {}).setdefault(kind, {}).update(members)
        return found

    def ledger(self) -> Mapping[str, int]:
        """What became of the records of all logs."""
        found: dict[str, int] = {}
        for log in self.logs.values():
            for word, number in log.ledger.items():
                found[word] = found.get(word, 0) + number
        return found

    def snapshots(self) -> dict[Where, Told]:
        """By queue and channel the newest list a source gave of who waits there."""
        found: dict[Where, Told] = {}
        for log in self.logs.values():
            for events in log.records.values():
                for told in events.values():
                    if told.type == "queue.snapshot":
                        place = told.data["queue_id"], told.data["channel"]
                        found[place] = max(told, found.get(place, told))
        return found


def longest_queue(happened: Iterable[Happening], spans: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """Per span [from, to) ms the largest number waiting after any of its whole seconds; those carried in wait, too.

    `happened` must be everything that ever happened there.
    """
    changes: dict[int, int] = {}
    for one in happened:
        if one.what in ("join", "leave"):
            second = one.time // 1000
            changes[second] = changes.get(second, 0) + (1 if one.what == "join" else -1)
    most = dict.fromkeys(spans, 0)
    seconds = sorted(changes)
    for name, (begin, end) in spans.items():
        length = best = 0
        first, last = begin // 1000, -(-end // 1000) - 1
        before = sum(changes[second] for second in seconds if second <= first)
        best = length = before
        for second in seconds:
            if first < second <= last:
                length += changes[second]
                best = max(best, length)
        most[name] = best
    return most
