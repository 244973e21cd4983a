// Numbers as people read them. No value is a dash: an idle queue is not a bad queue.

import { say } from "./words.js";

export const DASH = "–";

const pad = (number) => String(number).padStart(2, "0");

/** 0:07, 3:25, 1:02:05 */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return DASH;
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${minutes}:${pad(rest)}`;
}

/** A length that is over, in the second it goes into: 0:11 for 10.914 s, as every count of waits has it */
export const lasted = (seconds) => duration(seconds === null || seconds === undefined ? null : Math.ceil(seconds - 1e-9));

/** 86%, rounded down: 79.9 % of a target of 80 is not reached */
export function percent(ratio) {
  return ratio === null || ratio === undefined ? DASH : `${Math.floor(ratio * 100 + 1e-9)}%`;
}

/** 5.2% below ten and 37% above: near the limits of abandonment a digit matters, far beyond them it does not */
export function smallPercent(ratio) {
  if (ratio === null || ratio === undefined) return DASH;
  const value = ratio * 100;
  return `${value >= 9.95 || value === 0 ? value.toFixed(0) : value.toFixed(1)}%`;
}

/** 5% for 0.05 and 7.5% for 0.075: a configured share, with no more digits than it has */
export const share = (ratio) => `${Number((ratio * 100).toFixed(2))}%`;

/** 0.4 s, 12 s, 5 min, 3 h, with the units of the page's language */
export function age(ms) {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 3) return say("unit_s", { n: seconds.toFixed(1) });
  if (seconds < 120) return say("unit_s", { n: Math.floor(seconds) });
  if (seconds < 7200) return say("unit_min", { n: Math.floor(seconds / 60) });
  return say("unit_h", { n: Math.floor(seconds / 3600) });
}

/** 14:03:09, local time */
export function clock(ms) {
  const time = new Date(ms);
  return `${pad(time.getHours())}:${pad(time.getMinutes())}:${pad(time.getSeconds())}`;
}

/** 1999-08-01 14:03:09, local time */
export function instant(ms) {
  const time = new Date(ms);
  return `${time.getFullYear()}-${pad(time.getMonth() + 1)}-${pad(time.getDate())} ${clock(ms)}`;
}
