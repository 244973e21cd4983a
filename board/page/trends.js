// The last hour of every queue, minute by minute, asked for now and then: the stream tells only of now.

import { Poll } from "./queue_poll.js";
import { keyOf } from "./stream.js";

const EVERY_MS = 10_000;

export class Trends {
  /** `onNews()` after every answer. */
  constructor(onNews) {
    this.waiting = new Map();
    this.poll = new Poll(() => "/api/trends", EVERY_MS, (body) => {
      this.waiting = new Map(body.queues.map((each) => [keyOf(each.queue, each.channel), each.waiting]));
      onNews();
    }, () => {}); // a line that is missing is no fault; the next answer brings it
  }

  /** Waiting at the end of each minute, oldest first; null when not known (yet). */
  of(key) {
    return this.waiting.get(key) ?? null;
  }

  stop() {
    this.poll.stop();
  }
}
