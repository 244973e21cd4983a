// Children in a wanted order, with as few moves as there can be: those that stand right already stay.

/** Indices into `numbers` of a longest run of increasing values (not necessarily side by side). */
export function longestIncreasing(numbers) {
  const tails = []; // tails[n]: index of the smallest end of a run of n + 1 values
  const before = new Array(numbers.length).fill(-1);
  numbers.forEach((number, index) => {
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (numbers[tails[middle]] < number) low = middle + 1;
      else high = middle;
    }
    if (low > 0) before[index] = tails[low - 1];
    tails[low] = index;
  });
  const found = [];
  for (let index = tails.at(-1) ?? -1; index >= 0; index = before[index]) found.push(index);
  return found.reverse();
}

/** Make `wanted` the children of `parent`, in that order; what is not wanted goes. The focus stays where it was. */
export function reorder(parent, wanted) {
  const focused = parent.contains(document.activeElement) ? document.activeElement : null;
  const keep = new Set(wanted);
  for (const child of [...parent.children]) if (!keep.has(child)) child.remove();
  const placeOf = new Map([...parent.children].map((child, index) => [child, index]));
  const there = wanted.filter((element) => placeOf.has(element));
  const staying = new Set(longestIncreasing(there.map((element) => placeOf.get(element))).map((index) => there[index]));
  let next = null;
  for (const element of [...wanted].reverse()) {
    if (!staying.has(element)) parent.insertBefore(element, next);
    next = element;
  }
  if (focused && focused.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true });
}
