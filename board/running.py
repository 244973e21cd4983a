"""A tally that is read after every small change: what is taken apart stays so, instead of being read anew each time."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Self

from kpi.tally import Reading, Tally


class RunningTally(Tally):
    """Equal to a `Tally` of the same fields, at the price of the change instead of that of the whole."""

    __slots__ = ()

    def add(self, fields: Mapping[str, int], sign: int = 1) -> Self:
        """Add a pane's fields (or take them away with `sign=-1`); a field that comes to 0 goes."""
        reading = self.reading
        mine = self.fields
        for name, count in fields.items():
            total = mine.get(name, 0) + sign * count
            if total:
                mine[name] = total
            else:
                mine.pop(name, None)
            place, key = _place(name)
            if place == "plain":
                setattr(reading, str(key), total)
            elif place:
                held = _held(reading, place)
                if total:
                    held[key] = total
                else:
                    held.pop(key, None)
                    if place == "wait_ms":
                        held[key] = 0
        self._reading = reading
        return self


def _held(reading: Reading, place: str) -> dict[int | str, int]:
    kind, _, outcome = place.partition(".")
    return reading.waits[outcome] if outcome else getattr(reading, kind)  # type: ignore[return-value]


@lru_cache(maxsize=65536)
def _place(name: str) -> tuple[str, int | str]:
    """Where a field stands in a `Reading`, found by reading a tally that has only this field."""
    reading, empty = Tally({name: 1}).reading, Reading()
    for attribute in Reading.__dataclass_fields__:
        value = getattr(reading, attribute)
        if value == getattr(empty, attribute):
            continue
        if isinstance(value, int):
            return "plain", attribute
        if attribute == "waits":
            outcome = next(outcome for outcome, histogram in value.items() if histogram)
            return f"waits.{outcome}", next(iter(value[outcome]))
        return attribute, next(key for key, count in value.items() if count)
    return "", ""
