"""deploy/monitoring/rules.yaml, made from alerts/rules/*.yml: the same rules as a PrometheusRule of Kubernetes.

Run: python -m scripts.kubernetes_rules
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "alerts" / "rules"
TARGET = ROOT / "deploy" / "monitoring" / "rules.yaml"
HEAD = """\
# Made from alerts/rules/*.yml by `python -m scripts.kubernetes_rules`; change those.
# The texts of the alerts use two external labels, which the Prometheus of the cluster must have:
#   spec.externalLabels: {runbook: <address of docs/runbook.md>, dashboard: <address of the wall in Grafana>}
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: floorpulse
  namespace: floorpulse
  labels:
    app.kubernetes.io/name: floorpulse
    app.kubernetes.io/part-of: floorpulse
spec:
  groups:
"""


def text() -> str:
    """The manifest; ValueError when a rule file is more than comments and one list of groups."""
    parts = [HEAD]
    for path in sorted(SOURCES.glob("*.yml")):
        before, found, groups = path.read_text(encoding="utf-8").partition("groups:\n")
        if not found or [line for line in before.splitlines() if line and not line.startswith("#")]:
            raise ValueError(f"{path.name}: wanted comments, then groups:")
        parts.append(f"    # {path.name}\n")
        # Two steps to the right, text blocks included: YAML reads the same.
        parts += [f"  {line}\n" if line else "\n" for line in groups.splitlines()]
    return "".join(parts)


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
    print(TARGET.relative_to(ROOT))
