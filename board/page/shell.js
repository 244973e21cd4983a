// What stands around every view: the header, the banner, and the state of the data.

import { toldBy } from "./alerts.js";
import { age, clock, instant } from "./format.js";
import { icon } from "./icons.js";
import { part, set, write } from "./queue_parts.js";
import { reasonText } from "./reason.js";
import { nameButton } from "./texts.js";
import { chosenTheme, nextTheme, wearTheme } from "./theme.js";
import { say } from "./words.js";

const at = (id) => document.getElementById(id);
// Addresses of views; all else (files, another language) the browser asks the board for.
const OURS = /^\/(?:$|\?|wall|queue\/)/;
// Those who may only look at a television see the wall, and nothing that leads away from it.
const isTv = (session) => session.scope === "tv";

export class Shell {
  constructor(context, router, alarm) {
    Object.assign(this, { context, router, alarm });
    this.lostSince = null;
    this.onHelp = this.onFull = this.onSpike = this.onAlerts = () => {};
    at("keys").addEventListener("click", () => this.onHelp());
    at("full").addEventListener("click", () => this.onFull());
    at("spike").addEventListener("click", () => this.onSpike());
    at("alerts").addEventListener("click", () => this.onAlerts());
    icon(at("alerts"), "alert");
    this.count = part(at("alerts"), "span", "count");
    this.bell(null);
    at("sound").addEventListener("click", () => alarm.toggle());
    at("theme").addEventListener("click", () => this.otherTheme());
    nameButton(at("keys"), say("help"));
    nameButton(at("full"), say("fullScreen"));
    at("spike").hidden = document.documentElement.dataset.demo !== "yes";
    document.addEventListener("click", (event) => this.clicked(event));
  }

  /** Links of the page change the view without loading it anew; a number that can explain itself does. */
  clicked(event) {
    const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (event.defaultPrevented || !isPlain) return;
    const number = event.target.closest("[data-explain]");
    if (number) {
      event.preventDefault(); // a number of the wall is a link, too
      explainElement(this.context, number);
      return;
    }
    const link = event.target.closest("a[href]:not([hreflang]):not([download]):not([target])");
    if (!link || !OURS.test(link.getAttribute("href"))) return;
    event.preventDefault();
    this.router.visit(link.pathname + link.search);
  }

  otherTheme() {
    this.router.change({ theme: nextTheme(chosenTheme()) });
    wearTheme();
  }

  /** The address changed. */
  route(route) {
    for (const link of document.querySelectorAll("#views a")) {
      link.href = this.context.href(link.dataset.view === "wall" ? "/wall" : "/");
      set(link, { "aria-current": link.dataset.view === route.view ? "page" : null });
    }
    for (const link of document.querySelectorAll("#languages a")) {
      link.href = this.context.href(location.pathname, { lang: link.hreflang });
      set(link, { "aria-current": link.hreflang === this.context.language ? "true" : null });
    }
    nameButton(at("theme"), say("theme", { now: say(`theme_${chosenTheme()}`) }));
    at("theme").dataset.state = chosenTheme();
  }

  session(session) {
    document.body.dataset.scope = session.scope ?? "";
    at("views").hidden = at("alerts").hidden = isTv(session);
    if (session.demo) at("spike").hidden = isTv(session);
  }

  /** How many alerts nobody has taken, at the bell. */
  bell(feed) {
    const { total, alerts } = toldBy(feed);
    const taken = alerts.filter((each) => each.acknowledged).length;
    write(this.count, total > taken ? String(total - taken) : "");
    nameButton(at("alerts"), say("alertsCount", { n: total, taken }));
    at("alerts").dataset.state = total > taken ? "loud" : total ? "taken" : "none";
  }

  /** News: how many are how bad. */
  show(feed) {
    this.bell(feed);
    const cards = this.context.route.view === "wall" && feed.groups ? feed.groups : [...feed.cards.values()];
    const count = (severity, acute = null) => cards
      .filter((card) => card.severity === severity && (acute === null || card.acute === acute)).length;
    const watched = count(0, true);
    const watch = watched ? say("totalsWatch", { n: watched }) : "";
    write(at("totals"), feed.isTrusted() && cards.length
      ? say("totals", { critical: count(2), warning: count(1), watch, ok: count(0, false) }) : "");
  }

  tick(feed) {
    const state = feed.state();
    if (state === "lost" && this.lostSince === null) this.lostSince = feed.wallMs() - feed.silence();
    if (state !== "lost") this.lostSince = null;
    document.body.dataset.state = state;
    const banner = at("banner");
    banner.hidden = state === "fresh";
    write(at("state"), banner.hidden ? "" : this.bannerText(feed, state));
    write(at("reason"), state === "stale" || state === "rebuilding" ? reasonText(feed.floor.reason) : "");
    write(at("clock"), clock(feed.wallMs()));
    const old = feed.ageMs();
    write(at("age"), old === null ? "" : say("age", { age: age(old) }));
    const replay = feed.isReplay() ? [say("replay"), feed.floor.namespace] : [];
    if (replay.length && feed.floor.now_ms) replay.push(instant(feed.floor.now_ms));
    write(at("namespace"), replay.join(" "));
    nameButton(at("sound"), say("sound", { now: say(`sound_${this.alarm.state}`) }));
    at("sound").dataset.state = this.alarm.state;
    at("sound").setAttribute("aria-pressed", this.alarm.state !== "off");
  }

  bannerText(feed, state) {
    if (state === "connecting") return say("connecting");
    if (state === "lost") return say("lostConnection", { time: clock(this.lostSince) });
    if (state === "rebuilding") return say("rebuilding");
    return say("stale", { time: feed.floor.updated_ms ? instant(feed.floor.updated_ms) : "–" });
  }
}

/** Open the explanation of a number: data-explain is `measure[:window[:variant]]`, its queue stands around it. */
export function explainElement(context, element) {
  const about = element.closest("[data-queue]");
  if (!about || isTv(context.session)) return;
  const [measure, window, variant] = element.dataset.explain.split(":");
  context.explain({ queue: about.dataset.queue, channel: about.dataset.channel, measure, window, variant });
}
