"""The service level, in words: every variant."""

from kpi.formulas.shape import Formula, Said

_IN, _B_IN = "answered_in_target", "abandoned_in_target"
_D = ("answered", "abandoned", "other_exits_late", "waiting_over_target")
EVERYBODY = ("answered", "abandoned", "other_exits", "open")

_VARIANTS: dict[str, tuple[Said, tuple[str, ...], tuple[str, ...], str]] = {
    "answered_only": (
        (
            "Of those answered, the share answered within {target} s. Who gives up does not count (Asterisk's SL).",
            "已接通者中，{target} 秒内接通的比例；放弃的不计（Asterisk 的 SL，公式 2）。",
            "已接通者中，{target} 秒內接通的比例；放棄者不計（Asterisk 的 SL）。",
        ),
        (_IN,),
        ("answered",),
        "level",
    ),
    "abandon_positive": (
        (
            "Who gives up within {target} s counts as served in time, later as missed (Asterisk's SL2, Talkdesk).",
            "{target} 秒内放弃的视为达标，之后放弃的视为未达标（Asterisk 的 SL2，公式 1）。",
            "{target} 秒內放棄者視為達標，之後放棄者視為未達標（Asterisk 的 SL2）。",
        ),
        (_IN, _B_IN),
        ("answered", "abandoned"),
        "level",
    ),
    "abandon_negative": (
        (
            "Everybody who gives up counts as missed, however soon (Genesys with all abandons).",
            "所有放弃都视为未达标，不论早晚（公式 3，Genesys 计入全部放弃）。",
            "所有放棄都視為未達標，不論早晚（Genesys 計入全部放棄）。",
        ),
        (_IN,),
        ("answered", "abandoned"),
        "level",
    ),
    "abandon_ignored_within_T": (
        (
            "Who gives up within {target} s is left out, later counts as missed (Serenova).",
            "{target} 秒内放弃的不计入，之后放弃的视为未达标（公式 4，Serenova）。",
            "{target} 秒內放棄者不計入，之後放棄者視為未達標（Serenova）。",
        ),
        (_IN,),
        ("answered", "abandoned", f"-{_B_IN}"),
        "level",
    ),
    "short_excluded": (
        (
            "Who gives up within {short} s is left out as a short call (Twilio Flex, RingCentral).",
            "{short} 秒内放弃的视为短呼叫，不计入（Twilio Flex、RingCentral）。",
            "{short} 秒內放棄者視為短通話，不計入（Twilio Flex、RingCentral）。",
        ),
        (_IN,),
        ("answered", "abandoned", "-short_abandoned"),
        "level",
    ),
    "with_flowouts": (
        (
            "Who left some other way counts as missed, too (Genesys with flow-outs).",
            "以其他方式离开的也视为未达标（Genesys 计入流出）。",
            "以其他方式離開者也視為未達標（Genesys 計入流出）。",
        ),
        (_IN,),
        ("answered", "abandoned", "other_exits"),
        "level",
    ),
    "removed_within": (
        (
            (
                "Of everybody who was there, the share that left the queue within {target} s by an answer, by giving "
                "up or for a callback (Amazon Connect's SL X)."
            ),
            "全部来者中，{target} 秒内因接通、放弃或预约回呼而离开队列的比例（Amazon Connect 的 SL X）。",
            "全部來者中，{target} 秒內因接通、放棄或預約回撥而離開佇列的比例（Amazon Connect 的 SL X）。",
        ),
        (_IN, _B_IN, "callbacks_in_target"),
        EVERYBODY,
        "level",
    ),
    "offered_minus_failures": (
        (
            "Everybody but those answered late, lost or put back (Firstline).",
            "除接通过晚、放弃、被退回重排以外的都算达标（Firstline）。",
            "除接通過晚、放棄、被退回重排以外者都算達標（Firstline）。",
        ),
        (_IN, "other_exits", "open", "-requeues"),
        EVERYBODY,
        "level",
    ),
    "sl_event": (
        (
            (
                "Of everybody whose case is decided, the share answered within {target} s. Who gives up, and who still "
                "waits past {target} s, counts as missed; so it falls while people wait (Cisco)."
            ),
            (
                "在结果已定的联络中，{target} 秒内接通的比例。放弃的和等待已超过 {target} 秒的都视为未达标，"
                "因此排队时数值就会下降（Cisco）。"
            ),
            (
                "在結果已定的聯絡中，{target} 秒內接通的比例。放棄者與等待已超過 {target} 秒者都視為未達標，"
                "因此排隊當下數值就會下降（Cisco）。"
            ),
        ),
        (_IN,),
        _D,
        "events",
    ),
    "sl_event_ignored": (
        (
            (
                "Of everybody whose case is decided, the share answered within {target} s. Who gives up within that "
                "time is left out; who gives up later, or still waits past it, counts as missed (Cisco, abandons "
                "ignored)."
            ),
            (
                "在结果已定的联络中，{target} 秒内接通的比例。{target} 秒内放弃的不计入；"
                "之后放弃的和等待已超时的都视为未达标（Cisco，忽略放弃）。"
            ),
            (
                "在結果已定的聯絡中，{target} 秒內接通的比例。{target} 秒內放棄者不計入；"
                "之後放棄者與等待已逾時者都視為未達標（Cisco，忽略放棄）。"
            ),
        ),
        (_IN,),
        (*_D, f"-{_B_IN}"),
        "events",
    ),
    "sl_event_positive": (
        (
            (
                "Of everybody whose case is decided, the share answered within {target} s. Who gives up within that "
                "time counts as served in time; who gives up later, or still waits past it, counts as missed (Cisco, "
                "abandons positive)."
            ),
            (
                "在结果已定的联络中，{target} 秒内接通的比例。{target} 秒内放弃的视为达标；"
                "之后放弃的和等待已超时的都视为未达标（Cisco，放弃计为达标）。"
            ),
            (
                "在結果已定的聯絡中，{target} 秒內接通的比例。{target} 秒內放棄者視為達標；"
                "之後放棄者與等待已逾時者都視為未達標（Cisco，放棄計為達標）。"
            ),
        ),
        (_IN, _B_IN),
        _D,
        "events",
    ),
}


LEVELS: tuple[Formula, ...] = (
    *(
        Formula(f"service_level.{name}", "ratio", "service-level", text, numerator, denominator, left_out, "level")
        for name, (text, numerator, denominator, left_out) in _VARIANTS.items()
    ),
    Formula(
        "sl_needed",
        "contacts",
        "service-level",
        (
            (
                "The fewest answers within {target} s, one after another, after which the service level is at its "
                "target again."
            ),
            "还需连续多少次在 {target} 秒内接通，服务水平才能回到目标。",
            "還需連續多少次在 {target} 秒內接通，服務水準才能回到目標。",
        ),
        (_IN,),
        _D,
        "events",
        "level",
    ),
    Formula(
        "target_percent",
        "percent",
        "service-level",
        (
            "The target of this queue as floor.toml sets it: so many percent answered within {target} s.",
            "本队列在 floor.toml 中的目标：{target} 秒内接通的百分比。",
            "本佇列在 floor.toml 中的目標：{target} 秒內接通的百分比。",
        ),
        left_out="",
        about="setting",
    ),
)
