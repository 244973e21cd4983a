"""The terms of a formula with their values: what its numerator and denominator are made of."""

from collections.abc import Sequence

from kpi.evidence.share import Shown, shown
from kpi.live_state import FLOW_MINUTES
from kpi.ratios import Measures
from kpi.service_level import Terms


def term_values(names: Sequence[str], measures: Measures, of: Terms, found: Shown) -> list[int | float]:
    """The values of terms, those with a "-" before them as they stand. `found`: the number whose terms they are."""
    return [_term(name.removeprefix("-"), measures, of, found) for name in names]


def _term(name: str, measures: Measures, of: Terms, found: Shown) -> int | float:
    if name in Terms._fields:
        return int(getattr(of, name) or 0)
    if name == "other_exits_late":
        return of.other_exits - of.other_exits_in_target
    if name == "minutes":
        return FLOW_MINUTES
    if name in ("sum", "handle_sum", "repeat", "hazard_abandoned"):
        return found.numerator or 0
    if name in ("count", "hazard_at_risk"):
        return found.denominator or 0
    if name == "now.waiting":
        return int(measures["open"])
    path, _, which = _ELSEWHERE.get(name, name).partition(":")
    if not which and name in ("customers.recovered", "customers.returned", "customers.abandoned"):
        return (shown(measures, path).value) or 0
    part = shown(measures, path)
    return (part.denominator if which == "denominator" else part.numerator) or 0


# Terms that stand in a measure as its numerator or denominator.
_ELSEWHERE = {
    "first_responses_in_target": "first_response_level:numerator",
    "rated": "rating_response:numerator",
    "conversations": "rating_response:denominator",
    "case_contacts": "cases.contacts_to_resolve:numerator",
    "case_agents": "cases.agents_to_resolve:numerator",
}
