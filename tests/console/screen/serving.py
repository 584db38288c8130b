"""The screen of a scene, served by a process of its own: it may be stopped and go on."""

from __future__ import annotations

import asyncio
import sys
from contextlib import ExitStack

from gonogo.console.screen.app import make_app
from gonogo.console.screen.plan import ScreenPlan
from gonogo.console.screen.process import behind
from gonogo.console.screen.server import Port, serve, server_of


def main(argument: str) -> None:
    """Until it is ended."""
    plan = ScreenPlan.model_validate_json(argument)
    with ExitStack() as stack:
        found = behind(plan, stack)
        found.watcher.start()
        port = Port(plan.screen.host, plan.screen.port)
        asyncio.run(serve(server_of(make_app(found)), port, lambda: False))


if __name__ == "__main__":
    main(sys.argv[1])
