// Asks once under which name somebody acts, where the session does not know it.

import { button, part, set } from "./queue_parts.js";
import { keepName, knownName } from "./session.js";

const LONGEST = 60;

/** The name of who acts; "" when they would rather not say. It is asked for at most once on a device. */
export function askName({ say }) {
  const known = knownName();
  if (known) return Promise.resolve(known);
  const before = document.activeElement;
  const dialog = part(document.body, "dialog", "dialog ask-name");
  const form = part(dialog, "form");
  form.method = "dialog";
  const label = part(form, "label", "", say("nameAsk"));
  const input = set(part(label, "input"), { type: "text", maxlength: LONGEST, required: "", autocomplete: "name" });
  part(form, "p", "hint", say("nameWhy"));
  const buttons = part(form, "div", "buttons");
  const save = part(buttons, "button", "primary", say("nameSave"));
  save.type = "submit";
  button(buttons, "", say("cancel"), () => dialog.close(""));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const name = input.value.trim();
    if (name) dialog.close(name);
  });
  // The page's own keys are not for somebody who types a name.
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const name = dialog.returnValue;
      dialog.remove();
      if (before?.isConnected) before.focus();
      if (name) keepName(name);
      resolve(name);
    });
    dialog.showModal();
    input.focus();
  });
}
