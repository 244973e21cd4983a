"""Giving up and getting through, in words: every rate."""

from kpi.formulas.levels import EVERYBODY
from kpi.formulas.shape import Formula, Said


def _rate(name: str, text: Said, over: tuple[str, ...], part: tuple[str, ...] = ("abandoned",)) -> Formula:
    return Formula(f"abandonment_rates.{name}", "ratio", "giving-up", text, part, over, "outbound", "outcome")


def _within(seconds: int) -> Formula:
    text = (
        f"Of everybody who was there, the share that gave up within {seconds} s.",
        f"全部来者中，{seconds} 秒内放弃的比例。",
        f"全部來者中，{seconds} 秒內放棄的比例。",
    )
    return _rate(f"within_{seconds}", text, EVERYBODY, (f"abandoned_within.{seconds}",))


GIVING_UP: tuple[Formula, ...] = (
    Formula(
        "abandonment",
        "ratio",
        "counts-of-a-part-or-a-window",
        (
            (
                "Of all who left the queue, the share that gave up. "
                "Limits are compared without those who gave up within {short} s, on both sides."
            ),
            "离开队列的联络中，放弃的比例。与阈值比较时，{short} 秒内放弃的两边都不计。",
            "離開佇列的聯絡中，放棄的比例。與門檻比較時，{short} 秒內放棄的兩邊都不計。",
        ),
        ("abandoned",),
        ("answered", "abandoned", "other_exits"),
        "outbound",
        "outcome",
    ),
    _rate(
        "offered",
        (
            "Of everybody who was there, the share that gave up.",
            "全部来者（含仍在排队的）中，放弃的比例。",
            "全部來者（含仍在排隊者）中，放棄的比例。",
        ),
        EVERYBODY,
    ),
    _rate(
        "decided",
        (
            "Of all who left the queue, the share that gave up.",
            "离开队列的联络中，放弃的比例。",
            "離開佇列的聯絡中，放棄的比例。",
        ),
        ("answered", "abandoned", "other_exits"),
    ),
    _rate(
        "net_short",
        (
            "The share that gave up, where a call of at most {short} s was neither offered nor abandoned.",
            "放弃的比例；{short} 秒内的短呼叫既不算来者也不算放弃。",
            "放棄的比例；{short} 秒內的短通話既不算來者也不算放棄。",
        ),
        (*EVERYBODY, "-short_abandoned"),
        ("abandoned", "-short_abandoned"),
    ),
    _rate(
        "answered",
        (
            "Given up for each one that was answered; more than 1 is possible.",
            "放弃数与接通数之比，可以大于 1。",
            "放棄數與接通數之比，可以大於 1。",
        ),
        ("answered",),
    ),
    _within(15),
    _within(20),
    _within(30),
    Formula(
        "abandon_hazard.*",
        "ratio",
        "giving-up",
        (
            "Of those who still waited after {name} s, the share that gave up in the 20 s that followed.",
            "等待满 {name} 秒者中，在随后 20 秒内放弃的比例。",
            "等待滿 {name} 秒者中，在隨後 20 秒內放棄的比例。",
        ),
        ("hazard_abandoned",),
        ("hazard_at_risk",),
        "waits",
        "outcome",
    ),
    Formula(
        "access_rate",
        "ratio",
        "coming-moving-on-ending",
        (
            "Of everybody who was there, the share that was answered.",
            "接通率：全部来者中已接通的比例。",
            "接通率：全部來者中已接通的比例。",
        ),
        ("answered",),
        EVERYBODY,
        "outbound",
        "outcome",
    ),
)
