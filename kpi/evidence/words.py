"""Why a contact is in a list, in one sentence: what became of it, and how it counts.

Lengths are told as the product counts them, rounded up to whole seconds: then "after 21 s" and "past the target of
20 s" fit together. Below 3 s they have tenths, from a minute on they are told as 1:06 or 1:02:05.
"""

from kpi.evidence.lines import WAITING, ContactLine
from kpi.evidence.share import Shown
from kpi.formulas.names import EXITS, STATUSES, Names
from kpi.formulas.shape import Formula, Said, in_language
from kpi.groups import Targets

_SAID: dict[str, Said] = {
    "waiting": ("Has waited for {wait}", "已等待 {wait}", "已等待 {wait}"),
    "answered": ("Answered after {wait}", "等待 {wait}后接通", "等待 {wait}後接通"),
    "answered_unknown": ("Answered, nobody told after what wait", "已接通，等待时长不明", "已接通，等待時間不明"),
    "abandoned": ("Gave up after {wait}", "等待 {wait}后放弃", "等待 {wait}後放棄"),
    "abandoned_unknown": ("Gave up, nobody told after what wait", "已放弃，等待时长不明", "已放棄，等待時間不明"),
    "left": ("Left after {wait}: {why}", "等待 {wait}后离开：{why}", "等待 {wait}後離開：{why}"),
    "left_unknown": ("Left: {why}", "已离开：{why}", "已離開：{why}"),
    "within": ("within the target of {target} s", "在目标 {target} 秒之内", "在目標 {target} 秒之內"),
    "past": ("past the target of {target} s", "超过目标 {target} 秒", "超過目標 {target} 秒"),
    "talk": ("Talked for {talk}", "通话 {talk}", "通話 {talk}"),
    "talking": ("The conversation goes on", "会话进行中", "對話進行中"),
    "hold": ("Was on hold for {hold}", "保持 {hold}", "保留 {hold}"),
    "wrapup": ("Was worked up for {wrapup}", "话后处理 {wrapup}", "話後處理 {wrapup}"),
    "case": ("Case, status {why}", "工单，状态：{why}", "案件，狀態：{why}"),
    "contact": ("Said of the contact itself", "属于该联络本身", "屬於該聯絡本身"),
    "both": ("counts in numerator and denominator", "计入分子和分母", "計入分子與分母"),
    "below": ("counts in the denominator only", "只计入分母", "只計入分母"),
    "above": ("counts in the numerator only", "只计入分子", "只計入分子"),
    "taken": ("is taken out of the denominator", "从分母中扣除", "從分母中扣除"),
    "taken_above": ("is taken out of the numerator", "从分子中扣除", "從分子中扣除"),
    "length": ("counts as {n}", "按 {n}计入", "以 {n}計入"),
    "times": ("counts {n} times", "计 {n} 次", "計 {n} 次"),
    "counts": ("counts", "计入", "計入"),
    "rest": ("counts with {n}", "计 {n}", "計 {n}"),
}
TENTHS_BELOW_MS = 3_000
# Numbers in seconds that are not made of the lengths of single contacts.
_NO_LENGTHS = ("now.", "backlog.", "flow.")


def because(line: ContactLine, part: Shown, formula: Formula, config: Targets, language: str) -> str:
    """Why a line is in the list of a number."""
    found = [_what(line, formula, config, language)]
    counts = _counts(part, formula, language)
    separator = ": " if language == "en" else "："
    return separator.join((found[0], counts)) if counts else found[0]


def _what(line: ContactLine, formula: Formula, config: Targets, language: str) -> str:
    """What became of the contact, as far as the number is about it."""
    if line.kind == "case":
        return _say("case", language, why=_why(STATUSES, line.outcome, language))
    if line.leg is None:
        return _say("contact", language)
    lengths = {"talk": line.talk_seconds, "hold": line.hold_seconds, "wrapup": line.wrapup_seconds}
    if formula.about in lengths:
        length = lengths[formula.about]
        if length is not None:
            return _say(formula.about, language, **{formula.about: length_in_words(length, language)})
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
    wait = length_in_words(line.wait_seconds or 0, language)
    if line.outcome == WAITING:
        return _say("waiting", language, wait=wait)
    if line.outcome in ("answered", "abandoned"):
        return _say(line.outcome if known else f"{line.outcome}_unknown", language, wait=wait)
    return _say("left" if known else "left_unknown", language, wait=wait, why=_why(EXITS, line.outcome, language))


def _counts(part: Shown, formula: Formula, language: str) -> str:
    """How much it adds to the number."""
    above, below = part.numerator or 0, part.denominator
    if formula.unit == "seconds" and above >= 0 and not formula.key.startswith(_NO_LENGTHS):
        return _say("length", language, n=length_in_words(above, language)) if above else ""
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


def _why(names: Names, word: str | None, language: str) -> str:
    """A word of the contract in words; one of a source stays as it was told."""
    said = names.get(word or "unknown_exit")
    return str(word) if said is None else in_language(said, language)


def length_in_words(seconds: float, language: str) -> str:
    """A length: 2.4 s, 12 s, 1:06, 1:02:05; rounded up, by thousandths of a second first, for floats are not exact."""
    ms = max(round(seconds * 1000), 0)
    whole = -(-ms // 1000)
    if whole < 60:
        unit = "s" if language == "en" else "秒"
        return f"{-(-ms // 100) / 10:g} {unit}" if ms < TENTHS_BELOW_MS else f"{whole} {unit}"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _say(key: str, language: str, **values: object) -> str:
    return _filled(_SAID[key], language, **values)


def _filled(said: Said, language: str, **values: object) -> str:
    """The text with its values; a figure does not touch the Chinese sign after it."""
    text = in_language(said, language)
    for name, value in values.items():
        _, _, after = text.partition(f"{{{name}}}")
        if str(value)[-1:].isdecimal() and after[:1] >= "一" and after[:1] <= "鿿":
            values[name] = f"{value} "
    return text.format(**values)


_STATES: dict[str, Said] = {
    "error": ("In error for {n}", "异常 {n}", "異常 {n}"),
    "busy": ("Busy for {n}", "通话中 {n}", "通話中 {n}"),
    "acw": ("In wrap-up for {n}", "话后处理 {n}", "話後處理 {n}"),
    "ringing": ("Ringing for {n}", "振铃 {n}", "響鈴 {n}"),
    "break": ("On a break for {n}", "小休 {n}", "小休 {n}"),
    "has_capacity": ("With room for {n}", "可再接 {n}", "可再接 {n}"),
    "idle": ("Idle for {n}", "空闲 {n}", "空閒 {n}"),
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
    "unknown_customers": (
        "{n} more gave up whose customer the source does not name; nobody can say whether they were answered since.",
        "另有 {n} 个放弃的联络，来源未提供其客户，无法得知之后是否接通。",
        "另有 {n} 個放棄的聯絡，來源未提供其客戶，無法得知之後是否接通。",
    ),
}


def agent_because(state: str, seconds: float, language: str) -> str:
    """Since when an agent is in a state."""
    said = _STATES.get(state)
    return state if said is None else in_language(said, language).format(n=length_in_words(seconds, language))


def since_because(seconds: float, language: str) -> str:
    """For how long something has been so."""
    said = ("For {n}", "已持续 {n}", "已持續 {n}") if seconds >= 0 else ("In {n}", "{n}后", "{n}後")
    return _filled(said, language, n=length_in_words(abs(seconds), language))


def note(missing: int, language: str, *, folded: bool) -> str:
    """What is said of a list that does not hold all."""
    return in_language(_NOTES["folded" if folded else "missing"], language).format(n=missing)


def unknown_customers_note(count: int, language: str) -> str:
    """What is said beside the lost when others gave up, too, whose customers nobody knows."""
    return in_language(_NOTES["unknown_customers"], language).format(n=count)
