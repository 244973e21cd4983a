"""The colours of the dashboards: only those on which Grafana's own text can be read, and a sign beside each.

Grafana writes white on a solid background of brightness 180 or less and dark text on others. With white text its green,
orange and red have a contrast under 4.5; these have more.
"""

from __future__ import annotations

FINE, WARNING, CRITICAL, GOOD = "transparent", "yellow", "dark-red", "dark-green"
TEXT = "text"  # the theme's own colour of text, for what is neither good nor bad
# severity -> (sign, colour): nobody has to tell colours apart.
SIGNS = {1: ("▲", WARNING), 2: ("■", CRITICAL)}
CALM_SIGN = "●"

# What the names mean in Grafana, and the text it puts on them: (background, text).
MEANINGS = {
    WARNING: ("#FADE2A", "#202226"),
    CRITICAL: ("#C4162A", "#FFFFFF"),
    GOOD: ("#37872D", "#FFFFFF"),
}
BAR = "blue"  # of bars; what is written beside them has the theme's colour
# Lines of a trend that are limits; drawn dashed, and named.
LINES = {"warning": WARNING, "critical": CRITICAL, "target": GOOD}


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, #RRGGBB, from 1 to 21, as WCAG 2 defines it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    parts = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
