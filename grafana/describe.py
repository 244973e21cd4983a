"""What stands behind the (i) of a panel: what it shows, by which formula, from which series, and until when."""

from __future__ import annotations

import re

from grafana.model import Panel
from grafana.names import FOREIGN
from grafana.queries import FRESH_SECONDS
from grafana.words import Words

_NAME = re.compile(r"\b(?:\w+:)?cc_\w+(?::\w+)?|\b(?:" + "|".join(FOREIGN) + r")(?=[{\s)\[])")
GATE = f"< {FRESH_SECONDS})"


def families(expr: str) -> set[str]:
    """The metrics that a query asks for, by their names as series."""
    return set(_NAME.findall(expr))


def description(panel: Panel, words: Words) -> str:
    """The text of a panel in a language."""
    asked = sorted(set().union(*(families(query.expr) for query in panel.queries)))
    parts = [words.meaning(panel.key), words("source", series=", ".join(asked))]
    if any(query.severity for query in panel.queries):
        by_limit = any("_threshold_" in query.expr for query in panel.queries)
        parts.append(words("colour.limit" if by_limit else "colour.severity"))
    if any(GATE in query.expr for query in panel.queries):
        parts.append(words("gate", seconds=FRESH_SECONDS))
    return "\n\n".join(parts)
