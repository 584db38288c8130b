"""An export from records to the folder, as the command makes it.

Import as `gonogo.tests.records.export.exported`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gonogo.base.atomic_folder import Folders
from gonogo.records.export.plan import Plan, plan
from gonogo.records.export.wanted import Wanted
from gonogo.records.export.writing import Done, Means, write
from gonogo.records.questions.files import Files
from gonogo.tests.records.export.labelled import spoken

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.records.export.wanted import Format


def at_once(seconds: float) -> None:
    """Nobody else wants the disk."""
    del seconds


class Quick(Folders):
    """No current fails here."""

    def fsync(self, fd: int) -> None:
        """Nothing waits for the disk."""
        del fd


ALONE = Means(files=Quick(), rest=at_once)


def planned(base: Path, form: Format = "ultralytics", **wishes: Any) -> Plan:  # noqa: ANN401 - what Wanted takes
    """Of a station that was made for the test."""
    return plan(Files(base), spoken(base), Wanted(form, **wishes))


def export(base: Path, out: Path, form: Format = "ultralytics", **wishes: Any) -> Done:  # noqa: ANN401 - as above
    """All of it."""
    return write(planned(base, form, **wishes), out, ALONE)


def bytes_in(folder: Path) -> dict[str, bytes]:
    """Every file below it."""
    return {
        str(each.relative_to(folder)): each.read_bytes()
        for each in sorted(folder.rglob("*"))
        if each.is_file()
    }
