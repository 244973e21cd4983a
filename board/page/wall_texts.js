// What stands under a number of the wall: the limit it has passed, or the one it has not, and whose it is.

import { duration, percent, smallPercent } from "./format.js";
import { judgedLost, judgedShare } from "./lost.js";
import { SIGNS, VERDICTS } from "./names.js";
import { say } from "./words.js";

const CASE_CHANNELS = new Set(["email", "ticket"]);
const RATIOS = new Set(["service_level_ratio", "abandonment_ratio"]);

/** Whether somebody waits on a line there: the numbers of waits are of such queues. */
export const isLive = (card) => !CASE_CHANNELS.has(card.channel);

/** 8, or 8–12 where the queues of a group differ. */
export function range(values, format) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? format(low) : `${format(low)}–${format(high)}`;
}

/** The queue in which somebody waits longest; null when nobody waits. */
export function oldestOf(cards) {
  const some = cards.filter((card) => card.now.oldest_queued_at_ms !== null);
  return some.sort((one, other) => one.now.oldest_queued_at_ms - other.now.oldest_queued_at_ms)[0] ?? null;
}

/** Whether no queue of a group has enough for a ratio to be judged. */
export const hasTooFew = (cards, measure) => cards.every((card) => {
  const counted = measure === "abandonment_ratio" ? judgedLost(card).all : card.windows["30m"].offered;
  return counted < card.minimum[measure];
});

/** The number for which a queue stands as it does: "26", "4:10", "41%". */
export function redNumber(card, nowMs) {
  const window = card.windows["30m"];
  const numbers = {
    waiting: () => String(card.now.waiting),
    longest_wait_seconds: () => duration((nowMs - card.now.oldest_queued_at_ms) / 1000),
    service_level_ratio: () => percent(window.service_level.sl_event.value),
    abandonment_ratio: () => smallPercent(judgedShare(card)),
    unattended_contacts: () => String(card.now.waiting),
    closed_wait_seconds: () => duration((nowMs - card.now.oldest_queued_at_ms) / 1000),
  };
  const measure = Object.keys(numbers).find((name) => card.severity_by[name] === card.severity);
  return measure ? numbers[measure]() : "";
}

const limitsOf = (cards, measure, level) =>
  cards.map((card) => card.thresholds[measure]?.[level]).filter((limit) => limit !== undefined);

/** The limits that are not passed: those of `own` when the number is its, of waits else the strictest. */
function calmText(measure, cards, own, format) {
  if (RATIOS.has(measure) && hasTooFew(cards, measure)) {
    return say("tooFew", { n: Math.min(...cards.map((card) => card.minimum[measure])) });
  }
  let limits = limitsOf(own ? [own] : cards, measure, "warning");
  if (!limits.length) return "";
  if (measure === "longest_wait_seconds") limits = [Math.min(...limits)];
  return say(measure === "waiting" && cards.length > 1 ? "limitEach" : "limit", { limit: range(limits, format) });
}

/**
 * "limit 8", or "▲ 8 or more" when it is passed. A group's number is that of all its queues, its limits are those of
 * each: what is meant is said, so that 9 waiting in three queues does not seem to be over a limit of 8. `cards`: the
 * queues. `own`: the one whose number it is, null for a sum.
 */
export function limitText({ measure, severity, value, cards, format, own }) {
  if (!severity) return calmText(measure, cards, own, format);
  const level = VERDICTS[severity];
  const hit = [own, ...cards].find((card) => card && card.severity_by[measure] === severity) ?? own ?? cards[0];
  const limit = hit?.thresholds[measure]?.[level];
  if (limit === undefined) return `${SIGNS[severity]} ${say(level)}`;
  const isLow = measure === "service_level_ratio";
  const isItsOwn = own ? own === hit : measure !== "waiting" && (isLow ? value < limit : value >= limit);
  const whose = isItsOwn || cards.length < 2 ? "" : "Queue";
  return `${SIGNS[severity]} ${say(`${isLow ? "under" : "over"}${whose}`, { limit: format(limit) })}`;
}
