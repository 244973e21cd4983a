"""What a stream must know of the connection it writes to: how much was not taken yet, and how to break it."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from contextlib import suppress
from typing import Any

Address = tuple[str, int]

# What the kernel may hold for one listener: enough for a card of every queue, and little enough that one who reads
# slowly is told something new, not what was true minutes ago.
SEND_BUFFER_BYTES = 65_536
HIGH_WATER_BYTES = 16_384

_wires: dict[Address, Wire] = {}


class Wire:
    """One connection."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport, self.was_cut = transport, False
        peer = transport.get_extra_info("peername")
        self.address: Address = (peer[0], peer[1]) if peer else ("", 0)

    def narrow(self) -> None:
        """Hold back little: a reader that is behind shall be noticed soon."""
        with suppress(OSError, AttributeError):
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self._transport.set_write_buffer_limits(HIGH_WATER_BYTES)

    def due(self) -> int:
        """Bytes that were written and that the other side has not got, in our memory and in the kernel's."""
        return self._transport.get_write_buffer_size() + _in_kernel(self._socket)

    def cut(self) -> None:
        """Break it at once, with what was not sent yet: else the kernel would keep that for whoever takes nothing."""
        with suppress(OSError, AttributeError):
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.was_cut = True
        self._transport.abort()

    @property
    def _socket(self) -> Any:
        return self._transport.get_extra_info("socket")


def register(transport: asyncio.Transport) -> Wire:
    """Remember a connection until `forget`."""
    wire = Wire(transport)
    _wires[wire.address] = wire
    return wire


def forget(wire: Wire) -> None:
    """The connection is gone."""
    if _wires.get(wire.address) is wire:
        del _wires[wire.address]


def connections() -> int:
    """How many are open now."""
    return len(_wires)


def wire_of(address: Address) -> Wire | None:
    """The connection of the client at `address`, None when it is gone."""
    return _wires.get((address[0], address[1]))


def _in_kernel(sock: Any) -> int:
    if sys.platform != "linux":
        return 0
    import fcntl
    import termios

    try:
        found = fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, bytes(4))
    except OSError:
        return 0
    return int.from_bytes(found, sys.byteorder)
