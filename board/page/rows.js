// One row per queue. Texts from outside reach the page through textContent only.

import { Signs } from "./alerts_signs.js";
import { DASH, duration, percent, smallPercent } from "./format.js";
import { notJudgedText } from "./lost.js";
import { SIGNS, nameOf, verdictOf } from "./names.js";
import { button, part, set, write } from "./queue_parts.js";
import { Side } from "./row_side.js";
import * as texts from "./row_texts.js";
import { listed, say } from "./words.js";

// What a number is asked for when somebody wants it explained: measure[:window[:variant]].
const CELLS = {
  waiting: "waiting", longest: "longest_wait", level: "service_level:30m:sl_event", lost: "abandonment:30m",
  cases: "backlog",
};
const LONG = 5;
let made = 0;

export class Row {
  constructor(card) {
    this.element = document.createElement("article");
    set(this.element, { "data-queue": card.queue, "data-channel": card.channel });
    this.id = `row-${(made += 1)}`;
    const who = part(this.element, "div", "who");
    this.name = part(part(who, "h2"), "a");
    this.about = part(who, "p", "about");
    this.verdict = part(who, "p", "verdict");
    this.signs = null;
    this.calls = part(who, "p", "calls");
    this.cells = null;
    this.card = null;
  }

  /** The cells are made when they are needed: of a thousand rows few are ever looked at. */
  complete() {
    if (this.cells) return;
    this.name.id = `${this.id}-name`;
    this.cells = Object.fromEntries(Object.entries(CELLS).map(([name, explain]) => [name, this.cell(name, explain)]));
    this.side = new Side(this.element);
    this.side.box.prepend(this.cells.cases.box);
  }

  cell(name, explain) {
    const box = part(this.element, "div", `cell ${name}`);
    const label = part(box, "span", "label", say(name === "cases" ? "backlog" : name));
    const value = part(box, "span", "value");
    const number = button(value, "number", "", () => {});
    const sign = part(value, "span", "sign");
    label.id = `${this.id}-${name}`;
    number.id = `${label.id}-number`;
    // Reached by Tab from its own row only: nobody wants to tab through a thousand rows.
    set(number, {
      "data-explain": explain, tabindex: -1, title: say("explain"),
      "aria-labelledby": `${this.id}-name ${label.id} ${number.id}`,
    });
    return { box, number, sign, goal: part(box, "span", "goal"), extra: part(box, "span", "extra") };
  }

  /** Let Tab reach the numbers of this row, or not any more. */
  reach(open) {
    for (const cell of Object.values(this.cells ?? {})) cell.number.tabIndex = open ? 0 : -1;
  }

  /** Where the name leads to. */
  lead(href) {
    if (this.name.getAttribute("href") !== href) this.name.href = href;
  }

  /** Show signs of alerts and quiet; made when the first of them is there. */
  sign(feed, signs) {
    if (signs) this.signs ??= new Signs(this.about.parentElement);
    this.signs?.show(feed, signs);
  }

  /** Name and severity: all that is needed of a row that is far from the screen. */
  showHead(card, trusted) {
    const severity = trusted ? card.severity : 0;
    this.element.dataset.severity = severity;
    this.element.dataset.work = texts.isCaseWork(card) ? "cases" : "contacts";
    this.element.dataset.acute = trusted && card.acute ? "yes" : "no";
    write(this.name, nameOf(card));
    if (this.name.title !== this.name.textContent) this.name.title = this.name.textContent; // a long one is cut
    write(this.about, texts.aboutText(card));
    write(this.verdict, trusted ? verdictOf(card, severity) : DASH);
    set(this.element, { "aria-label": `${nameOf(card)} ${trusted ? verdictOf(card, severity) : ""}`.trim() });
  }

  /** Show `card` at `nowMs`; without trust in the numbers they are dashes. */
  show(card, nowMs, trusted) {
    this.complete();
    this.showHead(card, trusted);
    Object.assign(this, { card, trusted });
    const window = card.windows["30m"];
    const cases = texts.isCaseWork(card);
    const told = trusted && !cases;
    write(this.calls, trusted ? listed([texts.freeText(card), cases ? "" : texts.callsText(card)]) : "");
    if (this.calls.title !== this.calls.textContent) this.calls.title = this.calls.textContent;
    const limits = card.thresholds;
    this.put("waiting", told ? String(card.now.waiting) : DASH, texts.levels(limits.waiting, String), "waiting");
    const [level, lost] = [percent(window.service_level.sl_event.value), smallPercent(window.abandonment.value)];
    this.put("level", trusted ? level : DASH, texts.levelGoal(card), "service_level_ratio");
    this.put("lost", trusted ? lost : DASH, texts.lostGoal(card, trusted), "abandonment_ratio");
    const hasCases = texts.hasCases(card);
    this.put("cases", hasCases ? (trusted ? String(card.backlog.open) : DASH) : "", texts.casesGoal(card), null);
    showExtras(this.cells.waiting.extra, trusted ? texts.waitingExtras(card) : []);
    write(this.cells.level.extra, told ? texts.normalText(card, "service_level", percent) : "");
    showExtras(this.cells.lost.extra, told ? texts.lostExtras(card) : [], notJudgedText(card));
    this.cells.cases.box.hidden = !hasCases;
    this.cells.cases.box.dataset.late = trusted && card.backlog.overdue > 0 ? "yes" : "no";
    this.side.show(card, trusted);
    this.tick(nowMs, trusted);
  }

  /** What moves without any news: the longest wait, that for a reply, since when somebody is free. */
  tick(nowMs, trusted) {
    if (!this.card || !this.cells) return;
    const since = this.card.now.oldest_queued_at_ms;
    const waited = trusted && since !== null ? (nowMs - since) / 1000 : null;
    const limits = texts.levels(this.card.thresholds.longest_wait_seconds, duration);
    this.put("longest", duration(waited), limits, "longest_wait_seconds");
    write(this.cells.longest.extra, trusted ? texts.unansweredText(this.card.now, nowMs) : "");
    this.side.tick(nowMs, trusted);
  }

  /** The last hour; null: not known. */
  showTrend(waiting) {
    if (this.card && this.cells) this.side.showTrend(waiting, this.card);
  }

  put(name, number, goalText, measure, trusted = this.trusted) {
    const cell = this.cells[name];
    const severity = number === DASH || !measure ? 0 : this.card.severity_by[measure] || 0;
    write(cell.number, number);
    write(cell.sign, SIGNS[severity]);
    // A queue of cases has no callers: targets for them would only be in the way.
    // Under a number that nobody can trust nothing is said.
    write(cell.goal, !trusted || (name !== "cases" && texts.isCaseWork(this.card)) ? "" : goalText);
    set(cell.box, {
      "data-severity": severity,
      "data-none": number === DASH ? "yes" : "no",
      "data-long": number.length > LONG ? "yes" : "no",
    });
  }
}

/** Each a whole: what has no room is left out, not cut. All of it, and `more`, is told to who points at it. */
function showExtras(box, told, more = "") {
  const said = listed(told);
  const title = listed([said, said && more]);
  if (box.title !== title) box.title = title;
  if (box.textContent === said) return;
  box.replaceChildren();
  told.forEach((text, index) => {
    if (index) box.append(" ");
    part(box, "span", "", index ? `· ${text}` : text);
  });
}
