// Who is at the page, what they may do, and every request it makes: `read` for answers, `send` for changes.

import { say } from "./words.js";
import "./words_explain.js";

const NAME_KEY = "floorpulse.name";
const ANYBODY = { auth: false, scope: "read", user: null, csrf: null, demo: false };
const RANKS = ["read", "write", "admin"];
// What was too much at once is asked for again: when its answer says, within bounds, or after this where it does not.
const AGAIN_MS = 1_500;
const AGAIN_BOUNDS_MS = [1_000, 60_000];

/** The session as the board tells it: `{auth, scope, user, csrf, demo}`. Changed in place, so everybody sees it. */
export const session = { ...ANYBODY };

/** Ask the board who we are. A board that does not say leaves a reader. */
export async function loadSession() {
  let told = {};
  try {
    const answer = await fetch("/api/session", { cache: "no-store" });
    if (answer.ok) told = await answer.json();
  } catch {
    // then it is asked for again with the next page
  }
  return Object.assign(session, ANYBODY, told);
}

/** Whether this session may change something. */
export const mayWrite = (who = session) => RANKS.indexOf(who.scope) >= RANKS.indexOf("write");

/**
 * What went wrong, in words. `status` is that of the answer, 0 when there was none; `body` what it said; `againMs` in
 * how many ms whoever only reads should ask again, null when that would not help.
 */
export class RequestError extends Error {
  constructor(status, body, againMs = null) {
    const told = againMs === null ? body?.error : say("requestBusy");
    super(told || say(status ? "requestRefused" : "requestFailed", { status }));
    this.status = status;
    this.body = body;
    this.againMs = againMs;
  }
}

/** In how many ms to ask again for what was too much at once (429); null for any other answer. */
function againMs(answer) {
  if (answer.status !== 429) return null;
  const seconds = Number(answer.headers.get("Retry-After") ?? NaN);
  const [least, most] = AGAIN_BOUNDS_MS;
  return Number.isFinite(seconds) ? Math.min(most, Math.max(least, seconds * 1000)) : AGAIN_MS;
}

async function bodyOf(answer) {
  const text = await answer.text();
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

async function ask(url, options) {
  let answer;
  try {
    answer = await fetch(url, { cache: "no-store", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new RequestError(0, null);
  }
  if (answer.status === 401 && location.pathname !== "/login") location.assign(loginPath());
  return answer;
}

/** Where to log in, and to come back from. */
export const loginPath = () => `/login?next=${encodeURIComponent(location.pathname + location.search)}`;

/** The JSON at `url`. `etag` of an earlier answer: null is returned when nothing changed since. */
export async function read(url, { signal, etag } = {}) {
  const answer = await ask(url, { signal, headers: etag ? { "If-None-Match": etag } : {} });
  if (answer.status === 304) return null;
  const body = await bodyOf(answer);
  if (!answer.ok || body === null) throw new RequestError(answer.status, body, againMs(answer));
  return { body, etag: answer.headers.get("ETag") };
}

/** Change something: POST, PUT or DELETE with a JSON body. The answer's JSON, or null; RequestError when refused. */
export async function send(method, url, body = undefined) {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  if (session.csrf) headers["X-Floorpulse-CSRF"] = session.csrf;
  const answer = await ask(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const told = await bodyOf(answer);
  if (!answer.ok) throw new RequestError(answer.status, told);
  return told;
}

/** The name under which this person acts: that of the session, else the one given earlier on this device, else "". */
export function knownName() {
  if (session.user) return session.user;
  try {
    return localStorage.getItem(NAME_KEY) ?? "";
  } catch {
    return ""; // a browser may keep nothing for us
  }
}

/** Keep the name for next time. */
export function keepName(name) {
  try {
    localStorage.setItem(NAME_KEY, name);
  } catch {
    // then it is asked for again
  }
}
