// Small helpers for making elements. Texts from outside reach the page through textContent only.

/** A new element at the end of `parent`, with a class and a text when they are given. */
export function part(parent, tag, name = "", text = null) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== null) element.textContent = text;
  if (parent) parent.append(element);
  return element;
}

/** Only what changed is written, or a screen reader would say it again and again. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Set attributes; null takes one away. */
export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null) element.removeAttribute(name);
    else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
  }
  return element;
}

/** A button that does one thing and never sends a form. */
export function button(parent, name, text, onClick) {
  const element = part(parent, "button", name, text);
  element.type = "button";
  element.addEventListener("click", onClick);
  return element;
}

/** A labelled part of the page: `{section, head, body}`; `head` holds the heading and has room for more. */
export function panel(parent, name, title) {
  const section = part(parent, "section", `sheet ${name}`);
  const head = part(section, "div", "sheet-head");
  const heading = part(head, "h2", "", title);
  heading.id = `heading-${name}`;
  section.setAttribute("aria-labelledby", heading.id);
  return { section, head, heading, body: part(section, "div", "sheet-body") };
}

/** A row of a table; `tag` is "td" or "th". */
export function row(parent, texts, tag = "td") {
  const line = part(parent, "tr");
  for (const text of texts) {
    const cell = part(line, tag, "", String(text));
    if (tag === "th") cell.scope = "col";
  }
  return line;
}

/** A box that scrolls sideways on its own, by keyboard too, so that the page never does. */
export function scroller(parent, label) {
  return set(part(parent, "div", "scroller"), { tabindex: 0, role: "group", "aria-label": label });
}

/** Buttons of which one is pressed: `choose(name)` is called with the other one. */
export class Choice {
  constructor(parent, label, names, textOf, choose) {
    this.element = set(part(parent, "div", "choice"), { role: "group", "aria-label": label });
    this.buttons = new Map(names.map((name) => [name, button(this.element, "", textOf(name), () => choose(name))]));
  }

  /** Show `name` as the chosen one. */
  show(name) {
    for (const [each, element] of this.buttons) set(element, { "aria-pressed": each === name });
  }
}

/** Lines of a list that stay the same elements while their item stays, so that focus and selection survive news. */
export class Lines {
  /** `make()` gives `{element, show(item)}`. */
  constructor(parent, make) {
    this.parent = parent;
    this.make = make;
    this.known = new Map();
  }

  /** Show `items` in their order. `keyOf` must tell them apart; a second item with the same key is passed over. */
  show(items, keyOf) {
    const wanted = new Map(items.map((item) => [keyOf(item), item]));
    for (const [key, line] of this.known) {
      if (wanted.has(key)) continue;
      line.element.remove();
      this.known.delete(key);
    }
    let index = 0;
    for (const [key, item] of wanted) {
      if (!this.known.has(key)) this.known.set(key, this.make());
      const line = this.known.get(key);
      line.show(item);
      const there = this.parent.children[index] ?? null;
      if (there !== line.element) this.parent.insertBefore(line.element, there);
      index += 1;
    }
  }
}
