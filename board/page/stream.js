// The one connection of the page: keeps what the board tells current and knows how old it is.

const SILENT_MS = 3_000;
const STALE_MS = 3_000;
// A connection that says nothing for so long is dead, whatever the browser believes (the board speaks every 250 ms).
const DEAD_MS = 10_000;
const RETRY_MS = 1_000;
const RETRY_MOST_MS = 8_000;

/**
 * What the page knows. `floor` is the newest event, `heardAt` when it came (performance.now()), `people` the agents,
 * `groups` the cards of the wall, `notes` those of the time line, `alerts` what fires and what is quiet; null until the
 * board told of them.
 */
export class Feed {
  /** `onChange(feed)` after every event; `onRefused()` when the board did not accept a connection. */
  constructor(onChange, onRefused = () => {}) {
    this.cards = new Map();
    this.order = [];
    this.floor = null;
    this.people = null;
    this.groups = null;
    this.notes = null;
    this.alerts = null;
    this.heardAt = null;
    this.startedAt = performance.now();
    this.failures = 0;
    this.onChange = onChange;
    this.onRefused = onRefused;
    this.connect();
  }

  connect() {
    clearTimeout(this.retry);
    this.source?.close();
    this.triedAt = performance.now();
    this.source = new EventSource("/api/stream");
    this.source.addEventListener("snapshots", (message) => this.take(JSON.parse(message.data)));
    this.source.onerror = () => {
      // A refused connection is not tried again by the browser, only a broken one is.
      if (this.source.readyState !== EventSource.CLOSED) return;
      this.onRefused();
      this.reconnectLater();
    };
  }

  reconnectLater() {
    // Longer each time, and not all televisions of a building at the same instant.
    const wait = Math.min(RETRY_MOST_MS, RETRY_MS * 2 ** this.failures) * (0.75 + Math.random() / 2);
    this.failures += 1;
    clearTimeout(this.retry);
    this.triedAt = Infinity;
    this.retry = setTimeout(() => this.connect(), wait);
  }

  /** To be called now and then: a connection that died without a word is given up, and another one tried. */
  check() {
    if (performance.now() - Math.max(this.heardAt ?? 0, this.triedAt) > DEAD_MS) this.connect();
  }

  take(floor) {
    this.failures = 0;
    if (floor.whole) this.cards.clear();
    for (const card of floor.queues) this.cards.set(keyOf(card.queue, card.channel), card);
    if (floor.order) this.order = floor.order.map(([queue, channel]) => keyOf(queue, channel));
    if (floor.floor || floor.whole) this.people = floor.floor;
    if (floor.groups || floor.whole) this.groups = floor.groups ?? null;
    if (floor.notes || floor.whole) this.notes = floor.notes ?? null;
    if (floor.alerts || floor.whole) this.alerts = floor.alerts ?? null;
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

  /** "fresh", "stale", "rebuilding", "lost" or "connecting", as it is true at this moment. */
  state() {
    if (!this.floor) return "connecting";
    if (this.isLost()) return "lost";
    // The board's own word is 250 ms old at most; the age is ours, so a clock that stops is noticed here, too.
    if (this.floor.state === "fresh" && !this.isReplay() && this.ageMs() > STALE_MS + 1000) return "stale";
    return this.floor.state;
  }

  /** Whether the numbers may be shown: while they are rebuilt they are wrong. */
  isTrusted() {
    return this.floor !== null && this.floor.state !== "rebuilding";
  }
}

export const keyOf = (queue, channel) => `${channel}\n${queue}`;
