"""Silences: which alerts one is about, and what a silence says that somebody acknowledged an alert. Pure.

A matcher is read as Alertmanager reads it: a label that is not there has the value "". A matcher with a regular
expression is left to Alertmanager, whose answers name the silences of each alert: no pattern from outside runs here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import msgspec

from board.alerts_wire import Matcher
from kpi.keys import LIVE

# What names an alert to people. Not `incident`: the next one of the same limit is the same trouble.
NAMED_BY = ("alertname", "severity", "queue", "channel")
# What says where an alert was made, and not what it is about.
NOT_ABOUT = frozenset({"source", "incident", "audience", "group", "instance", "job", "prometheus", "replica"})
# How far the clocks of a board and an Alertmanager may differ: what is in force there began, though not yet by ours.
CLOCKS_MS = 60_000


class Silence(msgspec.Struct, frozen=True):
    """A silence that is in force. Times are ms UTC, by Alertmanager's clock."""

    id: str
    matchers: tuple[Matcher, ...]
    from_ms: int
    to_ms: int
    by: str
    reason: str


class Acknowledged(msgspec.Struct, frozen=True):
    """Who has taken an alert, and until when (ms UTC). `silence`: its id in Alertmanager; `alone`: about no other."""

    by: str
    reason: str
    until_ms: int
    silence: str
    alone: bool


class Silences:
    """Silences by what most of them name, so that an alert is held against a few of them and not against all."""

    def __init__(self, silences: Iterable[Silence] = ()) -> None:
        self.all = tuple(silences)
        self._by_id = {each.id: each for each in self.all}
        self._by_label: dict[tuple[str, str] | None, list[Silence]] = {}
        for each in self.all:
            self._by_label.setdefault(_filed_under(each), []).append(each)

    def about(self, labels: Mapping[str, str], named: Collection[str] = ()) -> list[Silence]:
        """The silences about an alert with these labels, in force or not; `named`: those that Alertmanager says are."""
        keys = (None, *((name, labels.get(name, "")) for name in _FILED_BY))
        found = [
            each
            for key in keys
            for each in self._by_label.get(key, ())
            if all(matcher.fits(labels) for matcher in each.matchers)
        ]
        return [*found, *(self._by_id[id] for id in named if id in self._by_id)]


_FILED_BY = ("queue", "alertname")


def _filed_under(silence: Silence) -> tuple[str, str] | None:
    for name in _FILED_BY:
        for each in silence.matchers:
            if each.name == name and each.is_equal and not each.is_regex:
                return each.name, each.value
    return None


def matchers_of(labels: Mapping[str, str], namespace: str) -> tuple[Matcher, ...]:
    """The matchers of a silence about the alert with these labels, and about no other.

    An alert of a queue is named by NAMED_BY, so that its twin of the other engine is meant, too. Any other alert is
    named by all its labels but those that say where it was made. Outside of the live floor the namespace belongs to it.
    """
    names = NAMED_BY if labels.get("queue") else sorted(labels.keys() - NOT_ABOUT)
    found = [Matcher(name, labels[name]) for name in names if labels.get(name)]
    if namespace != LIVE and "namespace" not in {each.name for each in found}:
        found.append(Matcher("namespace", namespace))
    return tuple(found)


def acknowledged(
    labels: Mapping[str, str], silences: Silences, namespace: str, now_ms: int, named: Collection[str] = ()
) -> Acknowledged | None:
    """Who acknowledged the alert with these labels at `now_ms`; of several silences the one that lasts longest.

    `named`: ids of silences that Alertmanager itself says are about it.
    """
    found = [each for each in silences.about(labels, named) if each.from_ms - CLOCKS_MS <= now_ms < each.to_ms]
    if not found:
        return None
    longest = max(found, key=lambda each: (each.to_ms, each.id))
    alone = frozenset(longest.matchers) == frozenset(matchers_of(labels, namespace))
    return Acknowledged(longest.by, longest.reason, longest.to_ms, longest.id, alone)


def silences_alone(labels: Mapping[str, str], silences: Silences, namespace: str, now_ms: int) -> tuple[Silence, ...]:
    """The silences that are in force at `now_ms` and about this alert alone."""
    own = frozenset(matchers_of(labels, namespace))
    return tuple(each for each in silences.about(labels) if each.to_ms > now_ms and frozenset(each.matchers) == own)
