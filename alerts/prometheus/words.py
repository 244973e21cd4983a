"""What the alerts of Prometheus say of a queue beyond the words that every alert has, in three languages."""

from __future__ import annotations

from collections.abc import Mapping

from alerts.text.sizes import size_of
from alerts.text.steps import STEPS

#: The sentences around numbers that our own engine has none of, or others. Labels, what is judged and how large it is
#: are those of `alerts.text.words` and `alerts.text.sizes`. `back` is a part of what the engine says as well.
LINES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "back": "back within the limit, watched a little longer",
        "last_known": "{size} when last known",
        "compared": " (against the hour before)",
        "volume": "volume",
        "staff": "staff",
        "handle_time": "handling",
        "volume_now": "{n} contacts in 30 min, a week ago {before}",
        "trend": "{n} waiting, 5 min ago {before}",
        "move": "{move}; {volume}",
    },
    "zh-CN": {
        "back": "已回到限值内，继续观察片刻",
        "last_known": "{size}，为最后已知数据",
        "compared": "（对比前一小时）",
        "volume": "话务量",
        "staff": "人手",
        "handle_time": "处理时长",
        "volume_now": "30 分钟进线 {n}，上周同期 {before}",
        "trend": "排队 {n} 人，5 分钟前 {before} 人",
        "move": "{move}；{volume}",
    },
    "zh-TW": {
        "back": "已回到限值內，繼續觀察片刻",
        "last_known": "{size}，為最後已知資料",
        "compared": "（與前一小時相比）",
        "volume": "話務量",
        "staff": "人手",
        "handle_time": "處理時間",
        "volume_now": "30 分鐘進線 {n}，上週同期 {before}",
        "trend": "排隊 {n} 人，5 分鐘前 {before} 人",
        "move": "{move}；{volume}",
    },
}

# What is compared has its noun inside a phrase there.
_COMPARED: Mapping[str, Mapping[str, str]] = {
    "HandleTimeShift": {"en": "handling time", "zh-CN": "处理时长", "zh-TW": "處理時間"},
    "VolumeHigh": {"en": "volume", "zh-CN": "话务量", "zh-TW": "話務量"},
    "VolumeLow": {"en": "volume", "zh-CN": "话务量", "zh-TW": "話務量"},
}


def noun_of(rule: str, language: str) -> str:
    """What a rule is about, for a sentence that tells no number of now."""
    return _COMPARED[rule][language] if rule in _COMPARED else size_of(rule).said[language].noun


def first_step(rule: str, language: str) -> str:
    """What to do first: the rule's own step, else the one that helps every line that is too long."""
    texts = STEPS[language]
    return texts.get(rule) or LINES[language]["move"].format(move=texts["move"], volume=texts["volume"])
