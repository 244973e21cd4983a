// Charts as SVG, drawn from numbers. Colours are those of charts.css; every chart says its figures in words, too.

export { bars } from "./charts_bars.js";
export { timeline } from "./charts_timeline.js";
import { draw, frame } from "./charts_parts.js";

const SPARK_HEIGHT = 24;

/** Runs of known values, as [[x, y], ...]: a value that is not known leaves a gap, it is not 0. */
function runs(values, top) {
  const found = [];
  let run = null;
  values.forEach((value, index) => {
    if (value === null || value === undefined) {
      run = null;
      return;
    }
    if (!run) found.push((run = []));
    run.push([index, (SPARK_HEIGHT - 1 - (Math.min(value, top) / top) * (SPARK_HEIGHT - 2)).toFixed(1)]);
  });
  return found;
}

/** A small line of `values` (oldest first) from 0 to `max`, at least their largest. `label` says it in words. */
export function sparkline(svg, values, { max = 0, label = null } = {}) {
  const top = Math.max(1, max, ...values.map((value) => value ?? 0));
  const drawn = `${top}|${values.join(",")}`;
  frame(svg, "spark", label);
  if (svg.dataset.drawn === drawn) return; // a floor of a thousand rows redraws only what moved
  svg.dataset.drawn = drawn;
  svg.setAttribute("viewBox", `0 0 ${Math.max(1, values.length - 1)} ${SPARK_HEIGHT}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.replaceChildren();
  for (const run of runs(values, top)) {
    const line = run.map(([x, y]) => `${x} ${y}`).join("L");
    draw(svg, "path", "area", { d: `M${run[0][0]} ${SPARK_HEIGHT}L${line}L${run.at(-1)[0]} ${SPARK_HEIGHT}Z` });
    // A single value is a dot: a line needs two.
    draw(svg, "path", "line", { d: `M${line}${run.length === 1 ? "h0.01" : ""}` });
  }
}
