// Which groups stand on which page of the wall. Pure, so that it can be tried with lists.

/** Digits one can read from 8 m leave room for so many groups on one screen. */
export const MOST_PER_PAGE = 4;
export const ROTATE_SECONDS = 15;

/** Whether a group has to be on the screen whatever else is. */
export const isUrgent = (group) => group.severity === 2 || group.acute;

const chunks = (list, size) =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, index) => list.slice(index * size, (index + 1) * size));

/**
 * Pages of groups (worst first), at most `most` to a page. Urgent groups stand at the top of every page, and the others
 * take turns below them; when the urgent ones alone fill a page, only they take turns.
 */
export function pagesOf(groups, most) {
  if (groups.length <= most) return [groups];
  const urgent = groups.filter(isUrgent);
  if (urgent.length >= most) return chunks(groups.slice(0, Math.ceil(urgent.length / most) * most), most);
  const others = groups.filter((group) => !isUrgent(group));
  return chunks(others, most - urgent.length).map((some) => [...urgent, ...some]);
}

const wholeOf = (text, fallback) => (/^\d{1,4}$/.test(text ?? "") ? Number(text) : fallback);

/**
 * `{seconds, most}` of an address: `rotate` (0: not by itself) and `per` (groups to a page). Who asks for a rotation of
 * groups that would fit gets half as many at a time, and larger.
 */
export function rotationOf(query, groups, most = MOST_PER_PAGE) {
  const seconds = wholeOf(query.get("rotate"), ROTATE_SECONDS);
  const asked = query.has("rotate") && seconds > 0 && groups > 1 && groups <= most;
  const per = wholeOf(query.get("per"), asked ? Math.ceil(groups / 2) : most);
  return { seconds, most: Math.min(most, Math.max(1, per)) };
}
