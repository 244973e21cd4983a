// Fields that several forms have: a text, who one is.

import { part, set } from "./queue_parts.js";
import { keepName, knownName, session } from "./session.js";
import { say } from "./words.js";

const LONGEST_NAME = 80;

/** A labelled field of one line. */
export function textField(parent, label, attributes) {
  const box = part(parent, "label", "field");
  part(box, "span", "", label);
  return set(part(box, "input"), { type: "text", autocomplete: "off", ...attributes });
}

/** Who somebody is: fixed where the log-in says it, else remembered on this device. */
export class NameField {
  constructor(parent) {
    this.input = textField(parent, say("yourName"), { maxlength: LONGEST_NAME, required: "", autocomplete: "name" });
    this.input.value = knownName();
    this.input.readOnly = Boolean(session.user);
  }

  /** The name, which is remembered from now on. */
  take() {
    const name = this.input.value.trim();
    if (name && !session.user) keepName(name);
    return name;
  }
}
