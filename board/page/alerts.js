// What the board tells of alerts and of planned quiet, in words: of which queue, since when, which number, who has it.

import { DASH, clock, duration, instant, share } from "./format.js";
import { judgedShare } from "./lost.js";
import { SIGNS, VERDICTS, groupNameOf, nameOf } from "./names.js";
import { keyOf } from "./stream.js";
import { language, say } from "./words.js";

const DAY_MS = 86_400_000;
const NOTHING = { total: 0, alerts: [], quiet: [], delivery: {}, engine: {} };
const waited = (card, nowMs) => (
  card.now.oldest_queued_at_ms === null ? null : Math.max(0, nowMs - card.now.oldest_queued_at_ms) / 1000
);
// Numbers that the page has in its cards, current to the second.
const NUMBERS = {
  longest_wait_seconds: waited,
  closed_wait_seconds: waited,
  waiting: (card) => card.now.waiting,
  unattended_contacts: (card) => card.now.waiting,
  ready_agents: (card) => card.now.available,
  service_level_ratio: (card) => card.windows["30m"].service_level.sl_event.value,
  abandonment_ratio: judgedShare,
  overdue_contacts: (card) => card.backlog.overdue,
};

/** What the board told of alerts; nothing before it did. */
export const toldBy = (feed) => feed?.alerts ?? NOTHING;

/** The alerts of a queue and channel, the worst first. */
export const alertsOf = (feed, queue, channel) =>
  toldBy(feed).alerts.filter((alert) => alert.queue === queue && alert.channel === channel);

/** Whether planned quiet is about a queue's card. */
const covers = (quiet, card) => (quiet.queue === null || quiet.queue === card.queue)
  && (quiet.channel === null || quiet.channel === card.channel)
  && (quiet.group === null || quiet.group === card.group);

/** The planned quiet that is in force for a card; of several the one that ends last. Null without any. */
export function quietOf(feed, card) {
  const now = feed.nowMs();
  const found = toldBy(feed).quiet.filter((each) => each.from_ms <= now && now < each.to_ms && covers(each, card));
  return found.sort((one, other) => other.to_ms - one.to_ms)[0] ?? null;
}

/** "14:03", with its day when that is not within a day of now. */
export function timeOf(ms, nowMs) {
  const text = instant(ms);
  return Math.abs(nowMs - ms) < DAY_MS ? clock(ms).slice(0, 5) : text.slice(5, 16);
}

/** What a rule means. What is about no queue, or a rule of somebody else's, says itself what it is about. */
export function titleOf({ rule, queue, summary }) {
  const text = say(`rule_${rule}`);
  const known = text !== `rule_${rule}`;
  return (known && queue ? "" : summary?.[language]) || (known ? text : rule);
}

/** The sign of a severity, the same as of a number's. */
export const signOf = (alert) => SIGNS[Math.max(1, VERDICTS.indexOf(alert.severity))];

/** Of which queue it is; "" when it is of none. */
export function placeOf(feed, alert) {
  if (!alert.queue) return alert.group || say("alertPlatform");
  const card = feed.cards.get(keyOf(alert.queue, alert.channel));
  return card ? nameOf(card) : alert.queue;
}

function formatted(measure, value) {
  if (value === null || value === undefined) return DASH;
  if (measure.endsWith("_seconds")) return duration(value);
  return measure.endsWith("_ratio") ? share(Number(value.toFixed(3))) : String(Number(value.toFixed(1)));
}

/** "4:10, limit 3:00"; "" for what has no number. */
export function numbersOf(feed, alert) {
  if (!alert.measure) return "";
  const card = feed.cards.get(keyOf(alert.queue, alert.channel));
  const now = card && feed.isTrusted() ? NUMBERS[alert.measure]?.(card, feed.nowMs()) : null;
  const value = formatted(alert.measure, now ?? alert.value);
  const limit = alert.threshold ?? card?.thresholds[alert.measure]?.[alert.severity];
  if (limit === null || limit === undefined) return value === DASH ? "" : value;
  return say("alertNumbers", { value, limit: formatted(alert.measure, limit) });
}

/** "✓ Ana until 14:30"; "" while nobody has taken it. */
export function takenBy(feed, { acknowledged }) {
  if (!acknowledged) return "";
  const { by, until_ms: until } = acknowledged;
  const time = timeOf(until, feed.wallMs());
  return `✓ ${by ? say("ackBy", { by, time }) : say("ackUntil", { time })}`;
}

/** "team meeting until 14:30", or with its beginning when that is to come. */
export function quietText(feed, quiet) {
  const now = feed.nowMs();
  const [from, time] = [timeOf(quiet.from_ms, now), timeOf(quiet.to_ms, now)];
  const reason = quiet.reason || say("quietSign");
  return quiet.from_ms > now ? say("quietLater", { reason, from, time }) : say("quietOf", { reason, time });
}

/** Of what planned quiet is: a queue, a group, or the whole floor. */
export function quietPlace(feed, { queue, channel, group }) {
  const about = channel ? ` · ${say(channel)}` : "";
  if (queue !== null) {
    const card = [...feed.cards.values()].find((each) => each.queue === queue);
    return say("quietQueue", { name: card ? nameOf(card) : queue }) + about;
  }
  if (group === null) return say("quietFloor") + about;
  const card = [...feed.cards.values()].find((each) => each.group === group);
  return say("quietGroup", { name: card ? groupNameOf(card) : group }) + about;
}
