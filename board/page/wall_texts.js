// What stands under a number of the wall: the limit it has passed, or the one it has not, and whose it is.

import { SIGNS, VERDICTS } from "./names.js";
import { say } from "./words.js";

/** 8, or 8–12 where the queues of a group differ. */
function range(values, format) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? format(low) : `${format(low)}–${format(high)}`;
}

const limitsOf = (cards, measure, level) =>
  cards.map((card) => card.thresholds[measure]?.[level]).filter((limit) => limit !== undefined);

/**
 * "limit 8", or "▲ over 8" when it is passed. A group's number is that of all its queues, its limits are those of each:
 * what is meant is said, so that 9 waiting in three queues does not seem to be over a limit of 8. `cards`: the queues.
 * `isSum`: the number is not that of one queue.
 */
export function limitText({ measure, severity, value, cards, format, isSum }) {
  const shared = isSum && cards.length > 1;
  if (!severity) {
    const limits = limitsOf(cards, measure, "warning");
    if (!limits.length) return "";
    return say(shared && measure === "waiting" ? "limitEach" : "limit", { limit: range(limits, format) });
  }
  const level = VERDICTS[severity];
  const hit = cards.find((card) => card.severity_by[measure] === severity) ?? cards[0];
  const limit = hit?.thresholds[measure]?.[level];
  if (limit === undefined) return `${SIGNS[severity]} ${say(level)}`;
  const isLow = measure === "service_level_ratio";
  const passed = isLow ? value < limit : value >= limit;
  const whose = passed && measure !== "waiting" ? "" : shared ? "Queue" : "";
  return `${SIGNS[severity]} ${say(`${isLow ? "under" : "over"}${whose}`, { limit: format(limit) })}`;
}
