// The floor below the queues: agents and backlog, one line each, and a list for whoever opens it.

import { DASH, age, duration } from "./format.js";
import { nameOf } from "./names.js";
import { write } from "./queue_parts.js";
import { normalTime } from "./row_texts.js";
import { say } from "./words.js";

const STATES = ["busy", "ringing", "acw", "idle", "has_capacity", "break", "error"];
const STATUSES = ["new", "open", "pending", "on_hold"];
const CLOCKS = ["first_response", "next_response", "resolution"];

const at = (id) => document.getElementById(id);

function row(texts, tag) {
  const line = document.createElement("tr");
  for (const text of texts) {
    const cell = document.createElement(tag);
    cell.textContent = text;
    line.append(cell);
  }
  return line;
}

/** Agents by state, the longest break, who gave no sign of life. */
function agentsText(people, nowMs) {
  const parts = STATES.filter((state) => people.states[state]).map((state) => `${people.states[state]} ${say(state)}`);
  const rested = people.longest.break;
  if (rested !== undefined) parts.push(say("longestBreak", { time: duration((nowMs - rested) / 1000) }));
  if (people.phantoms) parts.push(say("phantoms", { n: people.phantoms }));
  return parts.join(" · ");
}

function backlogText(cards, nowMs) {
  const sum = (pick) => cards.reduce((total, card) => total + pick(card.backlog), 0);
  const opened = cards.map((card) => card.backlog.oldest_opened_at_ms).filter((ms) => ms !== null);
  const parts = [say("openCases", { n: sum((backlog) => backlog.open) })];
  const unassigned = sum((backlog) => backlog.unassigned);
  if (unassigned) parts.push(say("unassigned", { n: unassigned }));
  const overdue = sum((backlog) => backlog.overdue);
  parts.push(overdue ? say("overdue", { n: overdue }) : say("noneOverdue"));
  if (opened.length) parts.push(say("oldest", { age: age(nowMs - Math.min(...opened)) }));
  return parts.join(" · ");
}

function doubtText(people) {
  const parts = people.silent.map((source) => say("silent", { source }));
  if (people.doubts.ghosts) parts.push(say("ghosts", { n: people.doubts.ghosts }));
  if (people.doubts.drifting) parts.push(say("drifting", { n: people.doubts.drifting }));
  return parts.join(" · ");
}

function listAgents(people, nowMs) {
  const rows = people.agents.map((agent) => row([
    agent.name, agent.team, say(agent.state), agent.reason, duration((nowMs - agent.since_ms) / 1000),
    agent.phantom ? say("phantom") : "",
  ], "td"));
  const heads = row(["agent", "team", "state", "reason", "since", ""].map((word) => word && say(word)), "th");
  at("agents-list").replaceChildren(heads, ...rows);
}

function clockText(due) {
  return due ? `${due.overdue} / ${due["15m"]} / ${due["1h"]} / ${due["4h"]}` : DASH;
}

function listBacklog(cards) {
  const rows = cards.map((card) => row([
    nameOf(card), ...STATUSES.map((status) => card.backlog.status[status] ?? 0), card.backlog.unassigned,
    ...CLOCKS.map((name) => clockText(card.backlog.clocks[name])),
  ], "td"));
  const words = ["queue", ...STATUSES.map((status) => `case_${status}`), "owner", ...CLOCKS];
  at("backlog-list").replaceChildren(row(words.map((word) => say(word)), "th"), ...rows);
}

/** Show the floor; without trust in the numbers they are dashes. `people` is null until the board told of them. */
export function showPeople(people, cards, nowMs, trusted) {
  const withCases = cards.filter((card) => card.backlog.open > 0);
  at("agents").hidden = !people || !people.logged_in;
  at("backlog").hidden = withCases.length === 0;
  const doubt = people && trusted ? doubtText(people) : "";
  at("doubt").hidden = !doubt;
  write(at("doubt"), doubt);
  const told = cards.find((card) => card.normal);
  write(at("normal"), told && trusted ? say("normalTime", { time: normalTime(told.normal) }) : "");
  if (!at("agents").hidden) {
    write(at("agents-total"), say("agents", { n: trusted ? people.logged_in : DASH }));
    write(at("agents-text"), trusted ? agentsText(people, nowMs) : DASH);
    if (at("agents").open) listAgents(people, nowMs);
  }
  if (!at("backlog").hidden) {
    write(at("backlog-text"), trusted ? backlogText(withCases, nowMs) : DASH);
    if (at("backlog").open) listBacklog(withCases);
  }
}
