// Runs before the page's scripts: keeps what the page shows right after each event of the stream, by the time at which
// the board published it, and what the view of a queue shows after each answer about its windows.
(() => {
  const texts = (root, selector) => root.querySelector(selector)?.textContent ?? null;
  const each = (selector, look) => [...document.querySelectorAll(selector)].map(look);

  const looks = {
    floor: () => each("#rows article", (row) => ({
      queue: row.dataset.queue, channel: row.dataset.channel, severity: row.dataset.severity,
      waiting: texts(row, ".waiting .number"), longest: texts(row, ".longest .number"),
      level: texts(row, ".level .number"), lost: texts(row, ".cell.lost .number"),
      parts: texts(row, ".cell.lost .goal"), calls: texts(row, ".calls"),
    })),
    wall: () => each("#panels article", (panel) => ({
      group: texts(panel, "h2"), severity: panel.dataset.severity, free: texts(panel, ".free .note"),
      values: Object.fromEntries(["waiting", "longest", "level", "lost", "free"].map(
        (name) => [name, texts(panel, `.value.${name} .value-digits`)])),
    })),
    queue: () => ({
      severity: document.querySelector(".queue-head")?.dataset.severity,
      figures: Object.fromEntries(each(".queue-head .figure", (box) => [
        box.querySelector("[data-explain]").dataset.explain, texts(box, ".digits")])),
    }),
  };
  const windows = () => Object.fromEntries(each(".windows-table tr:not([hidden]) [data-explain]", (button) => [
    button.dataset.explain, [texts(button, ".digits"), texts(button.parentElement, ".parts")]]));

  window.ticks = {};
  window.answers = [];
  const Plain = window.EventSource;
  window.EventSource = class extends Plain {
    constructor(...args) {
      super(...args);
      this.addEventListener("snapshots", (message) => {
        const told = JSON.parse(message.data);
        // The page's own listener comes after this one, a timer after both.
        setTimeout(() => {
          const look = looks[document.body.dataset.view];
          if (look && told.state === "fresh") window.ticks[told.published_at_ms] = look();
        });
      });
    }
  };
  const plain = window.fetch;
  window.fetch = async (...args) => {
    const answer = await plain(...args);
    if (answer.ok && /^\/api\/queues\/[^/?]+$/.test(args[0])) {
      answer.clone().json().then((body) => setTimeout(() => window.answers.push([body.queues, windows()]), 50));
    }
    return answer;
  };
})();
