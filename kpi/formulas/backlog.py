"""The backlog of a queue, in words."""

from kpi.formulas.shape import Formula, Said

_BACKLOG = "backlog"


def _case(key: str, text: Said, unit: str = "cases", left_out: str = "") -> Formula:
    return Formula(f"backlog.{key}", unit, _BACKLOG, text, left_out=left_out, about="live")


def _pace(key: str, unit: str, text: Said, numerator: tuple[str, ...], denominator: tuple[str, ...]) -> Formula:
    return Formula(f"backlog.{key}", unit, _BACKLOG, text, numerator, denominator, "", "cases")


_OLDEST_CASE: Said = (
    "How long ago the oldest open case was opened, in calendar time.",
    "最早的未结工单已打开多久（自然时间）。",
    "最早的未結案件已開啟多久（日曆時間）。",
)


BACKLOG: tuple[Formula, ...] = (
    _case("open", ("Cases opened and not resolved.", "已打开且尚未解决的工单。", "已開啟且尚未解決的案件。")),
    _case("status.*", ("Open cases with this status: {name}.", "未结工单，状态：{name}。", "未結案件，狀態：{name}。")),
    _case(
        "actionable",
        ("Open cases that are new or in work.", "新建或处理中的未结工单。", "新建或處理中的未結案件。"),
        left_out="waiting_cases",
    ),
    _case(
        "unassigned",
        ("New or open cases that nobody owns.", "无人负责的新建或处理中工单。", "無人負責的新建或處理中案件。"),
        left_out="waiting_cases",
    ),
    _case(
        "overdue",
        (
            "Open cases of which the earliest promised time has passed.",
            "最早的承诺时限已过的未结工单。",
            "最早的承諾時限已過的未結案件。",
        ),
        left_out="paused_cases",
    ),
    _case(
        "due_within_1h",
        (
            "Open cases that are not overdue and will be within the next hour.",
            "未超期、但 1 小时内到期的未结工单。",
            "未逾期、但 1 小時內到期的未結案件。",
        ),
        left_out="paused_cases",
    ),
    _case(
        "clocks.*",
        (
            "Open cases by a promised time that is overdue or due soon: {name}.",
            "承诺时限已超期或即将到期的未结工单：{name}。",
            "承諾時限已逾期或即將到期的未結案件：{name}。",
        ),
        left_out="paused_cases",
    ),
    _case(
        "age.*",
        (
            "New or open cases by their age, in calendar time: {name}.",
            "新建或处理中工单按龄期（自然时间）：{name}。",
            "新建或處理中案件依歷時（日曆時間）：{name}。",
        ),
        left_out="waiting_cases",
    ),
    _case(
        "age_business.*",
        (
            "New or open cases by their age in opening hours: {name}.",
            "新建或处理中工单按龄期（营业时间）：{name}。",
            "新建或處理中案件依歷時（營業時間）：{name}。",
        ),
        left_out="waiting_cases",
    ),
    _case("oldest_age_seconds", _OLDEST_CASE, "seconds"),
    _case("oldest_opened_at_ms", _OLDEST_CASE, "instant"),
    _case(
        "oldest_actionable_seconds",
        (
            "How long ago the oldest new or open case was opened, in calendar time.",
            "最早的新建或处理中工单已打开多久（自然时间）。",
            "最早的新建或處理中案件已開啟多久（日曆時間）。",
        ),
        "seconds",
        "waiting_cases",
    ),
    _pace(
        "net_per_hour",
        "cases_per_hour",
        (
            "Opened and reopened minus resolved, in the last hour.",
            "最近 1 小时新建与重新打开之和减去解决数。",
            "最近 1 小時新建與重新開啟的總和減去解決數。",
        ),
        ("cases.opened", "cases.reopened", "-cases.resolved"),
        (),
    ),
    _pace(
        "clear_seconds",
        "seconds",
        (
            ("How long the open cases last at the pace of the last hour. No value unless they become fewer."),
            "按最近 1 小时的速度，清完未结工单需多久；不减少时没有值。",
            "按最近 1 小時的速度，清完未結案件需多久；不減少時沒有值。",
        ),
        ("backlog.open",),
        ("cases.resolved", "-cases.opened", "-cases.reopened"),
    ),
)
