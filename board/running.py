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
            attribute, outcome, key = _place(name)
            if key is None:
                if attribute:
                    setattr(reading, attribute, total)
                continue
            held = getattr(reading, attribute)
            if outcome:
                held = held[outcome]
            if total or attribute == "wait_ms":  # the three sums of waits are always there
                held[key] = total
            else:
                held.pop(key, None)
        self._reading = reading
        return self


@lru_cache(maxsize=65536)
def _place(name: str) -> tuple[str, str, int | str | None]:
    """Where a field stands in a `Reading`: attribute, of waits the outcome, and the key when there are several.

    Found by reading a tally that has only this field; a field that is passed over has the attribute "".
    """
    reading, empty = Tally({name: 1}).reading, Reading()
    for attribute in Reading.__dataclass_fields__:
        value = getattr(reading, attribute)
        if value == getattr(empty, attribute):
            continue
        if isinstance(value, int):
            return attribute, "", None
        if attribute == "waits":
            outcome = next(outcome for outcome, histogram in value.items() if histogram)
            return attribute, outcome, next(iter(value[outcome]))
        return attribute, "", next(key for key, count in value.items() if count)
    return "", "", None
