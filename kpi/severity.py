"""How bad a value is against its thresholds."""

from collections.abc import Mapping

from kpi.alerting import LOW_IS_BAD

# Of few measures a low value is bad, of all others a high one.
BAD_WHEN_LOW = LOW_IS_BAD
SEVERITIES = {"warning": 1, "critical": 2}


def severity(values: Mapping[str, float | None], thresholds: Mapping[str, Mapping[str, float]]) -> dict[str, int]:
    """Per measure with a threshold: 0 fine, 1 warning, 2 critical; entered at the threshold, a service level below it.

    `thresholds` is {measure: {"warning": x, "critical": y}}. A measure without a value is fine: no traffic is no fault.
    """
    return {measure: _severity_of(measure, values.get(measure), levels) for measure, levels in thresholds.items()}


def _severity_of(measure: str, value: float | None, levels: Mapping[str, float]) -> int:
    if value is None:
        return 0
    low, worst = measure in BAD_WHEN_LOW, 0
    for name, limit in levels.items():
        if (value < limit if low else value >= limit) and SEVERITIES[name] > worst:
            worst = SEVERITIES[name]
    return worst
