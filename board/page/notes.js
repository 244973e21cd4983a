// Notes on the time line ("campaign sent 10:30"): those of the last hour, and a form for a new one.

import { clock } from "./format.js";
import { askName } from "./queue_name.js";
import { Lines, button, part, set, write } from "./queue_parts.js";
import { Poll } from "./queue_poll.js";
import { mayWrite, send } from "./session.js";

const EVERY_MS = 15_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const SURE_MS = 4_000;
const LONGEST = 200;

/** The newest instant up to `nowMs` at which a clock shows `text` ("10:30"); `nowMs` without a text. */
export function instantOf(text, nowMs) {
  const [hours, minutes] = text.split(":").map(Number);
  if (!text || Number.isNaN(hours) || Number.isNaN(minutes)) return Math.round(nowMs);
  const at = new Date(nowMs);
  at.setHours(hours, minutes, 0, 0);
  return at.getTime() > nowMs ? at.getTime() - DAY_MS : at.getTime();
}

class Note {
  constructor(desk, remove) {
    this.desk = desk;
    this.element = part(null, "li");
    this.number = part(this.element, "span", "note-number");
    this.time = part(this.element, "time");
    this.text = part(this.element, "span", "note-text");
    this.who = part(this.element, "span", "note-who");
    this.button = button(this.element, "quiet", "", () => this.press(remove));
    this.sure = false;
  }

  show(note) {
    this.note = note;
    const { say } = this.desk;
    write(this.number, String(note.number));
    write(this.time, clock(note.at_ms).slice(0, 5));
    write(this.text, note.text);
    write(this.who, [note.author, note.queue === null ? say("noteForAll") : ""].filter(Boolean).join(" · "));
    write(this.button, say(this.sure ? "noteSure" : "noteDelete"));
    set(this.button, { "aria-label": `${say(this.sure ? "noteSure" : "noteDelete")}: ${note.text}` });
    this.button.hidden = !mayWrite(this.desk.context.session);
  }

  /** Asks once more before it is gone. */
  press(remove) {
    if (this.sure) remove(this.note);
    this.sure = !this.sure;
    this.show(this.note);
    if (!this.sure) return;
    setTimeout(() => {
      this.sure = false;
      this.show(this.note);
    }, SURE_MS);
  }
}

export class Notes {
  /** `changed()` is called when there are other notes than before. */
  constructor(parent, desk, changed) {
    Object.assign(this, { desk, changed, notes: [] });
    const box = part(parent, "div", "notes");
    part(box, "h3", "", desk.say("notes"));
    this.list = part(box, "ol", "note-list");
    this.lines = new Lines(this.list, () => new Note(desk, (note) => this.remove(note)));
    this.none = part(box, "p", "empty", desk.say("notesNone"));
    this.form(box);
    this.problem = set(part(box, "p", "problem"), { role: "alert" });
    const fail = (error) => write(this.problem, error.message);
    this.poll = new Poll(() => this.url(), EVERY_MS, (body) => this.take(body), fail);
  }

  /** The stream told of the notes of the floor: when they are others than before, ours may be, too. */
  news(told) {
    if (this.told !== undefined && this.told !== told) this.poll.soon();
    this.told = told;
  }

  url() {
    // Whole minutes, so that the same notes have the same address for a while.
    const now = Math.ceil(this.desk.nowMs() / 60_000) * 60_000;
    return `/api/notes?${new URLSearchParams({ from_ms: now - HOUR_MS, to_ms: now, queue: this.desk.queue })}`;
  }

  form(parent) {
    const { say } = this.desk;
    const form = part(parent, "form", "note-form");
    this.box = form;
    this.text = this.field(form, "noteText", { type: "text", maxlength: LONGEST, required: "", autocomplete: "off" });
    this.text.placeholder = say("noteExample");
    this.time = this.field(form, "noteTime", { type: "time" });
    const label = part(form, "label", "check");
    this.everywhere = set(part(label, "input"), { type: "checkbox" });
    part(label, "span", "", say("noteEverywhere"));
    const submit = part(form, "button", "", say("noteAdd"));
    submit.type = "submit";
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.add(submit);
    });
  }

  /** Whether this session may write notes and delete them. */
  rights(may) {
    this.box.hidden = !may;
    for (const line of this.lines.known.values()) line.show(line.note);
  }

  field(form, key, attributes) {
    const label = part(form, "label", key);
    part(label, "span", "", this.desk.say(key));
    return set(part(label, "input"), attributes);
  }

  take({ notes }) {
    write(this.problem, "");
    const mine = notes.filter((note) => !note.channel || note.channel === this.desk.channel);
    mine.sort((one, other) => one.at_ms - other.at_ms);
    this.notes = mine.map((note, index) => ({ ...note, number: index + 1 }));
    this.lines.show(this.notes, (note) => note.id);
    this.none.hidden = this.notes.length > 0;
    this.changed();
  }

  /** The notes with their numbers, oldest first. */
  inOrder() {
    return this.notes;
  }

  async add(submit) {
    const text = this.text.value.trim();
    if (!text) return;
    const author = await askName(this.desk);
    if (!author) return;
    const at_ms = instantOf(this.time.value, this.desk.nowMs());
    const queue = this.everywhere.checked ? null : this.desk.queue;
    await this.change(submit, () => send("POST", "/api/notes", { text, at_ms, queue, author }));
    if (!this.problem.textContent) this.text.value = this.time.value = "";
  }

  async remove(note) {
    await this.change(null, () => send("DELETE", `/api/notes/${encodeURIComponent(note.id)}`));
  }

  async change(submit, act) {
    if (submit) submit.disabled = true;
    write(this.problem, "");
    try {
      await act();
      this.poll.now();
    } catch (error) {
      write(this.problem, error.message);
    }
    if (submit) submit.disabled = false;
  }

  stop() {
    this.poll.stop();
  }
}
