"""What an alert about Floorpulse itself was about, for when it is over, in three languages.

Its summary says what is so now; this is a noun, before "this alert ended after 5 min". What begins with a dollar sign
is a label. The keys are those of `alerts.prometheus.pipeline_words`.
"""

from __future__ import annotations

from collections.abc import Mapping

_ROWS: tuple[tuple[str, str, str, str], ...] = (
    ("Watchdog", "sign of life of Prometheus", "Prometheus 存活信号", "Prometheus 存活訊號"),
    ("BoardStale.old", "old numbers on the board", "看板数据陈旧", "看板資料過舊"),
    ("BoardStale.absent", "silent board", "看板无响应", "看板無回應"),
    ("StreamStalled", "no progress in the stream", "数据流停滞", "資料流停滯"),
    ("SourceSilent", "silent source $system", "来源 $system 没有数据", "來源 $system 沒有資料"),
    (
        "DeadLetters",
        "refused events of $topic ($reason)",
        "$topic 事件被拒收（$reason）",
        "$topic 事件被拒收（$reason）",
    ),
    ("DeadLetters.share", "large share of refused events", "大量事件被拒收", "大量事件被拒收"),
    (
        "AlertDeliveryFailing.receiver",
        "failed deliveries by Alertmanager ($integration)",
        "Alertmanager 发送失败（$integration）",
        "Alertmanager 傳送失敗（$integration）",
    ),
    (
        "AlertDeliveryFailing.robot",
        "messages refused by robot $robot",
        "机器人 $robot 拒收消息",
        "機器人 $robot 拒收訊息",
    ),
    (
        "AlertDeliveryFailing.pending",
        "messages waiting for robot $robot",
        "机器人 $robot 消息积压",
        "機器人 $robot 訊息積壓",
    ),
    (
        "AlertDeliveryFailing.post",
        "alerts refused by Alertmanager $alertmanager",
        "Alertmanager $alertmanager 不接收告警",
        "Alertmanager $alertmanager 不接收警示",
    ),
    ("StreamAlertEngineSilent.old", "silent alert engine", "告警引擎无动静", "警示引擎無動靜"),
    ("StreamAlertEngineSilent.absent", "missing alert engine", "告警引擎无应答", "警示引擎無回應"),
    ("RedisDown", "Redis out of reach", "看板连不上 Redis", "看板連不上 Redis"),
    ("WorkerDown.one", "silent worker $instance", "worker $instance 无应答", "worker $instance 無回應"),
    ("WorkerDown.all", "no worker at all", "没有 worker 应答", "沒有 worker 回應"),
    ("ExporterDown", "no answer on /metrics/live", "看板 /metrics/live 无应答", "看板 /metrics/live 無回應"),
    ("EventDelayHigh", "late events", "事件迟到", "事件遲到"),
    ("ConsumerLagGrowing", "growing lag of $topic", "$topic 积压增长", "$topic 積壓增長"),
    ("InvalidEvents", "events that are not valid", "事件不合规", "事件不合規"),
    ("LateEventsDropped", "events too late to count", "事件过迟而未计入", "事件過遲而未計入"),
    (
        "PartitionsUnassigned",
        "partitions of $topic without a worker",
        "$topic 有分区无 worker",
        "$topic 有分區無 worker",
    ),
    ("RebalanceStorm", "many rebalances", "频繁重新分配", "頻繁重新分配"),
    ("BoardFreshnessBurn", "events late on the board", "事件上看板过慢", "事件上看板過慢"),
    (
        "BacklogGrowing",
        "growing backlog of $queue ($channel)",
        "$queue（$channel）未结工单增长",
        "$queue（$channel）未結案件增長",
    ),
    ("OccupancyHigh", "occupancy of team $team", "班组 $team 利用率", "班組 $team 利用率"),
)
#: key of the words -> language -> noun
NOUNS: Mapping[str, Mapping[str, str]] = {
    key: {"en": english, "zh-CN": simplified, "zh-TW": traditional} for key, english, simplified, traditional in _ROWS
}
