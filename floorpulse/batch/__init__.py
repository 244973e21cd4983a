"""The plain batch program that `floorpulse verify` compares Redis with: dictionaries and sorting, nothing clever.

It reads one partition's records in offset order and says what must stand in Redis afterwards. It shares no code with
the streaming path: no `step`, no differences, no fast decoders. Every record is told once, from its sorted facts, when
all of them are known. It is slow on purpose. What the design leaves open is decided in numbered sentences at the top of
each module: which records count (`reading`, `intake`), what their facts mean (`leg`, `contact`, `chat`, `case`,
`agent`, `customer`, `floor`), and where it is summed (`panes`).
"""

from floorpulse.batch.intake import FOLD, Batch, Expected
from floorpulse.batch.panes import COARSE, FINE, KEEP
from floorpulse.batch.reading import Limits

__all__ = ["COARSE", "FINE", "FOLD", "KEEP", "Batch", "Expected", "Limits"]
