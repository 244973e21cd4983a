"""What a metrics page is made of: for each family its samples, as (labels, value)."""

from __future__ import annotations

from dataclasses import dataclass

Sample = tuple[tuple[str, ...], float]
Samples = dict[str, list[Sample]]


@dataclass(frozen=True, slots=True)
class Clock:
    """From the log's clock to the wall clock: in a replay instants are shifted by `shift_ms`, live by 0."""

    shift_ms: int

    def seconds(self, ms: int) -> float:
        """Unix seconds on the wall clock."""
        return (ms + self.shift_ms) / 1000


def put(samples: Samples, family: str, labels: tuple[str, ...], value: float) -> None:
    """Add one sample; `labels` in the order of the catalogue."""
    samples.setdefault(family, []).append((labels, value))
