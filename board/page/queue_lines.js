// One list of contacts of a queue: its columns, a page at a time, and what ticks in it.

import { DASH, clock, duration, instant, lasted } from "./format.js";
import { SIGNS } from "./names.js";
import { Lines, button, part, scroller, set, write } from "./queue_parts.js";
import { Poll } from "./queue_poll.js";
import { Mine } from "./queue_mine.js";
import { say } from "./words.js";

const EVERY_MS = 4000;
const PAGE = 50;
const SAFE = new Set(["http:", "https:", "tel:", "sip:", "sips:", "mailto:"]);

/** The address that `floor.toml` gives for a contact, or null: one that would run a script is none. */
export function safeLink(link) {
  if (!link) return null;
  try {
    return SAFE.has(new URL(link, location.href).protocol) ? link : null;
  } catch {
    return null;
  }
}

/** What a contact is called, with its link where there is one. */
export class ContactName {
  constructor(parent) {
    this.link = part(parent, "a", "contact");
    set(this.link, { rel: "noopener noreferrer", target: "_blank" });
    this.again = part(parent, "span", "again");
  }

  show(item) {
    write(this.link, item.native_id || item.contact);
    set(this.link, { href: safeLink(item.link), title: item.contact });
    const known = item.known_customer === false ? say("unknownCustomer") : "";
    write(this.again, item.returned ? say("cameAgain") : known);
  }
}

const since = (ms, nowMs) => (ms === null || ms === undefined ? DASH : duration(Math.max(0, nowMs - ms) / 1000));
const at = (ms) => (ms === null || ms === undefined ? DASH : clock(ms));
// What is due may be due on another day.
const dated = (ms) => (ms === null || ms === undefined ? DASH : instant(ms).slice(5, 16));
const waitOf = (item, nowMs) => (item.wait_seconds === null || item.wait_seconds === undefined
  ? since(item.joined_ms, nowMs) : lasted(item.wait_seconds));

/** How a wait stands to the target and the limit: 0, 1 past target, 2 past the limit. */
function lateness(desk, waited) {
  const critical = desk.card.thresholds.longest_wait_seconds?.critical ?? Infinity;
  return waited > critical ? 2 : Number(waited > desk.card.target.seconds);
}

/** What the signs beside a wait mean: "▲ past target 0:20  ‼ past 3:00". */
function lateHint(desk) {
  const { target, thresholds } = desk.card;
  const critical = thresholds.longest_wait_seconds?.critical;
  const past = `${SIGNS[1]} ${desk.say("pastTarget", { time: duration(target.seconds) })}`;
  return critical === undefined ? past : `${past}  ${SIGNS[2]} ${desk.say("pastLimit", { time: duration(critical) })}`;
}

/** The columns of all lists: `text(item, nowMs)` is written again every second where `ticks`. */
const COLUMNS = {
  position: { head: "position", text: (item) => String(item.position ?? DASH) },
  contact: { head: "contact" },
  case: { head: "caseHead" },
  waiting: { head: "waited", ticks: true, judged: true, text: (item, nowMs) => since(item.joined_ms, nowMs) },
  waited: { head: "waited", text: waitOf },
  joined: { head: "joined", text: (item) => at(item.joined_ms) },
  agent: { head: "agent", text: (item) => item.agent_name || item.agent || DASH },
  talking: { head: "talking", ticks: true, text: (item, nowMs) => since(item.answered_ms, nowMs) },
  left: { head: "left", text: (item) => at(item.left_ms) },
  age: { head: "ageOf", ticks: true, text: (item, nowMs) => since(item.since_ms ?? item.joined_ms, nowMs) },
  due: { head: "dueAt", text: (item) => dated(item.due_ms) },
  mine: { head: "mineHead" },
};

/** Which columns each list has. */
export const LISTS = {
  waiting: ["position", "contact", "waiting", "joined"],
  in_service: ["contact", "agent", "talking", "waited"],
  unanswered: ["contact", "agent", "age"],
  callbacks: ["contact", "due", "mine"],
  open_cases: ["case", "agent", "age", "due"],
  overdue: ["case", "agent", "age", "due"],
  lost: ["contact", "left", "waited", "mine"],
};

class Line {
  constructor(list) {
    this.list = list;
    this.element = part(null, "tr");
    const cellOf = (name) => ({ name, column: COLUMNS[name], cell: part(this.element, "td", name) });
    this.cells = LISTS[list.name].map(cellOf);
    for (const each of this.cells) {
      if (each.name === "contact" || each.name === "case") each.widget = new ContactName(each.cell);
      else if (each.name === "mine") each.widget = new Mine(each.cell, list.desk, () => list.poll.now());
      else each.text = part(each.cell, "span");
      if (each.column.judged) each.sign = part(each.cell, "span", "mark");
    }
  }

  show(item) {
    this.item = item;
    for (const each of this.cells) each.widget?.show(item);
    this.tick(this.list.desk.nowMs(), true);
  }

  tick(nowMs, all = false) {
    for (const { column, text, sign, cell } of this.cells) {
      if (!text || (!all && !column.ticks)) continue;
      write(text, column.text(this.item, nowMs));
      if (!sign) continue;
      const late = lateness(this.list.desk, (nowMs - this.item.joined_ms) / 1000);
      write(sign, SIGNS[late]);
      set(sign, { role: late ? "img" : null, "aria-label": late ? this.list.desk.say(`late_${late}`) : null });
      cell.dataset.severity = late;
    }
  }
}

export class ContactList {
  /** The list `name` of the desk's queue, in `parent`. `none` is the key of what is said of an empty one. */
  constructor(parent, desk, name, none) {
    Object.assign(this, { desk, name, offset: 0, total: null });
    const { say } = desk;
    this.table = part(scroller(parent, say(`list_${name}`)), "table", `lines ${name}`);
    const heads = part(part(this.table, "thead"), "tr");
    for (const column of LISTS[name]) part(heads, "th", column, say(COLUMNS[column].head)).scope = "col";
    this.lines = new Lines(part(this.table, "tbody"), () => new Line(this));
    this.note = part(parent, "p", "empty", say("loading"));
    this.none = say(none);
    this.foot = part(parent, "div", "pages");
    if (LISTS[name].some((each) => COLUMNS[each].judged)) part(this.foot, "span", "hint", lateHint(desk));
    this.where = part(this.foot, "span");
    this.back = button(this.foot, "small", say("pageBack"), () => this.turn(-PAGE));
    this.next = button(this.foot, "small", say("pageNext"), () => this.turn(PAGE));
    this.csv = part(this.foot, "a", "csv", "CSV");
    this.csv.href = desk.url("contacts", { list: name, format: "csv", limit: 1000 });
    set(this.csv, { download: "", "aria-label": say("csvOf", { name: say(`list_${name}`) }) });
    this.pages(0, 0);
    this.poll = new Poll(() => this.url(), EVERY_MS, (body) => this.take(body), (error) => this.fail(error));
  }

  url() {
    return this.desk.url("contacts", { list: this.name, limit: PAGE, offset: this.offset });
  }

  turn(by) {
    this.offset = Math.max(0, this.offset + by);
    this.poll.now();
  }

  take({ total, items, ...more }) {
    if (!items.length && this.offset && total <= this.offset) {
      this.turn(-PAGE); // the last page has emptied
      return;
    }
    this.total = total;
    this.lines.show(items, (item) => `${item.contact}\n${item.leg}`);
    this.table.hidden = !items.length;
    this.note.hidden = items.length > 0;
    write(this.note, this.none);
    this.pages(total, items.length);
    this.onTake?.({ total, ...more });
  }

  pages(total, shown) {
    const values = { from: this.offset + 1, to: this.offset + shown, all: total };
    write(this.where, total > PAGE ? this.desk.say("pageOf", values) : "");
    this.back.hidden = this.next.hidden = total <= PAGE;
    this.back.disabled = this.offset === 0;
    this.next.disabled = this.offset + shown >= total;
  }

  fail(error) {
    this.note.hidden = false;
    write(this.note, error.message);
  }

  /** What this session may do is known by now, or another. */
  rights() {
    for (const line of this.lines.known.values()) line.show(line.item);
  }

  tick(nowMs) {
    if (this.second === Math.floor(nowMs / 1000)) return;
    this.second = Math.floor(nowMs / 1000);
    for (const line of this.lines.known.values()) line.tick(nowMs);
  }

  stop() {
    this.poll.stop();
  }
}
