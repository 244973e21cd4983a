// To take an alert: who, why, for how long. Nobody is told of it again until then, and everybody sees who has it.

import { numbersOf, placeOf, takenBy, timeOf, titleOf, toldBy } from "./alerts.js";
import { DurationField } from "./duration_field.js";
import { NameField, textField } from "./form_parts.js";
import { openModal } from "./modal.js";
import { button, part, set, write } from "./queue_parts.js";
import { mayWrite, read, send } from "./session.js";
import { listed, say } from "./words.js";
import "./words_queue.js";

const LONGEST = 200;
const RANK = ["firing", "resolving", "pending", "resolved"];
let open = null;

class Acknowledge {
  constructor(context, alert, ended) {
    Object.assign(this, { context, alert });
    const { feed } = context;
    Object.assign(this, openModal("acknowledge", say("ackTitle"), () => {
      open = null;
      ended?.();
    }));
    if (!alert) {
      part(this.body, "p", "", say("ackOver"));
      return;
    }
    const since = say("alertSince", { time: timeOf(alert.since_ms, feed.nowMs()) });
    write(this.about, listed([titleOf(alert), placeOf(feed, alert), since, numbersOf(feed, alert)]));
    if (alert.phase === "resolved") {
      part(this.body, "p", "", say("ackOverAt", { time: timeOf(alert.resolved_ms, feed.nowMs()) }));
      return;
    }
    this.build();
  }

  build() {
    const { alert, body, context } = this;
    const { delivery } = toldBy(context.feed);
    if (alert.acknowledged) {
      const { reason, alone } = alert.acknowledged;
      part(body, "p", "alert-taken", [takenBy(context.feed, alert), reason ? `“${reason}”` : ""].filter(Boolean).join(" "));
      if (alone === false) part(body, "p", "hint", say("ackWide"));
    }
    this.problem = set(part(body, "p", "problem"), { role: "alert" });
    if (!delivery.configured) write(this.problem, say("alertsUnset"));
    else if (!mayWrite(context.session)) write(this.problem, say("ackMayNot"));
    else this.form();
  }

  form() {
    const form = part(this.body, "form", "modal-form");
    this.name = new NameField(form);
    this.why = textField(form, say("ackWhy"), { maxlength: LONGEST, required: "", placeholder: say("ackWhyExample") });
    this.lasting = new DurationField(form);
    part(form, "p", "hint", say("ackHint"));
    const buttons = part(form, "div", "buttons");
    this.save = part(buttons, "button", "primary", say("ackButton"));
    this.save.type = "submit";
    if (this.alert.acknowledged?.alone) button(buttons, "", say("ackEnd"), () => this.end());
    button(buttons, "", say("cancel"), () => this.close());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.take();
    });
    form.before(this.problem);
    (this.name.input.value ? this.why : this.name.input).focus();
  }

  get path() {
    return `/api/alerts/${encodeURIComponent(this.alert.id)}/acknowledge`;
  }

  take() {
    const until_ms = this.lasting.end(this.context.feed.wallMs());
    if (until_ms === null) {
      this.lasting.time.focus();
      return;
    }
    const body = { author: this.name.take(), reason: this.why.value.trim(), until_ms };
    this.change(() => send("POST", this.path, body));
  }

  end() {
    this.change(() => send("DELETE", this.path));
  }

  async change(act) {
    this.save.disabled = true;
    write(this.problem, "");
    try {
      await act();
      this.close();
    } catch (error) {
      write(this.problem, error.message);
      this.save.disabled = false;
    }
  }
}

/** Open it for an alert that the board told of; null: for one that is over. */
export function openAcknowledge(context, alert, ended) {
  if (open || context.session.scope === "tv") return;
  open = new Acknowledge(context, alert, ended);
}

/** The alert that a link means (`<rule>.<severity>` of a queue), also one that is not told of any more; else null. */
export async function linkedAlert(context, { queue, channel }, link) {
  const [rule, severity] = [link.slice(0, link.lastIndexOf(".")), link.slice(link.lastIndexOf(".") + 1)];
  const isIt = (each) => each.rule === rule && each.severity === severity && (!channel || each.channel === channel);
  const told = toldBy(context.feed).alerts.find((each) => isIt(each) && (!queue || each.queue === queue));
  if (told) return told;
  const query = new URLSearchParams({ severity, ...(queue ? { queue } : {}) });
  const answer = await read(`/api/alerts?${query}`).catch(() => null);
  const found = (answer?.body.alerts ?? []).filter(isIt);
  return found.sort((one, other) => RANK.indexOf(one.phase) - RANK.indexOf(other.phase))[0] ?? null;
}
