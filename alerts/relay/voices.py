"""Which robots speak: each by a task of its own, and another set of them whenever relay.toml is read again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress

from alerts.relay.config import Robot
from alerts.relay.runner import Runner


class Voices:
    """The running robots. `make`: what speaks for one; it finds what waits in the spool by the robot's name."""

    def __init__(self, make: Callable[[Robot], Runner]) -> None:
        self._make = make
        self._runners: dict[str, Runner] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        # One set after the other.
        self._taking = asyncio.Lock()

    async def take(self, robots: Mapping[str, Robot]) -> None:
        """Let exactly these speak from now on.

        Who goes or changes is let finish the message that is on its way, so that none is told twice; who stays the same
        is not disturbed. Returns when all that is done, which takes as long as the slowest platform's answer.
        """
        async with self._taking:
            changed = [name for name, runner in self._runners.items() if not _is_same(runner.robot, robots.get(name))]
            for name in robots.keys() - self._runners.keys():
                self._start(robots[name])
            await asyncio.gather(*(self._change(name, robots.get(name)) for name in changed))

    def wake(self, name: str) -> None:
        """Say to a robot that more waits; nothing when it does not run."""
        if name in self._runners:
            self._runners[name].wake.set()

    def ended(self) -> list[str]:
        """The robots whose task has ended, which none should by itself."""
        return sorted(name for name, task in self._tasks.items() if task.done())

    async def stop(self, seconds: float) -> None:
        """End all; messages on their way have so long to arrive."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asyncio.gather(*(runner.hush() for runner in self._runners.values()))
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _start(self, robot: Robot) -> Runner:
        runner = self._runners[robot.name] = self._make(robot)
        self._tasks[robot.name] = asyncio.create_task(runner.run(), name=f"robot {robot.name}")
        return runner

    async def _change(self, name: str, robot: Robot | None) -> None:
        runner = self._runners[name]
        await runner.hush()
        task = self._tasks.pop(name)
        del self._runners[name]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if robot is not None:
            after = self._start(robot)
            # A platform that blocks it goes on doing so; a new address or secret is tried at once.
            if robot == runner.robot:
                after.follow(runner)


def _is_same(robot: Robot, other: Robot | None) -> bool:
    """Whether nothing of a robot changed, nor what it must not show of the others."""
    return other is not None and robot == other and robot.others == other.others
