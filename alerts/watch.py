"""Is Prometheus alive? Half of the alerts come from it, and it cannot say of itself that it does not run.

People hear that it does not answer us. What it told before is held back only when it is gone, that is, when no
Alertmanager hears from it either: then its alerts end there by themselves, which nobody is to hear. While only the way
from us to it is broken, it goes on telling.

Pure but for `Watch.run`: `judge` says what an answer, or none, means.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import httpx

from alerts.alertmanager import ANSWER_SECONDS, Address, Alertmanager, client
from alerts.alive import MATCHERS, is_alive
from alerts.notices import SOURCE, Notice

ASK_SECONDS = 5.0
# One that hangs must not make us late; what it does not say in that time proves nothing.
PROOF_SECONDS = 2.0
SILENT_MS = 15_000
BACK_MS = 20_000

_EN = """\
What: the Prometheus that Floorpulse watches has not answered the alert engine for 15 s.
Affected: if it is down, every alert that is a ratio or a trend, and those about the platform. If only the way to it is\
 broken, it goes on telling. Queue length, longest wait and unattended queues are still watched.
Do first: look at its process, its disk and its memory, and start it again; if it runs, at the network, the address and\
 the login between the two."""
_ZH_CN = """\
情况：Floorpulse 所监控的 Prometheus 已超过 15 秒没有响应告警引擎。
影响：如果它已停止，则影响所有比率、趋势类告警以及平台告警；如果只是两者之间的连接中断，它会继续发送告警。排队长度、最长等待、无人值守的告警继续工作。
先做：检查其进程、磁盘和内存，然后重新启动；如果它在运行，检查两者之间的网络、地址和登录信息。"""
_ZH_TW = """\
情況：Floorpulse 所監控的 Prometheus 已超過 15 秒沒有回應警示引擎。
影響：如果它已停止，則影響所有比率、趨勢類警示以及平台警示；如果只是兩者之間的連線中斷，它會繼續傳送警示。排隊長度、最長等待、無人值守的警示繼續運作。
先做：檢查其程序、磁碟和記憶體，然後重新啟動；如果它在執行，檢查兩者之間的網路、位址和登入資訊。"""
_SUMMARY = "Prometheus does not answer the alert engine: service level, abandonment and ratios may be unwatched"
_TEXTS = {
    "": (_SUMMARY, _EN),
    "_en": (_SUMMARY, _EN),
    "_zh_cn": ("Prometheus 没有响应告警引擎：服务水平、放弃率和所有比率告警可能已停止监控", _ZH_CN),
    "_zh_tw": ("Prometheus 沒有回應警示引擎：服務水準、放棄率和所有比率警示可能已停止監控", _ZH_TW),
}


class Watch:
    """Asks one Prometheus until it is cancelled and gives every change to `tell`. Clock in ms, wall time.

    `alertmanagers` are asked whether they hear from it.
    """

    def __init__(
        self,
        address: Address,
        tell: Callable[[Notice], None],
        wall_ms: Callable[[], int],
        runbook: str = "",
        alertmanagers: Sequence[Alertmanager] = (),
    ) -> None:
        self._http = client(address)
        self._tell, self._wall_ms, self._alertmanagers = tell, wall_ms, alertmanagers
        self._annotations = _annotations(runbook)
        self._answered_ms = self._back_ms = self._proved_ms = 0
        # Unknown at the start: another engine may have said so.
        self.is_silent: bool | None = None
        self.is_gone: bool | None = None

    async def run(self) -> None:
        """Ask for ever."""
        self.begin(self._wall_ms())
        try:
            while True:
                answers = await self._asks()
                proves = not answers and await self._proves()
                self.judge(answers, self._wall_ms(), proves=proves)
                await asyncio.sleep(ASK_SECONDS)
        finally:
            await self._http.aclose()

    def begin(self, now_ms: int) -> None:
        """It is watched from now on: until then nobody missed an answer."""
        self._answered_ms = now_ms

    def judge(self, answers: bool, now_ms: int, *, proves: bool = False) -> None:
        """It answered, or did not, at `now_ms`: silent for so long it is an alert, back for so long it is none.

        `proves`: the Alertmanagers hear from it, so that it is not gone although it is silent.
        """
        if not answers:
            self._back_ms = 0
            if not self.is_silent and now_ms - self._answered_ms >= SILENT_MS:
                self.is_silent = True
                self._tell(self.notice(self._answered_ms, None))
        else:
            self._back_ms = self._back_ms or now_ms
            if self.is_silent is not False and now_ms - self._back_ms >= BACK_MS:
                since_ms = min(self._answered_ms, now_ms - 1) if self.is_silent else now_ms - 1
                self.is_silent = False
                self._tell(self.notice(since_ms, now_ms))
            if not self.is_silent:
                self._answered_ms = now_ms
        self._judge_gone(answers or proves, now_ms)

    def _judge_gone(self, proves: bool, now_ms: int) -> None:
        """Gone is who is silent and proves nothing; back with the silence, or after proofs for so long.

        A first proof is not enough: one that was started anew has to look at its rules and tell what still goes on.
        """
        self._proved_ms = (self._proved_ms or now_ms) if proves else 0
        if self.is_silent and not proves and not self.is_gone:
            self.is_gone = True
            self._tell(gone(self._answered_ms, None))
        is_back = self.is_silent is False or (proves and now_ms - self._proved_ms >= BACK_MS)
        if is_back and self.is_gone is not False:
            self.is_gone = False
            self._tell(gone(min(self._answered_ms, now_ms - 1), now_ms))

    def notice(self, since_ms: int, ended_ms: int | None) -> Notice:
        """The alert about it."""
        labels = {
            "alertname": "PrometheusSilent", "severity": "critical", "audience": "platform", "source": SOURCE,
        }  # fmt: skip
        return Notice(tuple(sorted(labels.items())), self._annotations, since_ms, ended_ms)

    async def _proves(self) -> bool:
        """Whether every Alertmanager that answers hears from it; one that does not can hold nothing back anyway."""
        found = [each for each in await asyncio.gather(*map(_hears, self._alertmanagers)) if each is not None]
        return bool(found) and all(found)

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


def gone(since_ms: int, ended_ms: int | None) -> Notice:
    """What holds back the alerts of a Prometheus that is gone. No person is told of it."""
    labels = {"alertname": "PrometheusGone", "severity": "none", "audience": "deadman", "source": SOURCE}
    texts = {
        "summary": "Prometheus tells Alertmanager nothing",
        "description": "Holds back what Prometheus told before, for it would seem to be over. See PrometheusSilent.",
    }
    return Notice(tuple(sorted(labels.items())), texts, since_ms, ended_ms)


async def _hears(alertmanager: Alertmanager) -> bool | None:
    """Whether an Alertmanager hears from Prometheus; None when it does not answer."""
    try:
        async with asyncio.timeout(PROOF_SECONDS):
            found = await alertmanager.held_at(MATCHERS)
    except TimeoutError:
        return None
    if found is None:
        return None
    alerts, now_ms = found
    # By its own clock: ours may be another one.
    return now_ms is not None and is_alive(alerts, now_ms)
