// A link in a message (?ack=<rule>.<severity>) opens the form that takes the alert, once it is known what there is.

const WAIT_MS = 200;
const MOST_WAITS = 100;

/** Open what the address asks for; afterwards it stands there no more, or a reload would ask again. */
export async function openLink(context) {
  const link = context.route.query.get("ack");
  if (!link || context.session.scope === "tv" || context.route.view === "login") return;
  for (let waits = 0; !context.feed?.alerts && waits < MOST_WAITS; waits += 1) {
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
  const { linkedAlert } = await import("./acknowledge.js");
  const alert = await linkedAlert(context, context.route, link);
  context.acknowledge(alert, () => context.route.query.has("ack") && context.change({ ack: null }));
}
