// The page's language, and how it says things. The texts stand in words_*.js: each language has every key, which a test
// checks.

import { ALERTS } from "./words_alerts.js";
import { COMMON } from "./words_common.js";
import { FLOOR } from "./words_floor.js";
import { STATE } from "./words_state.js";
import { WALL } from "./words_wall.js";

/** language -> key -> text. */
export const WORDS = { "en": {}, "zh-CN": {}, "zh-TW": {} };

/** Add texts: `{en: {key: text}, "zh-CN": {...}, "zh-TW": {...}}`; a key that is there already is replaced. */
export function addWords(tables) {
  for (const tag of Object.keys(WORDS)) Object.assign(WORDS[tag], tables[tag]);
}

for (const tables of [COMMON, ALERTS, FLOOR, STATE, WALL]) addWords(tables);

/** "en", "zh-CN" or "zh-TW": what ?lang= asks for, else the first language of the browser that we have. */
export function chooseLanguage(search, wanted) {
  for (const tag of [new URLSearchParams(search).get("lang"), ...wanted]) {
    const lower = (tag || "").toLowerCase();
    if (/^zh-(hant|tw|hk|mo)/.test(lower)) return "zh-TW";
    if (/^zh\b/.test(lower)) return "zh-CN";
    if (/^en\b/.test(lower)) return "en";
  }
  return "en";
}

export const language = chooseLanguage(location.search, navigator.languages || [navigator.language]);

/** The text of `key` in the page's language, with {names} filled in; the key itself when nobody knows it. */
export function say(key, values = {}) {
  const text = WORDS[language][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Several things in one line, as the language divides them; what is empty is left out. */
export const listed = (texts) => texts.filter(Boolean).join(" · ");
