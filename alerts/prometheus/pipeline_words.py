"""What the alerts about Floorpulse itself say, in three languages: (summary, what to do first).

`{v}` stands for the value; what begins with a dollar sign is a label, put in by Prometheus.
"""

from __future__ import annotations

from collections.abc import Mapping

SAID: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "Watchdog": {
        "en": ("Prometheus is alive; this alert is always on", "nothing: somebody must act when it no longer comes"),
        "zh-CN": ("Prometheus 正常；此告警始终存在", "无需处理：收不到它时才须处理"),
        "zh-TW": ("Prometheus 正常；此警示始終存在", "無需處理：收不到它時才須處理"),
    },
    "BoardStale.old": {
        "en": (
            "The board shows old numbers: the oldest state is {v} old",
            "floor: use the telephone system's own display, not the wall; on call: workers, Kafka, Redis in turn",
        ),
        "zh-CN": (
            "看板数据陈旧：最旧的状态已有 {v}",
            "现场：不要依据大屏，改看话务系统；值班：依次检查 worker、Kafka、Redis",
        ),
        "zh-TW": (
            "看板資料過舊：最舊的狀態已有 {v}",
            "現場：不要依據大螢幕，改看話務系統；值班：依序檢查 worker、Kafka、Redis",
        ),
    },
    "BoardStale.absent": {
        "en": (
            "The board is silent: nobody serves the state of the queues",
            "floor: use the telephone system's own display, not the wall; on call: start the board, then look at Redis",
        ),
        "zh-CN": ("看板无响应：没有任何队列数据", "现场：不要依据大屏，改看话务系统；值班：重启看板，再检查 Redis"),
        "zh-TW": ("看板無回應：沒有任何佇列資料", "現場：不要依據大螢幕，改看話務系統；值班：重啟看板，再檢查 Redis"),
    },
    "StreamStalled": {
        "en": (
            "No progress in the stream: a partition has had no tick for {v}",
            "look at the log of the workers, then at Kafka",
        ),
        "zh-CN": ("数据流停滞：有分区已 {v} 没有心跳", "查看 worker 日志，再检查 Kafka"),
        "zh-TW": ("資料流停滯：有分區已 {v} 沒有心跳", "查看 worker 日誌，再檢查 Kafka"),
    },
    "SourceSilent": {
        "en": (
            "Source $system tells nothing in opening hours",
            "make a test call; then look at the adapter and the telephone system",
        ),
        "zh-CN": ("营业时间内来源 $system 没有数据", "拨测一通，再检查接入程序与话务系统"),
        "zh-TW": ("營業時間內來源 $system 沒有資料", "撥測一通，再檢查接入程式與話務系統"),
    },
    "DeadLetters": {
        "en": ("Events refused: {v} of $topic in 10 min ($reason)", "read the newest records of events.deadletter"),
        "zh-CN": ("10 分钟内拒收 $topic 事件 {v} 条（$reason）", "查看 events.deadletter 的最新记录"),
        "zh-TW": ("10 分鐘內拒收 $topic 事件 {v} 筆（$reason）", "查看 events.deadletter 的最新記錄"),
    },
    "DeadLetters.share": {
        "en": (
            "{v} of all events are refused: the numbers are too low",
            "read the newest records of events.deadletter; stop the source that sends them",
        ),
        "zh-CN": ("{v} 的事件被拒收：数字偏低", "查看 events.deadletter 的最新记录，停用出错的来源"),
        "zh-TW": ("{v} 的事件被拒收：數字偏低", "查看 events.deadletter 的最新記錄，停用出錯的來源"),
    },
    "AlertDeliveryFailing.receiver": {
        "en": (
            "Alertmanager could not deliver: $integration",
            "read Alertmanager's log; check address and secret of the receiver",
        ),
        "zh-CN": ("Alertmanager 发送失败：$integration", "查看 Alertmanager 日志，检查接收地址与密钥"),
        "zh-TW": ("Alertmanager 傳送失敗：$integration", "查看 Alertmanager 日誌，檢查接收位址與密鑰"),
    },
    "AlertDeliveryFailing.robot": {
        "en": (
            "Robot $robot does not take messages",
            "read the relay's log: address, signature, keyword or limit of the robot",
        ),
        "zh-CN": ("机器人 $robot 拒收消息", "查看 relay 日志：机器人地址、签名、关键词或频率限制"),
        "zh-TW": ("機器人 $robot 拒收訊息", "查看 relay 日誌：機器人位址、簽章、關鍵字或頻率限制"),
    },
    "AlertDeliveryFailing.pending": {
        "en": (
            "Robot $robot: the oldest message waits for {v}",
            "tell the floor by telephone; then read the relay's log",
        ),
        "zh-CN": ("机器人 $robot：最早的消息已等待 {v}", "先电话通知现场，再查看 relay 日志"),
        "zh-TW": ("機器人 $robot：最早的訊息已等待 {v}", "先電話通知現場，再查看 relay 日誌"),
    },
    "AlertDeliveryFailing.post": {
        "en": (
            "Alertmanager $alertmanager takes no alerts from the engine",
            "look whether it runs and answers on /-/ready",
        ),
        "zh-CN": ("Alertmanager $alertmanager 不接收告警", "检查其是否运行、/-/ready 是否应答"),
        "zh-TW": ("Alertmanager $alertmanager 不接收警示", "檢查其是否執行、/-/ready 是否回應"),
    },
    "StreamAlertEngineSilent.old": {
        "en": (
            "The alert engine has not been on guard for {v}; Prometheus speaks for it",
            "look in the log of `floorpulse alerts` whether it reaches Redis; if so, start it again",
        ),
        "zh-CN": (
            "告警引擎已 {v} 未值守，由 Prometheus 代替",
            "查看 `floorpulse alerts` 日志，确认其能连上 Redis，再重启",
        ),
        "zh-TW": (
            "警示引擎已 {v} 未值守，由 Prometheus 代替",
            "查看 `floorpulse alerts` 日誌，確認其能連上 Redis，再重啟",
        ),
    },
    "StreamAlertEngineSilent.absent": {
        "en": (
            "No alert engine answers; Prometheus speaks for it",
            "start `floorpulse alerts`; check its address in prometheus.yml",
        ),
        "zh-CN": ("告警引擎无应答，由 Prometheus 代替", "启动 `floorpulse alerts`，检查 prometheus.yml 中的地址"),
        "zh-TW": ("警示引擎無回應，由 Prometheus 代替", "啟動 `floorpulse alerts`，檢查 prometheus.yml 中的位址"),
    },
    "RedisDown": {
        "en": (
            "No board reaches Redis",
            "look whether Redis runs and has memory; nothing is lost, workers go on by themselves",
        ),
        "zh-CN": ("看板连不上 Redis", "检查 Redis 是否运行、内存是否充足；数据不会丢失，恢复后自动继续"),
        "zh-TW": ("看板連不上 Redis", "檢查 Redis 是否執行、記憶體是否足夠；資料不會遺失，恢復後自動繼續"),
    },
    "WorkerDown.one": {
        "en": ("Worker $instance does not answer", "read its log and start it again; the others take its partitions"),
        "zh-CN": ("worker $instance 无应答", "查看其日志并重启；其他 worker 会接管分区"),
        "zh-TW": ("worker $instance 無回應", "查看其日誌並重啟；其他 worker 會接管分區"),
    },
    "WorkerDown.all": {
        "en": ("No worker answers: no event is counted", "start the workers; nothing is lost, they catch up"),
        "zh-CN": ("没有 worker 应答：事件未计数", "启动 worker；数据不会丢失，会自动追上"),
        "zh-TW": ("沒有 worker 回應：事件未計數", "啟動 worker；資料不會遺失，會自動追上"),
    },
    "ExporterDown": {
        "en": (
            "No board answers on /metrics/live: no floor rule can be judged",
            "start the board; check its address and token in prometheus.yml",
        ),
        "zh-CN": ("看板 /metrics/live 无应答：现场规则无法判断", "启动看板，检查 prometheus.yml 中的地址与令牌"),
        "zh-TW": ("看板 /metrics/live 無回應：現場規則無法判斷", "啟動看板，檢查 prometheus.yml 中的位址與權杖"),
    },
    "EventDelayHigh": {
        "en": (
            "Events arrive {v} late (1 of 100 later still)",
            "compare the sources' clocks; look at the adapters and Kafka",
        ),
        "zh-CN": ("事件迟到 {v}（百分之一更晚）", "核对来源时钟，检查接入程序与 Kafka"),
        "zh-TW": ("事件遲到 {v}（百分之一更晚）", "核對來源時鐘，檢查接入程式與 Kafka"),
    },
    "ConsumerLagGrowing": {
        "en": ("$topic: {v} records behind and growing", "add a worker, or look why one is slow: Redis, CPU"),
        "zh-CN": ("$topic 积压 {v} 条并在增长", "增加 worker，或查明变慢原因：Redis、CPU"),
        "zh-TW": ("$topic 積壓 {v} 筆並在增長", "增加 worker，或查明變慢原因：Redis、CPU"),
    },
    "InvalidEvents": {
        "en": (
            "{v} of the events are not valid",
            "read the newest records of events.deadletter for the field at fault",
        ),
        "zh-CN": ("{v} 的事件不合规", "查看 events.deadletter 最新记录中的出错字段"),
        "zh-TW": ("{v} 的事件不合規", "查看 events.deadletter 最新記錄中的出錯欄位"),
    },
    "LateEventsDropped": {
        "en": ("{v} of the events come too late to count", "look which source is behind, and its clock"),
        "zh-CN": ("{v} 的事件过迟而未计入", "查明哪个来源落后并核对时钟"),
        "zh-TW": ("{v} 的事件過遲而未計入", "查明哪個來源落後並核對時鐘"),
    },
    "PartitionsUnassigned": {
        "en": ("$topic: only {v} partitions have a worker", "look at the workers' logs for an assignment that fails"),
        "zh-CN": ("$topic 只有 {v} 个分区有 worker", "查看 worker 日志中的分区分配错误"),
        "zh-TW": ("$topic 只有 {v} 個分區有 worker", "查看 worker 日誌中的分區分配錯誤"),
    },
    "RebalanceStorm": {
        "en": ("{v} rebalances in 10 min", "look for a worker that dies and comes back: memory, watchdog, network"),
        "zh-CN": ("10 分钟内重新分配 {v} 次", "查找反复退出的 worker：内存、看门狗、网络"),
        "zh-TW": ("10 分鐘內重新分配 {v} 次", "查找反覆退出的 worker：記憶體、看門狗、網路"),
    },
    "BoardFreshnessBurn": {
        "en": (
            "{v} of the events reach the board after more than 5 s",
            "look at event delay, lag and Redis on the pipeline dashboard",
        ),
        "zh-CN": ("{v} 的事件超过 5 秒才上看板", "在流水线仪表板查看事件延迟、积压与 Redis"),
        "zh-TW": ("{v} 的事件超過 5 秒才上看板", "在流程儀表板查看事件延遲、積壓與 Redis"),
    },
    "BacklogGrowing": {
        "en": (
            "$queue ($channel): {v} open cases foretold in 4 h, twice of now",
            "plan more people for cases, or take work out",
        ),
        "zh-CN": ("$queue（$channel）：预计 4 小时后未结 {v} 件，为现在两倍", "为工单增派人手，或分流"),
        "zh-TW": ("$queue（$channel）：預計 4 小時後未結 {v} 件，為現在兩倍", "為案件增派人手，或分流"),
    },
    "OccupancyHigh": {
        "en": ("Team $team: busy {v} of the last 30 min", "give people a breather: move help in, delay what can wait"),
        "zh-CN": ("班组 $team：近 30 分钟忙碌 {v}", "让坐席缓一缓：调人支援，推迟可缓的工作"),
        "zh-TW": ("班組 $team：近 30 分鐘忙碌 {v}", "讓專員緩一緩：調人支援，延後可緩的工作"),
    },
}
