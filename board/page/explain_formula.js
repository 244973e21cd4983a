// The upper part of the dialog: the value, the formula in words, and its terms.

import { DASH, clock, duration, instant, percent, smallPercent } from "./format.js";
import { button, part, row, scroller, set, write } from "./queue_parts.js";
import { say } from "./words.js";

const SMALL = new Set(["abandonment", "abandonment_ratio"]);
const UNITS = new Set(["contacts", "agents", "cases"]);

/** A value of the API as the board shows it: "86%", "0:07", "12". A wait that goes on is cut to whole seconds. */
export function valueText(value, unit, measure) {
  if (value === null || value === undefined) return DASH;
  if (unit === "ratio") return SMALL.has(measure) ? smallPercent(value) : percent(value);
  if (unit === "seconds") return duration(measure.startsWith("longest") ? value : Math.round(value));
  if (unit === "instant") return instant(value);
  return typeof value === "number" ? String(Number(value.toFixed(2))) : String(value);
}

/** One more digit than the board has room for; what is shown there is rounded. */
function exactText(value, unit) {
  if (value === null || value === undefined) return "";
  if (unit === "ratio") return `${(value * 100).toFixed(2)}%`;
  return unit === "seconds" && !Number.isInteger(value) ? say("unit_s", { n: value.toFixed(1) }) : "";
}

/** A count as it is, a sum of seconds with one digit after the point. */
function amountText(value) {
  if (value === null || value === undefined) return DASH;
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}

export class Formula {
  /** `act.part(name)` is called for the half that is chosen. */
  constructor(parent, say, act) {
    Object.assign(this, { say, act });
    const top = part(parent, "section", "explain-value");
    this.value = part(top, "p", "explain-figure");
    this.digits = part(this.value, "span", "digits");
    this.exact = part(this.value, "span", "exact");
    this.fraction = part(top, "div", "fraction");
    this.numerator = this.half("numerator");
    this.denominator = this.half("denominator");
    this.match = part(top, "p", "match");
    this.span = part(top, "p", "explain-span");
    this.missing = part(top, "p", "missing");
    this.words(parent);
  }

  half(name) {
    const press = button(this.fraction, `half ${name}`, "", () => this.act.part(name));
    return { press, number: part(press, "span", "amount"), text: part(press, "span", "text") };
  }

  words(parent) {
    const box = part(parent, "section", "formula");
    part(box, "h3", "", this.say("formula"));
    this.text = part(box, "p", "formula-text");
    this.leftOut = part(box, "p", "hint");
    this.source = part(box, "p", "hint");
    this.terms = part(part(scroller(box, this.say("terms")), "table", "plain terms"), "tbody");
  }

  show(told, request) {
    const { say } = this;
    const { formula, unit } = told;
    const { measure } = request; // as the board calls it; the answer may call it by its full path
    write(this.digits, valueText(told.value, unit, measure));
    write(this.exact, UNITS.has(unit) ? say(`unit_${unit}`) : exactText(told.value, unit));
    this.fraction.hidden = told.numerator === null || told.denominator === null;
    this.fill(this.numerator, told.numerator, formula.numerator, "numerator", request);
    this.fill(this.denominator, told.denominator, formula.denominator, "denominator", request);
    this.matches({ ...told, measure });
    write(this.span, this.spanText(told));
    write(this.missing, told.complete ? "" : `▲ ${told.note || say("incomplete")}`);
    this.missing.hidden = told.complete;
    write(this.text, formula.text);
    write(this.leftOut, formula.left_out ? `${say("leftOut")} ${formula.left_out}` : "");
    write(this.source, formula.source ? `${say("source")} ${formula.source}` : "");
    this.showTerms(told.terms);
  }

  fill({ press, number, text }, value, words, name, request) {
    write(number, amountText(value));
    write(text, words ?? "");
    const label = `${this.say(name)}: ${amountText(value)}. ${words ?? ""}`;
    set(press, { "aria-pressed": request.part === name, "aria-label": label });
  }

  matches({ matches, published, unit, measure, value }) {
    const shown = valueText(published, unit, measure);
    this.match.hidden = matches === null || matches === undefined || (published === null && value === null);
    this.match.dataset.ok = matches ? "yes" : "no";
    write(this.match, `${matches ? "✓" : "▲"} ${this.say(matches ? "matches" : "matchesNot", { value: shown })}`);
  }

  spanText({ window, at_ms: at }) {
    if (window) return this.say("spanOf", { from: clock(window.from_ms), to: clock(window.to_ms) });
    return at ? this.say("instantOf", { time: clock(at) }) : "";
  }

  showTerms(terms) {
    this.terms.replaceChildren();
    for (const term of terms) {
      const sign = term.sign < 0 ? "−" : "";
      const line = row(this.terms, [sign + amountText(term.value), term.text, this.say(`in_${term.in}`)]);
      ["amount", "", "side"].forEach((name, index) => { line.children[index].className = name; });
    }
  }
}
