"""Why a contact is in a list, in one sentence: what became of it, and how it counts."""

from kpi.evidence.lines import WAITING, ContactLine
from kpi.evidence.share import Shown
from kpi.formulas.shape import Formula, Said, in_language
from kpi.groups import Targets

_SAID: dict[str, Said] = {
    "waiting": ("Has waited for {wait} s", "已等待 {wait} 秒", "已等待 {wait} 秒"),
    "answered": ("Answered after {wait} s", "等待 {wait} 秒后接通", "等待 {wait} 秒後接通"),
    "answered_unknown": ("Answered, nobody told after what wait", "已接通，等待时长不明", "已接通，等待時間不明"),
    "abandoned": ("Gave up after {wait} s", "等待 {wait} 秒后放弃", "等待 {wait} 秒後放棄"),
    "abandoned_unknown": ("Gave up, nobody told after what wait", "已放弃，等待时长不明", "已放棄，等待時間不明"),
    "left": ("Left after {wait} s: {why}", "等待 {wait} 秒后离开：{why}", "等待 {wait} 秒後離開：{why}"),
    "left_unknown": ("Left: {why}", "已离开：{why}", "已離開：{why}"),
    "within": ("within the target of {target} s", "在目标 {target} 秒之内", "在目標 {target} 秒之內"),
    "past": ("past the target of {target} s", "超过目标 {target} 秒", "超過目標 {target} 秒"),
    "talk": ("Talked for {talk} s", "通话 {talk} 秒", "通話 {talk} 秒"),
    "talking": ("The conversation goes on", "会话进行中", "對話進行中"),
    "hold": ("Was on hold for {hold} s", "保持 {hold} 秒", "保留 {hold} 秒"),
    "wrapup": ("Was worked up for {wrapup} s", "话后处理 {wrapup} 秒", "話後處理 {wrapup} 秒"),
    "case": ("Case, status {why}", "工单，状态：{why}", "案件，狀態：{why}"),
    "contact": ("Said of the contact itself", "属于该联络本身", "屬於該聯絡本身"),
    "both": ("counts in numerator and denominator", "计入分子和分母", "計入分子與分母"),
    "below": ("counts in the denominator only", "只计入分母", "只計入分母"),
    "above": ("counts in the numerator only", "只计入分子", "只計入分子"),
    "taken": ("is taken out of the denominator", "从分母中扣除", "從分母中扣除"),
    "taken_above": ("is taken out of the numerator", "从分子中扣除", "從分子中扣除"),
    "length": ("its part is {n} s", "其部分为 {n} 秒", "其部分為 {n} 秒"),
    "times": ("counts {n} times", "计 {n} 次", "計 {n} 次"),
    "counts": ("counts", "计入", "計入"),
    "rest": ("counts with {n}", "计 {n}", "計 {n}"),
}
# Why somebody left the queue, or what state a case is in; other words stand as the source told them.
_WHY: dict[str, Said] = {
    "timeout": ("the queue's time limit passed", "超出队列时限", "超出佇列時限"),
    "key_exit": ("pressed a key to leave", "按键退出", "按鍵離開"),
    "overflow": ("moved on by a rule", "按规则溢出", "依規則溢出"),
    "callback_requested": ("asked to be called back", "要求回呼", "要求回撥"),
    "empty": ("nobody was there to serve", "队列无人服务", "佇列無人服務"),
    "withdrawn": ("taken out by the system or a supervisor", "被系统或主管移出", "被系統或主管移出"),
    "system_error": ("a failure", "系统故障", "系統故障"),
    "transferred": ("moved on while waiting", "等待中被转走", "等待中被轉走"),
    "lost_unknown": ("its end never came", "结束消息始终未到", "結束訊息始終未到"),
    "unknown_exit": ("nobody told how", "方式不明", "方式不明"),
    "new": ("new", "新建", "新建"),
    "open": ("open", "处理中", "處理中"),
    "pending": ("waits for the customer", "待客户", "待客戶"),
    "on_hold": ("on hold", "挂起", "暫停"),
    "resolved": ("resolved", "已解决", "已解決"),
}


def because(line: ContactLine, part: Shown, formula: Formula, config: Targets, language: str) -> str:
    """Why a line is in the list of a number."""
    found = [_what(line, formula, config, language)]
    counts = _counts(part, formula, language)
    separator = ": " if language == "en" else "："
    return separator.join((found[0], counts)) if counts else found[0]


def _what(line: ContactLine, formula: Formula, config: Targets, language: str) -> str:
    """What became of the contact, as far as the number is about it."""
    if line.kind == "case":
        return _say("case", language, why=_why(line.outcome, language))
    if line.leg is None:
        return _say("contact", language)
    lengths = {"talk": line.talk_seconds, "hold": line.hold_seconds, "wrapup": line.wrapup_seconds}
    if formula.about in lengths:
        length = lengths[formula.about]
        if length is not None:
            return _say(formula.about, language, **{formula.about: _seconds(length)})
        if formula.about == "talk" and line.outcome == "answered" and line.ended_ms is None:
            return _say("talking", language)
    said = outcome_in_words(line, language)
    if formula.about == "level" and line.wait_seconds is not None:
        # As it is counted: rounded up to whole seconds.
        late = "past" if -(-line.wait_seconds // 1) > config.target_seconds else "within"
        said += ("," if language == "en" else "，") + (" " if language == "en" else "")
        said += _say(late, language, target=config.target_seconds)
    return said


def outcome_in_words(line: ContactLine, language: str) -> str:
    """What became of a leg, or that it waits."""
    known = line.wait_seconds is not None
    # Upwards, or a wait of 20.001 s would read like one that met a target of 20.
    wait = _seconds(-(-round((line.wait_seconds or 0) * 1000) // 100) / 10)
    if line.outcome == WAITING:
        return _say("waiting", language, wait=wait)
    if line.outcome in ("answered", "abandoned"):
        return _say(line.outcome if known else f"{line.outcome}_unknown", language, wait=wait)
    return _say("left" if known else "left_unknown", language, wait=wait, why=_why(line.outcome, language))


def _counts(part: Shown, formula: Formula, language: str) -> str:
    """How much it adds to the number."""
    above, below = part.numerator or 0, part.denominator
    if formula.unit == "seconds" and formula.about not in ("cases", "live"):
        return _say("length", language, n=_seconds(above)) if above else ""
    if below is None:
        return _of_count(above, language)
    if below < 0:
        return _say("taken", language)
    if above < 0:
        return _say("taken_above", language)
    if above and below:
        return _say("both", language)
    return _say("above" if above else "below", language)


def _of_count(count: int | float, language: str) -> str:
    if count == 1:
        return _say("counts", language)
    return _say("times" if isinstance(count, int) and count > 1 else "rest", language, n=count)


def _why(word: str | None, language: str) -> str:
    said = _WHY.get(word or "unknown_exit")
    return str(word) if said is None else in_language(said, language)


def _seconds(seconds: float) -> str:
    """Seconds with at most one decimal."""
    return f"{round(seconds, 1):g}" if seconds < 1e5 else f"{seconds:.0f}"


def _say(key: str, language: str, **values: object) -> str:
    return in_language(_SAID[key], language).format(**values)


_STATES: dict[str, Said] = {
    "error": ("In error for {n} s", "异常 {n} 秒", "異常 {n} 秒"),
    "busy": ("Busy for {n} s", "通话中 {n} 秒", "通話中 {n} 秒"),
    "acw": ("In wrap-up for {n} s", "话后处理 {n} 秒", "話後處理 {n} 秒"),
    "ringing": ("Ringing for {n} s", "振铃 {n} 秒", "響鈴 {n} 秒"),
    "break": ("On a break for {n} s", "小休 {n} 秒", "小休 {n} 秒"),
    "has_capacity": ("With room for {n} s", "可再接 {n} 秒", "可再接 {n} 秒"),
    "idle": ("Idle for {n} s", "空闲 {n} 秒", "空閒 {n} 秒"),
}
_NOTES: dict[str, Said] = {
    "missing": (
        "{n} of them are not in the list: their records are gone, or changed while this was read. The number holds.",
        "其中 {n} 个不在名单中：记录已删除，或在读取时有变化。数字本身仍然正确。",
        "其中 {n} 個不在名單中：紀錄已刪除，或在讀取時有變化。數字本身仍然正確。",
    ),
    "folded": (
        "{n} of them are not in the list: of long records the older part is kept as a sum only. The number holds.",
        "其中 {n} 个不在名单中：较长记录的较早部分只保留合计。数字本身仍然正确。",
        "其中 {n} 個不在名單中：較長紀錄的較早部分只保留合計。數字本身仍然正確。",
    ),
}


def agent_because(state: str, seconds: float, language: str) -> str:
    """Since when an agent is in a state."""
    said = _STATES.get(state)
    return state if said is None else in_language(said, language).format(n=f"{seconds:.0f}")


def since_because(seconds: float, language: str) -> str:
    """For how long something has been so."""
    said = ("For {n} s", "已持续 {n} 秒", "已持續 {n} 秒") if seconds >= 0 else ("In {n} s", "{n} 秒后", "{n} 秒後")
    return in_language(said, language).format(n=f"{abs(seconds):.0f}")


def note(missing: int, language: str, *, folded: bool) -> str:
    """What is said of a list that does not hold all."""
    return in_language(_NOTES["folded" if folded else "missing"], language).format(n=missing)
