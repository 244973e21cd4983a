// Who waits, who is being served, who was lost: one panel with a list to choose, and one for the lost.

import { Choice, panel, part, set, write } from "./queue_parts.js";
import { ContactList } from "./queue_lines.js";
import { isCaseWork } from "./row_texts.js";

/** The lists to choose from, with how many there are by the card. */
const CHOICES = [
  ["waiting", (card) => card.now.waiting],
  ["in_service", (card) => card.now.in_service],
  ["unanswered", (card) => card.now.unanswered],
  ["callbacks", (card) => card.now.callbacks.scheduled + card.now.callbacks.due],
  ["overdue", (card) => card.backlog.overdue],
  ["open_cases", (card) => card.backlog.open],
];
// These are offered even when they are empty, the others only where there is something in them.
const OF_CALLS = ["waiting", "in_service"];
const OF_CASES = ["overdue", "open_cases"];

export class Contacts {
  constructor(parent, desk) {
    this.desk = desk;
    const { say } = desk;
    const { head, body } = panel(parent, "contacts", say("contacts"));
    this.body = body;
    this.names = CHOICES.map(([name]) => name);
    const textOf = (name) => say(`list_${name}`);
    this.choice = new Choice(head, say("contacts"), this.names, textOf, (name) => this.choose(name));
    this.list = null;
    this.counts = {};
    this.choose(isCaseWork(desk.card) ? "open_cases" : "waiting");
  }

  choose(name) {
    this.list?.stop();
    this.body.replaceChildren();
    this.list = new ContactList(this.body, this.desk, name, `none_${name}`);
    this.choice.show(name);
  }

  news(card) {
    const always = isCaseWork(card) ? OF_CASES : OF_CALLS;
    for (const [name, count] of CHOICES) {
      const number = count(card);
      const chosen = this.list.name === name;
      const element = this.choice.buttons.get(name);
      write(element, `${this.desk.say(`list_${name}`)} ${number}`);
      element.hidden = !number && !chosen && !always.includes(name);
      // The list follows what the stream tells, and does not wait for its turn.
      if (chosen && this.counts[name] !== number) this.list.poll.soon();
      this.counts[name] = number;
    }
  }

  tick(nowMs) {
    this.list.tick(nowMs);
  }

  rights() {
    this.list.rights();
  }

  stop() {
    this.list.stop();
  }
}

export class Lost {
  constructor(parent, desk) {
    this.desk = desk;
    const { say } = desk;
    const { section, head, body } = panel(parent, "lost", say("lostCallers"));
    this.section = section;
    this.count = part(head, "span", "count");
    part(head, "span", "hint", say("lostHint"));
    this.unknown = part(head, "span", "hint");
    this.list = new ContactList(body, desk, "lost", "none_lost");
    this.list.onTake = (told) => this.told(told);
  }

  news(card) {
    this.section.hidden = isCaseWork(card);
    if (this.list.total === null) write(this.count, String(card.now.lost));
    if (this.known !== undefined && this.known !== card.now.lost) this.list.poll.soon();
    this.known = card.now.lost;
  }

  /** The list came: it counts those, too, whose customer the source does not name. */
  told({ total, unknown_customers: unknown }) {
    write(this.count, String(total));
    write(this.unknown, unknown ? this.desk.say("unknownCustomers", { n: unknown }) : "");
    const gaveUp = this.desk.snapshot?.windows["1h"]?.abandoned ?? 0;
    this.list.none = this.desk.say(gaveUp ? "none_lostNow" : "none_lost");
    if (!total) write(this.list.note, this.list.none);
  }

  rights() {
    this.list.rights();
  }

  stop() {
    this.list.stop();
  }
}

/** Files for a spreadsheet; the report of today is made when it is asked for. */
export function exportLinks(parent, desk) {
  const { say, queue } = desk;
  const box = part(parent, "p", "exports");
  part(box, "span", "", say("export"));
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  const listed = (list) => desk.url("contacts", { list, format: "csv", limit: 1000 });
  const lists = isCaseWork(desk.card)
    ? { exportCases: listed("open_cases") } : { exportWaiting: listed("waiting"), exportLost: listed("lost") };
  const links = {
    ...lists,
    exportReport: `/api/report?${new URLSearchParams({ queue, by: "hour", zone, format: "csv" })}`,
  };
  for (const [name, href] of Object.entries(links)) set(part(box, "a", "", say(name)), { href, download: "" });
}
