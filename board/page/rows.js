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
    this.cells = Object.fromEntries(CELLS.map((name) => [name, this.cell(name)]));
  }

  cell(name) {
    const box = part(this.element, "div", `cell ${name}`);
    const label = part(box, "span", "label");
    label.textContent = say(name === "cases" ? "backlog" : name);
    const value = part(box, "span", "value");
    return { box, number: part(value, "span", "number"), sign: part(value, "span", "sign"), goal: part(box, "span", "goal") };
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
    write(this.verdict, trusted ? `${SIGNS[severity]} ${say(VERDICTS[severity])}`.trim() : DASH);
    this.element.setAttribute("aria-label", `${nameOf(card)} ${say(VERDICTS[severity])}`);
    const window = card.windows["30m"];
    const limits = card.thresholds;
    const waiting = trusted && !isCaseWork(card) ? String(card.now.waiting) : DASH;
    this.put("waiting", waiting, levels(limits.waiting, String), "waiting");
    this.put("level", trusted ? percent(window.service_level.sl_event.value) : DASH, levelGoal(card), "service_level_ratio");
    this.put("lost", trusted ? smallPercent(window.abandonment.value) : DASH, lostGoal(card, trusted), "abandonment_ratio");
    this.put("cases", hasCases(card) ? (trusted ? String(card.backlog.open) : DASH) : "", casesGoal(card), null);
    this.cells.cases.box.hidden = !hasCases(card);
    this.cells.cases.box.dataset.late = trusted && card.backlog.overdue > 0 ? "yes" : "no";
    this.tick(nowMs, trusted);
  }

  /** What moves without any news: the longest wait. */
  tick(nowMs, trusted) {
    const since = this.card.now.oldest_queued_at_ms;
    const waited = trusted && since !== null ? (nowMs - since) / 1000 : null;
    this.put("longest", duration(waited), levels(this.card.thresholds.longest_wait_seconds, duration), "longest_wait_seconds");
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
