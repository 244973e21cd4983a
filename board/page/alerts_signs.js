// The small signs beside a queue or group: people are told of it, somebody has taken it, it is quiet for a while.

import { quietOf, quietText, timeOf, titleOf, toldBy } from "./alerts.js";
import { icon } from "./icons.js";
import { part } from "./queue_parts.js";
import { keyOf } from "./stream.js";
import { say } from "./words.js";

/** What there is to sign of some cards: `{loud: [alert], taken: [alert], quiet}`; null for nothing. */
export function signsOf(feed, cards, byKey) {
  const found = cards.flatMap((card) => byKey.get(keyOf(card.queue, card.channel)) ?? []);
  const quiet = cards.map((card) => quietOf(feed, card)).find(Boolean) ?? null;
  if (!found.length && !quiet) return null;
  return { loud: found.filter((each) => !each.acknowledged), taken: found.filter((each) => each.acknowledged), quiet };
}

/** Alerts by the key of their card. */
export function byCard(feed) {
  const found = new Map();
  for (const alert of toldBy(feed).alerts) {
    const key = keyOf(alert.queue, alert.channel);
    found.set(key, [...(found.get(key) ?? []), alert]);
  }
  return found;
}

/** When another quiet begins or ends, on the log's clock: until then the signs stand as they are. */
export function nextChange(feed) {
  const now = feed.nowMs();
  const edges = toldBy(feed).quiet.flatMap(({ from_ms: from, to_ms: to }) => [from, to]).filter((ms) => ms > now);
  return Math.min(Infinity, ...edges);
}

/** A place for signs in `parent`, which shows them and says them. */
export class Signs {
  constructor(parent) {
    this.box = part(parent, "span", "signs");
    this.shown = "";
  }

  /** Show them; `isSmall`: of a group, with how many instead of since when. */
  show(feed, signs, isSmall = false) {
    const told = signs ? this.texts(feed, signs, isSmall) : [];
    const shown = JSON.stringify(told);
    if (shown === this.shown) return;
    this.shown = shown;
    this.box.replaceChildren();
    for (const { name, text, said } of told) {
      const sign = part(this.box, "span", `sign-of ${name}`);
      sign.title = said;
      icon(sign, name);
      part(sign, "span", "", text).setAttribute("aria-hidden", "true");
      part(sign, "span", "unseen", said);
    }
  }

  texts(feed, { loud, taken, quiet }, isSmall) {
    const now = feed.nowMs();
    const found = [];
    const mine = loud[0] ?? taken[0];
    if (mine) {
      const time = loud.length ? timeOf(mine.since_ms, now) : timeOf(mine.acknowledged.until_ms, feed.wallMs());
      const said = isSmall
        ? say(loud.length ? "signAlerts" : "signAllTaken", { n: loud.length })
        : say(loud.length ? "signAlert" : "signTaken", { time, what: titleOf(mine) });
      const text = isSmall ? (loud.length ? String(loud.length) : "") : time;
      found.push({ name: loud.length ? "alert" : "taken", text, said });
    }
    if (quiet) {
      const time = timeOf(quiet.to_ms, now);
      found.push({ name: "quiet", text: time, said: say("signQuiet", { time, why: quiet.reason || quietText(feed, quiet) }) });
    }
    return found;
  }
}
