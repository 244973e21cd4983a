"""The random quantities of the simulation, each from the generator it is given."""

import math
from random import Random

GRID_SECONDS = 20.0


def patience(rng: Random, mean_seconds: float) -> float:
    """How long a customer waits before giving up: exponential, a quarter of them at the next 20 s mark.

    Announcements and music loops end on such marks, and people decide then.
    """
    seconds = rng.expovariate(1 / mean_seconds)
    if rng.random() < 0.25:
        seconds = math.ceil(seconds / GRID_SECONDS) * GRID_SECONDS + rng.uniform(0.0, 1.5)
    return seconds


def handle(rng: Random, mean_seconds: float) -> float:
    """A handling time with a long tail: lognormal with the given mean, at least five seconds."""
    sigma = 0.6
    return max(5.0, rng.lognormvariate(math.log(mean_seconds) - sigma * sigma / 2, sigma))
