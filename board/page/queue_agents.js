// The people of a queue: who could take a contact now, who rests, who is busy, and since when.

import { DASH, duration } from "./format.js";
import { Lines, panel, part, scroller, write } from "./queue_parts.js";
import { Poll } from "./queue_poll.js";

const EVERY_MS = 3000;
const MOST = 500;
// Who could help comes first, who is busy last. The signs say it to those who do not see the colours.
const SIGNS = { idle: "●", has_capacity: "◐", acw: "✎", break: "‖", ringing: "◌", busy: "○", error: "✕" };
const RANK = Object.keys(SIGNS);
const rankOf = (state) => (RANK.includes(state) ? RANK.indexOf(state) : RANK.length);

class Person {
  constructor(agents) {
    this.agents = agents;
    this.element = part(null, "tr");
    [this.name, this.state, this.since] = ["name", "state", "since"].map((name) => part(this.element, "td", name));
    this.who = part(this.name, "span");
    this.team = part(this.name, "span", "team");
    this.sign = part(this.state, "span", "mark");
    this.sign.setAttribute("aria-hidden", "true");
    this.word = part(this.state, "span");
  }

  show(agent) {
    const { say } = this.agents.desk;
    this.agent = agent;
    this.element.dataset.state = agent.state;
    write(this.who, agent.name || agent.id);
    write(this.team, agent.team || "");
    write(this.sign, SIGNS[agent.state] ?? "");
    const reason = agent.reason && agent.reason !== agent.state ? agent.reason : "";
    write(this.word, [say(agent.state), reason, agent.phantom ? say("phantom") : ""].filter(Boolean).join(" · "));
    this.tick(this.agents.desk.nowMs());
  }

  tick(nowMs) {
    const since = this.agent.since_ms;
    write(this.since, since ? duration((nowMs - since) / 1000) : DASH);
  }
}

export class Agents {
  constructor(parent, desk) {
    this.desk = desk;
    const { say } = desk;
    const { head, body } = panel(parent, "agents", say("queueAgents"));
    this.total = part(head, "span", "hint");
    const table = part(scroller(body, say("queueAgents")), "table", "lines people");
    const heads = part(part(table, "thead"), "tr");
    for (const key of ["agent", "state", "since"]) part(heads, "th", key, say(key)).scope = "col";
    this.table = table;
    this.lines = new Lines(part(table, "tbody"), () => new Person(this));
    this.note = part(body, "p", "empty", say("loading"));
    const url = () => `/api/agents?${new URLSearchParams({ queue: desk.queue, limit: MOST })}`;
    this.poll = new Poll(url, EVERY_MS, (body_) => this.take(body_), (error) => this.fail(error));
  }

  take(body) {
    const agents = body.agents ?? body.items;
    agents.sort((one, other) => rankOf(one.state) - rankOf(other.state) || one.since_ms - other.since_ms);
    this.lines.show(agents, (agent) => agent.id ?? agent.name);
    this.table.hidden = !agents.length;
    this.note.hidden = agents.length > 0;
    write(this.note, this.desk.say("agentsNone"));
    const counts = RANK.map((state) => [state, agents.filter((agent) => agent.state === state).length]);
    write(this.total, counts.filter(([, n]) => n).map(([state, n]) => `${n} ${this.desk.say(state)}`).join(" · "));
  }

  fail(error) {
    this.table.hidden = true;
    this.note.hidden = false;
    write(this.note, error.status === 403 ? this.desk.say("agentsHidden") : error.message);
  }

  tick(nowMs) {
    if (this.second === Math.floor(nowMs / 1000)) return;
    this.second = Math.floor(nowMs / 1000);
    for (const line of this.lines.known.values()) line.tick(nowMs);
  }

  stop() {
    this.poll.stop();
  }
}
