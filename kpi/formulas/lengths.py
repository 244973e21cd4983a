"""Lengths, in words: waits, talk, hold, wrap-up, answers in chats; each as a sum, a mean, percentiles and a maximum."""

from collections.abc import Iterator

from kpi.formulas.shape import Formula, Said

_COUNTS, _FLOW = "counts-of-a-part-or-a-window", "coming-moving-on-ending"

# Key, heading, what is measured (as the end of a sentence), what is left out, what a line tells.
_OF: tuple[tuple[str, str, Said, str, str], ...] = (
    (
        "wait_seconds.answered",
        _COUNTS,
        ("the waits of those who were answered", "已接通者的等待时长", "已接通者的等待時間"),
        "waits",
        "outcome",
    ),
    (
        "wait_seconds.abandoned",
        _COUNTS,
        ("the waits of those who gave up", "放弃者的等待时长", "放棄者的等待時間"),
        "waits",
        "outcome",
    ),
    (
        "wait_seconds.all",
        _COUNTS,
        ("the waits of all who left the queue", "所有离开队列者的等待时长", "所有離開佇列者的等待時間"),
        "waits",
        "outcome",
    ),
    (
        "talk_seconds",
        _COUNTS,
        (
            "conversations, from answered to ended, holds included",
            "会话时长（接起至结束，含保持）",
            "對話時間（接起至結束，含保留）",
        ),
        "talks",
        "talk",
    ),
    (
        "hold_seconds",
        _COUNTS,
        ("the time on hold of conversations that had any", "有保持的会话的保持时长", "有保留的對話的保留時間"),
        "talks",
        "hold",
    ),
    (
        "wrapup_seconds",
        _FLOW,
        (
            "the work after conversations, where its end was told",
            "话后处理时长（已知结束时间的）",
            "話後處理時間（已知結束時間者）",
        ),
        "talks",
        "wrapup",
    ),
    (
        "first_response_seconds",
        "chats",
        (
            "the time until an agent first answers, from the customer's first message or the bot's hand-off",
            "首次回复时长（自客户首条消息或机器人转人工起）",
            "首次回覆時間（自客戶首則訊息或機器人轉人工起）",
        ),
        "chats",
        "chat",
    ),
    (
        "response_seconds",
        "chats",
        ("the time until an agent answers a turn of the customer", "每轮回复时长", "每輪回覆時間"),
        "turns",
        "chat",
    ),
    (
        "handoff_seconds",
        "chats",
        (
            "the time from the bot's hand-off to the first message of an agent",
            "转人工等待时长（机器人移交至坐席首条消息）",
            "轉人工等待時間（機器人移交至專員首則訊息）",
        ),
        "chats",
        "chat",
    ),
)


def _distributions() -> Iterator[Formula]:
    for key, anchor, (en, cn, tw), left_out, about in _OF:
        mean = (
            f"The mean of {en}: their sum divided by their number.",
            f"{cn}的平均值：总和除以个数。",
            f"{tw}的平均值：總和除以個數。",
        )
        whole = (f"{en[0].upper()}{en[1:]}: their mean.", f"{cn}：平均值。", f"{tw}：平均值。")
        yield Formula(key, "seconds", anchor, whole, ("sum",), ("count",), left_out, about)
        yield Formula(f"{key}.mean", "seconds", anchor, mean, ("sum",), ("count",), left_out, about)
        count = (f"How many are known of {en}.", f"已知的{cn}的个数。", f"已知的{tw}的個數。")
        yield Formula(f"{key}.count", "contacts", "distributions", count, (), (), left_out, about)
        total = (f"The sum of {en}.", f"{cn}之和。", f"{tw}總和。")
        yield Formula(f"{key}.sum", "seconds", "distributions", total, (), (), left_out, about)
        for percent in (50, 90, 95):
            rank = (
                (
                    f"Of {en}, rounded up to whole seconds and in order, the one at {percent} % (nearest rank): so "
                    "many percent are no longer."
                ),
                f"将{cn}（秒数向上取整）从小到大排列，位于 {percent}% 处的值（最近秩法）。",
                f"將{tw}（秒數無條件進位）由小到大排列，位於 {percent}% 處的值（最近秩法）。",
            )
            yield Formula(f"{key}.p{percent}", "seconds", "distributions", rank, (), ("count",), left_out, about)
        largest = (
            f"The longest of {en}, rounded up to whole seconds.",
            f"{cn}中最长的（秒数向上取整）。",
            f"{tw}中最長的（秒數無條件進位）。",
        )
        yield Formula(f"{key}.max", "seconds", "distributions", largest, (), ("count",), left_out, about)


_HANDLE: Said = (
    "Talk (hold is part of it) and wrap-up together, divided by the legs whose talk is known: the AHT.",
    "平均处理时长：通话（含保持）与话后处理之和，除以已知通话时长的次数。",
    "平均處理時間：通話（含保留）與話後處理的總和，除以已知通話時間的次數。",
)
LENGTHS: tuple[Formula, ...] = (
    *_distributions(),
    Formula("handle_seconds", "seconds", _FLOW, _HANDLE, ("handle_sum",), ("count",), "talks", "talk"),
    Formula("handle_seconds.mean", "seconds", _FLOW, _HANDLE, ("handle_sum",), ("count",), "talks", "talk"),
    Formula(
        "handle_seconds.sum",
        "seconds",
        _FLOW,
        (
            "Talk (hold is part of it) and wrap-up, all together.",
            "通话（含保持）与话后处理的总时长。",
            "通話（含保留）與話後處理的總時間。",
        ),
        left_out="talks",
        about="talk",
    ),
    Formula(
        "handle_seconds.count",
        "contacts",
        _FLOW,
        ("Legs whose talk is known.", "已知通话时长的次数。", "已知通話時間的次數。"),
        left_out="talks",
        about="talk",
    ),
)
