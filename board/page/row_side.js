// The end of a row: the last hour as a line; and of a queue in trouble why, and who could help.

import { causeText } from "./cause.js";
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
    const why = part(this.box, "div", "why");
    const first = part(why, "p", "first");
    this.acute = part(first, "span", "acute");
    first.append(" ");
    this.cause = part(first, "span", "cause");
    this.helpers = part(why, "p", "helpers");
    this.card = null;
  }

  show(card, trusted) {
    this.card = card;
    write(this.acute, trusted && card.acute ? say("acute") : "");
    write(this.cause, trusted && (card.severity > 0 || card.acute) ? causeText(card.cause) : "");
  }

  tick(nowMs, trusted) {
    const text = trusted ? helpersText(this.card.helpers, nowMs, MOST_HELPERS) : "";
    write(this.helpers, text);
    if (this.helpers.title !== text) this.helpers.title = text; // a narrow row cuts it
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
