// Which queues are shown: a search, a group, a channel. All three stand in the address.

import { groupNameOf } from "./names.js";
import { part } from "./queue_parts.js";
import { fromTemplate } from "./texts.js";
import { say } from "./words.js";

const plain = (text) => text.normalize("NFKC").toLocaleLowerCase();

/** `{q, group, channel}` of an address; "" wants everything. */
export function wantedOf(query) {
  const [q, group, channel] = ["q", "group", "channel"].map((name) => query.get(name) ?? "");
  return { q: plain(q).trim(), group, channel };
}

/** Whether a queue's card is wanted: `q` is part of any of its names, its id or its group. */
export function matches(card, { q, group, channel }) {
  if ((group && card.group !== group) || (channel && card.channel !== channel)) return false;
  if (!q) return true;
  return [card.queue, card.display_name, card.group, ...Object.values(card.display_names), ...Object.values(card.group_names ?? {})]
    .some((name) => plain(name ?? "").includes(q));
}

/** The fields for it, in the header. */
export class Filter {
  constructor(context, tools) {
    this.context = context;
    tools.replaceChildren(fromTemplate("floor-tools"));
    this.search = tools.querySelector("#search");
    this.selects = { group: tools.querySelector("#group"), channel: tools.querySelector("#channel") };
    this.known = {};
    tools.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
    this.search.addEventListener("input", () => context.change({ q: this.search.value }));
    for (const [name, select] of Object.entries(this.selects)) {
      select.addEventListener("change", () => context.change({ [name]: select.value }));
    }
    this.search.value = context.route.query.get("q") ?? "";
  }

  /** Take the choices from what there is; what the address asks for is among them even when it is not there. */
  show(cards) {
    const wanted = wantedOf(this.context.route.query);
    const groups = new Map(cards.map((card) => [card.group, groupNameOf(card)]));
    this.choices("group", [...groups.keys()], wanted.group, say("allGroups"), (name) => groups.get(name) ?? name);
    this.choices("channel", cards.map((card) => card.channel), wanted.channel, say("allChannels"), say);
    return wanted;
  }

  choices(name, found, wanted, all, textOf) {
    const values = [...new Set([...found, wanted])].filter(Boolean).sort((one, two) => one.localeCompare(two));
    const select = this.selects[name];
    select.hidden = values.length < 2 && !wanted;
    const said = JSON.stringify([values, wanted]);
    if (this.known[name] === said) return;
    this.known[name] = said;
    select.replaceChildren();
    part(select, "option", "", all).value = "";
    for (const value of values) part(select, "option", "", textOf(value)).value = value;
    select.value = wanted;
  }

  clear() {
    this.search.value = "";
    this.context.change({ q: null, group: null, channel: null });
  }
}
