"""One alert that Prometheus tells, whose severity and texts are those of the rule and of no queue. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kpi.alerting import ALSO


@dataclass(frozen=True, slots=True)
class PipelineRule:
    """One alert. `text`: its words in `alerts.prometheus.pipeline_words`, `unit`: how its value is written.

    `since`: PromQL of its true start (Unix seconds) where series tell it; else it is when the condition began. `value`:
    PromQL of its value (a share) where that is not what the expression has. `by`: the labels that its expression keeps;
    what differs in one of them is another alert with a start of its own. `since` and `value` have %q for each of them.
    """

    name: str
    severity: str
    expr: str
    hold: str = ""
    keep: str = ""
    text: str = ""
    unit: str = "count"
    audience: str = "platform"
    since: str = ""
    value: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    by: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The key of its words."""
        return self.text or self.name

    @property
    def full_expr(self) -> str:
        """The expression, with the switch of those that are off."""
        if self.name not in ALSO:
            return self.expr
        return f'(\n  {self.expr}\n) and on () max(cc_alert_also{{alertname="{self.name}"}}) == 1'
