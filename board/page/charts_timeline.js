// The last hour, minute by minute: who waited above, what happened below, and what people noted of it.

import { draw, frame, grid, hatch, sizeOf, ticksOf } from "./charts_parts.js";

const MINUTE_MS = 60_000;
const LABEL_EVERY = 10;
const NARROW_PX = 480;

function scale(minutes, left, right) {
  const [first, span] = [minutes[0], Math.max(1, minutes.length) * MINUTE_MS];
  return (ms) => left + ((ms - first) / span) * (right - left);
}

/** The waiting as a stepped area: a minute holds its number until the next one. */
function area(svg, minutes, values, xOf, box, top) {
  const yOf = (value) => (box.bottom - (value / top) * (box.bottom - box.top)).toFixed(1);
  let [ground, line, open] = ["", "", false];
  minutes.forEach((minute, index) => {
    const value = values[index];
    const [from, to] = [xOf(minute).toFixed(1), xOf(minute + MINUTE_MS).toFixed(1)];
    if (value === null || value === undefined) {
      open = false;
      return;
    }
    ground += `M${from} ${box.bottom}V${yOf(value)}H${to}V${box.bottom}Z`;
    line += open ? `V${yOf(value)}H${to}` : `M${from} ${yOf(value)}H${to}`;
    open = true;
  });
  draw(svg, "path", "waiting-area", { d: ground });
  draw(svg, "path", "waiting-line", { d: line });
}

function columns(svg, data, xOf, box, top, em) {
  const high = (value) => (value / top) * (box.bottom - box.top);
  const fill = hatch(svg, "abandoned", em);
  const wide = Math.max(1, xOf(data.minutes[0] + MINUTE_MS) - xOf(data.minutes[0]));
  let offered = "";
  data.minutes.forEach((minute, index) => {
    const [answered, abandoned] = [data.answered[index] ?? 0, data.abandoned[index] ?? 0];
    const x = xOf(minute);
    const bar = { x: (x + wide * 0.12).toFixed(1), width: (wide * 0.76).toFixed(1) };
    if (answered) {
      draw(svg, "rect", "bar answered", { ...bar, y: box.bottom - high(answered), height: high(answered) });
    }
    if (abandoned) {
      const y = box.bottom - high(answered) - high(abandoned);
      draw(svg, "rect", "bar abandoned", { ...bar, y, height: high(abandoned), fill });
    }
    const y = (box.bottom - high(data.offered[index] ?? 0)).toFixed(1);
    offered += `${index ? "L" : "M"}${x.toFixed(1)} ${y}H${(x + wide).toFixed(1)}`;
  });
  draw(svg, "path", "offered-line", { d: offered });
}

function hours(svg, minutes, xOf, bottom, em, clockOf, every) {
  minutes.forEach((minute) => {
    if (Math.round(minute / MINUTE_MS) % every) return;
    const x = Math.round(xOf(minute)) + 0.5;
    draw(svg, "line", "grid", { x1: x, x2: x, y1: bottom, y2: bottom + em * 0.4 });
    draw(svg, "text", "tick", { x, y: bottom + em * 1.4, "text-anchor": "middle" }, clockOf(minute));
  });
}

/** Notes as numbered flags; the numbers stand before the same notes in the list below. */
function flags(svg, notes, xOf, box, em) {
  for (const { at_ms: at, number } of notes) {
    const x = Math.round(xOf(at)) + 0.5;
    if (x < box.left || x > box.right) continue;
    draw(svg, "line", "note-line", { x1: x, x2: x, y1: em * 1.5, y2: box.bottom });
    draw(svg, "rect", "note-flag", { x: x - em * 0.75, y: 1, width: em * 1.5, height: em * 1.5, rx: em * 0.3 });
    draw(svg, "text", "note-number", { x, y: 1 + em * 1.1, "text-anchor": "middle" }, String(number));
  }
}

/** One minute that somebody points at: a band over all of it, and its time above. */
function marker(svg, { at_ms: at, text }, xOf, box, em) {
  const from = Math.floor(at / MINUTE_MS) * MINUTE_MS;
  const [left, right] = [xOf(from), xOf(from + MINUTE_MS)];
  if (left < box.left - 1 || right > box.right + 1) return;
  draw(svg, "rect", "marked", { x: left, y: box.top, width: Math.max(2, right - left), height: box.bottom - box.top });
  const isLate = right > box.right - em * 3;
  const x = isLate ? left - em * 0.3 : right + em * 0.3;
  draw(svg, "text", "marked-time", { x, y: box.top + em, "text-anchor": isLate ? "end" : "start" }, text);
}

/**
 * Draw an hour. `data` = {minutes: [start ms], waiting, offered, answered, abandoned}: lists of equal length, oldest
 * first. `notes` = [{at_ms, number}]; `limits` = [{name, value, text}] of waiting, drawn when in reach; `words` =
 * {waiting, flow}; `clockOf(ms)` names a minute; `mark` = {at_ms, text} points at one; `label` says it all.
 * Gives {minuteAt(x), xOf(ms), cursor} (px) for a pointer, null while the chart is not shown.
 */
export function timeline(svg, data, { label, words, clockOf, notes = [], limits = [], mark = null }) {
  frame(svg, "timeline", label);
  const size = sizeOf(svg);
  if (!size) return null;
  const { width, height, em } = size;
  svg.replaceChildren();
  const most = (values) => Math.max(1, ...values.map((value) => value ?? 0));
  const waiting = ticksOf(most(data.waiting), 3);
  const sums = data.answered.map((value, index) => (value ?? 0) + (data.abandoned[index] ?? 0));
  const flow = ticksOf(Math.max(most(data.offered), most(sums)), 3);
  const digits = Math.max(...[waiting, flow].map((ticks) => String(ticks.at(-1)).length));
  const margin = Math.max(0, ...limits.map((limit) => limit.text.length)) * 0.62;
  const [left, right] = [em * (1 + 0.6 * digits), width - em * (0.5 + margin)];
  const [head, foot] = [em * 3.4, height - em * 2];
  const middle = head + (foot - head) * 0.5;
  const above = { left, right, top: head, bottom: middle - em * 0.4 };
  const below = { left, right, top: middle + em * 1.9, bottom: foot };
  const xOf = scale(data.minutes, left, right);
  if (mark) marker(svg, mark, xOf, { left, right, top: em * 1.7, bottom: foot }, em);
  grid(svg, waiting, above, em);
  for (const limit of limits.filter(({ value }) => value <= waiting.at(-1))) {
    const y = above.bottom - (limit.value / waiting.at(-1)) * (above.bottom - above.top);
    draw(svg, "line", `limit ${limit.name}`, { x1: left, x2: right, y1: y, y2: y });
    draw(svg, "text", `limit-text ${limit.name}`, { x: right + em * 0.3, y: y + em * 0.3 }, limit.text);
  }
  area(svg, data.minutes, data.waiting, xOf, above, waiting.at(-1));
  grid(svg, flow, below, em);
  columns(svg, data, xOf, below, flow.at(-1), em);
  draw(svg, "text", "lane", { x: left, y: above.top - em * 0.6 }, words.waiting);
  draw(svg, "text", "lane", { x: left, y: below.top - em * 0.6 }, words.flow);
  hours(svg, data.minutes, xOf, foot, em, clockOf, width < NARROW_PX ? LABEL_EVERY * 2 : LABEL_EVERY);
  flags(svg, notes, xOf, { left, right, bottom: foot }, em);
  const cursor = draw(svg, "line", "cursor", { y1: head, y2: foot, visibility: "hidden" });
  const minuteAt = (x) => Math.floor(((x - left) / (right - left)) * data.minutes.length);
  return { minuteAt, xOf, cursor };
}
