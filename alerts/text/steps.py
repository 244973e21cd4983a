"""What to do first, in three languages: said to a floor lead, who can do it within a minute. Pure.

`first_step` picks by rule, likely cause and the people at hand; the texts hold counts, never names of agents.
"""

from __future__ import annotations

from collections.abc import Mapping

from kpi.cause import Driver
from kpi.snapshot import QueueSnapshot

# Rules about a line that is too long or too slow: people are what helps.
_LINES = frozenset({
    "QueueLongestWaitHigh", "QueueLengthHigh", "QueueGrowing", "AgentsReadyLow", "ServiceLevelLow", "AbandonmentHigh",
    "AverageSpeedOfAnswerHigh", "ChatFirstResponseSlow",
})  # fmt: skip

STEPS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "routing": "{free} free while {n} wait: check routing, devices and pauses",
        "break": "{n} on a break", "acw": "{n} in wrap-up", "and": " and ",
        "back": "bring back {people}; then move people from quieter queues",
        "move": "move people from quieter queues",
        "volume": "announce the wait and offer callbacks",
        "volume_chat": "say how long it takes and offer an answer later",
        "staff": "ask why {now} serve instead of {before} (meeting, break, logged off)",
        "handle_time": "ask what takes longer (slow system, new problem) and give everybody the answer",
        "nobody": "nobody is logged in: log people in, or send the contacts to another queue",
        "lost": "call back the {n} who gave up",
        "then": "{first}; {second}",
        "QueueUnattended": "find out where everybody is",
        "ContactsWaitingWhileClosed": "answer or call back those who wait; then check hours and closing announcement",
        "HandleTimeShift": "ask what takes longer (slow system, new problem) and give everybody the answer",
        "WrapUpLong": "ask why wrap-up takes so long (form, system); help whoever is in it longest",
        "PausedShareHigh": "bring people back from breaks; move later breaks apart",
        "OccupancyHigh": "give people a breather: move help in, delay what can wait",
        "RingNoAnswerBurst": "look whose device rings without an answer; pause them or check headset and network",
        "VolumeHigh": "find out what customers call about; put the answer into the announcement",
        "VolumeLow": "make a test call: trunk, entry point or source may be down",
        "BacklogOverdue": "assign the overdue cases now, the oldest first",
        "CallbackOverdue": "call back now, the oldest promise first",
        "other": "open the queue's view and the runbook",
    },
    "zh-CN": {
        "routing": "{free} 人空闲却有 {n} 人排队：检查路由、话机和示忙状态",
        "break": "小休 {n} 人", "acw": "话后处理 {n} 人", "and": "、",
        "back": "请{people}尽快就绪，再从较闲队列调人支援",
        "move": "从较闲队列调人支援",
        "volume": "播报等待时长并提供回呼", "volume_chat": "提示等待时长并引导留言",
        "staff": "查明人手为何由 {before} 人减至 {now} 人（会议、小休、签出）",
        "handle_time": "问清处理变慢的原因（系统慢、新问题），统一答复口径",
        "nobody": "无人签入：安排坐席签入，或将排队转到其他队列",
        "lost": "回拨 {n} 位已放弃的客户",
        "then": "{first}；{second}",
        "QueueUnattended": "立即确认坐席去向",
        "ContactsWaitingWhileClosed": "接听或回拨仍在排队的客户，再检查话务系统的营业时间与下班播报",
        "HandleTimeShift": "问清处理变慢的原因（系统慢、新问题），统一答复口径",
        "WrapUpLong": "查明话后处理为何变长（表单、系统），先帮最久的坐席",
        "PausedShareHigh": "请小休坐席回岗，后续小休错开安排",
        "OccupancyHigh": "让坐席缓一缓：调人支援，推迟可缓的工作",
        "RingNoAnswerBurst": "查看谁振铃不接：先示忙，再检查耳麦与网络",
        "VolumeHigh": "弄清客户为何来电，把答复放进播报",
        "VolumeLow": "拨测一通：中继、入口或数据来源可能中断",
        "BacklogOverdue": "立即分派超期工单，最久的优先",
        "CallbackOverdue": "立即回呼，约定最早的优先",
        "other": "打开队列视图，按运维手册处理",
    },
    "zh-TW": {
        "routing": "{free} 人空閒卻有 {n} 人排隊：檢查路由、話機與暫停狀態",
        "break": "小休 {n} 人", "acw": "話後處理 {n} 人", "and": "、",
        "back": "請{people}儘快上線，再從較閒佇列調人支援",
        "move": "從較閒佇列調人支援",
        "volume": "播報等待時間並提供回撥", "volume_chat": "提示等待時間並引導留言",
        "staff": "查明人手為何由 {before} 人減至 {now} 人（會議、小休、登出）",
        "handle_time": "問清處理變慢的原因（系統慢、新問題），統一回覆說法",
        "nobody": "無人登入：安排專員登入，或將排隊轉到其他佇列",
        "lost": "回撥 {n} 位已放棄的客戶",
        "then": "{first}；{second}",
        "QueueUnattended": "立即確認專員去向",
        "ContactsWaitingWhileClosed": "接聽或回撥仍在排隊的客戶，再檢查話務系統的營業時間與下班語音",
        "HandleTimeShift": "問清處理變慢的原因（系統慢、新問題），統一回覆說法",
        "WrapUpLong": "查明話後處理為何變長（表單、系統），先協助最久的專員",
        "PausedShareHigh": "請小休專員上線，後續小休錯開安排",
        "OccupancyHigh": "讓專員緩一緩：調人支援，延後可緩的工作",
        "RingNoAnswerBurst": "查看誰響鈴未接：先設暫停，再檢查耳麥與網路",
        "VolumeHigh": "弄清客戶為何來電，把答覆放進語音播報",
        "VolumeLow": "撥測一通：中繼線、入口或資料來源可能中斷",
        "BacklogOverdue": "立即指派逾期案件，最久的優先",
        "CallbackOverdue": "立即回撥，約定最早的優先",
        "other": "開啟佇列檢視，依維運手冊處理",
    },
}  # fmt: skip


def first_step(rule: str, snapshot: QueueSnapshot, kind: Driver | None, language: str) -> str:
    """One or two steps; `kind`: the likely cause."""
    texts = STEPS.get(language, STEPS["en"])
    if rule == "QueueUnattended":
        return _unattended(snapshot, texts)
    if rule not in _LINES:
        return texts.get(rule, texts["other"])
    now = snapshot.now
    if snapshot.agents_known and now.available > now.ringing and now.waiting > now.ringing:
        return texts["routing"].format(free=now.available, n=now.waiting)
    people, second = _people(snapshot, texts), _second(rule, snapshot, kind, texts)
    # Why people are missing, or what takes longer, is asked first: it may be over in a minute.
    first, then = (second, people) if kind in ("staff", "handle_time") else (people, second)
    return texts["then"].format(first=first, second=then) if first and then else first or then


def _people(snapshot: QueueSnapshot, texts: Mapping[str, str]) -> str:
    """Own people first, then others'."""
    found = [
        texts[state].format(n=n)
        for state in ("break", "acw")
        if snapshot.agents_known and (n := snapshot.now.agents.get(state, 0)) > 0
    ]
    return texts["back"].format(people=texts["and"].join(found)) if found else texts["move"]


def _second(rule: str, snapshot: QueueSnapshot, kind: Driver | None, texts: Mapping[str, str]) -> str:
    cause = snapshot.cause
    if kind == "staff" and cause is not None and cause.staff.before is not None:
        return texts["staff"].format(now=cause.staff.now, before=round(cause.staff.before))
    if kind == "handle_time":
        return texts["handle_time"]
    if rule == "AbandonmentHigh" and snapshot.now.lost > 0:
        return texts["lost"].format(n=snapshot.now.lost)
    return texts["volume_chat" if snapshot.channel in ("chat", "message", "social") else "volume"]


def _unattended(snapshot: QueueSnapshot, texts: Mapping[str, str]) -> str:
    if not snapshot.agents_known:
        return texts["QueueUnattended"]
    if not any(snapshot.now.agents.values()):
        return texts["nobody"]
    return texts["then"].format(first=texts["QueueUnattended"], second=_people(snapshot, texts))
