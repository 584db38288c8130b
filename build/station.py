"""`gonogo prepare`: make on the box what a station file says is made there.

Engines from good parts, and the templates of rules that are learnt from images.
What is there already and was made from the same inputs is left alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.errors import StationFileError
from gonogo.build.prepare import prepare_view
from gonogo.config.recipe_switch import others
from gonogo.config.view import fit_of
from gonogo.drivers.cameras.synthetic import render_good
from gonogo.drivers.scene.section import SyntheticSection
from gonogo.engines.card import card_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy as np
    from numpy.typing import NDArray

    from gonogo.config.station import Station
    from gonogo.config.view import ViewSection
    from gonogo.engines.section import PrepareSection

    Progress = Callable[[str, int, int], None]


def prepare_station(station: Station, progress: Progress, *, again: bool = False) -> None:
    """Make what is missing, view by view; `again` makes all of it anew."""
    # the PLC may ask for any recipe at any time: nothing is made then
    for each in (station, *others(station).values()):
        _prepare_views(each.view, progress, again=again)


def _prepare_views(views: Iterable[ViewSection], progress: Progress, *, again: bool) -> None:
    for view in views:
        for rule in view.rule:
            rule.prepare(view.camera.geometry, Path(), fit_of(view.camera), again=again)
        if view.engine is not None and view.engine.prepare is not None:
            if again:
                # an engine without its card is made anew; the old file stays until that is done
                card_path(view.engine.file).unlink(missing_ok=True)
            good = _good_parts(view, view.engine.prepare)
            geometry, size = view.camera.geometry, fit_of(view.camera)
            prepare_view(view.engine, geometry, good, progress, size)


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
