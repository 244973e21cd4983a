// Why a queue is in trouble, in words: limits that no number of its own shows, and what raised the load.

import { DASH, duration } from "./format.js";
import { listed, say } from "./words.js";

// These stand as coloured numbers already.
const NUMBERS = new Set(["waiting", "longest_wait_seconds", "service_level_ratio", "abandonment_ratio"]);

/** +60%, and from three times on ×8.4: a percentage in the hundreds is no help. */
function change(now, before) {
  if (!before) return "";
  const ratio = now / before;
  if (ratio >= 3) return `×${rate(ratio)}`;
  return `${ratio < 1 ? "−" : "+"}${Math.round(Math.abs(ratio - 1) * 100)}%`;
}

/** 27, 3.2, 0 */
function rate(value) {
  if (value === null) return DASH;
  return value >= 9.95 ? String(Math.round(value)) : String(Number(value.toFixed(1)));
}

/** "nobody serves it": the worst of the limits passed that the numbers do not show, of a queue's or a group's card. */
function limitsText({ severity_by: by }) {
  const passed = Object.keys(by).filter((measure) => by[measure] && !NUMBERS.has(measure));
  const worst = Math.max(0, ...passed.map((measure) => by[measure]));
  return listed(passed.filter((measure) => by[measure] === worst).map((measure) => say(`by_${measure}`)));
}

/** Why, of a card: limits first, for they are what turned it red. */
export const whyText = (card) => listed([limitsText(card), causeText(card.cause)]);

/** What stands on the badge of an acute queue: "spiking now", "people missing", "taking longer", "watch". */
export const acuteText = (cause) => say(
  { volume: "acute_volume", staff: "acute_staff", handle_time: "acute_handle_time" }[cause?.kind] ?? "acuteElse",
);

/**
 * "volume +60%: 8 a minute, usual 5", "staff: 2, usual 9", "handling +40%: 5:40, usual 4:00"; "" when nothing stands out.
 */
export function causeText(cause) {
  if (!cause) return "";
  if (cause.kind === "volume") {
    const { now_per_minute: now, before_per_minute: before } = cause.volume;
    const text = say("causeVolume", { change: change(now, before), now: rate(now), before: rate(before) });
    return text.replace(/ +(?=[:：])/, ""); // where there is no usual, there is no change
  }
  if (cause.kind === "staff") {
    const { now, before } = cause.staff;
    return say("causeStaff", { now, before: before === null ? DASH : Math.round(before) });
  }
  if (cause.kind === "handle_time") {
    const { now, before } = cause.handle_seconds;
    return say("causeHandling", { change: change(now, before), now: duration(now), before: duration(before) });
  }
  return "";
}
