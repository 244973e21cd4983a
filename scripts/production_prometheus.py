"""prometheus/prometheus.production.yml, made from prometheus.yml: with the board's token and public addresses.

Run: python -m scripts.production_prometheus
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "prometheus" / "prometheus.yml"
TARGET = ROOT / "prometheus" / "prometheus.production.yml"
#: The board wants its metrics token; the other pages stand on a network that only Prometheus and they are on.
BOARD_JOBS = ("cc-live", "cc-board")
TOKEN = "/run/secrets/metrics_token"
HEAD = (
    "# Made from prometheus.yml by `python -m scripts.production_prometheus`; change that one.\n"
    "# It is for compose.production.yml: the board's pages with its metrics token, and addresses from the environment\n"
    "# (Prometheus 3 puts them in; Prometheus 2 with --enable-feature=expand-external-labels).\n"
)
#: What people open from an alert, and where it is in production.
ADDRESSES = {
    "http://127.0.0.1:9090/user/runbook.md": "${FLOORPULSE_PUBLIC_URL}/runbook.md",
    "http://127.0.0.1:3000": "${FLOORPULSE_GRAFANA_URL}",
    "http://127.0.0.1:8080": "${FLOORPULSE_PUBLIC_URL}",
}


def text() -> str:
    """What stands in the production file; ValueError when prometheus.yml no longer has what is exchanged."""
    made = SOURCE.read_text(encoding="utf-8")
    for shipped, public in ADDRESSES.items():
        if shipped not in made:
            raise ValueError(f"{SOURCE.name} names no {shipped}")
        made = made.replace(shipped, public)
    for job in BOARD_JOBS:
        made, found = re.subn(
            rf"^( *)- job_name: {job}\n",
            rf"\g<0>\1  authorization:\n\1    credentials_file: {TOKEN}\n",
            made,
            flags=re.MULTILINE,
        )
        if found != 1:
            raise ValueError(f"{SOURCE.name} has {found} jobs named {job}; wanted one")
    return HEAD + made


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
    print(TARGET.relative_to(ROOT))
