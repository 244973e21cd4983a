// The last part of the dialog: the service level by every other formula that is in use.

import { DASH } from "./format.js";
import { valueText } from "./explain_formula.js";
import { button, part, row, scroller, set, write } from "./queue_parts.js";

export class Variants {
  /** `act.variant(name)` is called for the one that is chosen. */
  constructor(parent, say, act) {
    this.act = act;
    this.section = part(parent, "section", "variants");
    part(this.section, "h3", "", say("variants"));
    this.lines = part(part(scroller(this.section, say("variants")), "table", "plain"), "tbody");
  }

  show({ variants, unit, path }, { measure }) {
    this.section.hidden = !variants.length;
    this.lines.replaceChildren();
    for (const variant of variants) {
      const line = row(this.lines, ["", "", variant.text]);
      const text = valueText(variant.value, unit, measure);
      const press = button(line.children[0], "link", text, () => this.act.variant(variant.name));
      const chosen = path === `service_level.${variant.name}`;
      set(press, { "aria-pressed": chosen, "aria-label": `${text}: ${variant.text}` });
      write(line.children[1], variant.denominator === null ? DASH : `${variant.numerator}/${variant.denominator}`);
      line.dataset.chosen = chosen ? "yes" : "no";
    }
  }
}
