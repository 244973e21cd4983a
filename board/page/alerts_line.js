// One alert in one line, and one planned quiet: in the strip of a view, and in the list of all.

import { numbersOf, placeOf, quietPlace, quietText, signOf, takenBy, timeOf, titleOf } from "./alerts.js";
import { icon } from "./icons.js";
import { button, part, set, write } from "./queue_parts.js";
import { queuePath } from "./router.js";
import { mayWrite } from "./session.js";
import { say } from "./words.js";

export class AlertLine {
  /** `isPlaced`: its queue is named, and leads there. */
  constructor(context, isPlaced) {
    this.context = context;
    this.element = part(null, "li", "alert-line");
    this.sign = part(this.element, "span", "alert-sign");
    this.title = part(this.element, "strong", "alert-title");
    this.place = isPlaced ? part(this.element, "a", "alert-place") : null;
    this.since = part(this.element, "span", "alert-since");
    this.numbers = part(this.element, "span", "alert-numbers");
    this.state = part(this.element, "span", "alert-state");
    this.taken = part(this.element, "span", "alert-taken");
    this.button = button(this.element, "small", "", () => context.acknowledge(this.alert));
  }

  show(alert) {
    this.alert = alert;
    const { feed, session, href } = this.context;
    set(this.element, { "data-severity": alert.severity === "critical" ? 2 : 1, "data-taken": alert.acknowledged ? "yes" : "no" });
    write(this.sign, signOf(alert));
    write(this.title, titleOf(alert));
    if (this.place) {
      write(this.place, placeOf(feed, alert));
      set(this.place, { href: alert.queue && alert.channel ? href(queuePath(alert.queue, alert.channel)) : null });
    }
    write(this.since, say("alertSince", { time: timeOf(alert.since_ms, feed.nowMs()) }));
    write(this.state, alert.phase === "resolving" ? say("alertResolving") : "");
    const why = alert.acknowledged?.reason;
    write(this.taken, [takenBy(feed, alert), why ? `“${why}”` : ""].filter(Boolean).join(" "));
    const word = say(alert.acknowledged ? "ackChange" : "ackButton");
    write(this.button, word);
    set(this.button, { "aria-label": `${word}: ${titleOf(alert)}, ${placeOf(feed, alert)}` });
    this.button.hidden = !mayWrite(session);
    this.tick();
  }

  /** Its number moves without any news. */
  tick() {
    write(this.numbers, numbersOf(this.context.feed, this.alert));
  }
}

export class QuietLine {
  /** `end(quiet)` takes one back; null where nobody can. */
  constructor(context, end = null) {
    Object.assign(this, { context });
    this.element = part(null, "li", "quiet-line");
    icon(this.element, "quiet");
    this.text = part(this.element, "span", "quiet-text");
    this.place = part(this.element, "span", "quiet-place");
    this.who = part(this.element, "span", "quiet-who");
    this.button = end && button(this.element, "small", say("quietEnd"), () => end(this.quiet));
  }

  show(quiet) {
    this.quiet = quiet;
    const { feed, session } = this.context;
    write(this.text, quietText(feed, quiet));
    write(this.place, quietPlace(feed, quiet));
    const isFixed = quiet.created_ms === 0;
    write(this.who, isFixed ? say("quietFile") : quiet.author);
    if (!this.button) return;
    set(this.button, { "aria-label": `${say("quietEnd")}: ${quietText(feed, quiet)}` });
    this.button.hidden = isFixed || !mayWrite(session);
  }
}
