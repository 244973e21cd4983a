"""One change of the states after another: judged, named, written, and only then told; a whole floor's in slices.

Between any two steps others have their turn: the lease is renewed, the page answers, and what was written is posted
while the rest is still being put into words. A slice that is not written is not told: after a crash between two of them
the rest begins with the next snapshots, with its true start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import islice
from typing import Protocol, TypeVar

from alerts.announced import Announced
from alerts.bulletin import Bulletin
from alerts.changes import Changes
from alerts.due import FIRST_SLICE, MOST_IN_SLICE, Due, in_order, overtake, parts, slice_of
from alerts.evaluate import Evaluator
from alerts.notices import notice_of
from kpi.alert_state import Held

# What takes some milliseconds, and some tens of them on a busy machine: so many looks, names, texts.
LOOKS_PER_BREATH = 50
NAMES_PER_BREATH = 500
WORDS_PER_BREATH = 20
# Of what needs no words, or has them, so many are one commit.
MOST_IN_COMMIT = 500

T = TypeVar("T")
More = Callable[[Collection[tuple[str, str]]], Sequence[Announced]]


def nothing_more(but: Collection[tuple[str, str]]) -> Sequence[Announced]:
    """No more snapshots."""
    return ()


class Commits(Protocol):
    """Who writes (`alerts.store.Store` does)."""

    async def commit(self, helds: Iterable[Held], gone: Sequence[str] = ()) -> None:
        """Write alerts and delete fields, all or nothing."""


class Rounds:
    """What changes the states of one namespace, one at a time. `turn` is called whenever it gets on.

    `sizes`: of the first slice and of the largest.
    `wall_ms` is the wall clock. What raises `alerts.store.Lost`, or an error of Redis, leaves more in memory than was
    written: the states have to be loaded anew then.
    """

    def __init__(
        self,
        evaluator: Evaluator,
        store: Commits,
        bulletin: Bulletin,
        namespace: str,
        wall_ms: Callable[[], int],
        turn: Callable[[], None],
        sizes: tuple[int, int] = (FIRST_SLICE, MOST_IN_SLICE),
    ) -> None:
        self._evaluator, self._store, self._bulletin = evaluator, store, bulletin
        self._namespace, self._wall_ms, self._turn = namespace, wall_ms, turn
        self._first, self._most = sizes
        self._one_at_a_time = asyncio.Lock()

    async def look(self, snapshots: Sequence[Announced], more: More = nothing_more) -> bool:
        """Look at what was announced together; whether that changed anything.

        `more` gives what was announced meanwhile, but of these queues: between two slices it is looked at as well, so
        that the worst of all of it comes first.
        """
        async with self._one_at_a_time:
            return await self._say(snapshots, more, Changes(), [])

    async def end(self, make: Callable[[int, list[Due]], Changes]) -> bool:
        """End alerts for something else than their numbers; `make` gives what needs no words, and puts in what does."""
        async with self._one_at_a_time:
            due = list[Due]()
            return await self._say((), nothing_more, make(self._wall_ms(), due), due)

    async def take(self, make: Callable[[int], Changes]) -> bool:
        """Make a change that needs no words; whether there was one."""
        async with self._one_at_a_time:
            return await self._write_all(make(self._wall_ms()))

    async def _say(self, snapshots: Sequence[Announced], more: More, rest: Changes, unsaid: list[Due]) -> bool:
        """Say what is due, the worst first, each slice told as soon as it is written; `rest` goes with the last one."""
        said, size, changed = Changes(), self._first, bool(rest)
        while snapshots or unsaid:
            if snapshots:
                due = await self._judge(snapshots, rest, [each.held for each in unsaid])
                unsaid = in_order([*unsaid, *due], self._evaluator.helds)
            changed = changed or bool(unsaid or rest)
            count = slice_of(unsaid, size)
            # While one slice is written, the next one is put into words.
            writing = asyncio.create_task(self._write(said))
            try:
                said = await self._put(unsaid[:count])
            finally:
                await writing
            overtake(said, rest)
            unsaid, size = unsaid[count:], min(2 * size, self._most)
            snapshots = more({(each.held.queue, each.held.channel) for each in unsaid}) if unsaid else ()
        if len(said.stored) + len(rest.stored) + len(rest.gone) <= MOST_IN_COMMIT:
            said.add(rest)
            await self._write(said)
        else:
            await self._write(said)
            await self._write_all(rest)
        return changed

    async def _judge(self, snapshots: Sequence[Announced], rest: Changes, unsaid: Iterable[Held]) -> list[Due]:
        """What is due, with its incidents; what needs no words is put into `rest`."""
        due, named = list[Due](), list[Due]()
        for some in batched(snapshots, LOOKS_PER_BREATH):
            changes, more = self._evaluator.judge(some, self._wall_ms())
            rest.add(changes)
            due += more
            await self._breathe()
        for each in self._evaluator.named(due, self._wall_ms(), unsaid):
            named.append(each)
            if len(named) % NAMES_PER_BREATH == 0:
                await self._breathe()
        return named

    async def _put(self, due: Sequence[Due]) -> Changes:
        said = Changes()
        for few in batched(due, WORDS_PER_BREATH):
            said.add(self._evaluator.say(few))
            await self._breathe()
        return said

    async def _write_all(self, changes: Changes) -> bool:
        for part in parts(changes, MOST_IN_COMMIT):
            await self._write(part)
            await self._breathe()
        return bool(changes)

    async def _write(self, changes: Changes) -> None:
        """Write, and only then tell."""
        if not changes:
            return
        await self._store.commit(changes.stored.values(), changes.gone)
        told = {held.field for held in changes.told}
        self._bulletin.tell(notice_of(held, self._namespace, is_new=True) for held in changes.told)
        self._bulletin.refresh(
            notice_of(held, self._namespace)
            for name, held in changes.stored.items()
            if held.is_active and name not in told
        )

    async def _breathe(self) -> None:
        self._turn()
        await asyncio.sleep(0)


def batched(things: Iterable[T], most: int) -> Iterable[list[T]]:
    """Things in lists of at most `most`, in their order."""
    left = iter(things)
    while some := list(islice(left, most)):
        yield some
