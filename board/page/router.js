// Which view the address asks for. Views change without loading the page anew, and Back works.

// What is about one view of one queue does not go along to another one.
const HERE_ONLY = ["at", "ack"];
const VIEWS = { "": "floor", wall: "wall", queue: "queue", login: "login" };

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a stray % in an address that somebody typed
  }
}

/** `{view, queue, channel, query, key}` of an address; an unknown path is the floor. */
export function routeOf({ pathname, search }) {
  const [first, queue = "", channel = ""] = pathname.split("/").slice(1).map(decoded);
  const view = VIEWS[first] ?? "floor";
  const query = new URLSearchParams(search);
  return { view, queue, channel, query, key: JSON.stringify([view, queue, channel]) };
}

/** The path of one queue's view. */
export const queuePath = (queue, channel) => `/queue/${encodeURIComponent(queue)}/${encodeURIComponent(channel)}`;

export class Router {
  /** `onMove(route, before)` is called for every move; `before` is the route that was left. */
  constructor(onMove) {
    this.route = routeOf(location);
    this.onMove = onMove;
    addEventListener("popstate", () => this.moved());
  }

  /** `path` with the query of this page, changed by `changes` ({name: value}; null or "" takes one away). */
  href(path, changes = {}) {
    const query = new URLSearchParams(location.search);
    query.delete("next");
    if (path !== location.pathname) for (const name of HERE_ONLY) query.delete(name);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === "") query.delete(name);
      else query.set(name, value);
    }
    const text = query.toString();
    return text ? `${path}?${text}` : path;
  }

  /** Go to another view. The query stays, but for `changes`. */
  go(path, changes = {}) {
    this.visit(this.href(path, changes));
  }

  /** Go to an address of this page, with its query and no other. */
  visit(address) {
    if (address === location.pathname + location.search) return;
    history.pushState({ inside: true }, "", address);
    this.moved();
  }

  /** Another query in the same view: no step for Back. */
  change(changes) {
    history.replaceState(history.state, "", this.href(location.pathname, changes));
    this.moved();
  }

  /** Where one came from; the floor when that was not a view of ours. */
  back() {
    if (history.state?.inside) history.back();
    else this.go("/");
  }

  moved() {
    const before = this.route;
    this.route = routeOf(location);
    this.onMove(this.route, before);
  }
}
