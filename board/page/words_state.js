// Texts of the banner: why the data is old.

export const STATE = {
  "en": {
    whyRedis: "Redis has not answered since {time}",
    whyNoWorker: "no worker has written here yet",
    whyNoTick: "nothing from the worker since {time} ({name})",
    whyFirstTick: "nothing from the worker yet ({name})",
    whyBehind: "the worker is catching up, {seconds} s behind ({name})",
    whyReplay: "the replay stands still since {time} ({name})",
    whyLoading: "being read anew since {time} ({name})",
  },
  "zh-CN": {
    whyRedis: "Redis 自 {time} 起没有应答",
    whyNoWorker: "还没有工作进程写入数据",
    whyNoTick: "自 {time} 起没有收到工作进程的消息（{name}）",
    whyFirstTick: "尚未收到工作进程的消息（{name}）",
    whyBehind: "工作进程正在追赶，落后 {seconds} 秒（{name}）",
    whyReplay: "回放自 {time} 起停止（{name}）",
    whyLoading: "自 {time} 起正在重新读取（{name}）",
  },
  "zh-TW": {
    whyRedis: "Redis 自 {time} 起沒有回應",
    whyNoWorker: "還沒有工作程序寫入資料",
    whyNoTick: "自 {time} 起沒有收到工作程序的訊息（{name}）",
    whyFirstTick: "尚未收到工作程序的訊息（{name}）",
    whyBehind: "工作程序正在追趕，落後 {seconds} 秒（{name}）",
    whyReplay: "重播自 {time} 起停止（{name}）",
    whyLoading: "自 {time} 起正在重新讀取（{name}）",
  },
};
