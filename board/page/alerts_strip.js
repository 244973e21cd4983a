// The strip of alerts above a view: on the floor the worst one and how many more, in a queue's view all of its own.

import { alertsOf, quietOf, toldBy } from "./alerts.js";
import { AlertLine, QuietLine } from "./alerts_line.js";
import { Lines, button, part, set, write } from "./queue_parts.js";
import { keyOf } from "./stream.js";
import { say } from "./words.js";

// More would take the room of the queues themselves.
const ON_FLOOR = 1;

export class Strip {
  /** In `parent`. `of`: `{queue, channel}`; null for the whole floor. */
  constructor(parent, context, of = null) {
    Object.assign(this, { context, of });
    this.element = part(parent, "section", "alert-strip");
    set(this.element, { "aria-label": say(of ? "alertsHere" : "alerts") });
    this.element.hidden = true;
    this.alerts = new Lines(part(this.element, "ul", "alert-lines"), () => new AlertLine(context, !of));
    this.quiets = new Lines(part(this.element, "ul", "alert-lines"), () => new QuietLine(context));
    const tools = part(this.element, "p", "alert-tools");
    this.all = button(tools, "small", "", () => context.alerts());
    this.plan = of ? button(tools, "small", say("quietButton"), () => context.quiet()) : null;
    this.warning = part(this.element, "p", "alert-warning");
  }

  /** News, or another second: of what the board told before, only numbers move. */
  show(feed) {
    const told = toldBy(feed);
    const all = this.of ? alertsOf(feed, this.of.queue, this.of.channel) : told.alerts;
    const shown = this.of ? all : all.filter((each) => !each.acknowledged).slice(0, ON_FLOOR);
    this.alerts.show(shown, (alert) => alert.id);
    const quiet = this.quiet(feed, told);
    this.quiets.show(quiet, (each) => each.id);
    write(this.all, say("alertsAll", { n: told.total }));
    this.all.hidden = told.total <= shown.length && !told.quiet.length;
    const isAway = told.delivery.configured && !told.delivery.reachable;
    write(this.warning, isAway ? say("alertsAway") : told.engine.known && !told.engine.alive ? say("alertsDead") : "");
    const isTv = this.context.session.scope === "tv";
    this.element.hidden = isTv || !(shown.length || quiet.length || (this.of ? 0 : told.total) || this.warning.textContent);
  }

  /** What is quiet now: for the queue, or on the floor the first that is about more than one. */
  quiet(feed, told) {
    if (!this.of) {
      const now = feed.nowMs();
      const wide = told.quiet.filter((each) => each.queue === null && each.from_ms <= now && now < each.to_ms);
      return wide.slice(0, ON_FLOOR);
    }
    const card = feed.cards.get(keyOf(this.of.queue, this.of.channel));
    const found = card && quietOf(feed, card);
    return found ? [found] : [];
  }

  tick() {
    if (this.element.hidden) return;
    for (const line of this.alerts.known.values()) line.tick();
  }
}
