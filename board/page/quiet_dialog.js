// To plan quiet ("team meeting until 14:30"): of a queue, a group or the floor; and to take it back.

import { toldBy } from "./alerts.js";
import { QuietLine } from "./alerts_line.js";
import { DurationField, nextInstant } from "./duration_field.js";
import { NameField, textField } from "./form_parts.js";
import { openModal } from "./modal.js";
import { groupNameOf, nameOf } from "./names.js";
import { instantOf } from "./notes.js";
import { Lines, button, part, set, write } from "./queue_parts.js";
import { mayWrite, send } from "./session.js";
import { say } from "./words.js";

const LONGEST = 200;
const TICK_MS = 500;
const EARLIER_MS = 30 * 60_000;
let open = null;

/** The beginning that a clock time means: one of the last half hour, else the next one; now without a time. */
export function beginningOf(text, nowMs) {
  if (!text) return Math.round(nowMs);
  const last = instantOf(text, nowMs);
  return nowMs - last <= EARLIER_MS ? last : nextInstant(text, nowMs) ?? Math.round(nowMs);
}

class QuietDialog {
  constructor(context) {
    this.context = context;
    Object.assign(this, openModal("plan-quiet", say("quietTitle"), () => {
      open = null;
      clearInterval(this.timer);
    }));
    this.none = part(this.body, "p", "empty", say("quietNone"));
    this.lines = new Lines(part(this.body, "ul", "alert-lines"), () => new QuietLine(context, (each) => this.end(each)));
    this.problem = set(part(this.body, "p", "problem"), { role: "alert" });
    if (mayWrite(context.session)) this.form();
    this.show();
    this.timer = setInterval(() => this.show(), TICK_MS);
  }

  form() {
    part(this.body, "h3", "", say("quietNew"));
    const form = part(this.body, "form", "modal-form");
    this.name = new NameField(form);
    this.why = textField(form, say("quietWhy"), { maxlength: LONGEST, required: "", placeholder: say("quietWhyExample") });
    const label = part(form, "label", "field");
    part(label, "span", "", say("quietPlace"));
    this.place = part(label, "select");
    this.places();
    this.from = textField(form, `${say("quietFrom")} (${say("quietNow")})`, { type: "time" });
    this.lasting = new DurationField(form);
    part(form, "p", "hint", say("quietHint"));
    const buttons = part(form, "div", "buttons");
    this.save = part(buttons, "button", "primary", say("quietNew"));
    this.save.type = "submit";
    button(buttons, "", say("close"), () => this.close());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.plan();
    });
  }

  /** The queue that is looked at first, then the floor, groups, and all queues. */
  places() {
    const { feed, route } = this.context;
    const cards = [...feed.cards.values()].sort((one, other) => nameOf(one).localeCompare(nameOf(other)));
    const groups = new Map(cards.filter((card) => card.group).map((card) => [card.group, groupNameOf(card)]));
    const queues = new Map(cards.map((card) => [card.queue, nameOf(card)]));
    const choices = [
      [{}, say("quietFloor")],
      ...[...groups].map(([group, name]) => [{ group }, say("quietGroup", { name })]),
      ...[...queues].map(([queue, name]) => [{ queue }, say("quietQueue", { name })]),
    ];
    for (const [value, text] of choices) part(this.place, "option", "", text).value = JSON.stringify(value);
    const here = JSON.stringify({ queue: route.queue });
    if (route.view === "queue" && queues.has(route.queue)) this.place.value = here;
  }

  show() {
    const planned = toldBy(this.context.feed).quiet;
    this.lines.show(planned, (each) => each.id);
    this.none.hidden = planned.length > 0;
  }

  plan() {
    const from_ms = beginningOf(this.from.value, this.context.feed.nowMs());
    const to_ms = this.lasting.end(from_ms);
    if (to_ms === null) {
      this.lasting.time.focus();
      return;
    }
    const body = { author: this.name.take(), reason: this.why.value.trim(), from_ms, to_ms, ...JSON.parse(this.place.value) };
    this.change(async () => {
      await send("POST", "/api/quiet", body);
      this.why.value = this.from.value = "";
    });
  }

  end(quiet) {
    this.change(() => send("DELETE", `/api/quiet/${encodeURIComponent(quiet.id)}`));
  }

  async change(act) {
    this.save.disabled = true;
    write(this.problem, "");
    try {
      await act();
    } catch (error) {
      write(this.problem, error.message);
    }
    this.save.disabled = false;
  }
}

/** Open it, unless it is open. */
export function openQuiet(context) {
  if (open || context.session.scope === "tv") return;
  open = new QuietDialog(context);
}
