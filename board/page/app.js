// The wallboard: worst queue first, four numbers each, and always how old they are.

import { age, clock, instant } from "./format.js";
import { showPeople } from "./people.js";
import { Row, hasCases } from "./rows.js";
import { Feed } from "./stream.js";
import { language, say } from "./words.js";

const TICK_MS = 250;
const STALE_MS = 3000;
const at = (id) => document.getElementById(id);
const rows = new Map();
let lostSince = null;

document.documentElement.lang = language;
for (const element of document.querySelectorAll("[data-word]")) element.textContent = say(element.dataset.word);
at("agents").addEventListener("toggle", () => tick(feed));
at("backlog").addEventListener("toggle", () => tick(feed));
for (const link of document.querySelectorAll("#languages a")) link.toggleAttribute("aria-current", link.hreflang === language);

// Only what changed is written, or a screen reader would say it four times a second.
function write(id, text) {
  if (at(id).textContent !== text) at(id).textContent = text;
}

/** "fresh", "stale", "rebuilding", "lost" or "connecting", as it is true at this moment. */
function stateOf(feed) {
  if (feed.isLost()) return feed.floor ? "lost" : "connecting";
  if (!feed.floor) return "connecting";
  // The board's own word is 250 ms old at most; the age is ours, so a clock that stops is noticed here, too.
  if (feed.floor.state === "fresh" && !feed.isReplay() && feed.ageMs() > STALE_MS + 1000) return "stale";
  return feed.floor.state;
}

function bannerText(feed, state) {
  if (state === "connecting") return say("connecting");
  if (state === "lost") return say("lostConnection", { time: clock(lostSince) });
  if (state === "rebuilding") return say("rebuilding");
  return say("stale", { time: feed.floor.updated_ms ? instant(feed.floor.updated_ms) : "–" });
}

function showRows(feed) {
  const trusted = feed.floor.state !== "rebuilding";
  const list = at("rows");
  const wanted = feed.order.filter((key) => feed.cards.has(key));
  for (const key of rows.keys()) {
    if (!feed.cards.has(key)) {
      rows.get(key).element.remove();
      rows.delete(key);
    }
  }
  wanted.forEach((key, index) => {
    if (!rows.has(key)) rows.set(key, new Row());
    const row = rows.get(key);
    row.show(feed.cards.get(key), feed.nowMs(), trusted);
    if (list.children[index] !== row.element) list.insertBefore(row.element, list.children[index] ?? null);
  });
  const cards = [...feed.cards.values()];
  document.body.dataset.cases = cards.some(hasCases) ? "yes" : "no";
  // The fewer queues, the larger their numbers: all of a dozen fit on one screen.
  document.body.dataset.rows = cards.length <= 6 ? "few" : cards.length <= 8 ? "some" : "many";
  const count = (severity) => cards.filter((card) => card.severity === severity).length;
  at("totals").textContent = trusted && cards.length
    ? say("totals", { critical: count(2), warning: count(1), ok: count(0) }) : "";
  at("empty").hidden = cards.length > 0;
  at("empty").textContent = say("empty");
}

function tick(feed) {
  const state = stateOf(feed);
  if (state === "lost" && lostSince === null) lostSince = feed.wallMs() - feed.silence();
  if (state !== "lost") lostSince = null;
  document.body.dataset.state = state;
  const banner = at("banner");
  banner.hidden = state === "fresh";
  write("state", banner.hidden ? "" : bannerText(feed, state));
  write("reason", state === "stale" || state === "rebuilding" ? feed.floor.reason ?? "" : "");
  at("clock").textContent = clock(feed.wallMs());
  const old = feed.ageMs();
  at("age").textContent = old === null ? "" : say("age", { age: age(old) });
  const replay = feed.isReplay() ? [say("replay"), feed.floor.namespace] : [];
  if (replay.length && feed.floor.now_ms) replay.push(instant(feed.floor.now_ms));
  at("namespace").textContent = replay.join(" ");
  if (state === "fresh") for (const row of rows.values()) row.tick(feed.nowMs(), true);
  if (feed.floor) showPeople(feed.people, feed.ordered(), feed.nowMs(), feed.floor.state !== "rebuilding");
}

async function orderSpike() {
  const button = at("spike");
  button.disabled = true;
  let heard = 0;
  try {
    const answer = await fetch("/api/simulator/spike", { method: "POST", body: JSON.stringify({ queue: null }) });
    heard = answer.ok ? (await answer.json()).simulators : 0;
  } catch {
    heard = 0;
  }
  button.textContent = say(heard ? "spikeDone" : "spikeNone");
  setTimeout(() => {
    button.disabled = false;
    button.textContent = say("spike");
  }, 5000);
}

if (document.documentElement.dataset.demo === "yes") {
  at("spike").hidden = false;
  at("spike").textContent = say("spike");
  at("spike").addEventListener("click", orderSpike);
}

const feed = new Feed((changed) => {
  showRows(changed);
  tick(changed);
});
tick(feed);
setInterval(() => tick(feed), TICK_MS);
