// The lower part of the dialog: the contacts behind the number, each with the reason why it counts.

import { DASH, clock, lasted } from "./format.js";
import { ContactName } from "./queue_lines.js";
import { Choice, Lines, button, part, scroller, set, write } from "./queue_parts.js";

const PARTS = ["all", "numerator", "denominator"];
const HEADS = ["contact", "joined", "waited", "outcome", "agent", "talked", "counts"];
const at = (ms) => (ms === null || ms === undefined ? DASH : clock(ms));

class Evident {
  constructor(say) {
    this.say = say;
    // On a phone a row is drawn as a block of three lines; for readers it stays a row of a table.
    this.element = set(part(null, "tr"), { role: "row" });
    this.cells = Object.fromEntries(HEADS.map((name) => [name, set(part(this.element, "td", name), { role: "cell" })]));
    this.name = new ContactName(this.cells.contact);
    this.side = set(part(this.cells.counts, "b", "mark"), { "aria-hidden": "true" });
    this.because = part(this.cells.counts, "span");
  }

  show(item) {
    const { cells } = this;
    this.name.show({ ...item, native_id: item.native_id || item.contact || item.agent_name || item.agent });
    write(cells.joined, at(item.joined_ms));
    write(cells.waited, lasted(item.wait_seconds));
    write(cells.outcome, this.outcome(item));
    write(cells.agent, item.agent_name || item.agent || DASH);
    write(cells.talked, lasted(item.talk_seconds));
    // The sentence beside it says the same in words.
    write(this.side, item.numerator ? "●" : item.denominator ? "○" : "");
    write(this.because, item.because);
    this.element.dataset.numerator = item.numerator ? "yes" : "no";
  }

  /** What became of a contact, the status of a case, the state of an agent. */
  outcome({ kind, outcome }) {
    if (!outcome) return DASH;
    const key = { case: `case_${outcome}`, agent: outcome }[kind] ?? `outcome_${outcome}`;
    const told = this.say(key);
    return told === key ? outcome : told;
  }
}

export class Evidence {
  /** `act.part(name)` and `act.page(offset)` are called for what is chosen. */
  constructor(parent, say, act) {
    Object.assign(this, { say, act, limit: 50 });
    const box = part(parent, "section", "evidence");
    const head = part(box, "div", "sheet-head");
    part(head, "h3", "", say("evidence"));
    this.choice = new Choice(head, say("evidence"), PARTS, (name) => say(`part_${name}`), (name) => act.part(name));
    const table = part(scroller(box, say("evidence")), "table", "lines evidence-lines");
    this.table = set(table, { role: "table", "aria-label": say("evidence") });
    const heads = set(part(set(part(table, "thead"), { role: "rowgroup" }), "tr"), { role: "row" });
    for (const name of HEADS) set(part(heads, "th", name, say(name)), { scope: "col", role: "columnheader" });
    this.lines = new Lines(set(part(table, "tbody"), { role: "rowgroup" }), () => new Evident(say));
    this.none = part(box, "p", "empty", say("evidenceNone"));
    const foot = part(box, "div", "pages");
    this.where = part(foot, "span");
    this.back = button(foot, "small", say("pageBack"), () => act.page(Math.max(0, this.offset - this.limit), this.at));
    this.next = button(foot, "small", say("pageNext"), () => act.page(this.offset + this.limit, this.at));
    const csvName = say("csvOf", { name: say("evidence") });
    this.csv = set(part(foot, "a", "csv", "CSV"), { download: "", "aria-label": csvName });
  }

  show({ contacts, numerator, denominator, at_ms: at }, request, csv) {
    const { total, offset, items } = contacts;
    Object.assign(this, { offset, at });
    const counts = { all: null, numerator, denominator };
    for (const name of PARTS) {
      const number = name === request.part ? total : counts[name];
      const text = this.say(`part_${name}`);
      write(this.choice.buttons.get(name), Number.isInteger(number) ? `${text} ${number}` : text);
    }
    this.choice.show(request.part);
    this.choice.element.hidden = numerator === null || denominator === null;
    this.lines.show(items.map((item, index) => ({ ...item, index })), (item) => item.index);
    this.table.hidden = !items.length;
    this.none.hidden = items.length > 0;
    const values = { from: offset + 1, to: offset + items.length, all: total };
    write(this.where, items.length ? this.say("pageOf", values) : "");
    this.back.hidden = this.next.hidden = total <= this.limit;
    this.back.disabled = offset === 0;
    this.next.disabled = contacts.next === null;
    set(this.csv, { href: csv });
  }
}
