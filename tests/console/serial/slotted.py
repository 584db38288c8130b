"""A box with slots before the console: its places, and its updater, which does a turn when told.

Import as `gonogo.tests.console.serial.slotted`.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.build.update.kept import Phase, Update, save
from gonogo.build.update.serve import Serve
from gonogo.console.serial.commands import COMMANDS
from gonogo.console.serial.flash import flash_status
from gonogo.console.serial.flash_start import flash_start
from gonogo.tests.build.update.onbox import FLOWS, OnBox

if TYPE_CHECKING:
    import pytest

    from gonogo.console.serial.table import Command

WAITS = Update(
    phase=Phase.WAITING, source="stick", version="0.3.0", slot="B", id="one",
    says="written; waits until the line stands: the PLC lets parts flow",
)  # fmt: skip


class Slotted(OnBox):
    """It runs 0.2.0 in slot A; its clock is the one that the console reads."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        folder.mkdir()
        super().__init__(folder, Path("/no/keyring"), monkeypatch)
        self.line(FLOWS)
        self.serve = Serve(self.places, self.lines.append)

    def waits(self) -> Update:
        """0.3.0 in slot B is written, while parts flow."""
        return save(self.places.state, WAITS)

    @property
    def commands(self) -> tuple[Command, ...]:
        """Those of a console on this box."""
        runs = {
            "flash status": partial(flash_status, places=self.places),
            "flash start": partial(flash_start, places=self.places),
        }
        return tuple(each._replace(run=runs.get(each.words, each.run)) for each in COMMANDS)
