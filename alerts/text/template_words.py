"""The few words that Alertmanager's templates put around an alert's own, in three languages.

`wecom_*`: how many signs of a text, a line, a step fit into a message of 2,048 bytes; a Chinese sign has three of them.
"""

from __future__ import annotations

from collections.abc import Mapping

FRAME: Mapping[str, Mapping[str, str]] = {
    "en": {
        "critical": "CRITICAL", "warning": "WARNING", "alert": "ALERT", "over": "OVER",
        "eased": "WARNING, critical is over",
        "left": "", "right": ": ", "open": " (", "close": ")", "queues": " queues, ", "alerts": " alerts",
        "about_first": "About the queue in the title:", "more_before": "… and ", "more_after": " more", "colon": ": ",
        "wecom_text": "800", "wecom_line": "110", "wecom_step": "200",
        "began": "Began", "lasted": ", lasted ",
        "board": "Board", "acknowledge": "Acknowledge", "runbook": "Runbook",
    },
    "zh-CN": {
        "critical": "严重", "warning": "预警", "alert": "告警", "over": "已恢复", "eased": "严重已解除，预警持续",
        "left": "【", "right": "】", "open": " · ", "close": "", "queues": " 个队列 ", "alerts": " 条告警",
        "about_first": "标题所述队列：", "more_before": "…… 另有 ", "more_after": " 条", "colon": "：",
        "wecom_text": "330", "wecom_line": "70", "wecom_step": "100",
        "began": "开始", "lasted": "，历时 ",
        "board": "看板", "acknowledge": "认领", "runbook": "处理手册",
    },
    "zh-TW": {
        "critical": "嚴重", "warning": "預警", "alert": "告警", "over": "已恢復", "eased": "嚴重已解除，預警持續",
        "left": "【", "right": "】", "open": " · ", "close": "", "queues": " 個佇列 ", "alerts": " 則告警",
        "about_first": "標題所述佇列：", "more_before": "…… 另有 ", "more_after": " 則", "colon": "：",
        "wecom_text": "330", "wecom_line": "70", "wecom_step": "100",
        "began": "開始", "lasted": "，歷時 ",
        "board": "看板", "acknowledge": "認領", "runbook": "處理手冊",
    },
}  # fmt: skip
