"""The contract's own words (reasons, kinds, states, spans), in words: what stands in a text for a name.

A formula with a `*` and a sentence about a contact take them from here. What is not in the table is a source's own word
and stays as it was told.
"""

from collections.abc import Mapping

from kpi.formulas.shape import Said, in_language

Names = Mapping[str, Said]

EXITS: Names = {
    "abandoned": ("gave up", "放弃", "放棄"),
    "timeout": ("the queue's time limit passed", "超出队列时限", "超出佇列時限"),
    "key_exit": ("pressed a key to leave", "按键退出", "按鍵離開"),
    "overflow": ("moved on by a rule", "按规则溢出", "依規則溢出"),
    "callback_requested": ("asked to be called back", "要求回呼", "要求回撥"),
    "empty": ("nobody was there to serve", "队列无人服务", "佇列無人服務"),
    "withdrawn": ("taken out by the system or a supervisor", "被系统或主管移出", "被系統或主管移出"),
    "system_error": ("a failure", "系统故障", "系統故障"),
    "transferred": ("moved on while waiting", "等待中被转走", "等待中被轉走"),
    "lost_unknown": ("its end never came", "结束消息始终未到", "結束訊息始終未到"),
    "unknown_exit": ("nobody told how", "方式不明", "方式不明"),
}
STATUSES: Names = {
    "new": ("new", "新建", "新建"),
    "open": ("open", "处理中", "處理中"),
    "pending": ("waits for the customer", "待客户", "待客戶"),
    "on_hold": ("on hold", "挂起", "暫停"),
    "resolved": ("resolved", "已解决", "已解決"),
}
_UNKNOWN: Said = ("not told", "不明", "不明")
_JOINS: Names = {
    "initial": ("the first time", "首次进入", "首次進入"),
    "transfer": ("a transfer", "转接", "轉接"),
    "requeue": ("put back into the queue", "被退回重新排队", "被退回重新排隊"),
    "overflow": ("moved on by a rule from elsewhere", "按规则从别处溢出", "依規則從別處溢出"),
    "callback_due": ("a callback came due", "回呼到期", "回撥到期"),
    "bot_handoff": ("handed over by a bot", "机器人转人工", "機器人轉人工"),
    "resumed": ("taken up again", "恢复会话", "恢復對話"),
    "unknown": _UNKNOWN,
}
_TRANSFERS: Names = {
    "blind": ("without asking first", "直接转接", "直接轉接"),
    "consult": ("after asking first", "咨询后转接", "諮詢後轉接"),
    "conference": ("by a conference", "三方通话", "三方通話"),
    "unknown": _UNKNOWN,
}
_ENDED_BY: Names = {
    "customer": ("the customer", "客户", "客戶"),
    "agent": ("the agent", "坐席", "專員"),
    "system": ("the system", "系统", "系統"),
    "transfer": ("a transfer", "转接", "轉接"),
    "inactivity": ("silence", "长时间无消息", "長時間無訊息"),
    "lost_unknown": ("nobody; the end never came", "结束消息始终未到", "結束訊息始終未到"),
    "unknown": _UNKNOWN,
}
_BLOCKED: Names = {
    "full": ("the queue was full", "队列已满", "佇列已滿"),
    "empty": ("nobody was there to serve", "队列无人服务", "佇列無人服務"),
    "closed": ("closed", "非营业时间", "非營業時間"),
    "limit": ("a limit was reached", "达到上限", "達到上限"),
    "unknown": _UNKNOWN,
}
_SPANS: Names = {
    "15m": ("15 min", "15 分钟", "15 分鐘"),
    "1h": ("1 hour", "1 小时", "1 小時"),
    "4h": ("4 hours", "4 小时", "4 小時"),
    "24h": ("24 hours", "24 小时", "24 小時"),
    "7d": ("7 days", "7 天", "7 天"),
}
_AGES: Names = {
    "1h": ("under 1 hour", "不到 1 小时", "不到 1 小時"),
    "4h": ("1 to 4 hours", "1 至 4 小时", "1 至 4 小時"),
    "8h": ("4 to 8 hours", "4 至 8 小时", "4 至 8 小時"),
    "24h": ("8 to 24 hours", "8 至 24 小时", "8 至 24 小時"),
    "2d": ("24 to 48 hours", "24 至 48 小时", "24 至 48 小時"),
    "3d": ("48 to 72 hours", "48 至 72 小时", "48 至 72 小時"),
    "7d": ("72 to 168 hours", "72 至 168 小时", "72 至 168 小時"),
    "more": ("168 hours and more", "168 小时以上", "168 小時以上"),
}
_RATINGS: Names = {
    "csat": ("satisfaction (CSAT)", "满意度（CSAT）", "滿意度（CSAT）"),
    "nps": ("recommendation (NPS)", "推荐度（NPS）", "推薦度（NPS）"),
    "resolved": ("whether it was resolved", "是否已解决", "是否已解決"),
}
_CLOCKS: Names = {
    "first_response": ("first answer", "首次回复", "首次回覆"),
    "next_response": ("next answer", "下次回复", "下次回覆"),
    "resolution": ("resolution", "解决", "解決"),
    "met": ("kept", "按时", "按時"),
    "missed": ("missed", "超期", "逾期"),
    "overdue": ("overdue", "已超期", "已逾期"),
    **{span: (f"within {en}", f"{cn}内", f"{tw}內") for span, (en, cn, tw) in _SPANS.items()},
}
STATES: Names = {
    "offline": ("logged out", "离线", "離線"),
    "idle": ("idle", "空闲", "空閒"),
    "has_capacity": ("with room for more", "可再接", "可再接"),
    "ringing": ("ringing", "振铃", "響鈴"),
    "busy": ("busy", "忙碌", "忙碌"),
    "acw": ("wrap-up", "话后处理", "話後處理"),
    "break": ("on a break", "小休", "小休"),
    "error": ("error", "异常", "異常"),
}
# By the key of the formula in whose text they stand.
NAMES: Mapping[str, Names] = {
    "joined.*": _JOINS,
    "exits.*": EXITS,
    "transfers_in.*": _TRANSFERS,
    "transfers_out.*": _TRANSFERS,
    "ended_by.*": _ENDED_BY,
    "blocked.*": _BLOCKED,
    "customers.repeat.*": _SPANS,
    "ratings.*": _RATINGS,
    "cases.clocks.*": _CLOCKS,
    "now.agents.*": STATES,
    "backlog.status.*": STATUSES,
    "backlog.clocks.*": _CLOCKS,
    "backlog.age.*": _AGES,
    "backlog.age_business.*": _AGES,
}


def name_in_words(key: str, name: str, language: str) -> str:
    """What stands in the place of a `*` in a formula's key, in words; as it is when it is nobody's word of ours.

    A name of several parts (`resolution.overdue`) is said part by part.
    """
    names = NAMES.get(key, {})
    if name in names:
        return in_language(names[name], language)
    parts = name.split(".")
    if not all(part in names for part in parts):
        return name
    return (", " if language == "en" else "，").join(in_language(names[part], language) for part in parts)
