// What queues are called, and the signs of severities.

import { language, say } from "./words.js";

/** Beside every colour stands one of these; each has its word, too. */
export const SIGNS = ["", "▲", "‼"];
export const VERDICTS = ["ok", "warning", "critical"];

const inLanguage = (names, plain) => names?.[language] || names?.[language.split("-")[0]] || plain;

/** What a queue (its card, or the `worst` of a group) is called in the page's language. */
export const nameOf = (card) => inLanguage(card.display_names, card.display_name);

/** What the group of a queue's card is called, "" when it has none. */
export const groupNameOf = (card) => inLanguage(card.group_names, card.group);

/** What a group, by its own card, is called. */
export const nameOfGroup = (card) => inLanguage(card.display_names, card.group);

/** "‼ CRITICAL": sign and word of a queue or group; what spikes is to be watched before any limit is passed. */
export function verdictOf(card, severity) {
  if (!severity && card.acute) return `${SIGNS[1]} ${say("watch")}`;
  return `${SIGNS[severity]} ${say(VERDICTS[severity])}`.trim();
}
