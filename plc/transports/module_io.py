"""What is the same for every output of our own that stands for a PLC, whatever it hangs on."""

from __future__ import annotations

import select
from typing import TYPE_CHECKING

from gonogo.base.log.logger import get_logger
from gonogo.plc.transports.module import in_words
from gonogo.plc.transports.transport import ALONE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gonogo.plc.transports.sensing import Sensing

log = get_logger("gonogo.plc")


class ModuleIo:
    """Owned by one link thread; `where` is the output, for people."""

    def __init__(self, wake_fd: int, sensing: Sensing, where: str) -> None:
        self._wake_fd, self._sensing, self._where = wake_fd, sensing, where
        self._said = ""

    def wait(self, timeout_s: float) -> None:
        """Sleep until the link has something to say, at most `timeout_s`."""
        select.select((self._wake_fd,), (), (), timeout_s)

    def read_back(self, mark: int = 0) -> Sequence[int]:
        """It has no words: whoever else drives the output is not seen here."""
        del mark
        return ALONE

    def found(self) -> Mapping[str, bool]:
        """All there is to read; nothing is written. LinkError as an exchange."""
        return self._sensing.every()

    @property
    def reply_ns(self) -> int:
        """What a reading takes: the longest of late."""
        return self._sensing.reply_ns

    def _say(self, found: Mapping[str, bool]) -> None:
        said = ", ".join(in_words(found))
        # once a change: a link that comes and goes would fill the log
        if said != self._said:
            self._said = said
            log.info("plc_module_says", text="%(where)s: %(words)s", where=self._where, words=said)
