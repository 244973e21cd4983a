"""How large the trouble is, per rule and language: "longest wait 3 min 25 s (limit 3 min)". Pure.

A rule has a noun ("longest wait") and a size, made of {now}, {limit} and, of some, {n} waiting, {goal} or {short}, the
seconds within which whoever gives up is not counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from alerts.rulebook import BY_NAME
from kpi.alert_state import Held
from kpi.floor import QueueConfig

Unit = Literal["duration", "count", "percent"]


class Said(NamedTuple):
    """One rule in one language."""

    noun: str
    size: str


class Size(NamedTuple):
    """One rule: the unit of its value and limit, and what is said of it per language."""

    unit: Unit
    said: Mapping[str, Said]


def _size(unit: Unit, en: Said, zh_cn: Said, zh_tw: Said) -> Size:
    return Size(unit, {"en": en, "zh-CN": zh_cn, "zh-TW": zh_tw})


def _plain(
    unit: Unit, en: str, zh_cn: str, zh_tw: str, limit: tuple[str, str, str] = ("limit", "上限", "上限")
) -> Size:
    """A noun, its value, the limit in brackets."""
    return _size(
        unit,
        Said(en, f"{en} {{now}} ({limit[0]} {{limit}})"),
        Said(zh_cn, f"{zh_cn} {{now}}（{limit[1]} {{limit}}）"),
        Said(zh_tw, f"{zh_tw} {{now}}（{limit[2]} {{limit}}）"),
    )


_LEAST = ("least", "下限", "下限")

SIZES: Mapping[str, Size] = {
    "QueueLongestWaitHigh": _size(
        "duration",
        Said("longest wait", "longest wait {now} (limit {limit}), {n} waiting"),
        Said("最长等待", "最长等待 {now}（上限 {limit}），排队 {n} 人"),
        Said("最長等待", "最長等待 {now}（上限 {limit}），排隊 {n} 人"),
    ),
    "QueueLengthHigh": _size(
        "count",
        Said("queue length", "{now} waiting (limit {limit})"),
        Said("排队人数", "排队 {now} 人（上限 {limit}）"),
        Said("排隊人數", "排隊 {now} 人（上限 {limit}）"),
    ),
    "QueueUnattended": _size(
        "count",
        Said("staffing", "{now} waiting and nobody serves"),
        Said("坐席在岗", "{now} 人排队，无坐席在岗"),
        Said("專員值線", "{now} 人排隊，無專員值線"),
    ),
    "ContactsWaitingWhileClosed": _size(
        "duration",
        Said("waiting while closed", "closed, yet {n} waiting, the longest for {now}"),
        Said("非营业时间排队", "非营业时间仍有 {n} 人排队，最久 {now}"),
        Said("非營業時間排隊", "非營業時間仍有 {n} 人排隊，最久 {now}"),
    ),
    "QueueGrowing": _size(
        "percent",
        Said("growth", "growing: {now} of those who came in 5 min still wait (limit {limit}), {n} waiting"),
        Said("排队增长", "排队持续增长：5 分钟进线有 {now} 积压（上限 {limit}），排队 {n} 人"),
        Said("排隊成長", "排隊持續增加：5 分鐘進線有 {now} 積壓（上限 {limit}），排隊 {n} 人"),
    ),
    "AgentsReadyLow": _size(
        "count",
        Said("free agents", "{now} agents free (least {limit}), {n} waiting"),
        Said("空闲坐席", "空闲坐席 {now} 人（下限 {limit}），排队 {n} 人"),
        Said("空閒專員", "空閒專員 {now} 人（下限 {limit}），排隊 {n} 人"),
    ),
    "ServiceLevelLow": _size(
        "percent",
        Said("service level", "service level {now} in 30 min (goal {goal}, limit {limit})"),
        Said("服务水平", "30 分钟服务水平 {now}（目标 {goal}，下限 {limit}）"),
        Said("服務水準", "30 分鐘服務水準 {now}（目標 {goal}，下限 {limit}）"),
    ),
    "AbandonmentHigh": _size(
        "percent",
        Said("abandonment", "{now} gave up in 30 min (gone within {short} s not counted; limit {limit})"),
        Said("放弃率", "30 分钟放弃率 {now}（{short} 秒内放弃的不计，上限 {limit}）"),
        Said("放棄率", "30 分鐘放棄率 {now}（{short} 秒內放棄的不計，上限 {limit}）"),
    ),
    "AverageSpeedOfAnswerHigh": _plain("duration", "mean wait to answer", "平均应答时长", "平均應答時間"),
    "ChatFirstResponseSlow": _plain("duration", "first reply (slowest tenth)", "首次回复（P90）", "首次回覆（P90）"),
    "HandleTimeShift": _plain("percent", "handling against the hour", "处理时长为前一小时的", "處理時間為前一小時的"),
    "WrapUpLong": _plain("percent", "wrap-up in handling time", "话后处理占比", "話後處理占比"),
    "PausedShareHigh": _plain("percent", "agents paused", "小休坐席占比", "小休專員占比"),
    "OccupancyHigh": _plain("percent", "occupancy", "利用率", "利用率"),
    "RingNoAnswerBurst": _plain("percent", "offers not taken", "振铃未接率", "響鈴未接率"),
    "VolumeHigh": _plain("percent", "volume against last week", "话务量为上周同期的", "話務量為上週同期的"),
    "VolumeLow": _plain("percent", "volume against last week", "话务量为上周同期的", "話務量為上週同期的", _LEAST),
    "BacklogOverdue": _plain("count", "overdue cases", "超期工单", "逾期案件"),
    "CallbackOverdue": _plain("count", "overdue callbacks", "超期回呼", "逾期回撥"),
}  # fmt: skip


def size_of(rule: str) -> Size:
    """What is said of a rule; one that nobody knows here is said by its name."""
    return SIZES.get(rule) or _plain("count", rule, rule, rule)


def warning_passed(held: Held, config: QueueConfig) -> float | None:
    """The warning's limit, of a critical alert whose value is not better than where the warning ends; else None."""
    rule, value = BY_NAME.get(held.rule), held.value
    if rule is None or value is None or held.severity != "critical":
        return None
    key = rule.measure, "warning"
    enter = config.thresholds.get(key)
    leave = config.exits.get(key, enter)
    if leave is None:
        return None
    return enter if (value < leave if rule.low_is_bad else value >= leave) else None
