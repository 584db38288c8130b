"""Whether the station inspects with what was written: asked until it does, or the time is over."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gonogo.base.errors import FlashLineRuns, StationSilent, StationUnhealthy

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.build.flash.heard import Health, Station

EVERY_S = 2.0


def wait_for_health(
    station: Station,
    version: str,
    wait_s: float,
    tell: Callable[[str], None],
    *,
    clock: tuple[Callable[[], float], Callable[[float], None]] = (time.monotonic, time.sleep),
) -> Health:
    """What it says once it is healthy; StationUnhealthy, StationSilent.

    `version`: that which was written. Another one is the version before: the box went back.
    """
    now_s, sleep = clock
    end_s, last = now_s() + wait_s, None
    while True:
        found = station.health()
        if found.word is not None:
            last = found
            _went_back(found, version)
            if found.is_healthy:
                return found
        tell(found.says)
        if now_s() >= end_s:
            break
        sleep(EVERY_S)
    if last is None:
        raise StationSilent(
            f"no answer within {wait_s:.0f} s: {found.says}; is the box on, and the cable in? It "
            "judges itself at its first start, and goes back by itself where it cannot inspect"
        )
    raise StationUnhealthy(
        f"{last.word}: {last.says}; it does not inspect after {wait_s:.0f} s, and goes back to the "
        "version before by itself"
    )


def demand_stopped(found: Health, *, line_stopped: bool) -> str:
    """What is known of the line; FlashLineRuns where parts flow, unless somebody knows better."""
    if found.line_runs and not line_stopped:
        raise FlashLineRuns(
            "PLC in RUN (CTRL enable is on): stop the line, or say --line-stopped if it stands"
        )
    if found.line_runs is None:
        return f"not known: {found.says}"
    return "PLC in RUN, and somebody says that the line stands" if found.line_runs else "stopped"


def _went_back(found: Health, version: str) -> None:
    if found.version is not None and found.version != version:
        raise StationUnhealthy(
            f"it runs {found.version}, and {version} was written: rolled back, because the new one "
            f"did not start or did not inspect; now: {found.word}: {found.says}"
        )
