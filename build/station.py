"""`gonogo prepare`: make on the box what a station file says is made there.

Engines from good parts, and the templates of rules that are learnt from images. A start makes
nothing: which engine judges changes when somebody asks for it, not when a picture comes by.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.errors import StationFileError
from gonogo.build.prepare import changed, prepare_view
from gonogo.config.recipe_switch import others
from gonogo.config.view import fit_of
from gonogo.drivers.cameras.synthetic import render_good
from gonogo.drivers.scene.section import SyntheticSection
from gonogo.engines.card import card_path, is_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy as np
    from numpy.typing import NDArray

    from gonogo.config.station import Station
    from gonogo.config.view import ViewSection
    from gonogo.engines.section import EngineSection, PrepareSection

    Progress = Callable[[str, int, int], None]
    Begins = Callable[[Path], None]


class Make(Enum):
    """How much of what a station file describes is made now."""

    MISSING = "what is not there, or not whole"
    CHANGED = "that, and engines whose inputs have changed since"
    ALL = "all of it, anew"


def prepare_station(
    station: Station,
    progress: Progress,
    make: Make = Make.CHANGED,
    begins: Begins | None = None,
) -> None:
    """Make it, view by view; of rules' images what is not there, or all.

    `begins`: told of the file of each engine before it is looked at; of MISSING ones, made.
    """
    # the PLC may ask for any recipe at any time: nothing is made then
    for each in (station, *others(station).values()):
        _prepare_views(each.view, progress, make, begins)


def _prepare_views(
    views: Iterable[ViewSection], progress: Progress, make: Make, begins: Begins | None
) -> None:
    for view in views:
        for rule in view.rule:
            again = make is Make.ALL
            rule.prepare(view.camera.geometry, Path(), fit_of(view.camera), again=again)
        if view.engine is not None and view.engine.prepare is not None:
            if make is Make.MISSING and is_whole(view.engine.file):
                continue  # its good parts are not looked at: the folder may be gone by now
            if begins is not None:
                begins(view.engine.file)
            _prepare_engine(view, view.engine, progress, make)


def _prepare_engine(
    view: ViewSection, engine: EngineSection, progress: Progress, make: Make
) -> None:
    if make is Make.ALL:
        # an engine without its card is made anew; the old file stays until that is done
        card_path(engine.file).unlink(missing_ok=True)
    if engine.prepare is not None:
        good = _good_parts(view, engine.prepare)
        prepare_view(engine, view.camera.geometry, good, progress, fit_of(view.camera))


def engine_is_behind(view: ViewSection) -> bool:
    """Whether `gonogo prepare` would make another engine of a view than the whole one it has.

    Errors: TeachError, StationFileError and the like where what it is made from is not there.
    """
    engine = view.engine
    if engine is None or engine.prepare is None or not is_whole(engine.file):
        return False
    return changed(engine, view.camera.geometry, _good_parts(view, engine.prepare))


def _good_parts(view: ViewSection, prepare: PrepareSection) -> Iterable[NDArray[np.uint8]] | Path:
    if prepare.good is not None:
        return prepare.good
    if isinstance(view.camera, SyntheticSection):
        # good by construction, and none of them comes by later
        return render_good(view.camera, prepare.parts)
    raise StationFileError(
        f"view '{view.name}': engine.prepare.good: expected a folder of good images, got none; "
        "only a synthetic camera can photograph parts that are known to be good"
    )
