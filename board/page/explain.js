// "Where does this number come from?": a dialog with the formula, its parts, and the contacts behind it.

import { Evidence } from "./explain_contacts.js";
import { Formula } from "./explain_formula.js";
import { Variants } from "./explain_variants.js";
import { nameOf } from "./names.js";
import { Choice, button, part, set, write } from "./queue_parts.js";
import { WINDOWS } from "./queue_rows.js";
import { read } from "./session.js";
import { keyOf } from "./stream.js";
import { language } from "./words.js";
import "./words_explain.js";
import "./words_queue.js";

// What a measure is called, where it is not a row of the windows.
const TITLES = {
  waiting: "waiting", longest_wait: "longest", longest_wait_seconds: "longest", expected_wait: "expected",
  in_service: "inService", available: "figureFree", lost: "lostNow", open_cases: "backlog", backlog: "backlog",
  unanswered: "list_unanswered", overdue: "overdueNow", due_within_1h: "dueSoon",
  unassigned: "unowned",
};
const FOCUSABLE = "a[href], button:not([disabled]), summary, input, select, [tabindex='0']";
let open = null;

class Explain {
  constructor(context, request) {
    this.context = context;
    this.say = context.say;
    this.request = { window: null, variant: null, part: "all", offset: 0, at_ms: null, ...request };
    this.before = document.activeElement;
    this.asked = null;
    this.build();
  }

  build() {
    const { say } = this;
    const dialog = part(document.body, "dialog", "dialog explain");
    this.dialog = dialog;
    const head = part(dialog, "div", "explain-head");
    const titles = part(head, "div");
    this.title = part(titles, "h2", "", this.nameOfMeasure());
    this.title.id = "explain-title";
    this.title.tabIndex = -1;
    this.about = part(titles, "p", "explain-about", this.aboutText());
    set(dialog, { "aria-labelledby": this.title.id });
    const close = button(head, "close", "✕", () => dialog.close());
    set(close, { "aria-label": say("close") });
    const textOf = (name) => say(`window_${name}`);
    const choose = (window) => this.ask({ window, offset: 0, at_ms: null });
    this.windows = new Choice(dialog, say("window"), WINDOWS, textOf, choose);
    this.note = set(part(dialog, "p", "note"), { role: "status" });
    this.retry = button(dialog, "", say("retry"), () => this.ask({}));
    this.body = part(dialog, "div", "explain-body");
    this.formula = new Formula(this.body, say, {
      part: (name) => this.ask({ part: name, offset: 0, at_ms: null }),
    });
    this.evidence = new Evidence(this.body, say, {
      part: (name) => this.ask({ part: name, offset: 0, at_ms: null }),
      // The pages of one list are of one instant, whatever happens meanwhile.
      page: (offset, at_ms) => this.ask({ offset, at_ms }),
    });
    this.variants = new Variants(this.body, say, { variant: (variant) => this.choose(variant) });
    dialog.addEventListener("keydown", (event) => this.key(event));
    dialog.addEventListener("close", () => this.end());
    // A click beside the dialog closes it, too: its own padding belongs to the parts within.
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
  }

  /** Another variant: its value stands at the top. */
  choose(variant) {
    this.dialog.scrollTop = 0;
    this.title.focus();
    this.ask({ variant, offset: 0, at_ms: null });
  }

  nameOfMeasure() {
    const { measure } = this.request;
    const key = TITLES[measure] ?? `row_${measure}`;
    const told = this.say(key);
    return told === key ? measure : told;
  }

  aboutText() {
    const { queue, channel } = this.request;
    const card = this.context.feed?.cards.get(keyOf(queue, channel));
    return [card ? nameOf(card) : queue, this.say(channel)].join(" · ");
  }

  /** Keys stay in the dialog, and so does Tab. */
  key(event) {
    event.stopPropagation();
    if (event.key !== "Tab") return;
    const found = [...this.dialog.querySelectorAll(FOCUSABLE)].filter((element) => element.getClientRects().length);
    const [first, last] = [found[0], found.at(-1)];
    const at = document.activeElement;
    if (event.shiftKey && (at === first || at === this.title)) {
      event.preventDefault();
      last.focus();
    } else if (!event.shiftKey && at === last) {
      event.preventDefault();
      first.focus();
    }
  }

  show() {
    this.dialog.showModal();
    this.title.focus(); // a screen reader begins with what it is about
    return this.ask({});
  }

  address(values = {}) {
    const asked = { ...this.request, ...values };
    const { queue, channel, measure, part: which, offset } = asked;
    const path = [queue, channel, measure].map(encodeURIComponent).join("/");
    const query = new URLSearchParams({ part: which, lang: language, offset });
    for (const name of ["window", "variant", "at_ms", "limit", "format"]) {
      if (asked[name]) query.set(name, asked[name]);
    }
    return `/api/explain/${path}?${query}`;
  }

  /** Ask with `changes`; `byItself`: what was refused as too much at once is asked for again. */
  async ask(changes, byItself = false) {
    Object.assign(this.request, changes);
    this.asked?.abort();
    clearTimeout(this.again);
    const asked = new AbortController();
    this.asked = asked;
    this.body.setAttribute("aria-busy", "true");
    if (!byItself) this.tell(this.say("loading"), false); // else the button stays, and so does the focus on it
    try {
      const { body } = await read(this.address({ limit: this.evidence.limit }), { signal: asked.signal });
      if (this.asked === asked) this.take(body);
    } catch (error) {
      if (this.asked !== asked || error.name === "AbortError") return;
      this.tell(this.say("explainFailed", { reason: error.message }), true);
      if (error.againMs) this.again = setTimeout(() => this.ask({}, true), error.againMs);
    }
  }

  /** What stands in place of an answer; the old one stays below, grey, while a new one is on its way. */
  tell(text, failed) {
    write(this.note, text);
    this.note.hidden = !text;
    this.note.dataset.failed = failed ? "yes" : "no";
    this.retry.hidden = !failed;
    if (failed) this.body.hidden = true;
  }

  take(told) {
    this.tell("", false);
    this.body.hidden = false;
    this.body.removeAttribute("aria-busy");
    this.windows.element.hidden = !told.window;
    this.windows.show(told.window?.name ?? null);
    this.formula.show(told, this.request);
    const csv = { format: "csv", limit: 1000, offset: 0, at_ms: told.at_ms };
    this.evidence.show(told, this.request, this.address(csv));
    this.variants.show(told, this.request);
  }

  end() {
    this.asked?.abort();
    clearTimeout(this.again);
    this.dialog.remove();
    open = null;
    if (this.before?.isConnected) this.before.focus();
  }
}

/**
 * Explain a number: `request` = {queue, channel, measure, window?, variant?}. One dialog at a time; the promise is done
 * when its answer is there, or failed in words. Closing gives the focus back to where it was.
 */
export function openExplain(context, request) {
  if (open) return Promise.resolve();
  open = new Explain(context, request);
  return open.show();
}
