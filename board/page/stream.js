// The one connection of the page: keeps the cards of all queues current and knows how old they are.

const SILENT_MS = 3000;
const RETRY_MS = 3000;

/** What the page knows. `floor` is the newest event, `heardAt` when it came (performance.now()), `people` the agents. */
export class Feed {
  constructor(onChange) {
    this.cards = new Map();
    this.order = [];
    this.floor = null;
    this.people = null;
    this.heardAt = null;
    this.startedAt = performance.now();
    this.onChange = onChange;
    this.connect();
  }

  connect() {
    this.source = new EventSource("/api/stream");
    this.source.addEventListener("snapshots", (message) => this.take(JSON.parse(message.data)));
    this.source.onerror = () => {
      // A refused connection is not tried again by the browser, only a broken one is.
      if (this.source.readyState === EventSource.CLOSED) {
        setTimeout(() => this.connect(), RETRY_MS);
      }
    };
  }

  take(floor) {
    if (floor.whole) this.cards.clear();
    for (const card of floor.queues) this.cards.set(keyOf(card.queue, card.channel), card);
    if (floor.order) this.order = floor.order.map(([queue, channel]) => keyOf(queue, channel));
    if (floor.floor || floor.whole) this.people = floor.floor;
    this.floor = floor;
    this.heardAt = performance.now();
    this.onChange(this);
  }

  /** The cards, worst first. */
  ordered() {
    return this.order.filter((key) => this.cards.has(key)).map((key) => this.cards.get(key));
  }

  /** Milliseconds since the last event. */
  silence() {
    return performance.now() - (this.heardAt ?? this.startedAt);
  }

  isLost() {
    return this.silence() > SILENT_MS;
  }

  /** The server's wall clock now, ms; our own before the first event. */
  wallMs() {
    return this.floor ? this.floor.published_at_ms + this.silence() : Date.now();
  }

  /** How long ago the numbers were last known to be true, ms; null when they never were. */
  ageMs() {
    return this.floor && this.floor.updated_ms ? this.wallMs() - this.floor.updated_ms : null;
  }

  isReplay() {
    return this.floor !== null && this.floor.namespace !== "live";
  }

  /** The log's clock now, ms: between two events it goes on by itself, but not in a replay, whose speed we do not know. */
  nowMs() {
    if (!this.floor) return Date.now();
    return this.isReplay() || this.isLost() ? this.floor.now_ms : this.floor.now_ms + this.silence();
  }
}

export const keyOf = (queue, channel) => `${channel}\n${queue}`;
