// Light, dark, or as the system has it. Runs before the first paint, so nothing flashes; imports nothing.

const CHOICES = ["auto", "light", "dark"];
const system = matchMedia("(prefers-color-scheme: light)");

/** What the address asks for: "auto", "light" or "dark". A wall is dark unless it is told otherwise. */
export function chosenTheme({ pathname, search } = location) {
  const wanted = new URLSearchParams(search).get("theme");
  if (CHOICES.includes(wanted)) return wanted;
  return pathname === "/wall" ? "dark" : "auto";
}

/** Wear the theme of the address. */
export function wearTheme() {
  const choice = chosenTheme();
  document.documentElement.dataset.theme = choice === "auto" ? (system.matches ? "light" : "dark") : choice;
}

/** The one after it, for a button. */
export const nextTheme = (choice) => CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length];

system.addEventListener("change", wearTheme);
wearTheme();
