"""The answer key: what is true of the events that were sent, worked out a second time by other means.

Nothing here shares code with `kpi`: deliveries are read back from their own bytes, every record is told once from its
sorted facts, every duration is kept as it was, and every formula is written out anew. It is slow on purpose. The key is
for a replay, which sends events in the order of their times: nothing is refused as too late in it.
"""

from collections.abc import Iterable
from typing import Any

from sources.simulator.answer.facts import Deliveries
from sources.simulator.answer.report import Key
from sources.simulator.answer.targets import Targets

__all__ = ["Deliveries", "Key", "Targets", "answer_key"]


def answer_key(lines: Iterable[bytes], config: str = "", zone: str = "UTC") -> dict[str, Any]:
    """The report of these deliveries (JSON lines) under the text of a floor.toml; hours and days are of `zone`.

    Raises ValueError when nothing was sent, or when the configuration maps ids.
    """
    deliveries = Deliveries()
    for line in lines:
        deliveries.take(line)
    return Key(deliveries, Targets(config), zone).report()
