// The list of keys.

import { part } from "./queue_parts.js";
import { say } from "./words.js";

const KEYS = [
  [["w"], "keyWall"], [["f"], "keyFloor"], [["/"], "keySearch"], [["↓", "j", "↑", "k"], "keyRows"], [["Enter"], "keyOpen"],
  [["e"], "keyExplain"], [["a"], "keyAlerts"], [["q"], "keyQuiet"], [["Esc"], "keyBack"], [["→", "←"], "keyPages"], [["m"], "keySound"], [["F"], "keyFull"],
  [["?"], "keyHelp"],
];

/** Open it. */
export function openHelp() {
  const list = document.getElementById("help-list");
  if (!list.children.length) {
    for (const [keys, word] of KEYS) {
      const term = part(list, "dt");
      for (const key of keys) part(term, "kbd", "", key);
      part(list, "dd", "", say(word));
    }
  }
  document.getElementById("help").showModal();
}
