// How long people waited: steps of 20 s, what became of them, and where the target lies.

import { bars } from "./charts.js";
import { canvas } from "./charts_parts.js";
import { DASH, duration } from "./format.js";
import { Choice, panel, part, row, scroller, write } from "./queue_parts.js";
import { Poll } from "./queue_poll.js";
import { JUDGED, WINDOWS } from "./queue_rows.js";
import { isCaseWork } from "./row_texts.js";

const EVERY_MS = 10_000;
const LEAST_BINS = 6;
const OUTCOMES = ["answered", "abandoned", "other"];

/** The key of a chart: a sign of its colour and hatch, and the word. */
export function legend(parent, names, say) {
  const list = part(parent, "ul", "legend");
  for (const name of names) {
    const item = part(list, "li");
    part(item, "span", `swatch ${name}`).setAttribute("aria-hidden", "true");
    part(item, "span", "", say(`legend_${name}`));
  }
}

/** A table behind a click, for those who would rather read the numbers than see them. */
export function asTable(parent, say, caption) {
  const details = part(parent, "details", "as-table");
  part(details, "summary", "", say("asTable"));
  const table = part(scroller(details, caption), "table", "plain");
  return { details, table };
}

export class Waits {
  constructor(parent, desk) {
    this.desk = desk;
    this.window = JUDGED;
    this.data = null;
    const { say } = desk;
    const { section, head, body } = panel(parent, "waits", say("waits"));
    this.section = section;
    const textOf = (name) => say(`window_${name}`);
    this.choice = new Choice(head, say("window"), WINDOWS, textOf, (name) => this.choose(name));
    this.choice.show(this.window);
    this.note = part(body, "p", "empty", say("loading"));
    this.svg = canvas(body, "waits-chart");
    legend(body, OUTCOMES, say);
    this.table = asTable(body, say, say("waits"));
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.svg);
    const url = () => desk.url("distribution", { window: this.window });
    this.poll = new Poll(url, EVERY_MS, (data) => this.take(data), (error) => this.fail(error));
  }

  news(card) {
    this.section.hidden = isCaseWork(card); // nobody waits on a line there
  }

  choose(window) {
    this.window = window;
    this.choice.show(window);
    this.poll.now();
  }

  take(data) {
    this.data = data;
    this.draw();
    this.list();
  }

  fail(error) {
    this.note.hidden = false;
    write(this.note, error.message);
  }

  /** The bins of the chart, up to the last one with anybody in it. */
  bins() {
    const { bins, step_seconds: step, target_seconds: target } = this.data;
    const last = bins.findLastIndex((bin) => OUTCOMES.some((name) => bin[name]));
    const shown = Math.max(last + 1, Math.ceil(target / step) + 2, LEAST_BINS);
    return bins.slice(0, shown).map((bin) => ({
      label: duration(bin.from_seconds),
      parts: OUTCOMES.map((name) => ({ name, value: bin[name] ?? 0 })),
    }));
  }

  draw() {
    if (!this.data) return;
    const { bins, step_seconds: step, target_seconds: target } = this.data;
    const sum = (name) => bins.reduce((total, bin) => total + (bin[name] ?? 0), 0);
    const totals = Object.fromEntries(OUTCOMES.map((name) => [name, sum(name)]));
    const all = OUTCOMES.reduce((total, name) => total + totals[name], 0);
    this.note.hidden = all > 0;
    write(this.note, this.desk.say("waitsNone"));
    this.svg.toggleAttribute("hidden", !all);
    if (!all) return;
    const label = this.desk.say("waitsLabel", { ...totals, step, target });
    const marker = { at: target / step, text: this.desk.say("targetAt", { time: duration(target) }) };
    bars(this.svg, this.bins(), { label, marker });
  }

  list() {
    const { say } = this.desk;
    const range = ({ from_seconds: from, to_seconds: to }) => (
      to === null || to === undefined ? `> ${duration(from)}` : `${duration(from)}–${duration(to)}`
    );
    this.table.table.replaceChildren();
    row(part(this.table.table, "thead"), [say("waited"), ...OUTCOMES.map((name) => say(`legend_${name}`))], "th");
    const lines = part(this.table.table, "tbody");
    for (const bin of this.data.bins) row(lines, [range(bin), ...OUTCOMES.map((name) => bin[name] ?? DASH)]);
  }

  stop() {
    this.poll.stop();
    this.observer.disconnect();
  }
}
