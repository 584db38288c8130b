"""All that the screen does while it serves: HTTP, TLS where it is wanted, and what is kept beside.

Any of them that ends ends the others: the supervisor begins the process anew.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from gonogo.console.screen.box_kept import LOOK_S
from gonogo.console.screen.connections import Bounded
from gonogo.console.screen.handshakes import by_tls
from gonogo.console.screen.server import TURN_S, Port, serve, server_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp

    from gonogo.console.screen.doors import Doors
    from gonogo.console.screen.shown import Behind


async def serve_all(app: ASGIApp, behind: Behind, turn: Callable[[], bool]) -> None:
    """Until `turn`, which is called a few times a second, says that it is over."""
    over = asyncio.Event()

    def turned() -> bool:
        return turn() or over.is_set()

    screen = behind.plan.screen
    doing = [
        serve(server_of(app), Port(screen.host, screen.port), turned),
        _keep(behind, over.is_set),
        _serve_tls(app, behind, over.is_set),
    ]
    tasks = [asyncio.create_task(each) for each in doing]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    over.set()
    await asyncio.gather(*tasks)


async def _serve_tls(app: ASGIApp, behind: Behind, is_over: Callable[[], bool]) -> None:
    """As soon as there is a certificate."""
    kept = behind.kept
    address = behind.plan.screen.tls_address(behind.plan.access)
    while address is None or kept.context is None:
        if is_over():
            return
        await asyncio.sleep(TURN_S)
    server = server_of(app, by_tls(lambda: kept.context, Bounded))
    await serve(server, Port(*address, scheme="https"), is_over)


async def _keep(behind: Behind, is_over: Callable[[], bool]) -> None:
    """Names and certificate as they are now, and the trail told of sessions that are over."""
    due_s = time.monotonic()
    while True:
        last = is_over()
        await _tell(behind.doors)
        if last:
            return
        if time.monotonic() >= due_s:
            await asyncio.to_thread(behind.kept.turn)
            due_s = time.monotonic() + LOOK_S
        await asyncio.sleep(TURN_S)


async def _tell(doors: Doors) -> None:
    for each in doors.ended():
        await asyncio.to_thread(each)
