"""What the relay itself says, in the three languages of the product; the rest are the alerts' own annotations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language. `suffix`: what its annotations end with; texts with {} take numbers.

    Words that the templates and the page have, too, are theirs (alerts/text/template_words.py). `back`: what an
    alert's own texts say of a value that is good again for less than its keep (alerts/prometheus/words.py).
    """

    suffix: str
    says: str
    severities: Mapping[str, str]
    alert: str
    new: str
    over: str
    still: str
    partly: str
    eased: str
    back: str
    came_and_went: str
    lasted: str
    minutes: str
    hours: str
    digest: str
    counts: str
    more: str
    total: str
    more_of: str
    unnamed: str
    waited: str
    cut_text: str
    board: str
    runbook: str
    acknowledge: str
    refused: str

    def cut(self, signs: int) -> str:
        """What stands at the end of a text that was cut; `signs`: how many are missing."""
        return self.cut_text.format(f"{signs:,}")

    def severity(self, name: str) -> str:
        """The word for a severity; its own name when it has none."""
        return self.severities.get(name, name or self.alert)

    def span(self, ms: int) -> str:
        """A length of time in whole minutes, at least one, or hours and minutes."""
        minutes = max(round(ms / MINUTE_MS), 1)
        if minutes < 60:
            return self.minutes.format(minutes)
        return self.hours.format(minutes // 60, minutes % 60)


EN = Words(
    suffix="en",
    says="{}: {}",
    severities={"critical": "CRITICAL", "warning": "WARNING", "info": "INFO"},
    alert="ALERT",
    new="New",
    over="Over",
    still="Still",
    partly="Partly over",
    eased="WARNING, critical is over",
    back="back within the limit, watched a little longer",
    came_and_went="came and went",
    lasted="lasted {}",
    minutes="{} min",
    hours="{} h {} min",
    digest="{} alerts of {} incidents",
    counts="{} new, {} over, {} still on",
    more="... and {} more",
    total="{} alerts",
    more_of="{} {}",
    unnamed="... and {} that Alertmanager did not list",
    waited="Waited {} for the robot.",
    cut_text="... ({} more characters)",
    board="Board",
    runbook="Runbook",
    acknowledge="Acknowledge",
    refused="the chat refused the full text; see the board",
)
ZH_CN = Words(
    suffix="zh_cn",
    says="{}：{}",
    severities={"critical": "严重", "warning": "预警", "info": "提示"},
    alert="告警",
    new="新增",
    over="已恢复",
    still="仍在持续",
    partly="部分已恢复",
    eased="严重已解除，预警持续",
    back="已回到限值内，继续观察片刻",
    came_and_went="出现后已恢复",
    lasted="持续 {}",
    minutes="{} 分钟",
    hours="{} 小时 {} 分钟",
    digest="{} 条告警，{} 个事件",
    counts="新增 {}，已恢复 {}，仍在持续 {}",
    more="……还有 {} 条",
    total="{} 条告警",
    more_of="{1} {0}",
    unnamed="……另有 {} 条 Alertmanager 未列出",
    waited="因机器人限流等待了 {}。",
    cut_text="……（还有 {} 个字）",
    board="看板",
    runbook="处理手册",
    acknowledge="认领",
    refused="群聊拒收全文，请看看板",
)
ZH_TW = Words(
    suffix="zh_tw",
    says="{}：{}",
    severities={"critical": "嚴重", "warning": "預警", "info": "提示"},
    alert="告警",
    new="新增",
    over="已恢復",
    still="仍在持續",
    partly="部分已恢復",
    eased="嚴重已解除，預警持續",
    back="已回到限值內，繼續觀察片刻",
    came_and_went="出現後已恢復",
    lasted="持續 {}",
    minutes="{} 分鐘",
    hours="{} 小時 {} 分鐘",
    digest="{} 則告警，{} 個事件",
    counts="新增 {}，已恢復 {}，仍在持續 {}",
    more="……還有 {} 則",
    total="{} 則告警",
    more_of="{1} {0}",
    unnamed="……另有 {} 則 Alertmanager 未列出",
    waited="因機器人限流等待了 {}。",
    cut_text="……（還有 {} 個字）",
    board="看板",
    runbook="處理手冊",
    acknowledge="認領",
    refused="群聊拒收全文，請看看板",
)

WORDS: Mapping[str, Words] = {"en": EN, "zh-CN": ZH_CN, "zh-TW": ZH_TW}
