// The keys of a queue's view: from number to number, for those who do not use a mouse.

const STEPS = { ArrowDown: [1, 0], j: [1, 0], ArrowUp: [-1, 0], k: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] };

/** The numbers of the view as rows: those of the head, then those of each row of the windows. */
function rowsOf(root) {
  const rows = [...root.querySelectorAll(".queue-head, .windows-table tbody tr:not([hidden])")];
  const numbers = rows.map((row) => [...row.querySelectorAll("[data-explain]")].filter((each) => each.offsetParent));
  return numbers.filter((row) => row.length);
}

/** Move the focus by a key; whether it was one. Arrows move from number to number only, elsewhere they scroll. */
export function moveFocus(root, key) {
  const step = STEPS[key];
  const rows = step ? rowsOf(root) : [];
  if (!rows.length) return false;
  const at = rows.findIndex((row) => row.includes(document.activeElement));
  if (at < 0) {
    if (key.startsWith("Arrow")) return false;
    rows[0][0].focus();
    return true;
  }
  const [down, right] = step;
  const row = rows[Math.min(rows.length - 1, Math.max(0, at + down))];
  const column = rows[at].indexOf(document.activeElement) + right;
  row[Math.min(row.length - 1, Math.max(0, column))].focus();
  return true;
}
