// The keyboard. Keys of the page first, then those of the view (`onKey(key)` -> whether it was one).

import { explainElement } from "./shell.js";

const isTyping = (element) => element?.closest("input, select, textarea, [contenteditable]") !== null;

/** Listen. `view()` gives the view that is shown; `help`, `toggleSound`, `toggleFull` do what their keys say. */
export function listenToKeys({ context, view, help, toggleSound, toggleFull }) {
  const pageKeys = {
    "w": () => context.go("/wall"),
    "f": () => context.go("/"),
    "m": toggleSound,
    "F": toggleFull,
    "?": help,
    "e": () => explainFocused(context),
    "a": () => context.alerts(),
    "q": () => context.quiet(),
    "Escape": () => context.route.view === "queue" && context.back(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    // A dialog and a field have their own keys; Esc leads out of both.
    if (document.querySelector("dialog[open]")) return;
    if (isTyping(document.activeElement)) {
      if (event.key === "Escape") document.activeElement.blur();
      return;
    }
    if (context.route.view === "login") return;
    if (view()?.onKey?.(event.key) || pageKeys[event.key]) event.preventDefault();
    else return;
    pageKeys[event.key]?.();
  });
}

/** The number that has the focus, else the worst one of the row that has it. */
function explainFocused(context) {
  const focused = document.activeElement;
  const row = focused?.closest("[data-queue]");
  const worst = row && (row.querySelector('[data-severity="2"] [data-explain]')
    ?? row.querySelector('[data-severity="1"] [data-explain]') ?? row.querySelector("[data-explain]"));
  const number = focused?.closest("[data-explain]") ?? worst;
  if (number) explainElement(context, number);
}
