// One queue: its head, its windows, its last hour, who waits, who works, and who was lost.

import { Strip } from "./alerts_strip.js";
import { keyOf } from "./stream.js";
import { Agents } from "./queue_agents.js";
import { Head } from "./queue_head.js";
import { Hour } from "./queue_hour.js";
import { Contacts, Lost, exportLinks } from "./queue_contacts.js";
import { moveFocus } from "./queue_keys.js";
import { part, write } from "./queue_parts.js";
import { Poll } from "./queue_poll.js";
import { Waits } from "./queue_waits.js";
import { Windows } from "./queue_windows.js";
import { mayWrite } from "./session.js";
import "./words_queue.js";

const SNAPSHOT_MS = 2000;
// So many failures in a row, and the windows are not trusted any more.
const FAILURES = 3;

/** What every part of the view needs to know: which queue, how to ask of it, and what is true at this moment. */
class Desk {
  constructor(context) {
    this.context = context;
    this.say = context.say;
    ({ queue: this.queue, channel: this.channel } = context.route);
    this.base = `/api/queues/${encodeURIComponent(this.queue)}`;
    this.card = null;
    this.snapshot = null; // with all windows, by the API
    this.trusted = false;
  }

  get feed() {
    return this.context.feed;
  }

  nowMs() {
    return this.feed.nowMs();
  }

  /** An address below this queue's own, e.g. `url("contacts", {list: "lost"})`; its channel is always named. */
  url(path, values = {}) {
    return `${this.base}/${path}?${new URLSearchParams({ channel: this.channel, ...values })}`;
  }
}

class QueueView {
  constructor(root, context) {
    this.desk = new Desk(context);
    this.element = part(root, "div", "queue-view");
    this.element.dataset.queue = this.desk.queue;
    this.element.dataset.channel = this.desk.channel;
    this.notice = part(this.element, "p", "notice", this.desk.say("connecting"));
    this.notice.setAttribute("role", "status");
    this.parts = null;
    this.snapshot = null;
    this.failures = 0;
    this.may = null;
    this.poll = null;
  }

  build() {
    this.notice.hidden = true;
    this.head = new Head(this.element, this.desk);
    this.strip = new Strip(this.element, this.desk.context, { queue: this.desk.queue, channel: this.desk.channel });
    const body = part(this.element, "div", "queue-body");
    this.windows = new Windows(body, this.desk);
    const others = [Contacts, Hour, Lost, Waits, Agents].map((Part) => new Part(body, this.desk));
    this.parts = [this.head, this.windows, ...others];
    exportLinks(this.element, this.desk);
    this.poll = new Poll(() => this.desk.base, SNAPSHOT_MS, (body) => this.take(body), () => this.fail());
  }

  take({ queues }) {
    this.failures = 0;
    this.snapshot = queues.find((each) => each.channel === this.desk.channel) ?? null;
    this.desk.snapshot = this.snapshot;
    this.windows.show(this.snapshot, this.desk.trusted);
  }

  /** Where the whole board is gone, the page says so over the old numbers; where it is not, they would look new. */
  fail() {
    this.failures += 1;
    if (this.failures < FAILURES || this.desk.feed.state() !== "fresh") return;
    this.snapshot = null;
    this.windows.show(null, false);
  }

  show(feed) {
    const card = feed.cards.get(keyOf(this.desk.queue, this.desk.channel));
    if (!card) {
      if (!feed.floor || this.parts) return;
      const { queue, channel, say } = this.desk;
      write(this.notice, say("queueUnknown", { queue, channel: say(channel) }));
      return;
    }
    const changed = this.desk.card !== card;
    this.desk.card = card;
    const trusted = feed.isTrusted();
    const other = this.desk.trusted !== trusted;
    this.desk.trusted = trusted;
    if (!this.parts) this.build();
    else if (other) this.windows.show(this.snapshot, trusted);
    for (const each of this.parts) each.news?.(card);
    this.tick();
    if (changed) this.poll.soon(); // the windows follow what the stream tells, and do not wait for their turn
  }

  tick() {
    if (!this.parts || !this.desk.card) return;
    for (const each of this.parts) each.tick?.(this.desk.nowMs());
    this.strip.show(this.desk.feed);
    const may = mayWrite(this.desk.context.session);
    if (may === this.may) return;
    this.may = may; // who we are may be told after the view was made
    for (const each of this.parts) each.rights?.(may);
  }

  unmount() {
    this.poll?.stop();
    for (const each of this.parts ?? []) each.stop?.();
    this.element.remove();
    document.title = "Floorpulse";
  }
}

/** The view of the queue that the address names, in `root`. */
export function mount(root, context) {
  const view = new QueueView(root, context);
  if (context.feed?.floor) view.show(context.feed);
  return {
    show: (feed) => view.show(feed),
    tick: () => view.tick(),
    onKey: (key) => moveFocus(view.element, key),
    unmount: () => view.unmount(),
  };
}
