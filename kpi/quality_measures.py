"""What customers say and why they come: ratings by kind and scale, reasons, entry points."""

from collections import defaultdict

from kpi.ratios import Measures, Ratio, ratio
from kpi.tally import Reading

# The scale of a rating that does not tell its own.
USUAL_SCALE = 5
PROMOTER = 9


def ratings(read: Reading) -> Measures:
    """Per kind of rating: how many, how many positive, and how many of each "<scale>/<score>"."""
    found: defaultdict[str, Measures] = defaultdict(lambda: {"rated": 0, "positive": 0, "scores": {}})
    for name, count in read.names("rating").items():
        kind, _, rest = name.partition("/")
        scale, _, score = rest.partition("/")
        mine = found[kind]
        mine["rated"] += count
        mine["positive"] += count if is_positive(kind, float(scale), float(score)) else 0
        mine["scores"][rest] = count
    return dict(found)


def is_positive(kind: str, scale: float, score: float) -> bool:
    """nps: 9 or 10; resolved: more than 0; every other kind: at least 0.8 of the scale (scale 0: of 5)."""
    if kind == "nps":
        return score >= PROMOTER
    if kind == "resolved":
        return score > 0
    # Multiplied out, so that no float error decides about 4 of 5.
    return score * 5 >= (scale or USUAL_SCALE) * 4


def rating_response(read: Reading) -> Ratio:
    """Ratings / conversations that ended: how much of what happened they speak for."""
    return ratio(sum(read.named.get("rating", {}).values()), sum(read.named.get("ended_by", {}).values()))
