"""CPU time and memory of another process, read from /proc; the CPU time of a Redis, asked of itself."""

import os
from dataclasses import dataclass
from pathlib import Path

import redis

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run cost. `events`: counted during the measurement; `redis_seconds` 0 where Redis has no part."""

    events: int
    records: int
    wall_seconds: float
    cpu_seconds: float
    peak_rss_mib: float
    redis_seconds: float = 0.0
    redis_mib: float = 0.0

    def per_event_us(self) -> float:
        """CPU of the process, microseconds per event."""
        return self.cpu_seconds / self.events * 1e6

    def redis_per_event_us(self) -> float:
        """CPU of Redis, microseconds per event."""
        return self.redis_seconds / self.events * 1e6

    def events_per_second(self) -> float:
        """By the wall clock."""
        return self.events / self.wall_seconds


def cpu_seconds(pid: int) -> float:
    """User and system time of a running process, all its threads."""
    # The name in parentheses may hold blanks; utime and stime are the 12th and 13th field behind it.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def peak_rss_mib(pid: int) -> float:
    """The most memory a running process ever had resident."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def redis_cpu_seconds(store: redis.Redis) -> float:
    """User and system time of the Redis server's process."""
    info = store.info("cpu")
    return float(info["used_cpu_user"]) + float(info["used_cpu_sys"])


def redis_mib(store: redis.Redis) -> float:
    """What Redis holds now."""
    return float(store.info("memory")["used_memory"]) / 2**20
