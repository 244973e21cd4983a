"""Customers over all their contacts: who comes again, who gave up and was never reached, who came back."""

from kpi.ratios import Measures, ratio
from kpi.tally import Reading

# A customer who gave up is recovered when an agent answers another contact of theirs within so many minutes.
RECOVERED_WITHIN_MINUTES = 60
REPEATS = ("1h", "24h", "7d")
_NUMBERS = frozenset({"cust_arrived", "cust_abandoned"})
_KINDS = frozenset({"recovered", "returned"})


def has_customers(read: Reading) -> bool:
    """Whether anything of a customer was counted."""
    return not (_NUMBERS.isdisjoint(read.numbers) and _KINDS.isdisjoint(read.lengths)) or "repeat" in read.named


def customer_measures(read: Reading) -> Measures:
    """Of customers whose key is known; what follows an abandonment is counted where that stands.

    repeat         contacts of a customer seen at most so long before / contacts of known customers
    lost           abandoned - recovered: no agent answered another contact of theirs within 60 min
    never_returned abandonments after which the customer did not come again / abandonments
    """
    arrived, abandoned = read.number("cust_arrived"), read.number("cust_abandoned")
    repeats = read.named.get("repeat", {})
    minutes = read.lengths.get("recovered", {})
    recovered = sum(count for minute, count in minutes.items() if minute <= RECOVERED_WITHIN_MINUTES)
    returned = sum(read.lengths.get("returned", {}).values())
    return {
        "arrived": arrived,
        "repeat": {name: ratio(repeats.get(name, 0), arrived) for name in REPEATS},
        "abandoned": abandoned,
        "recovered": recovered,
        "lost": abandoned - recovered,
        "lost_rate": ratio(abandoned - recovered, abandoned),
        "returned": returned,
        "never_returned": ratio(abandoned - returned, abandoned),
    }
