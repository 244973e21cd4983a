// Why the data is old, in the page's language and time: the board says it in one sentence for logs and for the API.

import { instant } from "./format.js";
import { say } from "./words.js";

const TIME = String.raw`(?<time>\d{4}-\d\d-\d\dT[\d:.]+Z)`;
const NAME = String.raw`(?<name>\S+)`; // of a partition: calls.events/0
// Word -> the board's sentence. What the loader says of a partition is all one to whoever looks at the page.
const SENTENCES = Object.entries({
  whyRedis: `Redis has not answered since ${TIME}`,
  whyNoWorker: "no worker has written to this namespace yet",
  whyNoTick: `${NAME}: no tick since ${TIME}`,
  whyFirstTick: `${NAME}: no tick has arrived yet`,
  whyBehind: String.raw`${NAME}: catching up, (?<seconds>\d+) s behind`,
  whyReplay: `${NAME}: the replay stands still since ${TIME}`,
  whyLoading: `${NAME}: .+, since ${TIME}`,
}).map(([word, sentence]) => [word, new RegExp(`^${sentence}$`)]);

/** The reason in words; as the board says it when it is none that we know, "" when there is none. */
export function reasonText(reason) {
  for (const [word, sentence] of SENTENCES) {
    const found = sentence.exec(reason ?? "");
    if (!found) continue;
    const { time, ...values } = found.groups ?? {};
    return say(word, time ? { ...values, time: instant(Date.parse(time)) } : values);
  }
  return reason ?? "";
}
