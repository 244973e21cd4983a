// Bars beside each other, each made of parts: how many waited how long, and what became of them.

import { draw, frame, grid, hatch, sizeOf, ticksOf } from "./charts_parts.js";

function stack(svg, bar, parts, box, top, fills) {
  let y = box.bottom;
  for (const part of parts) {
    const high = (part.value / top) * (box.bottom - box.top);
    if (!high) continue;
    const drawn = Math.max(1.5, high); // one of a thousand still is somebody
    y -= drawn;
    draw(svg, "rect", `bar ${part.name}`, {
      x: bar.x, width: bar.width, y: y.toFixed(1), height: drawn.toFixed(1),
      ...(fills[part.name] ? { fill: fills[part.name] } : {}),
    });
  }
}

function mark(svg, marker, xOf, box, em) {
  if (!marker) return;
  const x = Math.round(xOf(marker.at)) + 0.5;
  draw(svg, "line", "marker", { x1: x, x2: x, y1: box.top - em * 0.5, y2: box.bottom });
  const atEnd = x > (box.left + box.right) / 2;
  draw(svg, "text", "marker-text", {
    x: x + (atEnd ? -em * 0.4 : em * 0.4), y: box.top - em * 0.7, "text-anchor": atEnd ? "end" : "start",
  }, marker.text);
}

/**
 * Draw `bins` = [{label, parts: [{name, value}]}]: the first part stands at the bottom, "abandoned" is hatched.
 * `marker` = {at, text} is a line at so many bins from the left (2.5: in the middle of the third); `label` says it all.
 */
export function bars(svg, bins, { label, marker = null } = {}) {
  frame(svg, "bars", label);
  const size = sizeOf(svg);
  if (!size) return;
  const { width, height, em } = size;
  svg.replaceChildren();
  const sums = bins.map((bin) => bin.parts.reduce((sum, each) => sum + each.value, 0));
  const ticks = ticksOf(Math.max(1, ...sums), 4);
  const left = em * (1 + 0.6 * String(ticks.at(-1)).length);
  const box = { left, right: width - em * 0.3, top: em * 2, bottom: height - em * 1.7 };
  const step = (box.right - box.left) / Math.max(1, bins.length);
  const xOf = (index) => box.left + index * step;
  const fills = { abandoned: hatch(svg, "abandoned", em) };
  grid(svg, ticks, box, em);
  const gap = Math.min(step * 0.15, em * 0.4);
  let free = -Infinity;
  bins.forEach((bin, index) => {
    stack(svg, { x: xOf(index) + gap / 2, width: Math.max(1, step - gap) }, bin.parts, box, ticks.at(-1), fills);
    // A label stands at the left edge of its bin, where its range begins, as long as there is room for it.
    const long = em * (bin.label.length * 0.62 + 0.4);
    if (xOf(index) < free) return;
    draw(svg, "text", "tick", { x: xOf(index), y: box.bottom + em * 1.25, "text-anchor": "start" }, bin.label);
    free = xOf(index) + long;
  });
  mark(svg, marker, xOf, box, em);
}
