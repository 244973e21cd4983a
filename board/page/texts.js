// Texts that stand in the markup: an element names its word, the page's language fills it in.

import { say } from "./words.js";

/** Fill in what `root` asks for: data-word (text), data-label (accessible name), data-hint (placeholder). */
export function fillWords(root) {
  for (const element of root.querySelectorAll("[data-word]")) element.textContent = say(element.dataset.word);
  for (const element of root.querySelectorAll("[data-label]")) element.ariaLabel = say(element.dataset.label);
  for (const element of root.querySelectorAll("[data-hint]")) element.placeholder = say(element.dataset.hint);
}

/** A copy of the template `id`, with its texts, to be put into the page. */
export function fromTemplate(id) {
  const copy = document.getElementById(id).content.cloneNode(true);
  fillWords(copy);
  return copy;
}

/** A button with a sign instead of a text: what it does, and how it stands, for all. */
export function nameButton(button, name) {
  if (button.title === name) return;
  button.title = name;
  button.setAttribute("aria-label", name);
}
