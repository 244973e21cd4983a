"""One customer: contacts that come soon after another, and who gave up, came back, was answered after all."""

from collections.abc import Iterable
from dataclasses import dataclass

from tests.brute.contacts import Happening, Story
from tests.brute.log import DAY, HOUR, MINUTE, Told

REPEATS = {"1h": HOUR, "24h": DAY, "7d": 7 * DAY}


@dataclass
class _GaveUp:
    time: int
    queue: str
    channel: str
    contact: str
    leg: str
    recovered: int | None = None
    returned: int | None = None
    answered: bool = False


def customer_story(_: str, events: Iterable[Told]) -> Story:
    """The story of one customer, from copies of queued, answered, left_queue and ended."""
    story, seen, gave_up = Story(), set[str](), list[_GaveUp]()
    newest: int | None = None
    for told in sorted(events):
        contact, leg = told.data["contact_id"], f"{told.data['contact_id']}|{told.data.get('leg_id') or ''}"
        if contact not in seen:
            seen.add(contact)
            _arrive(story, told, newest)
            for one in gave_up:
                if one.returned is None and one.contact != contact and not one.answered:
                    one.returned = told.time - one.time
        if told.type == "contact.answered":
            _answer(gave_up, leg, told.time)
        elif told.data.get("reason") == "abandoned" and all(one.leg != leg or one.answered for one in gave_up):
            gave_up.append(_GaveUp(told.time, told.data["queue_id"], told.data["channel"], contact, leg))
        newest = told.time
    for one in gave_up:
        _tell(story, one)
    return story


def _arrive(story: Story, told: Told, newest: int | None) -> None:
    place = told.data.get("queue_id") or "", told.data["channel"]
    story.happened.append(Happening(told.time, *place, "arrived"))
    for name, length in REPEATS.items():
        if newest is not None and told.time - newest <= length:
            story.happened.append(Happening(told.time, *place, "repeat", name))


def _answer(gave_up: list[_GaveUp], leg: str, time: int) -> None:
    """An answer of another leg recovers every abandonment before it; one of the same leg says there was none."""
    for one in gave_up:
        if one.leg == leg:
            one.answered = True
        elif one.recovered is None and not one.answered:
            one.recovered = time - one.time


def _tell(story: Story, one: _GaveUp) -> None:
    if one.answered:
        return
    place = one.queue, one.channel
    story.happened.append(Happening(one.time, *place, "gave up"))
    if one.recovered is None:
        story.now("lost", *place, one.leg, one.time)
    else:
        story.happened.append(Happening(one.time, *place, "recovered", -(-one.recovered // MINUTE)))
    if one.returned is not None:
        story.happened.append(Happening(one.time, *place, "returned", -(-one.returned // HOUR)))
