// "For how long": a quarter of an hour, half of one, a whole one, or until a time of day.

import { part, set } from "./queue_parts.js";
import { say } from "./words.js";

const CHOICES = [15, 30, 60];
const DAY_MS = 86_400_000;
let made = 0;

/** The next instant after `nowMs` at which a clock shows `text` ("14:30"); null when it is no time. */
export function nextInstant(text, nowMs) {
  const [hours, minutes] = text.split(":").map(Number);
  if (!text || Number.isNaN(hours) || Number.isNaN(minutes)) return null;
  const at = new Date(nowMs);
  at.setHours(hours, minutes, 0, 0);
  return at.getTime() <= nowMs ? at.getTime() + DAY_MS : at.getTime();
}

export class DurationField {
  constructor(parent) {
    const name = `lasting-${(made += 1)}`;
    const box = part(parent, "fieldset", "lasting");
    part(box, "legend", "", say("howLong"));
    this.radios = CHOICES.map((minutes) => this.radio(box, name, String(minutes), say("minutes", { n: minutes })));
    this.until = this.radio(box, name, "until", say("untilTime"));
    this.time = set(part(box, "input", "time"), { type: "time", "aria-label": say("untilTime") });
    this.time.addEventListener("input", () => (this.until.checked = true));
    this.until.addEventListener("change", () => this.time.focus());
    this.radios[1].checked = true;
  }

  radio(box, name, value, text) {
    const label = part(box, "label", "check");
    const input = set(part(label, "input"), { type: "radio", name, value });
    part(label, "span", "", text);
    return input;
  }

  /** When it ends if it begins at `fromMs`; null while no time is given. */
  end(fromMs) {
    if (this.until.checked) return nextInstant(this.time.value, fromMs);
    const minutes = Number(this.radios.find((each) => each.checked)?.value ?? CHOICES[1]);
    return Math.round(fromMs) + minutes * 60_000;
  }
}
