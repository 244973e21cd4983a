"""Chats and messages: how soon a human answers, at first and at each turn, and who was never answered."""

from collections.abc import Sequence

from kpi.groups import Group
from kpi.ordered import Ordered
from kpi.ratios import Measures, distribution_of, ratio
from kpi.tally import Reading

#: Fields that only chats have; without any of them there is nothing to tell.
_KINDS = frozenset({"first_response", "response", "handoff"})
_NUMBERS = frozenset({"missed", "reassigned_silent"})


def has_chats(read: Reading) -> bool:
    """Whether anything of a chat was counted."""
    return not (_KINDS.isdisjoint(read.lengths) and _NUMBERS.isdisjoint(read.numbers))


def chat_measures(read: Reading, groups: Sequence[Group]) -> Measures:
    """First response, response per turn, hand-off from a bot, missed and silently reassigned chats.

    `first_response_level`: first responses within the target / (first responses + missed chats), each queue under its
    own target (service level of a chat: domain research 1.4, 1.7).
    """
    lengths, number = read.lengths, read.number
    responded = sum(lengths.get("first_response", {}).values())
    return {
        "first_response_seconds": distribution_of(lengths.get("first_response"), number("first_response_ms")),
        "response_seconds": distribution_of(lengths.get("response"), number("response_ms")),
        "handoff_seconds": distribution_of(lengths.get("handoff"), number("handoff_ms")),
        "first_response_level": ratio(sum(map(_in_target, groups)), responded + number("missed")),
        "missed_chats": number("missed"),
        "reassigned_silent": number("reassigned_silent"),
    }


def _in_target(group: Group) -> int:
    found = group.tally.reading.lengths.get("first_response")
    return Ordered(found).within(group.target_seconds) if found else 0
