"""How long each level of each agent stood how high, from the steps in panes.

A level is a number that stays until it changes: 1 while an agent is in a state, his chats, his slots. Its changes
d at instants t stand in panes as `step` = sum of d and `into` = sum of d * (pane's end - t), per level and agent
(`kpi.agent`). With moment = into - step * pane's end, which is -(sum of d * t) and so adds up over panes of any
length, the integral of a level over [from, to) is

    forward from its height before `from`:     height * (to - from) + moment + step * to
    backwards from its height after all panes: height * (to - from) + moment + step * from

Both are exact when `from` is where the first pane begins, and `to` is where the last one ends, or any instant in it
after its last change: there are no changes outside, and none is counted twice.
"""

from collections.abc import Callable, Iterable, Mapping

Heights = dict[str, dict[str, int]]
"""agent -> level -> height, or -> milliseconds; what is 0 is left out."""

AnyHeights = Mapping[str, Mapping[str, int]]

_NOTHING: AnyHeights = {}


class Levels:
    """The steps of a stretch of panes, which must not overlap. Instants in ms UTC."""

    __slots__ = ("_sums",)

    def __init__(self, panes: Iterable[tuple[int, int, Mapping[str, int]]] = ()) -> None:
        """`panes`: (start, length, fields) of the floor's panes; 10 s and 15 min ones may stand side by side."""
        self._sums: dict[str, dict[str, list[int]]] = {}
        for start_ms, length_ms, fields in panes:
            self.add(start_ms, length_ms, fields)

    def add(self, start_ms: int, length_ms: int, fields: Mapping[str, int]) -> None:
        """Take in one pane; fields that are no steps are passed over."""
        end_ms = start_ms + length_ms
        for name, n in fields.items():
            if name.startswith(("step.", "into.")):
                kind, level, agent = name.split(".", 2)  # only an agent's id may hold dots
                sums = self._sums.setdefault(agent, {}).setdefault(level, [0, 0])
                if kind == "step":
                    sums[0] += n
                    sums[1] -= n * end_ms
                else:
                    sums[1] += n

    def forward(self, from_ms: int, to_ms: int, before: AnyHeights = _NOTHING) -> Heights:
        """Height times ms of every level over [from, to); `before`: heights before the first pane, none if whole."""
        return self._integrals(before, to_ms - from_ms, to_ms)

    def backwards(self, from_ms: int, to_ms: int, after: AnyHeights) -> Heights:
        """Height times ms of every level over [from, to); `after`: heights after the last pane, as cards tell them."""
        return self._integrals(after, to_ms - from_ms, from_ms)

    def ends(self, before: AnyHeights = _NOTHING) -> Heights:
        """The heights after the last pane, from those before the first."""
        return self._summed(before, lambda height, step, _: height + step)

    def begins(self, after: AnyHeights) -> Heights:
        """The heights before the first pane, from those after the last."""
        return self._summed(after, lambda height, step, _: height - step)

    def _integrals(self, heights: AnyHeights, length: int, anchor: int) -> Heights:
        # Below 0 only where a change lies after `to`: a clock a moment ahead of ours.
        return self._summed(heights, lambda height, step, moment: max(0, height * length + moment + step * anchor))

    def _summed(self, heights: AnyHeights, value: Callable[[int, int, int], int]) -> Heights:
        """`value` of height, step and moment, for every level that ever was or moved."""
        found: Heights = {}
        for agent in heights.keys() | self._sums.keys():
            known, sums = heights.get(agent, {}), self._sums.get(agent, {})
            for level in known.keys() | sums.keys():
                if n := value(known.get(level, 0), *sums.get(level, (0, 0))):
                    found.setdefault(agent, {})[level] = n
        return found


def add_heights(total: dict[str, int], levels: Mapping[str, int]) -> None:
    """Add one agent's levels to those of a team or of all; a ratio over several agents is one of such sums."""
    for level, n in levels.items():
        total[level] = total.get(level, 0) + n
