// The end of a row: the last hour as a line; and below a queue in trouble why, and who could help.

import { acuteText, whyText } from "./cause.js";
import { canvas } from "./charts_parts.js";
import { sparkline } from "./charts.js";
import { part, write } from "./queue_parts.js";
import { helpersText, isCaseWork } from "./row_texts.js";
import { say } from "./words.js";

const MOST_HELPERS = 3;

export class Side {
  constructor(parent) {
    this.trend = part(parent, "div", "trend");
    this.line = canvas(this.trend, "spark");
    this.box = part(parent, "div", "side");
    const why = part(parent, "div", "why");
    const first = part(why, "p", "first");
    this.acute = part(first, "span", "acute");
    first.append(" ");
    this.cause = part(first, "span", "cause");
    this.helpers = part(why, "p", "helpers");
    this.card = null;
    this.said = "";
  }

  show(card, trusted) {
    this.card = card;
    write(this.acute, trusted && card.acute ? acuteText(card.cause) : "");
    write(this.cause, trusted && (card.severity > 0 || card.acute) ? whyText(card) : "");
  }

  tick(nowMs, trusted) {
    const { helpers } = this.card;
    const text = trusted ? helpersText(helpers, nowMs, MOST_HELPERS) : "";
    if (text === this.said) return;
    write(this.helpers, text);
    this.said = this.helpers.clientWidth ? text : ""; // what is not on the page yet cannot be measured
    // Whole names only: who has no room is counted.
    for (let most = Math.min(MOST_HELPERS, helpers?.length ?? 0) - 1; text && most > 0; most -= 1) {
      if (this.helpers.scrollWidth <= this.helpers.clientWidth) break;
      write(this.helpers, helpersText(helpers, nowMs, most));
    }
    this.helpers.title = text;
  }

  /** `minutes`: waiting at the end of each of the last 60, oldest first; null while not known. Now is added to them. */
  showTrend(minutes, card) {
    const waiting = minutes && [...minutes, card.now.waiting];
    const none = !waiting || isCaseWork(card);
    this.line.toggleAttribute("hidden", none);
    if (none) return;
    // The line's top is the warning: how near a queue is to it can be seen without a number.
    const most = Math.max(0, ...waiting.map((value) => value ?? 0));
    sparkline(this.line, waiting, {
      max: card.thresholds.waiting?.warning ?? 0,
      label: say("trendSaid", { most, now: card.now.waiting }),
    });
  }
}
