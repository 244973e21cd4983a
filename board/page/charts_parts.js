// What every chart needs: elements, a frame with a name, round steps, a hatch beside the colour.

const SPACE = "http://www.w3.org/2000/svg";
let hatches = 0;

/** A new SVG element in `parent`; `text` for texts. */
export function draw(parent, tag, name, attributes = {}, text = null) {
  const element = document.createElementNS(SPACE, tag);
  if (name) element.setAttribute("class", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== null) element.textContent = text;
  parent.append(element);
  return element;
}

/** An empty `<svg>` for a chart. */
export const canvas = (parent, name) => draw(parent, "svg", name);

/** Name the chart for those who do not see it; without a label it is decoration beside a text. */
export function frame(svg, name, label) {
  svg.classList.add("chart", name);
  svg.setAttribute("focusable", "false");
  if (label === null) {
    svg.setAttribute("aria-hidden", "true");
    return;
  }
  svg.removeAttribute("aria-hidden");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
}

/** Its size on the screen in px, and of its letters, so that texts are never stretched; null while it is not shown. */
export function sizeOf(svg) {
  const box = svg.getBoundingClientRect();
  if (!box.width || !box.height) return null;
  const em = parseFloat(getComputedStyle(svg).fontSize) || 12;
  const [width, height] = [Math.max(120, Math.round(box.width)), Math.max(140, Math.round(box.height))];
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  return { width, height, em };
}

/** A round whole step so that 0..`top` has at most `most` of them. */
export function stepOf(top, most) {
  const wanted = Math.max(1, top / most);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 2, 5, 10].find((each) => each * power >= wanted) * power;
  return Math.max(1, step);
}

/** Whole numbers from 0 up to the first one that reaches `top`. */
export function ticksOf(top, most) {
  const step = stepOf(top, most);
  const last = Math.max(1, Math.ceil(top / step)) * step;
  return Array.from({ length: last / step + 1 }, (_, index) => index * step);
}

/** A hatch of the class `name`, so that what is lost differs by more than its colour; gives the value for `fill`. */
export function hatch(svg, name, em) {
  const id = `hatch-${(hatches += 1)}`;
  const pattern = draw(draw(svg, "defs"), "pattern", `hatch ${name}`, {
    id, width: em * 0.32, height: em * 0.32, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)",
  });
  draw(pattern, "rect", "ground", { width: em * 0.32, height: em * 0.32 });
  draw(pattern, "rect", "stripe", { width: em * 0.15, height: em * 0.32 });
  return `url(#${id})`;
}

/** Horizontal lines with their numbers at the left, from `top` to `bottom` px. */
export function grid(svg, ticks, { left, right, top, bottom }, em, format = String) {
  const last = ticks.at(-1);
  for (const tick of ticks) {
    const y = Math.round(bottom - (tick / last) * (bottom - top)) + 0.5;
    draw(svg, "line", tick ? "grid" : "base", { x1: left, x2: right, y1: y, y2: y });
    draw(svg, "text", "tick", { x: left - em * 0.5, y: y + em * 0.33, "text-anchor": "end" }, format(tick));
  }
}
