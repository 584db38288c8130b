"""Keeps on the disk what must outlive the station of its master parts (ipc/master_part_file.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import OutputError
from gonogo.base.log.logger import get_logger
from gonogo.ipc.master_part_file import FILE, KeptGates, kept_of

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.ipc.master_part import KeepingView

log = get_logger(__name__)

_NOTHING = KeptGates(good="open", bad="open")


class GateKeeper:
    """Writes the file when it changes, and tells the line which request it knows of.

    Of a station that nobody asks for a master part there is none.
    """

    def __init__(self, memory: KeepingView, path: Path) -> None:
        self._memory, self._path = memory, path
        # what an earlier process of this station wrote is written once more where it matters
        self._kept = None if path.exists() else _NOTHING
        self._failed = False

    def keep(self) -> None:
        """What is so now; a disk that takes nothing is told once, and tried at each call."""
        number = self._memory.request.number  # first: what is kept below is no older
        kept = kept_of(self._memory)
        try:
            if kept != self._kept:
                FILE.write(self._path, kept)
                self._kept = kept
        except OutputError as error:
            if not self._failed:
                log.error("master_part_file_unwritten", text="%(error)s", error=error)  # noqa: TRY400 - for a technician
            self._failed = True
            return
        self._failed = False
        if self._memory.kept != number:
            self._memory.kept = number  # from here on the line may arm it
