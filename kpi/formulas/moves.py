"""How contacts come, move on and end, and what stands apart of the rest, in words."""

from kpi.formulas.shape import Formula, Said

_FLOW = "coming-moving-on-ending"


def _of(key: str, anchor: str, about: str, en: str, cn: str, tw: str, left_out: str = "outbound") -> Formula:
    return Formula(key, "contacts", anchor, (en, cn, tw), left_out=left_out, about=about)


def _apart(key: str, en: str, cn: str, tw: str, unit: str = "contacts") -> Formula:
    text: Said = (en, cn, tw)
    return Formula(key, unit, _FLOW, text, left_out="", about="other")


MOVES: tuple[Formula, ...] = (
    _of(
        "contacts",
        _FLOW,
        "outcome",
        "Contacts by their first leg: a transfer opens a leg, but no contact.",
        "按首次进入队列计的联络数；转接不另计。",
        "依首次進入佇列計的聯絡數；轉接不另計。",
    ),
    _of(
        "joined",
        _FLOW,
        "outcome",
        "Legs that joined for another reason than being the first.",
        "非首次、因其他原因进入队列的次数。",
        "非首次、因其他原因進入佇列的次數。",
    ),
    _of(
        "joined.*",
        _FLOW,
        "outcome",
        "Legs that joined for this reason: {name}.",
        "因“{name}”进入队列的次数。",
        "因「{name}」進入佇列的次數。",
    ),
    _of(
        "orphans",
        _FLOW,
        "outcome",
        "Legs that were known before anybody told that they joined: a reason to doubt the source.",
        "在加入消息之前就已出现的次数：说明来源可能有缺漏。",
        "在加入訊息之前就已出現的次數：表示來源可能有缺漏。",
    ),
    _of(
        "transfers_in",
        _FLOW,
        "outcome",
        "Legs that joined by a transfer.",
        "经转接进入队列的次数。",
        "經轉接進入佇列的次數。",
    ),
    _of(
        "transfers_in.*",
        _FLOW,
        "outcome",
        "Legs that joined by a transfer of this kind: {name}.",
        "经转接进入队列的次数，转接方式：{name}。",
        "經轉接進入佇列的次數，轉接方式：{name}。",
    ),
    _of(
        "transfers_out",
        _FLOW,
        "outcome",
        "Legs that their agent handed on, by any kind of transfer.",
        "由坐席转出的次数，不论转接方式。",
        "由專員轉出的次數，不論轉接方式。",
    ),
    _of(
        "transfers_out.*",
        _FLOW,
        "outcome",
        "Legs that their agent handed on by a transfer of this kind: {name}.",
        "由坐席转出的次数，转接方式：{name}。",
        "由專員轉出的次數，轉接方式：{name}。",
    ),
    Formula(
        "transfer_rate",
        "ratio",
        _FLOW,
        (
            "Handed on for each one that was answered.",
            "转接率：转出数与接通数之比。",
            "轉接率：轉出數與接通數之比。",
        ),
        ("transfers",),
        ("answered",),
        "outbound",
        "outcome",
    ),
    _of(
        "ended_by",
        _FLOW,
        "talk",
        "Conversations that ended, whoever ended them.",
        "已结束的会话，不论由谁结束。",
        "已結束的對話，不論由誰結束。",
    ),
    _of(
        "ended_by.*",
        _FLOW,
        "talk",
        "Conversations that were ended by: {name}.",
        "已结束的会话，结束方：{name}。",
        "已結束的對話，結束方：{name}。",
    ),
    _of(
        "hold_abandoned",
        _FLOW,
        "talk",
        "Conversations that ended on hold, by the customer or by nobody told.",
        "在保持期间由客户（或不明一方）挂断的会话。",
        "在保留期間由客戶（或不明一方）掛斷的對話。",
    ),
    _of(
        "short_calls",
        _FLOW,
        "talk",
        "Conversations of at most {short_call} s.",
        "时长不超过 {short_call} 秒的会话。",
        "時間不超過 {short_call} 秒的對話。",
        "talks",
    ),
    _of(
        "long_contacts",
        _FLOW,
        "talk",
        "Conversations longer than {long} s.",
        "时长超过 {long} 秒的会话。",
        "時間超過 {long} 秒的對話。",
        "talks",
    ),
    _apart(
        "blocked",
        "Contacts refused at the entry of the queue, each once a queue.",
        "在队列入口被拒绝的联络，每个队列只计一次。",
        "在佇列入口被拒絕的聯絡，每個佇列只計一次。",
    ),
    _apart(
        "blocked.*",
        "Contacts refused at the entry of the queue for this reason: {name}.",
        "因“{name}”在队列入口被拒绝的联络。",
        "因「{name}」在佇列入口被拒絕的聯絡。",
    ),
    _of(
        "entry_points",
        _FLOW,
        "outcome",
        "Contacts whose source tells where they came in.",
        "来源说明了入口的联络。",
        "來源說明了入口的聯絡。",
    ),
    _of(
        "entry_points.*",
        _FLOW,
        "outcome",
        "Contacts that came in by {name}.",
        "从 {name} 进入的联络。",
        "從 {name} 進入的聯絡。",
    ),
    _apart(
        "reasons",
        "Reasons for coming that were told; one contact may have several.",
        "来源说明的来访原因；一次联络可有多个。",
        "來源說明的聯絡原因；一次聯絡可有多個。",
    ),
    _apart("reasons.*", "Contacts that came for: {name}.", "因“{name}”而来的联络。", "因「{name}」而來的聯絡。"),
    _apart(
        "outbound.attempted",
        "Calls that the centre made. They stand in no other figure.",
        "本中心呼出的次数；不计入其他任何数字。",
        "本中心外撥的次數；不計入其他任何數字。",
    ),
    _apart(
        "outbound.answered",
        "Calls that the centre made and that were answered.",
        "呼出且已接通的次数。",
        "外撥且已接通的次數。",
    ),
    _apart("outbound.ended", "Calls that the centre made and that ended.", "已结束的呼出次数。", "已結束的外撥次數。"),
    _apart(
        "outbound.talk_seconds",
        "Talk of all calls that the centre made and that ended, together.",
        "已结束的呼出的通话时长之和。",
        "已結束的外撥的通話時間總和。",
        "seconds",
    ),
    _apart(
        "callbacks.requested",
        "Contacts that asked to be called back, each once.",
        "要求回呼的联络，每个只计一次。",
        "要求回撥的聯絡，每個只計一次。",
    ),
    _apart("callbacks.attempted", "Attempts to call back.", "回呼的尝试次数。", "回撥的嘗試次數。"),
    _apart("callbacks.reached", "Callbacks that reached the customer.", "回呼成功的次数。", "回撥成功的次數。"),
    _apart(
        "callbacks.failed",
        "Callbacks that were given up without reaching the customer.",
        "未联系上客户而放弃的回呼。",
        "未聯繫上客戶而放棄的回撥。",
    ),
)
