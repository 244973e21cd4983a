// The last hour of a queue on one time line, and what people noted of it.

import { timeline } from "./charts.js";
import { canvas } from "./charts_parts.js";
import { DASH, clock, instant } from "./format.js";
import { SIGNS } from "./names.js";
import { Notes } from "./notes.js";
import { panel, part, row, set, write } from "./queue_parts.js";
import { Poll } from "./queue_poll.js";
import { asTable, legend } from "./queue_waits.js";
import { isCaseWork } from "./row_texts.js";

const EVERY_MS = 10_000;
const SERIES = ["waiting", "offered", "answered", "abandoned"];
const minuteOf = (ms) => clock(ms).slice(0, 5);
const largest = (values) => Math.max(0, ...values.map((value) => value ?? 0));
const total = (values) => values.reduce((sum, value) => sum + (value ?? 0), 0);

// Beyond that an address names no instant of any floor.
const MOST_MS = 32_503_680_000_000;

/** The instant that the address marks (?at=<ms>), null without one. */
function markedMs({ query }) {
  const text = query.get("at") ?? "";
  return /^\d{1,14}$/.test(text) && Number(text) < MOST_MS ? Number(text) : null;
}

export class Hour {
  constructor(parent, desk) {
    this.desk = desk;
    this.data = null;
    this.drawn = null;
    const { say } = desk;
    const { head, body } = panel(parent, "hour", say("hour"));
    this.readout = part(head, "span", "hint readout");
    this.note = part(body, "p", "empty", say("loading"));
    this.marked = set(part(body, "p", "marked-text"), { role: "status" });
    this.chart = part(body, "div", "hour-lines");
    this.svg = canvas(this.chart, "hour-chart");
    this.svg.addEventListener("pointermove", (event) => this.point(event));
    this.svg.addEventListener("pointerleave", () => this.point(null));
    legend(this.chart, SERIES, say);
    this.table = asTable(this.chart, say, say("hour"));
    this.table.details.addEventListener("toggle", () => this.list());
    this.notes = new Notes(body, desk, () => this.draw());
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.svg);
    const url = () => `/api/trends?${new URLSearchParams({ queue: desk.queue, channel: desk.channel })}`;
    this.poll = new Poll(url, EVERY_MS, (body_) => this.take(body_), (error) => this.fail(error));
  }

  news(card) {
    this.chart.hidden = isCaseWork(card); // cases do not wait on a line; what was noted of them stays
    this.notes.news(this.desk.feed.notes);
  }

  take({ minutes, queues }) {
    const found = queues.find(({ queue, channel }) => queue === this.desk.queue && channel === this.desk.channel);
    this.data = found ? { minutes, ...found } : null;
    this.note.hidden = Boolean(found);
    write(this.note, this.desk.say("hourNone"));
    this.svg.toggleAttribute("hidden", !found);
    this.draw();
    this.list();
  }

  fail(error) {
    this.note.hidden = false;
    write(this.note, error.message);
  }

  limits() {
    const limits = this.desk.card?.thresholds.waiting;
    return ["warning", "critical"].filter((name) => limits?.[name] !== undefined).map((name, index) => (
      { name, value: limits[name], text: `${SIGNS[index + 1]} ${limits[name]}` }
    ));
  }

  draw() {
    if (!this.data) return;
    const { say } = this.desk;
    const atMs = markedMs(this.desk.context.route);
    write(this.marked, atMs === null ? "" : this.markedText(atMs));
    const values = {
      now: this.data.waiting.at(-1) ?? DASH, most: largest(this.data.waiting),
      ...Object.fromEntries(SERIES.slice(1).map((name) => [name, total(this.data[name])])),
    };
    this.drawn = timeline(this.svg, this.data, {
      label: say("hourLabel", values),
      words: { waiting: say("laneWaiting"), flow: say("laneFlow") },
      clockOf: minuteOf,
      notes: this.notes.inOrder(),
      limits: this.limits(),
      mark: atMs === null ? null : { at_ms: atMs, text: minuteOf(atMs) },
    });
  }

  /** What the marked minute was like; or that the hour shown here does not hold it. */
  markedText(atMs) {
    const { minutes } = this.data;
    const { say } = this.desk;
    const index = minutes.findLastIndex((minute) => minute <= atMs);
    if (index < 0) return say("markedBefore", { time: instant(atMs), from: minuteOf(minutes[0]) });
    if (atMs >= minutes.at(-1) + 60_000) return say("markedAfter", { time: instant(atMs) });
    const numbers = Object.fromEntries(SERIES.map((name) => [name, this.data[name][index] ?? DASH]));
    return say("markedAt", { time: minuteOf(atMs), ...numbers });
  }

  rights(may) {
    this.notes.rights(may);
  }

  /** What a minute under the pointer says; null: the pointer left. */
  point(event) {
    if (!this.drawn || !this.data) return;
    const { cursor, minuteAt, xOf } = this.drawn;
    const index = event ? minuteAt(event.clientX - this.svg.getBoundingClientRect().left) : -1;
    const minute = this.data.minutes[index];
    cursor.setAttribute("visibility", minute === undefined ? "hidden" : "visible");
    if (minute === undefined) {
      write(this.readout, "");
      return;
    }
    const x = xOf(minute + 30_000);
    cursor.setAttribute("x1", x);
    cursor.setAttribute("x2", x);
    const texts = SERIES.map((name) => `${this.desk.say(`legend_${name}`)} ${this.data[name][index] ?? DASH}`);
    write(this.readout, [minuteOf(minute), ...texts].join(" · "));
  }

  list() {
    if (!this.data || !this.table.details.open) return;
    const { say } = this.desk;
    this.table.table.replaceChildren();
    row(part(this.table.table, "thead"), [say("minute"), ...SERIES.map((name) => say(`legend_${name}`))], "th");
    const lines = part(this.table.table, "tbody");
    this.data.minutes.forEach((minute, index) => {
      row(lines, [minuteOf(minute), ...SERIES.map((name) => this.data[name][index] ?? DASH)]);
    });
  }

  stop() {
    this.poll.stop();
    this.notes.stop();
    this.observer.disconnect();
  }
}
