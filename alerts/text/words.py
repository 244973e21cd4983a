"""The words of an alert in three languages, as they are said on a floor; each language has every key, a test checks.

{names} are filled in by the modules beside this one. What stands here is shared with the page (board/page/words_*.js):
the same thing has the same word everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping

from kpi.alerting import LANGUAGES

__all__ = ["LANGUAGES", "WORDS", "Words", "key_of", "words_of"]

Words = Mapping[str, str]

WORDS: Mapping[str, Words] = {
    "en": {
        "s": "{n} s", "min": "{n} min", "h": "{n} h", "d": "{n} d",
        "warning": "warning", "critical": "critical",
        "name": "{name} ({channel})", "summary": "{name}: {size}", "because": "; {cause}", "comma": ", ", "dot": "; ",
        "line": "{label}: {text}",
        "do": "Do first", "cause": "Likely cause", "now": "Now", "since": "Since", "affected": "Affected",
        "target": "Target", "trend": "Trend", "over": "Over", "why": "Why",
        "waiting": "{n} waiting", "free": "{free} of {n} agents free", "staff_unknown": "agents unknown",
        "longest": "longest wait {time}", "closed": "closed",
        "goal": "{percent} within {seconds}; last 30 min {level}, last 5 min {lately}", "nothing": "no value",
        "began": "{clock} ({zone}), for {time}",
        "growing": "growing by {n} a minute over 5 min ({joins} in, {leaves} out)",
        "shrinking": "shrinking by {n} a minute over 5 min ({joins} in, {leaves} out)",
        "draining": "empty in {time}", "steady": "steady over 5 min ({joins} in, {leaves} out a minute)",
        "worst": "worst so far {peak}", "at_worst": "at its worst",
        "late": "{late} of {n} waiting past the target", "gave_up": "{n} gave up in 30 min",
        "lost": "{n} of the last hour still lost",
        "cases": "{n} cases open, {overdue} overdue, {due} due within 1 h",
        "callbacks": "{n} callbacks due, {overdue} overdue",
        "volume": "volume{change} {before} → {now} a minute", "staff": "staff{change} {before} → {now}",
        "handle_time": "handling{change} {before} → {now}",
        "volume_only": "volume {now} a minute", "staff_only": "staff {now}", "handle_time_only": "handling {now}",
        "changed": " {change}:", "unchanged": "", "compared": "{text} (hour before → lately)",
        "no_cause": "nothing stands out: {rest}",
        "cause_unknown": "not known yet",
        "normal": "{noun} normal again after {time} (worst {peak})", "normal_plain": "{noun} normal again after {time}",
        "easing": "{noun} back within the limit, watched a little longer", "was": "worst {peak}",
        "eased": "{noun} no longer critical after {time}: now {now} (warning limit {limit})",
        "closing": "{noun}: over with closing time, after {time}", "quiet": "{noun}: planned quiet has begun",
        "stopped": "{noun}: this alert ended after {time}", "stopped_plain": "{noun}: this alert ended",
        "limit_gone": "no alert limit in floor.toml any more", "queue_gone": "this queue is no longer published",
        "ended": "{clock} ({zone}); began {began}, lasted {time}",
        "voice": "voice", "video": "video", "callback": "callback", "chat": "chat", "message": "message",
        "social": "social", "email": "e-mail", "ticket": "ticket",
    },
    "zh-CN": {
        "s": "{n} 秒", "min": "{n} 分", "h": "{n} 小时", "d": "{n} 天",
        "warning": "预警", "critical": "严重",
        "name": "{name}（{channel}）", "summary": "{name}：{size}", "because": "；{cause}", "comma": "，", "dot": "；",
        "line": "{label}：{text}",
        "do": "首要措施", "cause": "可能原因", "now": "现状", "since": "开始", "affected": "影响",
        "target": "目标", "trend": "趋势", "over": "结束", "why": "原因",
        "waiting": "排队 {n} 人", "free": "空闲坐席 {free}/{n} 人", "staff_unknown": "坐席状态未知",
        "longest": "最长等待 {time}", "closed": "非营业时间",
        "goal": "{seconds}内接通 {percent}；近 30 分钟 {level}，近 5 分钟 {lately}", "nothing": "无数据",
        "began": "{clock}（{zone}），已持续 {time}",
        "growing": "近 5 分钟每分钟净增 {n}（进 {joins}，出 {leaves}）",
        "shrinking": "近 5 分钟每分钟净减 {n}（进 {joins}，出 {leaves}）",
        "draining": "预计 {time}后清空", "steady": "近 5 分钟基本持平（每分钟进 {joins}，出 {leaves}）",
        "worst": "最差曾达 {peak}", "at_worst": "目前最差",
        "late": "排队 {n} 人中 {late} 人已超过目标", "gave_up": "30 分钟内 {n} 人放弃",
        "lost": "近一小时 {n} 位放弃后未接通",
        "cases": "未结工单 {n} 件，超期 {overdue} 件，1 小时内到期 {due} 件",
        "callbacks": "回呼到期 {n} 个，超期 {overdue} 个",
        "volume": "话务量{change}每分钟 {before} → {now}", "staff": "人手{change}{before} → {now} 人",
        "handle_time": "处理时长{change}{before} → {now}",
        "volume_only": "话务量每分钟 {now}", "staff_only": "人手 {now} 人", "handle_time_only": "处理时长 {now}",
        "changed": " {change}：", "unchanged": " ", "compared": "{text}（前一小时 → 近几分钟）",
        "no_cause": "无明显异常：{rest}",
        "cause_unknown": "尚无法判断",
        "normal": "{noun}已恢复正常，历时 {time}（最差 {peak}）", "normal_plain": "{noun}已恢复正常，历时 {time}",
        "easing": "{noun}已回到限值内，继续观察片刻", "was": "最差 {peak}",
        "eased": "{noun}已不再严重，历时 {time}：现为 {now}（预警值 {limit}）",
        "closing": "{noun}：已到下班时间，告警结束，历时 {time}", "quiet": "{noun}：进入计划静默，告警暂停",
        "stopped": "{noun}：此告警已结束，历时 {time}", "stopped_plain": "{noun}：此告警已结束",
        "limit_gone": "floor.toml 中已取消该告警限值", "queue_gone": "该队列已不再发布数据",
        "ended": "{clock}（{zone}）；{began} 开始，历时 {time}",
        "voice": "语音", "video": "视频", "callback": "回呼", "chat": "在线聊天", "message": "消息",
        "social": "社交媒体", "email": "电子邮件", "ticket": "工单",
    },
    "zh-TW": {
        "s": "{n} 秒", "min": "{n} 分", "h": "{n} 小時", "d": "{n} 天",
        "warning": "預警", "critical": "嚴重",
        "name": "{name}（{channel}）", "summary": "{name}：{size}", "because": "；{cause}", "comma": "，", "dot": "；",
        "line": "{label}：{text}",
        "do": "優先處理", "cause": "可能原因", "now": "現況", "since": "開始", "affected": "影響",
        "target": "目標", "trend": "趨勢", "over": "結束", "why": "原因",
        "waiting": "排隊 {n} 人", "free": "空閒專員 {free}/{n} 人", "staff_unknown": "專員狀態不明",
        "longest": "最長等待 {time}", "closed": "非營業時間",
        "goal": "{seconds}內接通 {percent}；近 30 分鐘 {level}，近 5 分鐘 {lately}", "nothing": "無資料",
        "began": "{clock}（{zone}），已持續 {time}",
        "growing": "近 5 分鐘每分鐘淨增 {n}（進 {joins}，出 {leaves}）",
        "shrinking": "近 5 分鐘每分鐘淨減 {n}（進 {joins}，出 {leaves}）",
        "draining": "預計 {time}後清空", "steady": "近 5 分鐘大致持平（每分鐘進 {joins}，出 {leaves}）",
        "worst": "最差曾達 {peak}", "at_worst": "目前最差",
        "late": "排隊 {n} 人中 {late} 人已超過目標", "gave_up": "30 分鐘內 {n} 人放棄",
        "lost": "近一小時 {n} 位放棄後未接通",
        "cases": "未結案件 {n} 件，逾期 {overdue} 件，1 小時內到期 {due} 件",
        "callbacks": "回撥到期 {n} 個，逾期 {overdue} 個",
        "volume": "話務量{change}每分鐘 {before} → {now}", "staff": "人手{change}{before} → {now} 人",
        "handle_time": "處理時間{change}{before} → {now}",
        "volume_only": "話務量每分鐘 {now}", "staff_only": "人手 {now} 人", "handle_time_only": "處理時間 {now}",
        "changed": " {change}：", "unchanged": " ", "compared": "{text}（前一小時 → 近幾分鐘）",
        "no_cause": "無明顯異常：{rest}",
        "cause_unknown": "尚無法判斷",
        "normal": "{noun}已恢復正常，歷時 {time}（最差 {peak}）", "normal_plain": "{noun}已恢復正常，歷時 {time}",
        "easing": "{noun}已回到限值內，繼續觀察片刻", "was": "最差 {peak}",
        "eased": "{noun}已不再嚴重，歷時 {time}：現為 {now}（預警值 {limit}）",
        "closing": "{noun}：已到下班時間，告警結束，歷時 {time}", "quiet": "{noun}：進入計畫靜默，告警暫停",
        "stopped": "{noun}：此告警已結束，歷時 {time}", "stopped_plain": "{noun}：此告警已結束",
        "limit_gone": "floor.toml 已取消此告警限值", "queue_gone": "此佇列已不再發布資料",
        "ended": "{clock}（{zone}）；{began} 開始，歷時 {time}",
        "voice": "語音", "video": "視訊", "callback": "回撥", "chat": "線上聊天", "message": "訊息",
        "social": "社群媒體", "email": "電子郵件", "ticket": "工單",
    },
}  # fmt: skip


def key_of(language: str) -> str:
    """How a language stands at the end of an annotation's name: "zh-CN" -> "zh_cn"."""
    return language.lower().replace("-", "_")


def words_of(language: str) -> Words:
    """The words of a language; English for one that is not spoken here."""
    return WORDS.get(language, WORDS["en"])
