"""Messages of the station as they come, as many as the cable takes; the others are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.console.serial.pager import fitted
from gonogo.console.serial.reads_log import log_path
from gonogo.console.show.log_line import as_sentence
from gonogo.records.log.reading import KeptLog

if TYPE_CHECKING:
    from gonogo.console.serial.table import At

ROOM_BYTES = 480  # half a second at 9600 baud may wait; what is typed meanwhile is seen behind it


class Follow:
    """The kept log from a moment on, until it is stopped."""

    def __init__(self) -> None:
        self._kept: KeptLog | None = None
        self._left_out = 0

    @property
    def on(self) -> bool:
        """Whether somebody wants to see them."""
        return self._kept is not None

    def start(self, at: At) -> None:
        """From now on: what was there before is `log`. LogUnreadable."""
        self.stop()
        self._kept = KeptLog(log_path(at))
        self._kept.skip()

    def stop(self) -> None:
        """Idempotent."""
        if self._kept is not None:
            self._kept.close()
        self._kept, self._left_out = None, 0

    def lines(self, waiting_bytes: int) -> list[str]:
        """What is new, of it as much as there is room for beside what waits to be sent."""
        try:
            new = list(self._kept.new()) if self._kept is not None else []
        except OSError as error:  # its disk went, or somebody put something else there
            self.stop()
            return [*fitted([f"the log cannot be read any more: {error}"])]
        room = ROOM_BYTES - waiting_bytes
        shown: list[str] = []
        for line in new:
            rows = list(fitted(as_sentence(line).split("\n")))
            room -= sum(len(row) + 2 for row in rows)
            if room >= 0:
                shown += rows
            else:
                self._left_out += 1
        # said once there is room again, also where nothing comes any more
        if room > 0 and self._left_out:
            shown.insert(0, f"({self._left_out} lines left out: the cable is too slow)")
            self._left_out = 0
        return shown
