// A page that hangs on a wall: full screen, a lamp that stays on, no pointer in the way, and a new version at night.

const RELOAD_MS = 8 * 3_600_000;
const ASK_EVERY_MS = 60_000;
const QUIET_MS = 5 * 60_000;
const IDLE_MS = 4_000;

export class Screen {
  constructor() {
    this.startedAt = performance.now();
    this.touchedAt = performance.now();
    this.askedAt = -Infinity;
    this.lock = null;
    for (const name of ["pointermove", "pointerdown", "keydown", "focusin"]) {
      addEventListener(name, () => this.touched(), { passive: true });
    }
    document.addEventListener("visibilitychange", () => (this.lock = null));
  }

  touched() {
    this.touchedAt = performance.now();
    document.body.dataset.idle = "no";
  }

  toggle() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.().catch(() => {});
  }

  tick(feed) {
    const idle = performance.now() - this.touchedAt;
    document.body.dataset.idle = idle > IDLE_MS ? "yes" : "no";
    const isWall = document.body.dataset.view === "wall";
    if (isWall) this.stayAwake();
    // Somebody who works here is not interrupted; a wall has nobody.
    if (isWall || idle > QUIET_MS) this.renew(feed);
  }

  /** Ask for the lamp once; it is lost when the page is hidden. Browsers give it on secure addresses only. */
  stayAwake() {
    if (this.lock || document.hidden || !navigator.wakeLock) return;
    this.lock = navigator.wakeLock.request("screen").catch(() => null);
  }

  /** After eight hours load the page anew, but only from a board that answers: an old wall is better than an error. */
  async renew(feed) {
    const now = performance.now();
    if (now - this.startedAt < RELOAD_MS || now - this.askedAt < ASK_EVERY_MS || feed.isLost()) return;
    this.askedAt = now;
    if (document.querySelector("dialog[open]")) return;
    const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
    // Sent to the log-in instead: then the wall stays as it is, while it still hears from the board.
    if (answer?.ok && !answer.redirected) location.reload();
  }
}
