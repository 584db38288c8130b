"""Who hears of a database that takes nothing: nobody of a moment's wait, nobody all the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import RecordsBusy
from gonogo.base.log.logger import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.base.errors import RecordsError

log = get_logger(__name__)

COMPLAIN_EVERY_S = 10.0
BUSY_FOR_S = 5.0  # another program may hold the database for so long before anybody hears of it


class Complaints:
    """`failing`: whether people should hear of it; the PLC is warned while it is True."""

    def __init__(self, clock_s: Callable[[], float]) -> None:
        self.failing = False
        self._clock_s = clock_s
        self._well_s = clock_s()
        self._complained_s = -COMPLAIN_EVERY_S  # the first one is heard at once

    def well(self) -> None:
        """The database took all there was."""
        self.failing = False
        self._well_s = self._clock_s()

    def refused(self, error: RecordsError, waiting: int, lost: int) -> None:
        """It did not; say why, and how much waits."""
        now_s = self._clock_s()
        # a backup or a query of a technician holds it for a moment: that ends by itself
        if isinstance(error, RecordsBusy) and now_s - self._well_s < BUSY_FOR_S:
            return
        self.failing = True
        if now_s - self._complained_s >= COMPLAIN_EVERY_S:
            self._complained_s = now_s
            log.error(
                "records_refused",
                text="%(error)s; %(waiting)d entries wait, %(lost)d lost",
                error=error,
                waiting=waiting,
                lost=lost,
            )
