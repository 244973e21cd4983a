// Abandonment as it is judged: without those who gave up at once, who neither came nor were lost.

import { say } from "./words.js";

/** Of 30 min: who gave up, of how many who left, both without the `short` ones who gave up at once. */
export function judgedLost({ windows }) {
  const { abandonment, short_abandoned: short } = windows["30m"];
  return { lost: abandonment.numerator - short, all: abandonment.denominator - short, short };
}

/** What limits of abandonment are compared with; null of nobody. */
export function judgedShare(card) {
  const { lost, all } = judgedLost(card);
  return all > 0 ? lost / all : null;
}

/** "2 short"; "" where nobody gave up at once. */
export function shortText(card) {
  const n = judgedLost(card).short;
  return n > 0 ? say("short", { n }) : "";
}

/** "2 within 5 s not judged"; "" where nobody gave up at once. */
export function notJudgedText(card) {
  const n = judgedLost(card).short;
  return n > 0 ? say("notJudged", { n, seconds: card.target.short_abandon_seconds }) : "";
}

/** "2 short left out", of several queues; "" where nobody gave up at once. */
export function notJudgedShort(cards) {
  const n = cards.reduce((sum, card) => sum + judgedLost(card).short, 0);
  return n > 0 ? say("shortLeftOut", { n }) : "";
}
