// The head of a queue: its name, how it stands and why, and the numbers of this second.

import { DASH, age, duration } from "./format.js";
import { whyText } from "./cause.js";
import { SIGNS, VERDICTS, groupNameOf, nameOf, verdictOf } from "./names.js";
import { part, set, write } from "./queue_parts.js";
import { isCaseWork } from "./row_texts.js";
import { listed } from "./words.js";

/** The numbers of now: what they are called, what explains them, which limits they are judged by. */
const calls = (card) => !isCaseWork(card);
const cases = (card) => card.backlog.open > 0 || isCaseWork(card);
const FIGURES = [
  { name: "waiting", limits: "waiting", when: calls, of: (card) => card.now.waiting, format: String },
  {
    name: "longest", explain: "longest_wait", limits: "longest_wait_seconds", of: waited, format: duration, when: calls,
  },
  { name: "expected", explain: "expected_wait", of: expected, format: duration, when: isExpected },
  { name: "inService", explain: "in_service", of: (card) => card.now.in_service, format: String, when: calls },
  { name: "free", explain: "available", of: (card) => (card.now.agents ? card.now.available : null), format: String },
  { name: "lostNow", explain: "lost", of: (card) => card.now.lost, format: String, when: calls },
  { name: "backlog", explain: "open_cases", of: (card) => card.backlog.open, format: String, when: cases },
  { name: "overdueNow", explain: "overdue", of: (card) => card.backlog.overdue, format: String, when: cases },
  { name: "dueSoon", explain: "due_within_1h", of: (card) => card.backlog.due_within_1h, format: String, when: cases },
  { name: "unowned", explain: "unassigned", of: (card) => card.backlog.unassigned, format: String, when: cases },
];

// A board that does not tell it has no dash for it either: a dash says that nobody can know.
function isExpected(card) {
  return !isCaseWork(card) && card.expected_wait_seconds !== undefined;
}

function expected({ expected_wait_seconds: seconds }) {
  return seconds === null || seconds === undefined ? null : Math.round(seconds);
}

function waited(card, nowMs) {
  const since = card.now.oldest_queued_at_ms;
  return since === null ? null : Math.max(0, nowMs - since) / 1000;
}

/** "▲ 8 ‼ 15" */
export function limitsText(limits, format) {
  const found = VERDICTS.map((name, level) => [SIGNS[level], limits?.[name]]);
  const known = found.filter(([, value]) => value !== undefined);
  return known.map(([sign, value]) => `${sign}\u00a0${format(value)}`).join("  ");
}

export class Head {
  constructor(parent, desk) {
    this.desk = desk;
    const head = part(parent, "div", "queue-head");
    this.element = head;
    const who = part(head, "div", "queue-who");
    this.back(who);
    this.name = part(who, "h1");
    this.about = part(who, "p", "queue-about");
    const state = part(who, "p", "queue-state");
    this.verdict = part(state, "strong", "queue-verdict");
    this.cause = part(state, "span", "queue-cause");
    this.figures = FIGURES.map((figure) => ({ ...figure, ...this.figure(part(head, "div", "figure"), figure) }));
    this.old = part(who, "p", "queue-age");
  }

  back(parent) {
    part(parent, "a", "back", `← ${this.desk.say("viewFloor")}`).href = this.desk.context.href("/");
  }

  figure(box, { name, explain = name }) {
    const label = part(box, "span", "figure-label", this.desk.say(name === "free" ? "figureFree" : name));
    const press = part(box, "button", "explainable");
    press.type = "button";
    press.dataset.explain = explain;
    const [number, sign] = [part(press, "span", "digits", DASH), part(press, "span", "mark")];
    return { box, label, press, number, sign, goal: part(box, "span", "limits") };
  }

  news(card) {
    const { say, trusted } = this.desk;
    const severity = trusted ? card.severity : 0;
    this.element.dataset.severity = severity;
    this.element.dataset.acute = trusted && card.acute ? "yes" : "no";
    write(this.name, nameOf(card));
    const { percent, seconds } = card.target;
    const target = isCaseWork(card) ? "" : say("target", { percent: `${percent}%`, seconds });
    const closed = card.now.open ? "" : say("closed");
    write(this.about, listed([say(card.channel), groupNameOf(card), target, closed]));
    write(this.verdict, trusted ? verdictOf(card, severity) : DASH);
    write(this.cause, trusted ? whyText(card) : "");
    document.title = `${nameOf(card)} · Floorpulse`;
  }

  tick(nowMs) {
    const { card, trusted, say, feed } = this.desk;
    for (const figure of this.figures) {
      figure.box.hidden = figure.when ? !figure.when(card) : false;
      const value = trusted ? figure.of(card, nowMs) : null;
      const text = value === null ? DASH : figure.format(value);
      const severity = trusted && figure.limits && value !== null ? card.severity_by[figure.limits] ?? 0 : 0;
      write(figure.number, text);
      write(figure.sign, SIGNS[severity]);
      write(figure.goal, trusted ? this.goal(figure, card) : "");
      figure.box.dataset.severity = severity;
      set(figure.press, { "aria-label": say("explainNumber", { name: figure.label.textContent, value: text }) });
    }
    const old = feed.ageMs();
    write(this.old, old === null ? "" : say("age", { age: age(old) }));
  }

  goal({ name, limits, format }, card) {
    if (limits) return limitsText(card.thresholds[limits], format);
    if (name === "free" && card.now.agents) return this.desk.say("ofStaff", { n: card.now.staffed });
    return "";
  }
}
