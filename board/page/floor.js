// The lead's desk: every queue, the worst first, with what one needs to act.

import { byCard, nextChange, signsOf } from "./alerts_signs.js";
import { Strip } from "./alerts_strip.js";
import { Filter, matches } from "./filter.js";
import { showPeople } from "./people.js";
import { reorder } from "./reorder.js";
import { queuePath } from "./router.js";
import { hasCases } from "./row_texts.js";
import { Row } from "./rows.js";
import { fromTemplate } from "./texts.js";
import { Trends } from "./trends.js";
import { say } from "./words.js";

// More rows than a screen holds are filled only near it.
const LARGE = 60;
const NEAR = "600px 0px";
// Where one was, for when one comes back from a queue.
const left = { key: null, scroll: 0 };

class FloorView {
  constructor(root, context) {
    this.context = context;
    root.replaceChildren(fromTemplate("floor-view"));
    this.at = (id) => root.querySelector(`#${id}`);
    this.list = this.at("rows");
    this.rows = new Map();
    this.keys = new WeakMap();
    this.near = new Set();
    this.shown = "";
    this.strip = new Strip(this.at("strip"), context);
    this.signed = { alerts: undefined, untilMs: -Infinity };
    this.filter = new Filter(context, document.getElementById("tools"));
    this.trends = new Trends(() => this.drawTrends());
    this.observer = new IntersectionObserver((entries) => this.moved(entries), { rootMargin: NEAR });
    for (const id of ["agents", "backlog"]) this.at(id).addEventListener("toggle", () => this.tick(context.feed));
    this.list.addEventListener("focusin", (event) => this.focused(event));
    this.at("empty").addEventListener("click", (event) => event.target.closest("button") && this.filter.clear());
  }

  show(feed) {
    const cards = feed.ordered();
    const wanted = this.filter.show(cards);
    const kept = cards.filter((card) => matches(card, wanted));
    const keys = feed.order.filter((key) => feed.cards.has(key) && matches(feed.cards.get(key), wanted));
    this.isLarge = keys.length > LARGE;
    this.list.dataset.large = this.isLarge ? "yes" : "no";
    const moved = this.search !== location.search;
    this.search = location.search;
    document.body.dataset.cases = kept.some(hasCases) ? "yes" : "no";
    // The fewer queues, the larger their numbers: all of a dozen fit on one screen.
    document.body.dataset.rows = kept.length <= 6 ? "few" : kept.length <= 8 ? "some" : "many";
    for (const [key, row] of this.rows) {
      if (feed.cards.has(key)) continue;
      this.observer.unobserve(row.element);
      this.near.delete(key);
      this.rows.delete(key);
    }
    for (const key of keys) {
      this.showRow(key, feed);
      // Links keep the query of the page.
      if (moved) this.leadRow(key);
    }
    const shown = keys.join("\u0000");
    if (shown !== this.shown) reorder(this.list, keys.map((key) => this.rows.get(key).element));
    this.shown = shown;
    this.strip.show(feed);
    this.showSigns(feed, true);
    this.sayEmpty(cards.length, kept.length);
    if (left.key !== null) this.comeBack();
  }

  /** Show a row when its card is another one than it shows; one that is far from the screen gets its head only. */
  showRow(key, feed) {
    const card = feed.cards.get(key);
    const trusted = feed.isTrusted();
    let row = this.rows.get(key);
    if (!row) {
      row = new Row(card);
      this.rows.set(key, row);
      this.keys.set(row.element, key);
      this.observer.observe(row.element);
      this.leadRow(key);
    }
    const whole = !this.isLarge || this.near.has(key);
    if (row.of === card && row.trusted === trusted && (row.whole || !whole)) return;
    Object.assign(row, { of: card, trusted, whole });
    if (whole) {
      row.show(card, feed.nowMs(), trusted);
      row.showTrend(this.trends.of(key));
    } else {
      row.showHead(card, trusted);
    }
  }

  /** Signs of alerts and quiet: looked at anew when the board told of others, or when one begins or ends. */
  showSigns(feed, isNews) {
    const isSame = this.signed.alerts === feed.alerts && feed.nowMs() < this.signed.untilMs;
    const byKey = isSame ? this.signed.byKey : byCard(feed);
    if (!isSame) this.signed = { alerts: feed.alerts, untilMs: nextChange(feed), byKey, of: new WeakMap() };
    else if (!isNews) return;
    for (const [key, row] of this.rows) {
      if (isSame && this.signed.of.get(row) === row.of) continue;
      this.signed.of.set(row, row.of);
      row.sign(feed, signsOf(feed, [row.of], byKey));
    }
  }

  leadRow(key) {
    const card = this.context.feed.cards.get(key);
    this.rows.get(key).lead(this.context.href(queuePath(card.queue, card.channel)));
  }

  /** Rows came near the screen, or left it. */
  moved(entries) {
    for (const { target, isIntersecting } of entries) {
      const key = this.keys.get(target);
      if (isIntersecting) this.near.add(key);
      else this.near.delete(key);
      const { feed } = this.context;
      if (isIntersecting && this.rows.has(key) && feed.cards.has(key)) this.showRow(key, feed);
    }
  }

  drawTrends() {
    for (const [key, row] of this.rows) {
      if (row.whole && (!this.isLarge || this.near.has(key))) row.showTrend(this.trends.of(key));
    }
  }

  sayEmpty(all, shown) {
    const empty = this.at("empty");
    empty.hidden = shown > 0;
    const text = all ? say("noneFound") : say("empty");
    if (empty.dataset.text === text) return;
    empty.dataset.text = text;
    empty.textContent = text;
    if (!all) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = say("showAll");
    empty.append(" ", button);
  }

  tick(feed) {
    if (!feed.floor) return;
    if (feed.state() === "fresh") {
      const now = feed.nowMs();
      for (const [key, row] of this.rows) if (!this.isLarge || this.near.has(key)) row.tick(now, true);
    }
    this.strip.tick();
    this.showSigns(feed, false);
    showPeople(feed.people, feed.ordered(), feed.nowMs(), feed.isTrusted());
  }

  focused(event) {
    const row = this.rows.get(this.keys.get(event.target.closest("article")));
    if (row === this.open) return;
    this.open?.reach(false);
    row?.reach(true);
    this.open = row;
  }

  /** Keys of the floor; true when `key` was one. */
  onKey(key) {
    if (key === "/") {
      this.filter.search.focus();
      this.filter.search.select();
      return true;
    }
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[key];
    if (!step) return false;
    const rows = [...this.list.children];
    const index = rows.indexOf(document.activeElement?.closest("article"));
    const next = rows[index < 0 ? (step > 0 ? 0 : rows.length - 1) : index + step];
    if (!next) return true;
    next.querySelector("h2 a").focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
    return true;
  }

  /** From a queue back to its row. */
  comeBack() {
    const row = this.rows.get(left.key);
    scrollTo(0, left.scroll);
    row?.name.focus({ preventScroll: true });
    left.key = null;
  }

  unmount() {
    const focused = document.activeElement?.closest("#rows article");
    left.key = focused ? this.keys.get(focused) : null;
    left.scroll = scrollY;
    this.trends.stop();
    this.observer.disconnect();
    for (const name of ["rows", "cases"]) delete document.body.dataset[name];
  }
}

/** Show the floor in `root`. */
export const mount = (root, context) => new FloorView(root, context);
