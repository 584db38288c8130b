"""All that is looked at, in order: the packages first, for all else needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import GonogoError
from gonogo.commands.board.box import Box
from gonogo.commands.doctor.finding import Ill
from gonogo.commands.doctor.versions import packages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.commands.doctor.finding import Looked

AREA = "station file"


def look_at(file: Path | None, box: Box | None = None) -> Looked:
    """This box, for the station of a file where one is named.

    Where a package is missing or broken no more is looked at: the rest would be imported for it.
    """
    box = box or Box()
    found = list(packages(box))
    yield from found
    if not any(isinstance(each, Ill) and each.stops for each in found):
        yield from _rest(file, box)


def _rest(file: Path | None, box: Box) -> Looked:
    from gonogo.commands.doctor.scenery import look
    from gonogo.config.station import load_station

    loaded = None
    if file is not None:
        try:
            loaded = load_station(file)
        # said, and the box is looked at all the same: it may be why
        except GonogoError as error:
            yield from _unloaded(file, error)
    yield from look(box, loaded)


def _unloaded(file: Path, error: GonogoError) -> Iterator[Ill]:
    do = (f"gonogo check {file}",)
    for line in str(error.args[0]).splitlines():
        yield Ill(AREA, type(error), line, "this station does not start", do, stops=True)
