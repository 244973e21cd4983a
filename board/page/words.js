// Every text of the page in its three languages; each language has every key, which a test checks.

export const WORDS = {
  "en": {
    queue: "Queue",
    waiting: "Waiting",
    longest: "Longest wait",
    level: "Service level 30 min",
    lost: "Abandoned 30 min",
    backlog: "Open cases",
    ok: "OK",
    warning: "WARN",
    critical: "CRITICAL",
    closed: "closed",
    target: "target {percent} in {seconds} s",
    parts: "{lost} of {all}",
    overdue: "{n} overdue",
    due: "{n} due in 1 h",
    noneOverdue: "none overdue",
    age: "data {age} old",
    stale: "STALE since {time}",
    rebuilding: "REBUILDING – numbers return when they are right again",
    lostConnection: "CONNECTION LOST since {time} – the numbers below are old",
    connecting: "Connecting …",
    replay: "replay",
    totals: "{critical} critical · {warning} warning · {ok} OK",
    empty: "No queue has been seen yet",
    spike: "Trigger a spike",
    spikeDone: "Spike is on its way",
    spikeNone: "No simulator is listening",
    voice: "voice", video: "video", callback: "callback", chat: "chat", message: "message", social: "social",
    email: "e-mail", ticket: "ticket",
  },
  "zh-CN": {
    queue: "队列",
    waiting: "排队人数",
    longest: "最长等待",
    level: "服务水平 30 分钟",
    lost: "放弃率 30 分钟",
    backlog: "未结工单",
    ok: "正常",
    warning: "预警",
    critical: "严重",
    closed: "非营业时间",
    target: "目标 {seconds} 秒内 {percent}",
    parts: "{all} 通中 {lost} 通",
    overdue: "{n} 件超期",
    due: "{n} 件 1 小时内到期",
    noneOverdue: "无超期",
    age: "数据延迟 {age}",
    stale: "数据过期，自 {time} 起未更新",
    rebuilding: "正在重建，数据恢复正确后显示",
    lostConnection: "连接中断，自 {time} 起；下方数据已过期",
    connecting: "正在连接…",
    replay: "回放",
    totals: "严重 {critical} · 预警 {warning} · 正常 {ok}",
    empty: "还没有任何队列",
    spike: "触发话务高峰",
    spikeDone: "高峰即将到来",
    spikeNone: "没有模拟器在监听",
    voice: "语音", video: "视频", callback: "回呼", chat: "在线聊天", message: "消息", social: "社交媒体",
    email: "电子邮件", ticket: "工单",
  },
  "zh-TW": {
    queue: "佇列",
    waiting: "排隊人數",
    longest: "最長等待",
    level: "服務水準 30 分鐘",
    lost: "放棄率 30 分鐘",
    backlog: "未結案件",
    ok: "正常",
    warning: "預警",
    critical: "嚴重",
    closed: "非營業時間",
    target: "目標 {seconds} 秒內 {percent}",
    parts: "{all} 通中 {lost} 通",
    overdue: "{n} 件逾期",
    due: "{n} 件 1 小時內到期",
    noneOverdue: "無逾期",
    age: "資料延遲 {age}",
    stale: "資料過期，自 {time} 起未更新",
    rebuilding: "重建中，數字恢復正確後顯示",
    lostConnection: "連線中斷，自 {time} 起；以下數字已過期",
    connecting: "連線中…",
    replay: "重播",
    totals: "嚴重 {critical} · 預警 {warning} · 正常 {ok}",
    empty: "尚未有任何佇列",
    spike: "觸發話務高峰",
    spikeDone: "高峰即將到來",
    spikeNone: "沒有模擬器在監聽",
    voice: "語音", video: "視訊", callback: "回撥", chat: "線上聊天", message: "訊息", social: "社群媒體",
    email: "電子郵件", ticket: "工單",
  },
};

/** "en", "zh-CN" or "zh-TW": what ?lang= asks for, else the first language of the browser that we have. */
export function chooseLanguage(search, wanted) {
  for (const tag of [new URLSearchParams(search).get("lang"), ...wanted]) {
    const lower = (tag || "").toLowerCase();
    if (/^zh-(hant|tw|hk|mo)/.test(lower)) return "zh-TW";
    if (/^zh\b/.test(lower)) return "zh-CN";
    if (/^en\b/.test(lower)) return "en";
  }
  return "en";
}

export const language = chooseLanguage(location.search, navigator.languages || [navigator.language]);

/** The text of `key` in the page's language, with {names} filled in; the key itself when nobody knows it. */
export function say(key, values = {}) {
  const text = WORDS[language][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
