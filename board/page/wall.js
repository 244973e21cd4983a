// The screen on the wall: one panel per group of queues, the worst first, to be read from 8 m.

import { byCard, nextChange, signsOf } from "./alerts_signs.js";
import { write } from "./queue_parts.js";
import { reorder } from "./reorder.js";
import { keyOf } from "./stream.js";
import { fromTemplate } from "./texts.js";
import { Panel } from "./wall_panel.js";
import { MOST_PER_PAGE, pagesOf, rotationOf } from "./wall_pages.js";
import { say } from "./words.js";

// A screen narrower than this (in px) is in somebody's hand: it is scrolled, and shows all groups.
const HAND = matchMedia("(max-width: 60rem)");

class WallView {
  constructor(root, context) {
    this.context = context;
    root.replaceChildren(fromTemplate("wall-view"));
    document.getElementById("tools").replaceChildren(fromTemplate("wall-tools"));
    this.list = root.querySelector("#panels");
    this.empty = root.querySelector("#empty");
    this.panels = new Map();
    this.page = 0;
    this.turnedAt = performance.now();
    for (const [id, step] of [["previous", -1], ["next", 1]]) {
      document.getElementById(id).addEventListener("click", () => this.turn(step));
    }
  }

  show(feed) {
    const groups = this.wantedGroups(feed);
    const { seconds, most } = rotationOf(this.context.route.query, groups.length);
    this.seconds = seconds;
    this.pages = pagesOf(groups, HAND.matches ? Infinity : most);
    if (this.page >= this.pages.length) this.page = 0;
    // As large on the last page as on the others, where there are more.
    this.list.dataset.panels = Math.min(MOST_PER_PAGE, Math.max(...this.pages.map((page) => page.length)));
    this.list.dataset.cases = groups.some((group) => group.backlog) ? "yes" : "no";
    this.empty.hidden = groups.length > 0;
    write(this.empty, this.empty.hidden ? "" : say("empty"));
    const known = new Set(groups.map((group) => group.group));
    for (const name of this.panels.keys()) if (!known.has(name)) this.panels.delete(name);
    this.showPage(feed);
  }

  wantedGroups(feed) {
    const query = this.context.route.query;
    const [group, channel] = [query.get("group"), query.get("channel")];
    const isWanted = (each) => (!group || each.group === group) && (!channel || each.channels.includes(channel));
    return (feed.groups ?? []).filter(isWanted);
  }

  showPage(feed) {
    const page = this.pages[this.page];
    const isTv = this.context.session.scope === "tv";
    const byKey = byCard(feed);
    this.signsUntilMs = nextChange(feed);
    for (const card of page) {
      if (!this.panels.has(card.group)) this.panels.set(card.group, new Panel());
      const href = isTv ? null : this.context.href;
      const cards = card.queues.map(([queue, channel]) => feed.cards.get(keyOf(queue, channel))).filter(Boolean);
      const panel = this.panels.get(card.group);
      panel.show(card, cards, feed.nowMs(), feed.isTrusted(), href);
      panel.sign(feed, signsOf(feed, cards, byKey));
    }
    reorder(this.list, page.map((card) => this.panels.get(card.group).element));
    document.getElementById("pages").hidden = this.pages.length < 2;
    write(document.getElementById("page"), say("page", { n: this.page + 1, all: this.pages.length }));
  }

  turn(step) {
    if (!this.pages) return;
    this.page = (this.page + step + this.pages.length) % this.pages.length;
    this.turnedAt = performance.now();
    this.showPage(this.context.feed);
  }

  tick(feed) {
    if (!this.pages) return;
    if (feed.state() === "fresh") {
      for (const card of this.pages[this.page]) this.panels.get(card.group).tick(feed.nowMs());
    }
    // Quiet begins and ends by the clock alone.
    if (feed.nowMs() >= this.signsUntilMs) this.showPage(feed);
    const isDue = this.seconds > 0 && performance.now() - this.turnedAt >= this.seconds * 1000;
    if (isDue && this.pages.length > 1) this.turn(1);
  }

  /** Keys of the wall; true when `key` was one. */
  onKey(key) {
    const step = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }[key];
    if (!step) return false;
    this.turn(step);
    return true;
  }

  unmount() {
    delete document.body.dataset.idle;
  }
}

/** Show the wall in `root`. */
export const mount = (root, context) => new WallView(root, context);
