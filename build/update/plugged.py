"""What is done when a stick is plugged in, and what is said of it afterwards."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from gonogo.base.errors import GonogoError
from gonogo.build.flash.tools import run
from gonogo.build.update.first import take_station
from gonogo.build.update.stick import take
from gonogo.build.update.updater import Updater

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.build.update.places import Places

_MOST = 10  # lines that are kept


class _Said:
    """Lines for people, which the serial port and `gonogo update status` show until the next."""

    def __init__(self, path: Path, tell: Callable[[str], None]) -> None:
        self._path, self._tell = path, tell
        self._lines: list[str] = []

    def line(self, text: str) -> None:
        """Say it, and keep the last ones; a place that takes none loses them."""
        self._tell(text)
        self._lines = [*self._lines, text][-_MOST:]
        with contextlib.suppress(OSError):
            self._path.write_text("\n".join(self._lines) + "\n", encoding="utf-8")


def plugged(stick: Path, places: Places, tell: Callable[[str], None]) -> None:
    """A station where there is none, then the newest image; what fails of one leaves the other."""
    kept = _Said(_place(places), tell)
    try:
        if take_station(stick, places, kept.line):
            run("systemctl", "--no-block", "start", "gonogo-station.service")
    except GonogoError as error:
        kept.line(str(error))
    try:
        kept.line(take(stick, places, Updater(places, tell), kept.line))
    except GonogoError as error:
        kept.line(str(error))


def said(places: Places) -> list[str]:
    """What became of the last stick since the box started; empty where there was none."""
    try:
        return _place(places).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def _place(places: Places) -> Path:
    return places.scratch / "stick.txt"
