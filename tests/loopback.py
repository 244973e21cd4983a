"""A server of a test's own on a loopback port, for as long as a context lasts."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def served(server: socketserver.TCPServer) -> Iterator[str]:
    """Let `server` answer on a thread of its own, and close it at the end; gives HOST:PORT."""
    host, port = server.server_address[:2]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name=type(server).__name__)
    with server:
        thread.start()
        try:
            yield f"{host!s}:{port}"
        finally:
            server.shutdown()
            thread.join()
