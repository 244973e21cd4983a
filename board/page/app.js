// The page: one connection, one view at a time, and what all views share.

import { Alarm } from "./alarm.js";
import { openLink } from "./alerts_link.js";
import { Announcer } from "./announce.js";
import { openHelp } from "./help.js";
import { listenToKeys } from "./keys.js";
import { Router } from "./router.js";
import { Screen } from "./screen.js";
import { loadSession, loginPath, session } from "./session.js";
import { Shell } from "./shell.js";
import { Spike } from "./spike.js";
import { Feed } from "./stream.js";
import { fillWords } from "./texts.js";
import { wearTheme } from "./theme.js";
import { language, say } from "./words.js";

const TICK_MS = 250;
const LOADERS = {
  floor: () => import("./floor.js"),
  wall: () => import("./wall.js"),
  queue: () => import("./queue.js"),
  login: () => import("./login.js"),
};

const root = document.getElementById("view");
let view = null;
let wanted = 0;

document.documentElement.lang = language;
fillWords(document);

async function mount(route, moved) {
  const ticket = (wanted += 1);
  const module = await LOADERS[route.view]().catch(() => null);
  if (ticket !== wanted) return; // another one was asked for meanwhile
  view?.unmount();
  document.body.dataset.view = route.view;
  document.getElementById("tools").replaceChildren();
  root.replaceChildren(...(module ? [] : [say("viewMissing")]));
  view = module ? module.mount(root, context) : null;
  shell.route(route);
  if (moved) root.focus({ preventScroll: true });
  if (feed?.floor) view?.show(feed);
  tick();
}

const router = new Router((route, before) => {
  wearTheme();
  shell.route(route);
  if (route.key !== before.key) mount(route, true);
  else if (feed.floor) view?.show(feed);
});

/**
 * What a view may use. `explain({queue, channel, measure, window, variant})` opens the dialog of a number, `alerts()`
 * the list of all alerts, `quiet()` planned quiet, `acknowledge(alert)` what takes one.
 */
const context = {
  get feed() { return feed; },
  get route() { return router.route; },
  say,
  language,
  session,
  // A television shows the wall, and the board tells it nothing that other views are made of.
  go: (path, changes) => (session.scope !== "tv" || path === "/wall") && router.go(path, changes),
  href: (path, changes) => router.href(path, changes),
  change: (changes) => router.change(changes),
  back: () => router.back(),
  explain: async (request) => (await import("./explain.js")).openExplain(context, request),
  alerts: async () => (await import("./alerts_list.js")).openAlerts(context),
  quiet: async () => (await import("./quiet_dialog.js")).openQuiet(context),
  acknowledge: async (alert, ended) => (await import("./acknowledge.js")).openAcknowledge(context, alert, ended),
};

const alarm = new Alarm(router);
const shell = new Shell(context, router, alarm);
const announcer = new Announcer(document.getElementById("live"));
const screen = new Screen();
const spike = new Spike(context);
let feed = null;

function tick() {
  if (!feed) return;
  feed.check();
  shell.tick(feed);
  view?.tick(feed);
  alarm.tick(feed);
  screen.tick(feed);
}

/** The board refused the connection: perhaps because nobody is logged in (any more). */
async function refused() {
  const answer = await fetch("/api/session", { cache: "no-store" }).catch(() => null);
  const told = answer?.ok ? await answer.json().catch(() => null) : null;
  if (answer?.status === 401 || (told?.auth && !told.scope)) location.assign(loginPath());
}

function start() {
  feed = new Feed((changed) => {
    shell.show(changed);
    view?.show(changed);
    announcer.show(changed);
    spike.show(changed);
    tick();
  }, refused);
}

listenToKeys({
  context,
  view: () => view,
  help: openHelp,
  toggleSound: () => alarm.toggle(),
  toggleFull: () => screen.toggle(),
});
shell.onHelp = openHelp;
shell.onFull = () => screen.toggle();
shell.onSpike = () => spike.open();
shell.onAlerts = () => context.alerts();
// The log-in has no numbers, and nobody to ask for them.
if (router.route.view !== "login") start();
loadSession().then(() => {
  shell.session(session);
  openLink(context);
  if (session.scope === "tv" && router.route.view !== "login") context.go("/wall");
});
mount(router.route, false);
setInterval(tick, TICK_MS);
