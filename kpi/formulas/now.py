"""The state of a queue now, its people and its flow, in words."""

from kpi.formulas.shape import Formula, Said

_NOW = "now"


def _live(key: str, text: Said, unit: str = "contacts", left_out: str = "outbound") -> Formula:
    return Formula(f"now.{key}", unit, _NOW, text, left_out=left_out, about="live")


def _agents(key: str, text: Said) -> Formula:
    return Formula(f"now.{key}", "agents", "agents", text, left_out="agents", about="agents")


def _flow(key: str, unit: str, text: Said, numerator: tuple[str, ...], denominator: tuple[str, ...]) -> Formula:
    return Formula(f"flow.{key}", unit, _NOW, text, numerator, denominator, "outbound", "outcome")


_OLDEST: Said = (
    "How long the one who waits longest has waited, since joining this queue.",
    "当前等待最久者的等待时长，自进入本队列起算。",
    "目前等待最久者的等待時間，自進入本佇列起算。",
)
_UNANSWERED: Said = (
    "How long the customer who waits longest for an answer in a chat has waited.",
    "会话中等候回复最久的客户已等待的时长。",
    "對話中等候回覆最久的客戶已等待的時間。",
)
_STATES: Said = (
    "Agents who are members of this queue or serve it now, each once, whatever their state.",
    "本队列的成员以及正在为其服务的坐席，每人只计一次。",
    "本佇列的成員以及正在為其服務的專員，每人只計一次。",
)
NOW: tuple[Formula, ...] = (
    _live(
        "waiting",
        (
            "Legs that joined the queue and have not left it, ringing ones included.",
            "已进入队列且尚未离开的，含正在振铃的。",
            "已進入佇列且尚未離開者，含正在響鈴者。",
        ),
    ),
    _live(
        "ringing",
        (
            "Of those waiting, the ones that are being offered to an agent.",
            "排队者中，正在向坐席振铃的。",
            "排隊者中，正在向專員響鈴者。",
        ),
    ),
    _live(
        "in_service",
        (
            "Legs that were answered and whose conversation goes on.",
            "已接起且会话仍在进行的。",
            "已接起且對話仍在進行者。",
        ),
    ),
    _live("oldest_wait_seconds", _OLDEST, "seconds"),
    _live("oldest_queued_at_ms", _OLDEST, "instant"),
    _live(
        "waiting_over_target.*",
        (
            "Waiting longer than {name} times the target of {target} s.",
            "等待超过目标（{target} 秒）{name} 倍的人数。",
            "等待超過目標（{target} 秒）{name} 倍的人數。",
        ),
    ),
    _live(
        "at_risk",
        (
            "Waiting, and past the target of {target} s within 10 s unless answered.",
            "若不接起，10 秒内将超过 {target} 秒目标的排队者。",
            "若不接起，10 秒內將超過 {target} 秒目標的排隊者。",
        ),
    ),
    _live(
        "outbound",
        ("Calls that the centre made and that are open.", "正在进行的呼出。", "正在進行的外撥。"),
        left_out="",
    ),
    _live(
        "unanswered",
        ("Chats whose customer wrote last.", "客户写了最后一条消息的会话。", "客戶寫了最後一則訊息的對話。"),
        left_out="chats",
    ),
    _live("oldest_unanswered_seconds", _UNANSWERED, "seconds", "chats"),
    _live("oldest_unanswered_since_ms", _UNANSWERED, "instant", "chats"),
    _live(
        "callbacks",
        ("Callbacks that were promised and not made.", "已承诺但尚未完成的回呼。", "已承諾但尚未完成的回撥。"),
        left_out="",
    ),
    _live(
        "callbacks.scheduled", ("Callbacks promised for later.", "约定稍后的回呼。", "約定稍後的回撥。"), left_out=""
    ),
    _live(
        "callbacks.due", ("Callbacks that are to be made by now.", "现已到期的回呼。", "現已到期的回撥。"), left_out=""
    ),
    _live(
        "callbacks.overdue",
        ("Callbacks due for more than 15 min.", "逾期超过 15 分钟的回呼。", "逾期超過 15 分鐘的回撥。"),
        left_out="",
    ),
    _live(
        "lost",
        (
            "Callers who gave up within the last 60 min and were not answered since.",
            "最近 60 分钟内放弃且之后未再接通的客户。",
            "最近 60 分鐘內放棄且之後未再接通的客戶。",
        ),
        left_out="customers",
    ),
    _live(
        "ghosts",
        (
            "Waiting here for more than 5 s before the source listed who waits, and not in that list.",
            "在来源列出名单前已等待超过 5 秒、却不在名单中的。",
            "在來源列出名單前已等待超過 5 秒、卻不在名單中者。",
        ),
    ),
    Formula(
        "now.drift",
        "contacts",
        _NOW,
        (
            "Our waiting minus the source's, at the second in which the source listed who waits.",
            "来源列出名单那一秒，本处排队人数减去来源名单人数。",
            "來源列出名單那一秒，本處排隊人數減去來源名單人數。",
        ),
        ("waiting_then", "-listed"),
        (),
        "outbound",
        "live",
    ),
    Formula(
        "now.open",
        "yes_no",
        _NOW,
        (
            "Whether now lies inside the queue's opening hours in floor.toml.",
            "现在是否在 floor.toml 设定的营业时间内。",
            "現在是否在 floor.toml 設定的營業時間內。",
        ),
        left_out="",
        about="setting",
    ),
    Formula(
        "now.expected_wait",
        "seconds",
        _NOW,
        (
            (
                "How long a contact that joins now will probably wait: one step for each who is ahead of it, as fast "
                "as agents come free and as callers give up. No value where the numbers do not allow one."
            ),
            "现在进入队列者预计的等待时长：按前面的人数、坐席空出的速度和客户放弃的速度逐个推算。数据不足时没有值。",
            "現在進入佇列者預計的等待時間：依前面的人數、專員空出的速度與客戶放棄的速度逐一推算。資料不足時沒有值。",
        ),
        left_out="outbound",
        about="live",
    ),
    _agents("agents", _STATES),
    _agents(
        "agents.*",
        (
            "Agents of this queue in this state: {name}.",
            "本队列的坐席，状态：{name}。",
            "本佇列的專員，狀態：{name}。",
        ),
    ),
    _agents(
        "available",
        (
            "Agents with nothing in hand who are not paused in this queue.",
            "手上没有联络、且未在本队列暂停的坐席。",
            "手上沒有聯絡、且未在本佇列暫停的專員。",
        ),
    ),
    _agents(
        "staffed",
        (
            "Agents who are logged in and neither on a break nor in error.",
            "已登录、且不在小休或异常状态的坐席。",
            "已登入、且不在小休或異常狀態的專員。",
        ),
    ),
    _agents(
        "serving",
        (
            "Agents of this queue who are logged in, neither on a break nor in error, and not paused in it.",
            "本队列的坐席中，已登录、不在小休或异常状态、且未在本队列暂停的。",
            "本佇列的專員中，已登入、不在小休或異常狀態、且未在本佇列暫停者。",
        ),
    ),
    _agents(
        "with_capacity",
        (
            "Agents who are available, or busy with chats alone and with room for another.",
            "空闲的坐席，以及只在处理会话且还能再接的坐席。",
            "空閒的專員，以及只在處理對話且還能再接的專員。",
        ),
    ),
    _agents(
        "free_slots",
        (
            "Chats that those with room could take besides.",
            "有余量的坐席还能再接的会话数。",
            "有餘裕的專員還能再接的對話數。",
        ),
    ),
    _flow(
        "in_per_minute",
        "contacts_per_minute",
        (
            "Joins per minute, over the last 5 min.",
            "最近 5 分钟平均每分钟进入队列数。",
            "最近 5 分鐘平均每分鐘進入佇列數。",
        ),
        ("offered",),
        ("minutes",),
    ),
    _flow(
        "out_per_minute",
        "contacts_per_minute",
        (
            "Exits of every kind per minute, over the last 5 min.",
            "最近 5 分钟平均每分钟离开队列数。",
            "最近 5 分鐘平均每分鐘離開佇列數。",
        ),
        ("decided",),
        ("minutes",),
    ),
    _flow(
        "net_per_minute",
        "contacts_per_minute",
        (
            "Joins minus exits per minute, over the last 5 min.",
            "最近 5 分钟平均每分钟进入数减离开数。",
            "最近 5 分鐘平均每分鐘進入數減離開數。",
        ),
        ("offered", "-decided"),
        ("minutes",),
    ),
    _flow(
        "drain_seconds",
        "seconds",
        (
            (
                "How long until nobody waits at this pace: those waiting divided by exits minus "
                "joins per second. No value unless more leave than join."
            ),
            "按此速度多久能清空：排队人数除以每秒净减少数；离开不多于进入时没有值。",
            "按此速度多久能清空：排隊人數除以每秒淨減少數；離開不多於進入時沒有值。",
        ),
        ("now.waiting",),
        ("decided", "-offered"),
    ),
)
