"""Chats, ratings and cases as they flow, in words."""

from kpi.formulas.shape import Formula, Said

_CHATS, _RATINGS, _CASES = "chats", "ratings", "cases-as-they-flow"


def _chat(key: str, text: Said) -> Formula:
    return Formula(key, "contacts", _CHATS, text, left_out="chats", about="chat")


def _rated(key: str, text: Said) -> Formula:
    return Formula(key, "contacts", _RATINGS, text, left_out="", about="other")


def _case(key: str, text: Said, unit: str = "cases") -> Formula:
    return Formula(f"cases.{key}", unit, _CASES, text, left_out="", about="cases")


def _share(
    key: str,
    unit: str,
    anchor: str,
    text: Said,
    numerator: tuple[str, ...],
    denominator: tuple[str, ...],
    about: str = "other",
) -> Formula:
    return Formula(key, unit, anchor, text, numerator, denominator, "", about)


THEMES: tuple[Formula, ...] = (
    Formula(
        "first_response_level",
        "ratio",
        _CHATS,
        (
            "Of all chats that were first answered or missed, the share first answered within {target} s.",
            "在已首次回复或无人回复的会话中，{target} 秒内首次回复的比例。",
            "在已首次回覆或無人回覆的對話中，{target} 秒內首次回覆的比例。",
        ),
        ("first_responses_in_target",),
        ("first_response_seconds.count", "missed_chats"),
        "chats",
        "chat",
    ),
    _chat(
        "missed_chats",
        (
            "Chats that the customer left, or that ended by silence, before any agent wrote.",
            "坐席写下任何消息之前，客户已离开或因沉默而结束的会话。",
            "專員寫下任何訊息之前，客戶已離開或因沉默而結束的對話。",
        ),
    ),
    _chat(
        "reassigned_silent",
        (
            "Answered chats that were passed on while no agent had written in them.",
            "已接起但坐席未写一字就被转走的会话。",
            "已接起但專員未寫一字就被轉走的對話。",
        ),
    ),
    _rated(
        "ratings.*",
        (
            "Ratings of this kind: {name}. Every rating counts, also a second one of the same contact.",
            "评价数，类型：{name}；同一联络的第二次评价也计入。",
            "評價數，類型：{name}；同一聯絡的第二次評價也計入。",
        ),
    ),
    Formula(
        "rating_response",
        "ratio",
        _RATINGS,
        (
            "Ratings for each conversation that ended: how much of what happened they speak for.",
            "评价数与已结束会话数之比，说明评价有多大代表性。",
            "評價數與已結束對話數之比，說明評價有多大代表性。",
        ),
        ("rated",),
        ("conversations",),
        "",
        "other",
    ),
    _case("opened", ("Cases that were opened.", "新建的工单数。", "新建的案件數。")),
    _case(
        "resolved",
        (
            "Cases that were resolved; a case may be resolved several times.",
            "解决的工单数；同一工单可多次解决。",
            "解決的案件數；同一案件可多次解決。",
        ),
    ),
    _case(
        "reopened",
        (
            "Cases that were opened again after they had been resolved.",
            "解决后重新打开的工单数。",
            "解決後重新開啟的案件數。",
        ),
    ),
    _share(
        "cases.reopen_rate",
        "ratio",
        _CASES,
        ("Reopened for each one resolved.", "重新打开数与解决数之比。", "重新開啟數與解決數之比。"),
        ("cases.reopened",),
        ("cases.resolved",),
        "cases",
    ),
    _case(
        "first_replies",
        (
            "Cases that an agent first replied to.",
            "坐席首次回复的工单数。",
            "專員首次回覆的案件數。",
        ),
    ),
    _case(
        "first_reply_seconds",
        (
            "The times from opened to an agent's first reply, added up.",
            "从新建到坐席首次回复的时长之和。",
            "從新建到專員首次回覆的時間總和。",
        ),
        "seconds",
    ),
    _share(
        "cases.first_reply",
        "seconds",
        _CASES,
        (
            "The mean time from opened to an agent's first reply.",
            "从新建到坐席首次回复的平均时长。",
            "從新建到專員首次回覆的平均時間。",
        ),
        ("sum",),
        ("count",),
        "cases",
    ),
    _case(
        "resolve_seconds",
        (
            "The times from opened to resolved, added up at each resolution.",
            "从新建到解决的时长之和，每次解决时计入。",
            "從新建到解決的時間總和，每次解決時計入。",
        ),
        "seconds",
    ),
    _share(
        "cases.contacts_to_resolve",
        "ratio",
        _CASES,
        (
            "How many contacts a case took until it was resolved: 1, the customer's replies and the reopenings.",
            "平均需要多少次联系才解决：1 次来访加客户回复与重新打开。",
            "平均需要多少次聯繫才解決：1 次來訊加客戶回覆與重新開啟。",
        ),
        ("case_contacts",),
        ("cases.resolved",),
        "cases",
    ),
    _share(
        "cases.agents_to_resolve",
        "ratio",
        _CASES,
        (
            "How many different agents a case took until it was resolved.",
            "平均需要多少位坐席才解决。",
            "平均需要多少位專員才解決。",
        ),
        ("case_agents",),
        ("cases.resolved",),
        "cases",
    ),
    _case(
        "clocks.*",
        (
            "Promised times of cases ({name}): kept or missed. It stands still while a case waits for its customer.",
            "工单承诺时限（{name}）：按时或超期；等待客户期间计时暂停。",
            "案件承諾時限（{name}）：按時或逾期；等待客戶期間計時暫停。",
        ),
    ),
)
