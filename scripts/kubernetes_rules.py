"""deploy/monitoring/rules.yaml, made from alerts/rules/*.yml: the same rules as PrometheusRules of Kubernetes.

One for each file: `kubectl apply` keeps a copy of a whole thing in one annotation, which holds 256 KiB.

Run: python -m scripts.kubernetes_rules
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "alerts" / "rules"
TARGET = ROOT / "deploy" / "monitoring" / "rules.yaml"
MOST_BYTES = 262_144
HEAD = """\
# Made from alerts/rules/*.yml by `python -m scripts.kubernetes_rules`; change those.
# The texts of the alerts use three external labels, which the Prometheus of the cluster must have:
#   spec.externalLabels: {runbook: <address of docs/runbook.md>, board: <address of the board>,
#                         dashboard: <address of the wall in Grafana>}
"""
THING = """\
---
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: floorpulse-{name}
  namespace: floorpulse
  labels:
    app.kubernetes.io/name: floorpulse
    app.kubernetes.io/part-of: floorpulse
spec:
  groups:
"""


def text() -> str:
    """The manifest; ValueError when a rule file is more than comments and one list of groups, or too large."""
    parts = [HEAD]
    for path in sorted(SOURCES.glob("*.yml")):
        before, found, groups = path.read_text(encoding="utf-8").partition("groups:\n")
        if not found or [line for line in before.splitlines() if line and not line.startswith("#")]:
            raise ValueError(f"{path.name}: wanted comments, then groups:")
        # Two steps to the right, text blocks included: YAML reads the same.
        lines = [f"  {line}\n" if line else "\n" for line in groups.splitlines()]
        thing = THING.format(name=path.stem.replace("_", "-")) + "".join(lines)
        if len(thing.encode()) > MOST_BYTES:
            raise ValueError(f"{path.name}: {len(thing.encode())} bytes; wanted at most {MOST_BYTES}, so in two files")
        parts.append(thing)
    return "".join(parts)


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
    print(TARGET.relative_to(ROOT))
