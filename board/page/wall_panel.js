// One group on the wall: five numbers that can be read from 8 m, and what is wrong in words.

import { Signs } from "./alerts_signs.js";
import { acuteText, whyText } from "./cause.js";
import { DASH, age, duration, percent, share, smallPercent } from "./format.js";
import { notJudgedShort } from "./lost.js";
import { SIGNS, nameOf, nameOfGroup, verdictOf } from "./names.js";
import { part, set, write } from "./queue_parts.js";
import { queuePath } from "./router.js";
import { hasTooFew, isLive, limitText, oldestOf, range, redNumber } from "./wall_texts.js";
import { say } from "./words.js";

// Cell -> its word, the measure by which it is judged, and what explains it.
const CELLS = {
  waiting: ["wallWaiting", "waiting", "waiting"], longest: ["wallLongest", "longest_wait_seconds", "longest_wait"],
  level: ["wallLevel", "service_level_ratio", "service_level:30m:sl_event"],
  lost: ["wallLost", "abandonment_ratio", "abandonment:30m"], free: ["wallFree", null, "available"],
  cases: ["wallCases", null, "backlog"],
};
// These are sums over all queues of a group, those of cases as well.
const OF_ALL = new Set(["free", "cases"]);
// So many signs have room at full size; more of them are drawn smaller, and still large enough.
const ROOM = { waiting: 3, free: 3, cases: 3 };
const ROOM_ELSEWHERE = 5;
// Digits that can be read from 8 m have no room for more than 9:59:59.
const MOST_SECONDS = 36_000;
const waited = (seconds) => (seconds < MOST_SECONDS ? duration(seconds) : age(seconds * 1000));
const OF_30_MIN = new Set(["level", "lost"]);
// A note of more signs is drawn smaller.
const LONG_NOTE = 22;
// Chinese signs are twice as wide.
const widthOf = (text) => [...text].reduce((sum, sign) => sum + (sign > "\u2e7f" ? 2 : 1), 0);
let made = 0;

export class Panel {
  constructor() {
    this.element = document.createElement("article");
    this.element.className = "tile";
    const head = part(this.element, "div", "tile-top");
    const title = part(head, "div", "tile-name");
    this.verdict = part(title, "p", "verdict");
    this.name = part(part(title, "h2"), "a");
    this.signs = new Signs(title);
    this.name.parentElement.before(this.signs.box);
    this.id = `tile-${(made += 1)}`;
    this.name.id = `${this.id}-name`;
    const why = part(head, "p", "why");
    [this.worst, this.number] = [part(why, "a", "worst"), part(why, "span", "red")];
    this.acute = part(why, "span", "acute");
    [this.spiking, this.cause] = [part(why, "a", "worst spiking"), part(why, "span", "cause")];
    for (const each of [this.number, this.acute, this.spiking, this.cause]) each.before(" ");
    const values = part(this.element, "dl", "values");
    this.cells = Object.fromEntries(Object.keys(CELLS).map((name) => [name, this.cell(values, name)]));
  }

  cell(parent, name) {
    const box = part(parent, "div", `value ${name}`);
    const label = part(box, "dt", "", say(CELLS[name][0]));
    if (OF_30_MIN.has(name)) part(label, "small", "", say("last30"));
    const number = part(part(box, "dd", "value-digits"), "a", "", DASH);
    label.id = `${this.id}-${name}`;
    number.id = `${label.id}-number`;
    set(number, { "aria-labelledby": `${this.id}-name ${label.id} ${number.id}` });
    return { box, number, note: part(box, "dd", "note") };
  }

  /**
   * Show the group's `card`; `cards` are those of its queues. `href(path, changes)` makes addresses; null where nothing
   * may be opened.
   */
  show(card, cards, nowMs, trusted, href) {
    Object.assign(this, { card, cards, trusted, nowMs });
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
    set(this.name, { href: this.address(href) });
    this.showWhy(card, severity, acute, href);
    this.lead(href);
    this.showNumbers(card);
    this.tick(nowMs);
  }

  /** Where a group leads to: the floor, with its queues only; a queue without a group to its own view. */
  address(href) {
    if (!href) return null;
    const isGroup = this.cards.some((each) => each.group === this.card.group);
    return isGroup ? href("/", { group: this.card.group }) : href(queuePath(...this.card.queues[0]));
  }

  /** Show the small signs of alerts and quiet. */
  sign(feed, signs) {
    this.signs.show(feed, signs, true);
  }

  /** A number leads where its group does; one that is that of a single queue explains itself. */
  lead(href) {
    const live = this.cards.filter(isLive);
    for (const [name, { number }] of Object.entries(this.cells)) {
      const behind = OF_ALL.has(name) ? this.cards : live;
      const queue = href && behind.length === 1 ? behind[0] : null;
      set(number, {
        href: this.address(href),
        "data-explain": queue && CELLS[name][2],
        "data-queue": queue && queue.queue,
        "data-channel": queue && queue.channel,
      });
    }
  }

  /** Which queue is the worst, by which number; and which one spikes, when that is another one, and why. */
  showWhy(card, severity, acute, href) {
    const spiking = acute ? card.acute_queue : null;
    const isSame = (one, other) => one.queue === other.queue && one.channel === other.channel;
    const worst = severity && !(spiking && isSame(spiking, card.worst)) ? card.worst : null;
    const put = (link, queue, sign) => {
      const name = queue ? nameOf(queue) : "";
      write(link, name && name !== nameOfGroup(card) ? `${sign}${name}` : "");
      set(link, { href: href && link.textContent ? href(queuePath(queue.queue, queue.channel)) : null });
    };
    put(this.worst, worst, `${SIGNS[severity]} `);
    const red = worst && this.cards.find((each) => isSame(each, worst));
    write(this.number, red && this.worst.textContent ? redNumber(red, this.nowMs) : "");
    this.number.dataset.severity = this.worst.dataset.severity = severity;
    write(this.acute, acute ? acuteText(card.cause) : "");
    put(this.spiking, spiking, "");
    write(this.cause, severity || acute ? whyText(card) : "");
  }

  showNumbers(card) {
    const { target } = card;
    const percents = range([target.percent, target.percent_to ?? target.percent], String);
    const goal = say("target", { percent: `${percents}%`, seconds: range([target.seconds, target.seconds_to], String) });
    this.put("waiting", card.waiting, String, String);
    const levelNote = (text, severity) => this.levelNote(goal, text, severity);
    this.put("level", card.service_level.value, percent, share, levelNote);
    this.put("lost", card.abandonment.value, smallPercent, share, (text, severity) => this.lostNote(text, severity));
    const ofAgents = card.staffed ? say("ofAgents", { n: card.staffed }) : "";
    this.put("free", card.staffed ? card.available : null, String, String, () => ofAgents);
    this.cells.cases.box.hidden = !card.backlog;
    if (!card.backlog) return;
    const late = card.backlog.overdue;
    const overdue = late ? say("overdue", { n: late }) : say("noneOverdue");
    this.put("cases", card.backlog.open, String, String, () => overdue);
    this.cells.cases.box.dataset.late = this.trusted && late ? "yes" : "no";
  }

  /** The target, also where it is missed; when only one queue of the group misses its own, that queue's limit. */
  levelNote(goal, text, severity) {
    if (!severity) return hasTooFew(this.cards, "service_level_ratio") ? text : goal;
    return this.card.service_level.value * 100 < this.card.target.percent ? `${SIGNS[severity]} ${goal}` : text;
  }

  /** The limit; where a number beyond it is good all the same, why: who gave up at once is not judged. */
  lostNote(text, severity) {
    const isBeyond = this.card.abandonment.value >= this.card.thresholds.abandonment_ratio?.warning;
    return severity || !isBeyond ? text : notJudgedShort(this.cards) || text;
  }

  /** What moves without any news: the longest wait. */
  tick(nowMs) {
    const since = this.card.oldest_queued_at_ms;
    this.nowMs = nowMs;
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
      "data-long": widthOf(text) > (ROOM[name] ?? ROOM_ELSEWHERE) ? "yes" : "no",
    });
    const own = name === "longest" ? oldestOf(this.cards) : null;
    const limit = measure ? limitText({ measure, severity, value, cards: this.cards, format: formatLimit, own }) : "";
    write(note, this.trusted ? noteOf(limit, severity) : "");
    note.dataset.long = note.textContent.length > LONG_NOTE ? "yes" : "no";
  }
}
