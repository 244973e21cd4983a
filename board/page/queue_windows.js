// The windows side by side. Every number is a button that says where it comes from.

import { DASH, share } from "./format.js";
import { SIGNS } from "./names.js";
import { limitsText } from "./queue_head.js";
import { panel, part, scroller, set, write } from "./queue_parts.js";
import { JUDGED, ROWS, WINDOWS, isCaseQueue } from "./queue_rows.js";

class Cell {
  constructor(parent, row, window) {
    this.row = row;
    this.window = window;
    this.element = part(parent, "td", window === JUDGED ? "judged" : "");
    this.press = part(this.element, "button", "explainable");
    this.press.type = "button";
    this.press.dataset.explain = [row.explain, window, row.variant].filter(Boolean).join(":");
    this.sign = part(this.press, "span", "mark");
    this.digits = part(this.press, "span", "digits", DASH);
    this.parts = part(this.element, "span", "parts");
  }

  show(snapshot, say) {
    const measures = snapshot?.windows[this.window] ?? null;
    const value = measures ? this.row.of(measures) : null;
    const known = value !== null && value !== undefined;
    const text = known ? this.row.format(value) : DASH;
    const judged = this.row.judged && this.window === JUDGED;
    const severity = judged && known ? snapshot.severity_by[this.row.judged] ?? 0 : 0;
    write(this.digits, text);
    write(this.sign, SIGNS[severity]);
    write(this.parts, measures && known && this.row.parts ? this.row.parts(measures) : "");
    this.element.dataset.severity = severity;
    this.element.dataset.none = known ? "no" : "yes";
    const name = `${say(`row_${this.row.name}`)} · ${say(`window_${this.window}`)}`;
    set(this.press, { "aria-label": say("explainNumber", { name, value: `${text} ${SIGNS[severity]}`.trim() }) });
  }
}

export class Windows {
  constructor(parent, desk) {
    this.desk = desk;
    const { say } = desk;
    const { head, body } = panel(parent, "windows", say("windows"));
    this.hint = part(head, "span", "hint", say("windowsHint"));
    const table = part(scroller(body, say("windows")), "table", "windows-table");
    const heads = part(part(table, "thead"), "tr");
    part(heads, "td"); // the corner names nothing
    for (const window of WINDOWS) {
      const cell = part(heads, "th", window === JUDGED ? "judged" : "", say(`window_${window}`));
      cell.scope = "col";
    }
    const lines = part(table, "tbody");
    this.rows = ROWS.map((row) => this.row(lines, row));
    this.show(null, false);
  }

  row(parent, row) {
    const line = part(parent, "tr");
    const head = part(line, "th", "", this.desk.say(`row_${row.name}`));
    head.scope = "row";
    const goal = part(head, "span", "limits");
    return { row, line, goal, cells: WINDOWS.map((window) => new Cell(line, row, window)) };
  }

  /** Show `snapshot` of the API; null or untrusted: dashes. */
  show(snapshot, trusted) {
    this.hint.hidden = Boolean(snapshot && isCaseQueue(snapshot)); // no limit is about cases
    for (const { row, line, goal, cells } of this.rows) {
      if (snapshot) line.hidden = !row.when(snapshot);
      write(goal, snapshot && row.judged ? this.goal(row, snapshot) : "");
      for (const cell of cells) cell.show(trusted ? snapshot : null, this.desk.say);
    }
  }

  goal(row, { target, thresholds }) {
    const limits = limitsText(thresholds[row.judged], share);
    if (row.name !== "service_level") return limits;
    const wanted = this.desk.say("target", { percent: share(target.percent / 100), seconds: target.seconds });
    return `${wanted}  ${limits}`.trim();
  }
}
