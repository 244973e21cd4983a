"""Is Prometheus alive? Half of the alerts come from it, and it cannot say of itself that it does not run.

Pure but for `Watch.run`: `judge` says what an answer, or none, means.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx

from alerts.alertmanager import ANSWER_SECONDS, Address, client
from alerts.notices import SOURCE, Notice

ASK_SECONDS = 5.0
SILENT_MS = 15_000
BACK_MS = 20_000

_EN = """\
What: the Prometheus that Floorpulse watches has not answered for 15 s.
Affected: every alert that is a ratio or a trend, and those about the platform. Queue length, longest wait and\
 unattended queues are still watched.
Do first: look at its process, its disk and its memory, and start it again."""
_ZH_CN = """\
情况：Floorpulse 所监控的 Prometheus 已超过 15 秒没有响应。
影响：所有比率、趋势类告警以及平台告警。排队长度、最长等待、无人值守的告警继续工作。
先做：检查其进程、磁盘和内存，然后重新启动。"""
_ZH_TW = """\
情況：Floorpulse 所監控的 Prometheus 已超過 15 秒沒有回應。
影響：所有比率、趨勢類警示以及平台警示。排隊長度、最長等待、無人值守的警示繼續運作。
先做：檢查其程序、磁碟和記憶體，然後重新啟動。"""
_TEXTS = {
    "": ("Prometheus does not answer: service level, abandonment and all ratios are not watched", _EN),
    "_en": ("Prometheus does not answer: service level, abandonment and all ratios are not watched", _EN),
    "_zh_cn": ("Prometheus 没有响应：服务水平、放弃率和所有比率告警已停止监控", _ZH_CN),
    "_zh_tw": ("Prometheus 沒有回應：服務水準、放棄率和所有比率警示已停止監控", _ZH_TW),
}


class Watch:
    """Asks one Prometheus until it is cancelled and gives every change to `tell`. Clock in ms, wall time."""

    def __init__(
        self, address: Address, tell: Callable[[Notice], None], wall_ms: Callable[[], int], runbook: str = ""
    ) -> None:
        self._http = client(address)
        self._tell, self._wall_ms = tell, wall_ms
        self._annotations = _annotations(runbook)
        self._answered_ms = self._back_ms = 0
        # Unknown at the start: another engine may have said that it is silent.
        self.is_silent: bool | None = None

    async def run(self) -> None:
        """Ask for ever."""
        self.begin(self._wall_ms())
        try:
            while True:
                self.judge(await self._asks(), self._wall_ms())
                await asyncio.sleep(ASK_SECONDS)
        finally:
            await self._http.aclose()

    def begin(self, now_ms: int) -> None:
        """It is watched from now on: until then nobody missed an answer."""
        self._answered_ms = now_ms

    def judge(self, answers: bool, now_ms: int) -> None:
        """It answered, or did not, at `now_ms`: silent for so long it is an alert, back for so long it is none."""
        if not answers:
            self._back_ms = 0
            if not self.is_silent and now_ms - self._answered_ms >= SILENT_MS:
                self.is_silent = True
                self._tell(self.notice(self._answered_ms, None))
            return
        self._back_ms = self._back_ms or now_ms
        if self.is_silent is not False and now_ms - self._back_ms >= BACK_MS:
            since_ms = min(self._answered_ms, now_ms - 1) if self.is_silent else now_ms - 1
            self.is_silent = False
            self._tell(self.notice(since_ms, now_ms))
        if not self.is_silent:
            self._answered_ms = now_ms

    def notice(self, since_ms: int, ended_ms: int | None) -> Notice:
        """The alert about it."""
        labels = {
            "alertname": "PrometheusSilent", "severity": "critical", "audience": "platform", "source": SOURCE,
        }  # fmt: skip
        return Notice(tuple(sorted(labels.items())), self._annotations, since_ms, ended_ms)

    async def _asks(self) -> bool:
        try:
            # As a whole: a server that says a byte now and then is none that answers.
            async with asyncio.timeout(ANSWER_SECONDS):
                return (await self._http.get("/-/ready")).is_success
        except (httpx.HTTPError, OSError):
            return False


def _annotations(runbook: str) -> dict[str, str]:
    found = {"runbook_url": f"{runbook}#prometheussilent"} if runbook else {}
    for language, (summary, description) in _TEXTS.items():
        found |= {f"summary{language}": summary, f"description{language}": description}
    return found
