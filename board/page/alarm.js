// Two short tones when a group becomes critical, and again every minute while it stays so. Only for those who asked.

const AGAIN_MS = 60_000;
const TONES = [880, 660];
const TONE_SECONDS = 0.22;

/** When to sound: pure, so that it can be tried with numbers. `critical` are names, `nowMs` any clock. */
export class Reminder {
  constructor() {
    this.known = new Set();
    this.soundedAt = -Infinity;
  }

  /** Whether to sound now. */
  look(critical, nowMs) {
    const fresh = [...critical].some((name) => !this.known.has(name));
    this.known = new Set(critical);
    const due = critical.size > 0 && (fresh || nowMs - this.soundedAt >= AGAIN_MS);
    if (due) this.soundedAt = nowMs;
    return due;
  }
}

/** Those in trouble: groups, or queues where the board tells of no groups. */
function criticalOf(feed) {
  const cards = feed.groups ?? [...feed.cards.values()];
  return new Set(cards.filter((card) => card.severity === 2).map((card) => card.group ?? card.queue));
}

export class Alarm {
  /** Whether it is on stands in the address (`sound=1`), so that a television keeps it. */
  constructor(router) {
    this.router = router;
    this.reminder = new Reminder();
    this.audio = null;
    if (router.route.query.get("sound") === "1") this.turnOn();
    // A browser lets a page sound only after somebody touched it; any touch will do.
    addEventListener("pointerdown", () => this.audio?.resume());
    addEventListener("keydown", () => this.audio?.resume());
  }

  /** "off", "on", or "blocked" until somebody touches the page. */
  get state() {
    if (!this.audio) return "off";
    return this.audio.state === "running" ? "on" : "blocked";
  }

  turnOn() {
    if (typeof AudioContext === "undefined") return;
    this.audio = new AudioContext();
    this.audio.resume().catch(() => {});
    this.reminder = new Reminder();
  }

  toggle() {
    if (this.audio) {
      this.audio.close();
      this.audio = null;
    } else {
      this.turnOn();
      this.sound(); // so that one hears that it is on, and how loud
    }
    this.router.change({ sound: this.audio ? "1" : null });
  }

  tick(feed) {
    // Old numbers ring no bell.
    if (!this.audio || feed.state() !== "fresh") return;
    if (this.reminder.look(criticalOf(feed), performance.now())) this.sound();
  }

  sound() {
    TONES.forEach((hertz, index) => {
      const start = this.audio.currentTime + 0.02 + index * (TONE_SECONDS + 0.06);
      const [tone, volume] = [this.audio.createOscillator(), this.audio.createGain()];
      tone.frequency.value = hertz;
      // A tone that begins and ends at once clicks.
      volume.gain.setValueAtTime(0, start);
      volume.gain.linearRampToValueAtTime(0.35, start + 0.02);
      volume.gain.linearRampToValueAtTime(0, start + TONE_SECONDS);
      tone.connect(volume).connect(this.audio.destination);
      tone.start(start);
      tone.stop(start + TONE_SECONDS);
    });
  }
}
