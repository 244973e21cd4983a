// A dialog that is made when it is asked for and gone when it is closed: focus stays in it, and comes back after it.

import { button, part, set } from "./queue_parts.js";
import { say } from "./words.js";

const FOCUSABLE = "a[href], button:not([disabled]), summary, input:not([disabled]), select, [tabindex='0']";
let made = 0;

/** Open a dialog of the class `name`: `{dialog, title, about, body, close}`; `ended()` is called when it is closed. */
export function openModal(name, titleText, ended = () => {}) {
  const before = document.activeElement;
  const dialog = part(document.body, "dialog", `dialog modal ${name}`);
  const head = part(dialog, "div", "modal-head");
  const titles = part(head, "div");
  const title = part(titles, "h2", "", titleText);
  title.id = `modal-${(made += 1)}`;
  title.tabIndex = -1;
  const about = part(titles, "p", "modal-about");
  set(dialog, { "aria-labelledby": title.id });
  const close = () => dialog.open && dialog.close();
  set(button(head, "close", "✕", close), { "aria-label": say("close") });
  const body = part(dialog, "div", "modal-body");
  dialog.addEventListener("keydown", (event) => keepIn(event, dialog, title));
  dialog.addEventListener("click", (event) => event.target === dialog && close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    ended();
    if (before?.isConnected) before.focus({ preventScroll: true });
  });
  dialog.showModal();
  title.focus();
  return { dialog, title, about, body, close };
}

/** The page's keys are not for who writes here, and Tab does not leave. */
function keepIn(event, dialog, title) {
  event.stopPropagation();
  if (event.key !== "Tab") return;
  const found = [...dialog.querySelectorAll(FOCUSABLE)].filter((each) => each.getClientRects().length);
  const at = document.activeElement;
  // Of a group of radio buttons Tab reaches the chosen one only, so what is last is asked of the browser, not counted.
  const last = found.at(-1);
  if (event.shiftKey && (at === found[0] || at === title)) {
    event.preventDefault();
    last?.focus();
  } else if (!event.shiftKey && at === last) {
    event.preventDefault();
    found[0].focus();
  }
}
