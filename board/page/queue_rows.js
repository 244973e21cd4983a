// The rows of the windows: what each is called, where its value stands in a snapshot, and what explains it.

import { duration, percent, smallPercent } from "./format.js";

/** The windows beside each other, shortest first. Thresholds are judged by one of them. */
export const WINDOWS = ["5m", "15m", "30m", "1h", "day"];
export const JUDGED = "30m";
const CASE_CHANNELS = new Set(["email", "ticket"]);

const parts = (ratio) => (ratio && ratio.denominator ? `${ratio.numerator}/${ratio.denominator}` : "");
const seconds = (value) => (value === null || value === undefined ? duration(null) : duration(Math.round(value)));

/** Nobody calls here: rows about waiting on a line would be dashes. */
export const isCaseQueue = (snapshot) => CASE_CHANNELS.has(snapshot.channel) && !snapshot.windows.day.offered;
const calls = (snapshot) => !isCaseQueue(snapshot);
const cases = (snapshot) => snapshot.windows.day.cases !== undefined || CASE_CHANNELS.has(snapshot.channel);
const chats = (snapshot) => snapshot.windows.day.first_response_seconds !== undefined;

const count = (name) => ({ name, explain: name, of: (window) => window[name], format: String, when: calls });
const caseCount = (name) => ({
  name: `cases_${name}`, explain: `cases_${name}`, format: String, when: cases,
  of: (window) => window.cases?.[name] ?? 0,
});

/** The mean of the first replies, of which the windows tell the sum. */
function firstReply({ cases: of }) {
  return of?.first_replies ? of.first_reply_seconds / of.first_replies : null;
}

/** A mean or a maximum in seconds, named in the windows as `name`; `of(window)` finds it. */
const length = (name, of, when = calls) => ({ name, explain: name, of, format: seconds, when });

export const ROWS = [
  count("offered"),
  count("answered"),
  count("abandoned"),
  {
    name: "service_level", explain: "service_level", variant: "sl_event", judged: "service_level_ratio",
    of: (window) => window.service_level.sl_event?.value,
    parts: (window) => parts(window.service_level.sl_event),
    format: percent, when: calls,
  },
  {
    name: "abandonment", explain: "abandonment", judged: "abandonment_ratio",
    of: (window) => window.abandonment.value,
    parts: (window) => parts(window.abandonment),
    format: smallPercent, when: calls,
  },
  length("mean_wait", (window) => window.wait_seconds.answered.mean),
  length("max_wait", (window) => window.wait_seconds.all.max),
  length("handle_time", (window) => window.handle_seconds?.mean),
  count("max_waiting"),
  length("first_response", (window) => window.first_response_seconds?.mean, chats),
  caseCount("opened"),
  caseCount("resolved"),
  caseCount("reopened"),
  length("cases_first_reply", firstReply, cases),
];
