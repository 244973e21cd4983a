// Signs that are drawn: a font may lack them, or show them in colours of its own.

import { draw } from "./charts_parts.js";

const PATHS = {
  alert: ["M6 17h12l-1.6-2.6V11a4.4 4.4 0 0 0-8.8 0v3.4z", "M10.4 20a1.8 1.8 0 0 0 3.2 0", "M12 6.4V4"],
  quiet: ["M6 17h12l-1.6-2.6V11a4.4 4.4 0 0 0-8.8 0v3.4z", "M10.4 20a1.8 1.8 0 0 0 3.2 0", "M4 4l16 16"],
  taken: ["M5 12.5l5 5 9-11"],
};

/** The sign `name` ("alert", "quiet" or "taken") at the end of `parent`, for the eye only: beside it stand words. */
export function icon(parent, name) {
  const svg = draw(parent, "svg", `sign-icon ${name}`, { viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" });
  for (const d of PATHS[name]) draw(svg, "path", "", { d });
  return svg;
}
