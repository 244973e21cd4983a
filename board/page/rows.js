// One row per queue. Texts from outside reach the page through textContent only.

import { DASH, duration, percent, share, smallPercent } from "./format.js";
import { language, say } from "./words.js";

const SIGNS = ["", "▲", "‼"];
const VERDICTS = ["ok", "warning", "critical"];
const CELLS = ["waiting", "longest", "level", "lost", "cases"];
const CASE_CHANNELS = new Set(["email", "ticket"]);

function part(parent, tag, name) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  parent.append(element);
  return element;
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** What `card` is called in the page's language. */
export function nameOf(card) {
  const names = card.display_names;
  return names[language] || names[language.split("-")[0]] || card.display_name;
}

export const hasCases = (card) => card.backlog.open > 0 || CASE_CHANNELS.has(card.channel);

/** A queue of cases in which nobody waits on a line. */
const isCaseWork = (card) => CASE_CHANNELS.has(card.channel) && card.now.waiting === 0;

export class Row {
  constructor() {
    this.element = document.createElement("article");
    const who = part(this.element, "div", "who");
    this.name = part(who, "h2");
    this.about = part(who, "p", "about");
    this.verdict = part(who, "p", "verdict");
    this.calls = part(who, "p", "calls");
    this.cells = Object.fromEntries(CELLS.map((name) => [name, this.cell(name)]));
  }

  cell(name) {
    const box = part(this.element, "div", `cell ${name}`);
    const label = part(box, "span", "label");
    label.textContent = say(name === "cases" ? "backlog" : name);
    const value = part(box, "span", "value");
    const [number, sign] = [part(value, "span", "number"), part(value, "span", "sign")];
    return { box, number, sign, goal: part(box, "span", "goal"), extra: part(box, "span", "extra") };
  }

  /** Show `card` at `nowMs`; without trust in the numbers they are dashes. */
  show(card, nowMs, trusted) {
    this.card = card;
    const severity = trusted ? card.severity : 0;
    this.element.dataset.severity = severity;
    this.element.dataset.work = isCaseWork(card) ? "cases" : "contacts";
    write(this.name, nameOf(card));
    const closed = card.now.open ? "" : say("closed");
    write(this.about, [say(card.channel), card.group, closed].filter(Boolean).join(" · "));
    write(this.calls, trusted ? [freeText(card), isCaseWork(card) ? "" : callsText(card)].filter(Boolean).join(" · ") : "");
    write(this.verdict, trusted ? `${SIGNS[severity]} ${say(VERDICTS[severity])}`.trim() : DASH);
    this.element.setAttribute("aria-label", `${nameOf(card)} ${say(VERDICTS[severity])}`);
    const window = card.windows["30m"];
    const limits = card.thresholds;
    const waiting = trusted && !isCaseWork(card) ? String(card.now.waiting) : DASH;
    this.put("waiting", waiting, levels(limits.waiting, String), "waiting");
    this.put("level", trusted ? percent(window.service_level.sl_event.value) : DASH, levelGoal(card), "service_level_ratio");
    this.put("lost", trusted ? smallPercent(window.abandonment.value) : DASH, lostGoal(card, trusted), "abandonment_ratio");
    this.put("cases", hasCases(card) ? (trusted ? String(card.backlog.open) : DASH) : "", casesGoal(card), null);
    write(this.cells.waiting.extra, trusted ? waitingExtra(card) : "");
    const told = trusted && !isCaseWork(card);
    write(this.cells.level.extra, told ? normalText(card, "service_level", percent) : "");
    write(this.cells.lost.extra, told ? lostExtra(card) : "");
    this.cells.cases.box.hidden = !hasCases(card);
    this.cells.cases.box.dataset.late = trusted && card.backlog.overdue > 0 ? "yes" : "no";
    this.tick(nowMs, trusted);
  }

  /** What moves without any news: the longest wait, and that for a reply. */
  tick(nowMs, trusted) {
    const since = this.card.now.oldest_queued_at_ms;
    const waited = trusted && since !== null ? (nowMs - since) / 1000 : null;
    this.put("longest", duration(waited), levels(this.card.thresholds.longest_wait_seconds, duration), "longest_wait_seconds");
    write(this.cells.longest.extra, trusted ? unansweredText(this.card.now, nowMs) : "");
  }

  put(name, number, goalText, measure) {
    const cell = this.cells[name];
    const severity = number === DASH || !measure ? 0 : this.card.severity_by[measure] || 0;
    write(cell.number, number);
    write(cell.sign, SIGNS[severity]);
    // A queue of cases has no callers: targets for them would only be in the way.
    write(cell.goal, name !== "cases" && isCaseWork(this.card) ? "" : goalText);
    cell.box.dataset.severity = severity;
    cell.box.dataset.none = number === DASH ? "yes" : "no";
    cell.box.dataset.long = number.length > 5 ? "yes" : "no";
  }
}

/** "▲ 1:00 ‼ 3:00": from where on it is a warning, and critical. */
function levels(limits, format) {
  const found = ["warning", "critical"].filter((name) => limits && limits[name] !== undefined);
  return found.map((name) => `${SIGNS[VERDICTS.indexOf(name)]}\u00a0${format(limits[name])}`).join("\u00a0\u00a0");
}

function levelGoal(card) {
  const target = say("target", { percent: share(card.target.percent / 100), seconds: card.target.seconds });
  return `${target}  ${levels(card.thresholds.service_level_ratio, share)}`.trimEnd();
}

function lostGoal(card, trusted) {
  const { numerator, denominator } = card.windows["30m"].abandonment;
  const limits = levels(card.thresholds.abandonment_ratio, share);
  return trusted && denominator ? `${say("parts", { lost: numerator, all: denominator })}  ${limits}` : limits;
}

function casesGoal(card) {
  if (!hasCases(card)) return "";
  const { overdue, due_within_1h: due } = card.backlog;
  const texts = [overdue ? say("overdue", { n: overdue }) : say("noneOverdue")];
  if (due) texts.push(say("due", { n: due }));
  return texts.join(" · ");
}

/** "3 of 12 free": of the queue's agents those who could take a contact now. */
const freeText = ({ now }) => (now.agents ? say("free", { n: now.available, all: now.agents }) : "");

/** "15 min: 12, before 15, normal 10–14": who came in this quarter-hour and in the one before. */
function callsText(card) {
  const { interval, previous } = card.windows;
  if (!interval.offered && !previous.offered && !card.normal) return "";
  const text = say("calls", { now: interval.offered, before: previous.offered });
  return [text, normalText(card, "offered", String)].filter(Boolean).join(", ");
}

/** "normal 78–86%": what the last whole quarter-hour was like in the weeks before; nothing when that is not known. */
function normalText(card, measure, format) {
  if (!card.normal || card.normal[measure].low === null) return "";
  const [low, high] = [format(card.normal[measure].low), format(card.normal[measure].high)];
  return say("normal", { range: low === high ? low : `${low.replace("%", "")}–${high}` });
}

/** "Sun 21:30", which quarter-hour `normal` speaks of. */
export const normalTime = ({ weekday, from }) => `${say("weekdays").split(" ")[weekday]} ${from}`;

function waitingExtra(card) {
  const { at_risk: risk, callbacks } = card.now;
  const texts = [risk ? say("atRisk", { n: risk }) : "", callbacks.due ? say("callbacksDue", { n: callbacks.due }) : ""];
  if (callbacks.scheduled) texts.push(say("callbacksLater", { n: callbacks.scheduled }));
  return texts.filter(Boolean).join(" · ");
}

function unansweredText(now, nowMs) {
  if (!now.unanswered) return "";
  return say("unanswered", { n: now.unanswered, time: duration((nowMs - now.oldest_unanswered_since_ms) / 1000) });
}

function lostExtra(card) {
  const lost = card.now.lost ? say("lostForGood", { n: card.now.lost }) : "";
  return [lost, normalText(card, "abandoned", String)].filter(Boolean).join(" · ");
}
