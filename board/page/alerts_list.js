// All alerts in one list, with what is quiet, and whether they reach anybody.

import { toldBy } from "./alerts.js";
import { AlertLine, QuietLine } from "./alerts_line.js";
import { openModal } from "./modal.js";
import { Lines, button, part, write } from "./queue_parts.js";
import { say } from "./words.js";

const TICK_MS = 500;
let open = null;

class AlertList {
  constructor(context) {
    this.context = context;
    Object.assign(this, openModal("alert-list", say("alerts"), () => {
      open = null;
      clearInterval(this.timer);
    }));
    this.warning = part(this.body, "p", "alert-warning");
    this.none = part(this.body, "p", "empty", say("alertsNone"));
    this.lines = new Lines(part(this.body, "ul", "alert-lines"), () => new AlertLine(context, true));
    this.more = part(this.body, "p", "hint");
    part(this.body, "h3", "", say("quietTitle"));
    this.quietNone = part(this.body, "p", "empty", say("quietNone"));
    this.quiets = new Lines(part(this.body, "ul", "alert-lines"), () => new QuietLine(context));
    button(part(this.body, "div", "buttons"), "", say("quietButton"), () => {
      this.close();
      context.quiet();
    });
    // A line leads to its queue, and there is nothing left to look at here.
    this.body.addEventListener("click", (event) => event.target.closest("a[href]") && this.close());
    this.show();
    this.timer = setInterval(() => this.show(), TICK_MS);
  }

  show() {
    const told = toldBy(this.context.feed);
    this.lines.show(told.alerts, (alert) => alert.id);
    this.none.hidden = told.alerts.length > 0;
    write(this.more, told.total > told.alerts.length ? say("alertsMore", { n: told.alerts.length, all: told.total }) : "");
    this.more.hidden = !this.more.textContent;
    this.quiets.show(told.quiet, (each) => each.id);
    this.quietNone.hidden = told.quiet.length > 0;
    write(this.warning, warningOf(told));
  }
}

/** What keeps alerts from people, in one sentence; "" when nothing does. */
export function warningOf({ delivery, engine }) {
  if (!delivery.configured) return say("alertsUnset");
  if (!delivery.reachable) return say("alertsAway");
  return engine.known && !engine.alive ? say("alertsDead") : "";
}

/** Open it, unless it is open. */
export function openAlerts(context) {
  if (open || context.session.scope === "tv") return;
  open = new AlertList(context);
}
