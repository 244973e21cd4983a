// Logging in with a token: typed, or brought along behind the # of an address, which no server and no log ever sees.

import { button, part, set, write } from "./queue_parts.js";
import { loadSession, send, session } from "./session.js";
import { say } from "./words.js";
import "./words_explain.js";

/** `next` when it leads to a page of ours, else "/": another host must not be able to send people on. */
export function ownPath(next) {
  if (!next || !next.startsWith("/")) return "/";
  try {
    const url = new URL(next, location.origin);
    if (url.origin !== location.origin || url.pathname === "/login" || url.pathname.startsWith("//")) return "/";
    return url.pathname + url.search;
  } catch {
    return "/";
  }
}

/** The token behind the #, which is wiped from the address (and from the history) before anything else is done. */
function takeToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (location.hash) history.replaceState(history.state, "", location.pathname + location.search);
  return token;
}

class Login {
  constructor(root) {
    this.element = part(root, "div", "login");
    const form = part(this.element, "form");
    part(form, "h1", "", say("loginTitle"));
    part(form, "p", "hint", say("loginHint"));
    // Password keepers want to know whose it is; a token is nobody's in particular.
    set(part(form, "input"), { type: "text", name: "user", autocomplete: "username", value: "floorpulse", hidden: "" });
    const label = part(form, "label", "");
    part(label, "span", "", say("loginToken"));
    this.input = set(part(label, "input"), {
      type: "password", name: "token", required: "", autocomplete: "current-password", spellcheck: "false",
    });
    this.submit = part(form, "button", "primary", say("loginGo"));
    this.submit.type = "submit";
    this.problem = set(part(form, "p", "problem"), { role: "alert" });
    this.who = part(form, "p", "hint");
    this.leave = button(form, "", say("logout"), () => this.logout());
    this.leave.hidden = true;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.login(this.input.value.trim());
    });
    // The page's own keys are not for somebody who types a token.
    form.addEventListener("keydown", (event) => event.stopPropagation());
  }

  async start() {
    const token = takeToken();
    if (token) await this.login(token);
    else await this.tell();
    if (this.element.isConnected) this.input.focus();
  }

  /** Say who is logged in already, or that nobody has to. */
  async tell() {
    await loadSession();
    const known = session.auth && session.scope;
    write(this.who, known ? say("loginKnown", { user: session.user ?? "", scope: session.scope }) : "");
    this.leave.hidden = !(known && session.csrf);
  }

  async login(token) {
    if (!token) return;
    this.submit.disabled = true;
    write(this.problem, "");
    try {
      const told = await send("POST", "/api/session", { token });
      this.input.value = "";
      const next = ownPath(new URLSearchParams(location.search).get("next"));
      // A whole new page, so that the stream is opened with the session. A television has one page.
      location.replace(told?.scope === "tv" ? "/wall" : next);
    } catch (error) {
      write(this.problem, error.status === 401 || error.status === 403 ? say("loginWrong") : error.message);
      this.submit.disabled = false;
    }
  }

  async logout() {
    try {
      await send("DELETE", "/api/session");
    } catch (error) {
      write(this.problem, error.message);
    }
    await this.tell();
  }
}

/** The login view, in `root`. */
export function mount(root) {
  const login = new Login(root);
  login.start();
  return { show: () => {}, tick: () => {}, unmount: () => login.element.remove() };
}
