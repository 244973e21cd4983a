"""Counts of the whole log, summed into panes of both lengths.

A count stands in the 10 s and in the 15 min pane that its instant lies in. `net` becomes `net.<s>`, the second of the
pane. A step of an agent's level (`step.<level>.<agent>`) stands beside `into.<level>.<agent>`: the step times the
milliseconds from its instant to the end of that very pane. Zeroes are left out, and so are panes past their keep by the
watermark (live; a replay keeps all unless told otherwise).
"""

from collections import defaultdict

from floorpulse.batch.telling import DAY, HOUR, Counts
from kpi.keys import pane_suffix

FINE, COARSE = 10_000, 900_000
KEEP = {FINE: 2 * HOUR, COARSE: 35 * DAY}

Panes = dict[str, dict[str, int]]


def panes_of(counts: Counts, expired_by: int | None) -> Panes:
    """Pane suffix -> field -> count. `expired_by`: the watermark in ms, or None when panes never go."""
    panes: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for (time, queue, channel, name), count in counts.items():
        for length in (FINE, COARSE):
            start = time // length * length
            if expired_by is not None and start + length + KEEP[length] <= expired_by:
                continue
            fields = panes[pane_suffix(length, start, queue, channel)]
            fields[f"net.{(time - start) // 1000}" if name == "net" else name] += count
            if name.startswith("step."):
                fields[name.replace("step.", "into.", 1)] += count * (start + length - time)
    cleaned = {suffix: {name: n for name, n in fields.items() if n} for suffix, fields in panes.items()}
    return {suffix: fields for suffix, fields in cleaned.items() if fields}
