"""A tally that is read after every small change: what is taken apart stays so, instead of being read anew each time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from kpi.fields import OUTCOMES, place_of
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
            place = place_of(name)
            if place is None:
                continue
            attribute, inner, key = place
            if key is None:
                setattr(reading, attribute, total)
            elif total:
                held = getattr(reading, attribute)
                (held if inner is None else held.setdefault(inner, {}))[key] = total
            else:
                _take_out(reading, attribute, inner, key)
        self._reading = reading
        return self


def _take_out(reading: Reading, attribute: str, inner: str | None, key: str | int) -> None:
    """A count came to 0: it goes, and its kind with the last of it; what a new reading always has stays."""
    held = getattr(reading, attribute)
    if attribute == "wait_ms":
        held[key] = 0
    elif inner is None:
        held.pop(key, None)
    elif inner in held:
        held[inner].pop(key, None)
        if not held[inner] and inner not in OUTCOMES:
            del held[inner]
