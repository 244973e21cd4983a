// What a row says beside its numbers.

import { age, duration, share } from "./format.js";
import { shortText } from "./lost.js";
import { SIGNS, VERDICTS, groupNameOf } from "./names.js";
import { listed, say } from "./words.js";

const PAIR = "\u00a0\u00a0";
const CASE_CHANNELS = new Set(["email", "ticket"]);

export const hasCases = (card) => card.backlog.open > 0 || CASE_CHANNELS.has(card.channel);

/** A queue of cases in which nobody waits on a line. */
export const isCaseWork = (card) => CASE_CHANNELS.has(card.channel) && card.now.waiting === 0;

/** "voice · After-sales · closed" */
export const aboutText = (card) => listed([say(card.channel), groupNameOf(card), card.now.open ? "" : say("closed")]);

/** "▲ 1:00 ‼ 3:00": from where on it is a warning, and critical. A new line is one only where there is little room. */
export function levels(limits, format, between = "\n") {
  const found = ["warning", "critical"].filter((name) => limits && limits[name] !== undefined);
  return found.map((name) => `${SIGNS[VERDICTS.indexOf(name)]}\u00a0${format(limits[name])}`).join(between);
}

export function levelGoal(card) {
  const target = say("target", { percent: share(card.target.percent / 100), seconds: card.target.seconds });
  return `${target}\n${levels(card.thresholds.service_level_ratio, share, PAIR)}`.trimEnd();
}

export function lostGoal(card, trusted) {
  const { numerator, denominator } = card.windows["30m"].abandonment;
  const limits = levels(card.thresholds.abandonment_ratio, share, PAIR);
  return trusted && denominator ? `${say("parts", { lost: numerator, all: denominator })}\n${limits}` : limits;
}

export function casesGoal(card) {
  if (!hasCases(card)) return "";
  const { overdue, due_within_1h: due } = card.backlog;
  return listed([overdue ? say("overdue", { n: overdue }) : say("noneOverdue"), due ? say("due", { n: due }) : ""]);
}

/** "3/12 free": of the queue's agents at work, without those on a break, those who could take a contact now. */
export const freeText = ({ now }) => (now.agents ? say("free", { n: now.available, all: now.staffed }) : "");

/** "this quarter-hour 12, the last 15, normal 10–14": who came in this quarter-hour and in the one before. */
export function callsText(card) {
  const { interval, previous } = card.windows;
  if (!interval.offered && !previous.offered && !card.normal) return "";
  const text = say("calls", { now: interval.offered, before: previous.offered });
  const normal = normalText(card, "offered", String);
  return normal ? say("callsNormal", { calls: text, normal }) : text;
}

/** "normal 78–86%": what the last whole quarter-hour was like in the weeks before; nothing when that is not known. */
export function normalText(card, measure, format) {
  if (!card.normal || card.normal[measure].low === null) return "";
  const [low, high] = [format(card.normal[measure].low), format(card.normal[measure].high)];
  return say("normal", { range: low === high ? low : `${low.replace("%", "")}–${high}` });
}

/** "Sun 21:30", which quarter-hour `normal` speaks of. */
export const normalTime = ({ weekday, from }) => `${say("weekdays").split(" ")[weekday]} ${from}`;

/** What is to be known besides of who waits, the most urgent first. */
export function waitingExtras({ now }) {
  return [
    now.at_risk ? say("atRisk", { n: now.at_risk }) : "",
    now.callbacks.due ? say("callbacksDue", { n: now.callbacks.due }) : "",
    now.callbacks.scheduled ? say("callbacksLater", { n: now.callbacks.scheduled }) : "",
  ].filter(Boolean);
}

export function unansweredText(now, nowMs) {
  if (!now.unanswered) return "";
  return say("unanswered", { n: now.unanswered, time: duration((nowMs - now.oldest_unanswered_since_ms) / 1000) });
}

/** What is to be known besides of who gave up. */
export function lostExtras(card) {
  const lost = card.now.lost ? say("lostForGood", { n: card.now.lost }) : "";
  return [lost, shortText(card), normalText(card, "abandoned", String)].filter(Boolean);
}

/** "Could help: Fang Wang idle 5 min · … · +2 more": at most `most` names, those who are nearest first. */
export function helpersText(helpers, nowMs, most) {
  if (!helpers?.length) return "";
  const told = helpers.slice(0, most).map((each) => say(each.member === false ? "helperElsewhere" : "helper", {
    name: each.name, state: each.reason ? `${say(each.state)} (${each.reason})` : say(each.state), age: age(nowMs - each.since_ms),
  }));
  const more = helpers.length - most;
  return say("couldHelp", { who: listed([...told, more > 0 ? say("moreHelpers", { n: more }) : ""]) });
}
