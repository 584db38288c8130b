"""A control socket that is served beside the test.

Import as `gonogo.tests.control`.
"""

from __future__ import annotations

import select
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gonogo.ipc.control_socket import ControlServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TURN_S = 0.01


@contextmanager
def served(
    station: str, handle: Callable[[dict[str, Any]], dict[str, Any]], *purpose: str
) -> Iterator[ControlServer]:
    """As a process of the station serves it, by a thread; `purpose` as ControlServer takes it."""
    server, stop = ControlServer(station, handle, *purpose), threading.Event()

    def serve() -> None:
        while not stop.is_set():
            server.serve(select.select(server.fds, [], [], TURN_S)[0])

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server
    finally:
        stop.set()
        thread.join()
        server.close()
