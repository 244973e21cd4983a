"""The terms of formulas: what stands in a numerator or denominator, and what is left out of a number, in words."""

from kpi.formulas.shape import Said

# Fields of `kpi.service_level.Terms`, what is made of them, and the rest by where it stands in the measures.
TERMS: dict[str, Said] = {
    "answered": ("answered", "已接通", "已接通"),
    "answered_in_target": ("answered within {target} s", "{target} 秒内接通", "{target} 秒內接通"),
    "abandoned": ("gave up", "放弃", "放棄"),
    "abandoned_in_target": ("gave up within {target} s", "{target} 秒内放弃", "{target} 秒內放棄"),
    "short_abandoned": ("gave up within {short} s", "{short} 秒内放弃", "{short} 秒內放棄"),
    "other_exits": ("left some other way", "以其他方式离开", "以其他方式離開"),
    "other_exits_late": (
        "left some other way, later than {target} s",
        "超过 {target} 秒后以其他方式离开",
        "超過 {target} 秒後以其他方式離開",
    ),
    "callbacks_in_target": (
        "asked within {target} s to be called back",
        "{target} 秒内要求回呼",
        "{target} 秒內要求回撥",
    ),
    "requeues": ("put back into the queue", "被退回重新排队", "被退回重新排隊"),
    "waiting_over_target": ("waiting longer than {target} s", "等待已超过 {target} 秒", "等待已超過 {target} 秒"),
    "open": ("still waiting", "仍在排队", "仍在排隊"),
    "abandoned_within.15": ("gave up within 15 s", "15 秒内放弃", "15 秒內放棄"),
    "abandoned_within.20": ("gave up within 20 s", "20 秒内放弃", "20 秒內放棄"),
    "abandoned_within.30": ("gave up within 30 s", "30 秒内放弃", "30 秒內放棄"),
    "offered": ("joined the queue", "进入队列", "進入佇列"),
    "decided": ("left the queue", "离开队列", "離開佇列"),
    "transfers": ("handed on by their agent", "由坐席转出", "由專員轉出"),
    "first_responses_in_target": (
        "first answers within {target} s",
        "{target} 秒内首次回复",
        "{target} 秒內首次回覆",
    ),
    "first_response_seconds.count": ("first answers", "首次回复数", "首次回覆數"),
    "missed_chats": ("chats nobody answered", "无人回复的会话", "無人回覆的對話"),
    "rated": ("ratings", "评价数", "評價數"),
    "conversations": ("conversations that ended", "已结束的会话", "已結束的對話"),
    "cases.opened": ("cases opened", "新建工单", "新建案件"),
    "cases.resolved": ("cases resolved", "已解决工单", "已解決案件"),
    "cases.reopened": ("cases reopened", "重新打开的工单", "重新開啟的案件"),
    "case_contacts": ("contacts of the cases resolved", "已解决工单的联系次数", "已解決案件的聯繫次數"),
    "case_agents": ("agents of the cases resolved", "已解决工单的经手坐席", "已解決案件的經手專員"),
    "customers.arrived": ("contacts of known customers", "已知客户的联络", "已知客戶的聯絡"),
    "customers.abandoned": ("given up by known customers", "已知客户的放弃", "已知客戶的放棄"),
    "customers.recovered": ("answered within 60 min after that", "放弃后 60 分钟内接通", "放棄後 60 分鐘內接通"),
    "customers.returned": ("came again after that", "放弃后再次来电", "放棄後再次來電"),
    "repeat": ("customer was here shortly before", "客户此前不久来过", "客戶此前不久來過"),
    "sum": ("all seconds together", "总秒数", "總秒數"),
    "count": ("how many are known", "已知的个数", "已知的個數"),
    "handle_sum": ("talk and wrap-up together, seconds", "通话与话后处理的总秒数", "通話與話後處理的總秒數"),
    "minutes": ("minutes", "分钟数", "分鐘數"),
    "now.waiting": ("waiting now", "正在排队", "正在排隊"),
    "backlog.open": ("open cases now", "现有未结工单", "現有未結案件"),
    "hazard_abandoned": ("gave up in this step", "在此区间放弃", "在此區間放棄"),
    "hazard_at_risk": ("still waiting at its beginning", "区间开始时仍在等待", "區間開始時仍在等待"),
    "waiting_then": (
        "waiting here when the source made its list",
        "来源列出名单时本处排队人数",
        "來源列出名單時本處排隊人數",
    ),
    "listed": ("in the list of the source", "来源名单中的人数", "來源名單中的人數"),
}

LEFT_OUT: dict[str, Said] = {
    "": ("", "", ""),
    "outbound": (
        "Calls that the centre made.",
        "不含呼出。",
        "不含外撥。",
    ),
    "waits": (
        "Calls that the centre made, and contacts whose wait nobody told.",
        "不含呼出，以及等待时长不明的联络。",
        "不含外撥，以及等待時間不明的聯絡。",
    ),
    "level": (
        "Calls that the centre made. A wait that nobody told counts as longer than the target.",
        "不含呼出。等待时长不明的，视为超过目标。",
        "不含外撥。等待時間不明者，視為超過目標。",
    ),
    "events": (
        (
            "Calls that the centre made, those who left some other way within the target, and those who wait and are "
            "not past it. A wait that nobody told counts as longer than the target."
        ),
        "不含呼出、在目标内以其他方式离开的，以及仍在等待且未超过目标的。等待时长不明的，视为超过目标。",
        "不含外撥、在目標內以其他方式離開者，以及仍在等待且未超過目標者。等待時間不明者，視為超過目標。",
    ),
    "talks": (
        "Calls that the centre made, conversations that go on, and those whose length nobody told.",
        "不含呼出、仍在进行的会话，以及时长不明的会话。",
        "不含外撥、仍在進行的對話，以及時間不明的對話。",
    ),
    "chats": (
        "Messages of bots and systems, private ones, and chats that the centre began.",
        "不含机器人与系统消息、内部备注，以及由本方发起的会话。",
        "不含機器人與系統訊息、內部備註，以及由本方發起的對話。",
    ),
    "turns": (
        "Messages of bots and systems, and private ones. Of a long chat the list holds the last 10 minutes only.",
        "不含机器人与系统消息和内部备注。较长的会话，名单只列出最后 10 分钟。",
        "不含機器人與系統訊息和內部備註。較長的對話，名單只列出最後 10 分鐘。",
    ),
    "customers": (
        "Contacts whose source names no customer key.",
        "不含来源未提供客户标识的联络。",
        "不含來源未提供客戶識別的聯絡。",
    ),
    "agents": (
        "Agents who are logged in nowhere.",
        "不含未登录任何系统的坐席。",
        "不含未登入任何系統的專員。",
    ),
    "paused_cases": (
        "Cases that wait for their customer: their clocks stand still.",
        "不含等待客户的工单：其计时暂停。",
        "不含等待客戶的案件：其計時暫停。",
    ),
    "waiting_cases": (
        "Cases that wait for their customer or are on hold.",
        "不含等待客户或挂起的工单。",
        "不含等待客戶或暫停的案件。",
    ),
}


def term_text(name: str) -> Said:
    """The words of a term; its name may have a "-" before it."""
    return TERMS[name.removeprefix("-")]
