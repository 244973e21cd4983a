// "Mine": who calls a lost caller back. One person has it, everybody sees who.

import { clock } from "./format.js";
import { askName } from "./queue_name.js";
import { button, part, set, write } from "./queue_parts.js";
import { knownName, mayWrite, send } from "./session.js";

export class Mine {
  /** In `parent`; `changed()` is called after something was sent. */
  constructor(parent, desk, changed) {
    Object.assign(this, { desk, changed, item: null });
    this.text = part(parent, "span", "claim");
    this.button = button(parent, "small", "", () => this.press());
    this.problem = set(part(parent, "span", "problem"), { role: "alert" });
  }

  show(item) {
    if (this.item && this.item.contact !== item.contact) write(this.problem, "");
    this.item = item;
    const { say, context } = this.desk;
    const { claim } = item;
    const own = claim && claim.by === knownName();
    const values = claim ? { by: claim.by, time: clock(claim.at_ms).slice(0, 5) } : {};
    write(this.text, claim ? `✓ ${say(own ? "mineSince" : "claimedBy", values)}` : "");
    this.text.dataset.own = own ? "yes" : "no";
    const word = say(own ? "mineNot" : "mine");
    write(this.button, word);
    set(this.button, { "aria-label": `${word}: ${item.native_id || item.contact}` });
    this.button.hidden = !mayWrite(context.session) || Boolean(claim && !own);
  }

  async press() {
    const { contact, claim } = this.item;
    const by = await askName(this.desk);
    if (!by) return;
    this.button.disabled = true;
    write(this.problem, "");
    const claims = `${this.desk.base}/claims`;
    try {
      if (claim) {
        await send("DELETE", `${claims}/${encodeURIComponent(contact)}?${new URLSearchParams({ by })}`);
      } else {
        await send("POST", claims, { channel: this.desk.channel, contact, by });
      }
    } catch (error) {
      // Somebody was faster: the list that comes now says who.
      write(this.problem, error.status === 409 ? this.desk.say("mineTaken") : error.message);
    }
    this.button.disabled = false;
    this.changed();
  }
}
