"""Ports for servers that are started later, or again: ones that nobody takes meanwhile.

A port that the system gives out and takes back may be anybody's a moment later, as the near end of any connection. So
these come from below those that it gives out, and no process of the tests uses one twice.
"""

import itertools
import os
import socket

HOST = "127.0.0.1"
LOWEST, HIGHEST = 12_000, 32_000
# Tests that run beside one another begin far apart.
_counter = itertools.count(os.getpid() * 997)


def port() -> int:
    """A loopback port that nobody listens on, and that stays free while whoever asked prepares a server."""
    for number in itertools.islice(_counter, HIGHEST - LOWEST):
        found = LOWEST + number % (HIGHEST - LOWEST)
        with socket.socket() as probe:
            try:
                probe.bind((HOST, found))
            except OSError:
                continue
        return found
    raise AssertionError(f"no port between {LOWEST} and {HIGHEST} is free")
