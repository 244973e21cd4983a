"""What is counted of legs, in words."""

from kpi.formulas.shape import Formula

_COUNTS = "counts-of-a-part-or-a-window"


def _of(key: str, anchor: str, about: str, en: str, cn: str, tw: str, left_out: str = "outbound") -> Formula:
    return Formula(key, "contacts", anchor, (en, cn, tw), left_out=left_out, about=about)


COUNTS: tuple[Formula, ...] = (
    _of(
        "offered",
        _COUNTS,
        "outcome",
        "Legs that joined the queue; a transfer or a re-queue opens another one.",
        "进入队列的次数；转接或重新排队另计一次。",
        "進入佇列的次數；轉接或重新排隊另計一次。",
    ),
    _of(
        "decided",
        _COUNTS,
        "outcome",
        "Legs that left the queue: answered, given up, or some other way.",
        "离开队列的次数：接通、放弃或其他方式。",
        "離開佇列的次數：接通、放棄或其他方式。",
    ),
    _of(
        "answered",
        _COUNTS,
        "outcome",
        "Legs that reached an agent, counted at the moment they do.",
        "由坐席接起的次数，在接起时计入。",
        "由專員接起的次數，在接起時計入。",
    ),
    _of(
        "abandoned",
        _COUNTS,
        "outcome",
        "Legs whose customer gave up in the queue. Nothing else: no timeout, key or callback.",
        "客户在队列中放弃的次数；超时、按键退出、预约回呼都不算。",
        "客戶在佇列中放棄的次數；逾時、按鍵離開、預約回撥都不算。",
    ),
    _of(
        "short_abandoned",
        _COUNTS,
        "outcome",
        "Legs given up within {short} s.",
        "{short} 秒内放弃的次数。",
        "{short} 秒內放棄的次數。",
        "waits",
    ),
    _of(
        "exits",
        _COUNTS,
        "outcome",
        "Legs that left the queue neither answered nor given up, for any reason.",
        "既未接通也未放弃而离开队列的次数，不论原因。",
        "既未接通也未放棄而離開佇列的次數，不論原因。",
    ),
    _of(
        "exits.*",
        "exits",
        "outcome",
        "Legs that left the queue for this reason: {name}.",
        "因“{name}”离开队列的次数。",
        "因「{name}」離開佇列的次數。",
    ),
    _of(
        "open",
        _COUNTS,
        "outcome",
        "Legs that wait at the end of the window; where that is now: who waits now.",
        "时段结束时仍在排队的人数；时段到现在为止的，即当前排队人数。",
        "時段結束時仍在排隊的人數；時段到現在為止者，即目前排隊人數。",
    ),
    _of(
        "waits_unknown",
        _COUNTS,
        "outcome",
        "Legs that left the queue and of which nobody told when they joined or how long they waited.",
        "已离开队列、但加入时间和等待时长均不明的次数。",
        "已離開佇列、但加入時間與等待時間皆不明的次數。",
    ),
    _of(
        "answered_within.*",
        _COUNTS,
        "outcome",
        "Legs answered within {name} s, rounded up to whole seconds.",
        "{name} 秒内接通的次数（秒数向上取整）。",
        "{name} 秒內接通的次數（秒數無條件進位）。",
        "waits",
    ),
    _of(
        "abandoned_within.*",
        _COUNTS,
        "outcome",
        "Legs given up within {name} s, rounded up to whole seconds.",
        "{name} 秒内放弃的次数（秒数向上取整）。",
        "{name} 秒內放棄的次數（秒數無條件進位）。",
        "waits",
    ),
    _of(
        "max_waiting",
        _COUNTS,
        "outcome",
        "The most who waited at once, after any whole second of the window. The list shows who they were.",
        "时段内任一整秒之后同时排队的最多人数；名单列出当时的人。",
        "時段內任一整秒之後同時排隊的最多人數；名單列出當時的人。",
    ),
    _of(
        "transfers",
        _COUNTS,
        "outcome",
        "Legs that their agent handed on, each once.",
        "由坐席转出的次数，每次排队只计一次。",
        "由專員轉出的次數，每次排隊只計一次。",
    ),
    _of(
        "offers_unanswered",
        _COUNTS,
        "other",
        "Offers to an agent that ended as no answer, rejected, busy or agent unavailable; one leg may have several.",
        "振铃后坐席未接的次数：无应答、拒接、忙或不可用；一次排队可有多次。",
        "響鈴後專員未接的次數：無應答、拒接、忙線或無法接聽；一次排隊可有多次。",
    ),
)
