// Says aloud, to those who listen to the page, what became critical, and when the data is right again.

import { nameOf } from "./names.js";
import { whyText } from "./cause.js";
import { listed, say } from "./words.js";

const MOST = 3;
const PAUSE_MS = 3_000;

export class Announcer {
  /** `region`: a polite live region. Staleness is said by the banner, which is one, too. */
  constructor(region) {
    this.region = region;
    this.critical = null;
    this.state = null;
    this.news = [];
  }

  show(feed) {
    const state = feed.state();
    if (this.state && this.state !== "fresh" && state === "fresh") this.say(say("saidFresh"));
    this.state = state;
    if (!feed.isTrusted()) return;
    const critical = new Map([...feed.cards].filter(([, card]) => card.severity === 2));
    // What was red when the page was opened is no news.
    const before = this.critical ?? critical;
    const fresh = [...critical].filter(([key]) => !before.has(key)).map(([, card]) => card);
    this.critical = critical;
    if (!fresh.length) return;
    const told = fresh.slice(0, MOST)
      .map((card) => listed([say("saidCritical", { name: nameOf(card) }), whyText(card)]));
    if (fresh.length > MOST) told.push(say("saidMore", { n: fresh.length - MOST }));
    this.say(told.join(". "));
  }

  /** One thing at a time, or the later one would cut the earlier one off. */
  say(text) {
    this.news.push(text);
    if (this.news.length > 1) return;
    const next = () => {
      this.region.textContent = this.news[0] ?? "";
      if (!this.news.length) return;
      setTimeout(() => {
        this.news.shift();
        next();
      }, PAUSE_MS);
    };
    next();
  }
}
