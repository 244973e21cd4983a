// Asks for one answer again and again: never twice at a time, not while nobody looks, and at once when told to.

import { read } from "./session.js";

const SOONEST_MS = 1000;

export class Poll {
  /**
   * `url()` (null: nothing to ask) is asked for every `everyMs` ms; `take(body)` gets what is new, `fail(error)` what
   * went wrong.
   */
  constructor(url, everyMs, take, fail) {
    Object.assign(this, { url, everyMs, take, fail });
    this.stopped = false;
    this.asked = null;
    this.askedAt = this.notBefore = -Infinity;
    this.again = false;
    this.etag = null;
    this.timer = setTimeout(() => this.ask(), 0);
  }

  /** Ask now, e.g. because the address changed or something was sent. */
  now() {
    if (this.stopped) return;
    const address = this.url();
    if (this.asked && this.asked.address === address) {
      this.again = true;
      return;
    }
    this.asked?.control.abort();
    clearTimeout(this.timer);
    this.ask();
  }

  /** Ask soon, because the stream told of something: at most once a second, however often it does. */
  soon() {
    const wait = Math.max(this.askedAt + SOONEST_MS, this.notBefore) - performance.now();
    if (wait <= 0) {
      this.now();
    } else if (!this.stopped && !this.asked) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), wait);
    }
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    this.asked?.control.abort();
  }

  async ask() {
    const address = document.hidden ? null : this.url();
    if (address === null) {
      this.plan();
      return;
    }
    if (this.etag?.address !== address) this.etag = null;
    const asked = { address, control: new AbortController() };
    this.asked = asked;
    this.askedAt = performance.now();
    let answer = null;
    let error = null;
    try {
      answer = await read(address, { signal: asked.control.signal, etag: this.etag?.value });
    } catch (caught) {
      error = caught;
    }
    if (this.stopped || this.asked !== asked) return;
    this.asked = null;
    // Pages that were refused at the same moment do not come back at the same moment.
    const againMs = error?.againMs && error.againMs * (1 + Math.random() / 2);
    this.notBefore = againMs ? performance.now() + againMs : -Infinity;
    this.plan(againMs);
    if (error) {
      this.etag = null; // the next answer is shown whatever it is
      this.fail(error);
    } else if (answer) {
      this.etag = { address, value: answer.etag };
      this.take(answer.body);
    }
  }

  /** Plan the next time. `againMs`: what was asked was too much at once, and is to be asked for again then. */
  plan(againMs = null) {
    const wait = againMs ?? (this.again ? 0 : this.everyMs);
    this.again = false;
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => this.ask(), wait);
  }
}
