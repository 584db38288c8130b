"""A flash that has passed its preflight, again and again onto another disk: for tests of cuts.

Import as `gonogo.tests.build.flash.prepared`.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from gonogo.build.flash import image as images
from gonogo.build.flash import targets
from gonogo.build.flash.boot_files import boot_files
from gonogo.build.flash.contents import contents
from gonogo.build.flash.layout import table
from gonogo.build.flash.log import Log
from gonogo.build.flash.options import Asked
from gonogo.build.flash.plan import planned
from gonogo.build.flash.ready import Ready
from gonogo.build.flash.report import Report, Steps
from gonogo.build.flash.write_slot import write_slot
from gonogo.build.flash.write_whole import write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.flash.boot_files import BootFiles
    from gonogo.build.flash.disk import Disk
    from gonogo.tests.build.flash.boxes import Shelf


class Prepared:
    """An image that was unpacked once; `close` it."""

    def __init__(self, shelf: Shelf, image: Path, folder: Path) -> None:
        self.scratch = folder / "scratch"
        self.scratch.mkdir(exist_ok=True)
        self.image = images.checked(image, shelf.keyring, self.scratch)
        self.payload = images.unpacked(self.image, shelf.keyring, self.scratch)
        self._log = Log(folder / "prepared.log")
        self.asked = Asked(image=image)
        self._files: BootFiles | None = None

    def ready(self, disk: Disk, path: Path, *, resumes: bool = False) -> Ready:
        """For that disk, as it is now."""
        found = contents(path)
        plan = planned(self.asked, found, self.payload, self.image, disk.size_bytes)
        steps = Steps(Report(io.StringIO(), self._log, as_json=False), 7)
        return Ready(
            targets.named(path), disk, found, self.image, self.payload, plan, steps, self.scratch,
            resumes,
        )  # fmt: skip

    def write(self, disk: Disk, path: Path, *, resumes: bool = False) -> None:
        """All steps but the station's; the disk is closed whatever happens."""
        try:
            ready = self.ready(disk, path, resumes=resumes)
            if not ready.plan.whole:
                write_slot(ready)
                return
            # once: sgdisk waits for a second with each
            if self._files is None:
                made = table(disk.size_bytes, ready.plan.parts, self.scratch)
                self._files = boot_files(self.payload, ready.plan, made)
            write_whole(ready, self._files)
        finally:
            disk.close()

    def close(self) -> None:
        """Idempotent."""
        self.payload.close()
        self._log.close()
