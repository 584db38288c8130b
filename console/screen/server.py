"""Serves the screen until the process is asked to stop, on a port that is opened when it can be."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Literal

import uvicorn

from gonogo.base.errors import ScreenPortTaken
from gonogo.base.log.logger import get_logger
from gonogo.base.ports import joined, listening
from gonogo.console.screen.connections import CONNECTIONS, HEAD_MAX, IDLE_S, Bounded

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp

log = get_logger(__name__)

RETRY_S = 10.0
TURN_S = 0.2
GRACE_S = 2  # at a stop, for answers that are under way


class Port:
    """The address of the station file; tried again each RETRY_S, and told once that it is taken."""

    def __init__(
        self,
        host: str,
        port: int,
        clock_s: Callable[[], float] = time.monotonic,
        scheme: Literal["http", "https"] = "http",
    ) -> None:
        self._address, self._scheme = (host, port), scheme
        self._clock_s, self._next_s = clock_s, clock_s()
        self._told = False

    def open_if_due(self) -> socket.socket | None:
        """A socket that listens there; None where that cannot be, or is not due."""
        now_s = self._clock_s()
        if now_s < self._next_s:
            return None
        self._next_s = now_s + RETRY_S
        try:
            found = listening(self._address, CONNECTIONS)
        except OSError as error:
            self._refused(error)
            return None
        address = joined(self._address[0], found.getsockname()[1])
        log.info("screen_served", text="the screen is at %(scheme)s://%(address)s/",
                 scheme=self._scheme, address=address)  # fmt: skip
        return found

    def _refused(self, error: OSError) -> None:
        if self._told:
            return
        self._told = True
        host, port = self._address
        said = ScreenPortTaken(
            f"[screen] {joined(host, port)}: {error.strerror or error}; expected an address of "
            f"this box and a port that nobody has (`ss -ltnp 'sport = :{port}'` shows who); tried "
            f"again each {RETRY_S:.0f} s, parts are judged meanwhile"
        )
        log.error("screen_port_taken", text="%(error)s", error=said)


class Server(uvicorn.Server):
    """As uvicorn has it; signals are the process's own."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """None of them."""
        yield


def server_of(app: ASGIApp, protocol: Callable[..., asyncio.Protocol] = Bounded) -> Server:
    """Of an application, not started: no websockets, no log of its own, no header that boasts.

    `protocol` makes what has each connection.
    """
    return Server(
        uvicorn.Config(
            app,
            http=protocol,  # type: ignore[arg-type]  # it is called, and no more
            ws="none",
            lifespan="off",
            loop="asyncio",
            log_config=None,
            log_level="error",  # what strangers send is no news
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            h11_max_incomplete_event_size=HEAD_MAX,
            timeout_keep_alive=int(IDLE_S),
            timeout_graceful_shutdown=GRACE_S,
        )
    )


async def serve(server: Server, port: Port, turn: Callable[[], bool]) -> None:
    """Until `turn`, which is called each TURN_S, says that it is over."""
    while (found := port.open_if_due()) is None:
        if turn():
            return
        await asyncio.sleep(TURN_S)
    with contextlib.closing(found):
        serving = asyncio.create_task(server.serve([found]))
        done: set[asyncio.Task[None]] = set()
        while not (done or turn()):
            done, _ = await asyncio.wait({serving}, timeout=TURN_S)
        server.should_exit = True
        await serving
