"""What Alertmanager's API v2 says on the wire, under its own names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec


class Matcher(msgspec.Struct, frozen=True, rename="camel"):
    """One matcher, with Alertmanager's own names on the wire."""

    name: str
    value: str
    is_regex: bool = False
    is_equal: bool = True

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Whether labels are matched; False for a regular expression, which Alertmanager alone decides."""
        return not self.is_regex and (labels.get(self.name, "") == self.value) == self.is_equal


class Status(msgspec.Struct, frozen=True, rename="camel"):
    """How Alertmanager treats an alert."""

    state: str = "active"
    silenced_by: tuple[str, ...] = ()
    inhibited_by: tuple[str, ...] = ()


class Told(msgspec.Struct, frozen=True, rename="camel"):
    """One alert as Alertmanager tells it."""

    labels: dict[str, str]
    fingerprint: str
    starts_at: datetime
    ends_at: datetime
    annotations: dict[str, str] = {}
    status: Status = Status()


class SilenceStatus(msgspec.Struct, frozen=True):
    """active, pending or expired."""

    state: str


class ToldSilence(msgspec.Struct, frozen=True, rename="camel"):
    """One silence as Alertmanager tells it."""

    id: str
    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    created_by: str = ""
    comment: str = ""
    status: SilenceStatus = SilenceStatus("active")


def ms_of(moment: datetime) -> int:
    """Unix milliseconds of an aware datetime."""
    return round(moment.timestamp() * 1000)
