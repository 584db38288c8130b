"""A start that waits for what a box brings late, and says so: to the log, to status, to systemd.

Meanwhile there is no line: the PLC is given no permit, hears nothing, and rejects every part.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING

from gonogo.base.errors import MountNotThere
from gonogo.base.log.logger import get_logger
from gonogo.base.signals import interruptible
from gonogo.ipc import waiting
from gonogo.plc.link.backoff import Backoff
from gonogo.watchdog.notify import Notifier

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.base.errors import GonogoError
    from gonogo.base.signals import Interrupt

log = get_logger(__name__)

SAY_EVERY_S = 60.0
STEP_S = 0.1  # how soon an order to stop is heard
EXIT_AGAIN = 2  # the unit starts it again
EXTEND_S = 30.0  # systemd hears every two seconds at most that the start goes on


class Patience:
    """Of one start. `lacks` says what is not there, None once all is."""

    def __init__(
        self,
        station: str,
        lacks: Callable[[], GonogoError | None],
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._station, self._lacks, self._clock_s = station, lacks, clock_s
        # not taken from the environment: the supervisor speaks to systemd after us
        self._notifier = Notifier.from_environment(dict(os.environ))
        self._since_s = 0.0
        self._said, self._said_s = "", 0.0
        self._of_disk = False

    def wait(self) -> None:
        """Return once all is there; a Ctrl-C or SIGTERM meanwhile ends the process with 0."""
        missing = self._lacks()
        if missing is None:
            return
        self._since_s = self._clock_s()
        pauses = Backoff()
        pauses.failed()
        try:
            with interruptible() as interrupt:
                while missing is not None:
                    self._tell(missing)
                    pauses.failed()
                    _rest(pauses.delay_s, interrupt)
                    if interrupt.asked:
                        sys.exit(0)
                    missing = self._lacks()
        finally:
            waiting.told(self._station)
            self._notifier.close()
        if self._of_disk and self._notifier.heard_by:
            log.info(
                "waiting_over_anew",
                text="the disk is there: the station begins anew, for the unit to show it",
            )
            # what a unit lets its service write is settled before the service begins
            sys.exit(EXIT_AGAIN)
        log.info(
            "waiting_over",
            text="all is there after %(waited)d s: the station starts",
            waited=round(self._clock_s() - self._since_s),
        )

    def _tell(self, missing: GonogoError) -> None:
        """At once where it is another thing than before, then once a minute."""
        said, now_s = str(missing), self._clock_s()
        self._of_disk = self._of_disk or isinstance(missing, MountNotThere)
        self._notifier.starting(EXTEND_S, f"waits for: {said}")
        # a directory that takes no file: the log has it all the same
        with contextlib.suppress(OSError):
            waiting.tell(self._station, said, round(self._since_s * 1e9))
        if said == self._said and now_s - self._said_s < SAY_EVERY_S:
            return
        self._said, self._said_s = said, now_s
        log.warning(
            "waiting_for",
            text=(
                "%(what)s; the station waits for it (since %(waited)d s): mode SAFE, no permit, "
                "every part is rejected"
            ),
            what=said,
            waited=round(now_s - self._since_s),
        )


def _rest(pause_s: float, interrupt: Interrupt) -> None:
    end_s = time.monotonic() + pause_s
    while not interrupt.asked and (left_s := end_s - time.monotonic()) > 0:
        time.sleep(min(left_s, STEP_S))
