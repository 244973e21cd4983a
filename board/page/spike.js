// Trouble for the simulated floor, from the demo's page: which queue, and what goes wrong.

import { nameOf } from "./names.js";
import { part } from "./queue_parts.js";
import { send } from "./session.js";
import { say } from "./words.js";

const CAUSES = ["volume", "staff"];
const SHOWN_MS = 5_000;
const at = (id) => document.getElementById(id);

function option(select, value, text) {
  part(select, "option", "", text).value = value;
}

export class Spike {
  constructor(context) {
    this.context = context;
    for (const cause of CAUSES) option(at("order-cause"), cause, say(`spike_${cause}`));
    at("order").addEventListener("close", () => at("order").returnValue === "send" && this.order());
  }

  /** News: there may be other queues to choose from, also while one is chosen. */
  show(feed) {
    if (!at("order").open) return;
    const names = new Map([...feed.cards.values()].map((card) => [JSON.stringify([card.queue]), nameOf(card)]));
    const told = JSON.stringify([...names]);
    if (told === this.told) return;
    this.told = told;
    const select = at("order-queue");
    const chosen = select.value;
    select.replaceChildren();
    option(select, "", say("anyQueue"));
    const sorted = [...names].sort(([, one], [, two]) => one.localeCompare(two));
    for (const [value, name] of sorted) option(select, value, name);
    select.value = names.has(chosen) ? chosen : "";
  }

  open() {
    at("order").returnValue = "";
    at("order").showModal();
    this.show(this.context.feed);
  }

  async order() {
    const button = at("spike");
    const [queue] = JSON.parse(at("order-queue").value || "[null]");
    button.disabled = true;
    let word = "spikeDone";
    try {
      const answer = await send("POST", "/api/simulator/spike", { queue, cause: at("order-cause").value });
      if (!answer.simulators) word = "spikeNone";
    } catch {
      word = "spikeRefused";
    }
    button.textContent = say(word);
    setTimeout(() => {
      button.disabled = false;
      button.textContent = say("spike");
    }, SHOWN_MS);
  }
}
