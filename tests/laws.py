"""How many cases a law is tried on: many in CI, some on a desk."""

import os

from hypothesis import HealthCheck, Phase, settings

CASES = 10_000 if os.environ.get("CI") else 500

# A mutant only has to be caught; making its counterexample small would take most of the time.
_PHASES = (Phase.explicit, Phase.generate) if os.environ.get("LAWS_WITHOUT_SHRINKING") else tuple(Phase)
#: For the laws that carry the product; one case takes about a millisecond.
LAW = settings(max_examples=CASES, deadline=None, phases=_PHASES, suppress_health_check=[HealthCheck.too_slow])
#: For laws that are checked on many fields or bodies at once, or whose cases are long.
WIDE = settings(
    max_examples=max(CASES // 5, 200), deadline=None, phases=_PHASES, suppress_health_check=[HealthCheck.too_slow]
)
#: For laws that need a server: each case talks to it.
SERVER_LAW = settings(
    max_examples=max(CASES // 100, 25),
    deadline=None,
    phases=_PHASES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
