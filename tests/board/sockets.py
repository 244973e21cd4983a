"""What processes listen on, as the kernel tells it."""

from __future__ import annotations

import os
from contextlib import suppress
from ipaddress import IPv6Address, ip_address
from pathlib import Path

LISTEN = "0A"


def family_of(pid: int) -> set[int]:
    """A process and all that it started, and what these started."""
    children: set[int] = set()
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            children |= {int(text) for text in (task / "children").read_text().split()}
    return {pid}.union(*(family_of(child) for child in children))


def listening(pids: set[int]) -> list[tuple[str, int]]:
    """Address and port of everything that these processes listen on."""
    inodes = set().union(*(_sockets(pid) for pid in pids))
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTEN and fields[9] in inodes:
                address, port = fields[1].split(":")
                found.append((_address(address), int(port, 16)))
    return found


def is_loopback(address: str) -> bool:
    """Whether only this machine reaches an address."""
    found = ip_address(address)
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped.is_loopback
    return found.is_loopback


def _sockets(pid: int) -> set[str]:
    found = set()
    with suppress(FileNotFoundError, ProcessLookupError):
        for file in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):
                target = os.readlink(file)
                if target.startswith("socket:["):
                    found.add(target[8:-1])
    return found


def _address(text: str) -> str:
    # The kernel writes words of four bytes, each in the machine's own order.
    raw = b"".join(bytes.fromhex(text[i : i + 8])[::-1] for i in range(0, len(text), 8))
    return str(ip_address(raw))
