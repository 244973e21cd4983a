"""What the alerts of Prometheus say of a queue, in three languages; labels and first steps are those of every alert.

`{v}` stands for the value and `{l}` for the limit. In the summary they follow the queue's name.
"""

from __future__ import annotations

from collections.abc import Mapping

from alerts.text.steps import STEPS

#: rule -> (how its values are written, {language: summary})
SAID: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "QueueLongestWaitHigh": (
        "seconds",
        {
            "en": "first in line waits {v} (limit {l})",
            "zh-CN": "最长等待 {v}（上限 {l}）",
            "zh-TW": "最長等待 {v}（上限 {l}）",
        },
    ),
    "QueueLengthHigh": (
        "contacts",
        {"en": "{v} waiting (limit {l})", "zh-CN": "排队 {v} 人（上限 {l}）", "zh-TW": "排隊 {v} 人（上限 {l}）"},
    ),
    "QueueUnattended": (
        "contacts",
        {
            "en": "{v} waiting and nobody serves the queue",
            "zh-CN": "排队 {v} 人，无人接听",
            "zh-TW": "排隊 {v} 人，無人接聽",
        },
    ),
    "ContactsWaitingWhileClosed": (
        "seconds",
        {
            "en": "closed, and somebody has waited {v}",
            "zh-CN": "非营业时间仍有人排队，已等 {v}",
            "zh-TW": "非營業時間仍有人排隊，已等 {v}",
        },
    ),
    "QueueGrowing": (
        "percent",
        {
            "en": "grows: {v} of who joins is left over (limit {l})",
            "zh-CN": "排队增长：进线的 {v} 未处理（上限 {l}）",
            "zh-TW": "排隊增長：進線的 {v} 未處理（上限 {l}）",
        },
    ),
    "AgentsReadyLow": (
        "contacts",
        {
            "en": "{v} agents ready while contacts wait (wanted {l})",
            "zh-CN": "有人排队，就绪坐席仅 {v} 人（应有 {l}）",
            "zh-TW": "有人排隊，就緒專員僅 {v} 人（應有 {l}）",
        },
    ),
    "ServiceLevelLow": (
        "percent",
        {
            "en": "service level {v} (limit {l})",
            "zh-CN": "服务水平 {v}（下限 {l}）",
            "zh-TW": "服務水準 {v}（下限 {l}）",
        },
    ),
    "AbandonmentHigh": (
        "percent",
        {
            "en": "{v} gave up in 30 min (limit {l})",
            "zh-CN": "30 分钟放弃率 {v}（上限 {l}）",
            "zh-TW": "30 分鐘放棄率 {v}（上限 {l}）",
        },
    ),
    "AverageSpeedOfAnswerHigh": (
        "seconds",
        {
            "en": "mean wait {v} in 15 min (limit {l})",
            "zh-CN": "15 分钟平均应答 {v}（上限 {l}）",
            "zh-TW": "15 分鐘平均應答 {v}（上限 {l}）",
        },
    ),
    "ChatFirstResponseSlow": (
        "seconds",
        {
            "en": "first reply takes {v}, 9 of 10 chats (limit {l})",
            "zh-CN": "首次响应九成在 {v} 内（上限 {l}）",
            "zh-TW": "首次回應九成在 {v} 內（上限 {l}）",
        },
    ),
    "HandleTimeShift": (
        "times",
        {
            "en": "handling takes ×{v} of the hour before (limit ×{l})",
            "zh-CN": "处理时长为前一小时的 {v} 倍（上限 {l} 倍）",
            "zh-TW": "處理時間為前一小時的 {v} 倍（上限 {l} 倍）",
        },
    ),
    "WrapUpLong": (
        "percent",
        {
            "en": "wrap-up is {v} of handling (limit {l})",
            "zh-CN": "话后处理占 {v}（上限 {l}）",
            "zh-TW": "話後處理占 {v}（上限 {l}）",
        },
    ),
    "PausedShareHigh": (
        "percent",
        {
            "en": "{v} of the agents on a break (limit {l})",
            "zh-CN": "小休坐席占 {v}（上限 {l}）",
            "zh-TW": "小休專員占 {v}（上限 {l}）",
        },
    ),
    "RingNoAnswerBurst": (
        "percent",
        {
            "en": "{v} of the offers not taken (limit {l})",
            "zh-CN": "振铃未接 {v}（上限 {l}）",
            "zh-TW": "響鈴未接 {v}（上限 {l}）",
        },
    ),
    "VolumeHigh": (
        "times",
        {
            "en": "×{v} of the contacts of a week ago (limit ×{l})",
            "zh-CN": "进线为上周同期的 {v} 倍（上限 {l} 倍）",
            "zh-TW": "進線為上週同期的 {v} 倍（上限 {l} 倍）",
        },
    ),
    "VolumeLow": (
        "times",
        {
            "en": "only ×{v} of the contacts of a week ago (limit ×{l})",
            "zh-CN": "进线仅为上周同期的 {v} 倍（下限 {l} 倍）",
            "zh-TW": "進線僅為上週同期的 {v} 倍（下限 {l} 倍）",
        },
    ),
    "BacklogOverdue": (
        "contacts",
        {
            "en": "{v} cases overdue (limit {l})",
            "zh-CN": "超期工单 {v} 件（上限 {l}）",
            "zh-TW": "逾期案件 {v} 件（上限 {l}）",
        },
    ),
    "CallbackOverdue": (
        "contacts",
        {
            "en": "{v} callbacks overdue (limit {l})",
            "zh-CN": "超期回呼 {v} 个（上限 {l}）",
            "zh-TW": "逾期回撥 {v} 個（上限 {l}）",
        },
    ),
}

#: The sentences around numbers. The labels before them are those of `alerts.text.words`.
LINES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "back": "back within the limit, watched a little longer",
        "compared": " (against the hour before)",
        "unknown": "not known",
        "none": "nothing stands out",
        "volume": "volume",
        "staff": "staff",
        "handle_time": "handling",
        "comma": ", ",
        "waiting": "{n} waiting, {late} of them past the target; {lost} gave up in 30 min",
        "backlog": "{n} cases open, {due} due within 1 h",
        "callbacks": "{n} callbacks due",
        "volume_now": "{n} contacts in 30 min, a week ago {before}",
        "limit": "{l} ({severity})",
        "trend": "{n} waiting, 5 min ago {before}",
        "move": "{move}; {volume}",
    },
    "zh-CN": {
        "back": "已回到限值内，继续观察片刻",
        "compared": "（对比前一小时）",
        "unknown": "尚无法判断",
        "none": "无明显异常",
        "volume": "话务量",
        "staff": "人手",
        "handle_time": "处理时长",
        "comma": "，",
        "waiting": "排队 {n} 人，其中 {late} 人已超过目标；30 分钟内 {lost} 人放弃",
        "backlog": "未结工单 {n} 件，1 小时内到期 {due} 件",
        "callbacks": "回呼到期 {n} 个",
        "volume_now": "30 分钟进线 {n}，上周同期 {before}",
        "limit": "{l}（{severity}）",
        "trend": "排队 {n} 人，5 分钟前 {before} 人",
        "move": "{move}；{volume}",
    },
    "zh-TW": {
        "back": "已回到限值內，繼續觀察片刻",
        "compared": "（與前一小時相比）",
        "unknown": "尚無法判斷",
        "none": "無明顯異常",
        "volume": "話務量",
        "staff": "人手",
        "handle_time": "處理時間",
        "comma": "，",
        "waiting": "排隊 {n} 人，其中 {late} 人已超過目標；30 分鐘內 {lost} 人放棄",
        "backlog": "未結案件 {n} 件，1 小時內到期 {due} 件",
        "callbacks": "回撥到期 {n} 個",
        "volume_now": "30 分鐘進線 {n}，上週同期 {before}",
        "limit": "{l}（{severity}）",
        "trend": "排隊 {n} 人，5 分鐘前 {before} 人",
        "move": "{move}；{volume}",
    },
}


def first_step(rule: str, language: str) -> str:
    """What to do first: the rule's own step, else the one that helps every line that is too long."""
    texts = STEPS[language]
    return texts.get(rule) or LINES[language]["move"].format(move=texts["move"], volume=texts["volume"])
