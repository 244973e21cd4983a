// One group on the wall: five numbers that can be read from 8 m, and what is wrong in words.

import { causeText } from "./cause.js";
import { DASH, age, duration, percent, share, smallPercent } from "./format.js";
import { SIGNS, nameOf, nameOfGroup, verdictOf } from "./names.js";
import { part, set, write } from "./queue_parts.js";
import { queuePath } from "./router.js";
import { limitText } from "./wall_texts.js";
import { say } from "./words.js";

// Cell -> its word, and the measure by which it is judged.
const CELLS = {
  waiting: ["wallWaiting", "waiting"], longest: ["wallLongest", "longest_wait_seconds"],
  level: ["wallLevel", "service_level_ratio"], lost: ["wallLost", "abandonment_ratio"], free: ["wallFree", null],
  cases: ["wallCases", null],
};
// So many signs have room at full size; more of them are drawn smaller, and still large enough.
const ROOM = { waiting: 3, free: 3, cases: 3 };
const ROOM_ELSEWHERE = 5;
// Digits that can be read from 8 m have no room for more than 9:59:59.
const MOST_SECONDS = 36_000;
const waited = (seconds) => (seconds < MOST_SECONDS ? duration(seconds) : age(seconds * 1000));
const OF_30_MIN = new Set(["level", "lost"]);

export class Panel {
  constructor() {
    this.element = document.createElement("article");
    this.element.className = "tile";
    const head = part(this.element, "div", "tile-top");
    const title = part(head, "div", "tile-name");
    this.verdict = part(title, "p", "verdict");
    this.name = part(part(title, "h2"), "a");
    const why = part(head, "p", "why");
    this.acute = part(why, "span", "acute");
    why.append(" ");
    this.worst = part(why, "a", "worst");
    why.append(" ");
    this.cause = part(why, "span", "cause");
    const values = part(this.element, "dl", "values");
    this.cells = Object.fromEntries(Object.keys(CELLS).map((name) => [name, this.cell(values, name)]));
  }

  cell(parent, name) {
    const box = part(parent, "div", `value ${name}`);
    const label = part(box, "dt", "", say(CELLS[name][0]));
    if (OF_30_MIN.has(name)) part(label, "small", "", say("last30"));
    const number = part(box, "dd", "value-digits", DASH);
    return { box, number, note: part(box, "dd", "note") };
  }

  /**
   * Show the group's `card`; `cards` are those of its queues. `href(path, changes)` makes addresses; null where nothing
   * may be opened.
   */
  show(card, cards, nowMs, trusted, href) {
    Object.assign(this, { card, cards, trusted });
    const severity = trusted ? card.severity : 0;
    const acute = trusted && card.acute;
    const word = card.open || severity || acute ? verdictOf(card, severity) : say("closed");
    set(this.element, {
      "data-severity": severity,
      "data-acute": acute ? "yes" : "no",
      "aria-label": trusted ? `${nameOfGroup(card)} ${word}` : nameOfGroup(card),
    });
    write(this.verdict, trusted ? word : DASH);
    write(this.name, nameOfGroup(card));
    set(this.name, { href: href && href("/", { group: card.group }) });
    write(this.acute, acute ? say("acute") : "");
    this.showWhy(card, severity > 0 || acute, href);
    this.showNumbers(card);
    this.tick(nowMs);
  }

  showWhy(card, trouble, href) {
    const worst = trouble ? nameOf(card.worst) : "";
    write(this.worst, worst === nameOfGroup(card) ? "" : worst);
    set(this.worst, { href: href && worst ? href(queuePath(card.worst.queue, card.worst.channel)) : null });
    write(this.cause, trouble ? causeText(card.cause) : "");
  }

  showNumbers(card) {
    const { target } = card;
    const seconds = target.seconds_to > target.seconds ? `${target.seconds}–${target.seconds_to}` : target.seconds;
    const goal = say("target", { percent: share(target.percent / 100), seconds });
    this.put("waiting", card.waiting, String, String);
    const levelNote = (text, severity) => this.levelNote(goal, text, severity);
    this.put("level", card.service_level.value, percent, share, levelNote);
    this.put("lost", card.abandonment.value, smallPercent, share);
    const ofAgents = card.staffed ? say("ofAgents", { n: card.staffed }) : "";
    this.put("free", card.staffed ? card.available : null, String, String, () => ofAgents);
    this.cells.cases.box.hidden = !card.backlog;
    if (!card.backlog) return;
    const late = card.backlog.overdue;
    const overdue = late ? `${SIGNS[1]} ${say("overdue", { n: late })}` : say("noneOverdue");
    this.put("cases", card.backlog.open, String, String, () => overdue);
    this.cells.cases.box.dataset.severity = this.trusted && late ? 1 : 0;
  }

  /** The target, also where it is missed; when only one queue of the group misses its own, that queue's limit. */
  levelNote(goal, text, severity) {
    if (!severity) return goal;
    return this.card.service_level.value * 100 < this.card.target.percent ? `${SIGNS[severity]} ${goal}` : text;
  }

  /** What moves without any news: the longest wait. */
  tick(nowMs) {
    const since = this.card.oldest_queued_at_ms;
    this.put("longest", since === null ? null : (nowMs - since) / 1000, waited, duration);
  }

  /** A number, and under it what it is judged by; `noteOf(text, severity)` says something else instead. */
  put(name, value, format, formatLimit, noteOf = (text) => text) {
    const { box, number, note } = this.cells[name];
    const measure = CELLS[name][1];
    const none = !this.trusted || value === null;
    const severity = none || !measure ? 0 : this.card.severity_by[measure] || 0;
    const text = none ? DASH : format(value);
    write(number, text);
    set(box, {
      "data-severity": severity,
      "data-none": none ? "yes" : "no",
      "data-long": text.length > (ROOM[name] ?? ROOM_ELSEWHERE) ? "yes" : "no",
    });
    const isSum = name !== "longest";
    const limit = measure ? limitText({ measure, severity, value, cards: this.cards, format: formatLimit, isSum }) : "";
    write(note, noteOf(limit, severity));
  }
}
