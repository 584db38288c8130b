"""Answers to why: the engine's patches and the rules' marks of a picture that was kept.

In the process that may be slow (gonogo.console.why.process), or in a command's own.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from gonogo.base.errors import WhyUnknown
from gonogo.console.why.asked import EngineWhy, Picture, RuleWhy, picture_of
from gonogo.console.why.drawing import (
    LOOKED,
    MARK,
    jpeg_of,
    outline,
    patch_shown,
    pixels_of,
    shrunk,
)
from gonogo.console.why.measured import measured
from gonogo.engines.backends.preprocess import geometry_of
from gonogo.engines.patches.asking import Asked
from gonogo.engines.patches.sources import Known, find, names
from gonogo.rules.calibration import read_calibration

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.console.why.asked import Question
    from gonogo.console.why.measured import Measured
    from gonogo.console.why.plan import WhyPlan, WhyView
    from gonogo.engines.patches.asking import Patch, Why
    from gonogo.rules.ruleset import RuleSection

OPEN_MAX = 2  # engines that are held open: that in service, and the one before
_NO_FOLDER = Path()  # the paths of a plan are whole
LARGEST_PX = 64_000_000  # of a picture that is read


class Working:
    """Of one station; what was opened for one question serves the next."""

    def __init__(self, plan: WhyPlan) -> None:
        self._plan = plan
        self._open: OrderedDict[int, Asked] = OrderedDict()

    def answer(self, question: Question) -> EngineWhy | RuleWhy:
        """WhyUnknown, PatchBankUnusable, and what a model or a rule says that does not fit."""
        if question.engine:
            pixels = read_picture(_picture(question, question.view))
            found = self._engine(int(question.engine, 16)).why(pixels)
            return _engine_why(found, pixels, question.longest_px)
        view, rule = rule_of(self._plan, question.recipe, question.rule)
        pixels = read_picture(_picture(question, view.name))
        marks = measured(_bound(rule, view, pixels), _NO_FOLDER, pixels)
        return _rule_why(view.name, marks, pixels, question.longest_px)

    def _engine(self, engine_id: int) -> Asked:
        known = known_of(self._plan)
        opened = self._open.pop(engine_id, None) or Asked(find(engine_id, known))
        self._open[engine_id] = opened
        while len(self._open) > OPEN_MAX:
            self._open.popitem(last=False)
        return opened


def known_of(plan: WhyPlan) -> Known:
    """Where the engines of a station are looked for, those of all its recipes."""
    return Known(plan.engines, names(v.model for views in plan.recipes.values() for v in views))


def rule_of(plan: WhyPlan, recipe: int, name: str) -> tuple[WhyView, RuleSection]:
    """A rule and its view; WhyUnknown where the station has it no more."""
    first = next(iter(plan.recipes.values()))
    for view in plan.recipes.get(recipe, first):
        for rule in view.rule:
            if rule.name == name:
                return view, rule
    raise WhyUnknown(
        f"the station has no rule {name!r} any more: what it measured stands in the records, where "
        "it did is not known"
    )


def _bound(rule: RuleSection, view: WhyView, pixels: NDArray[np.uint8]) -> RuleSection:
    """The rule with the calibration of its view; CalibrationFileError."""
    if view.calibration is None:
        return rule
    known = read_calibration(view.calibration, view.name, geometry_of(pixels))
    return rule.calibrated(known)


def _picture(question: Question, view: str) -> Path:
    found = question.pictures.get(view)
    if found is None:
        raise WhyUnknown(f"no picture of view {view!r} of this part is kept")
    return found


def read_picture(path: Path) -> NDArray[np.uint8]:
    """As it was kept, uint8 (height, width[, 3]); WhyUnknown where it cannot be read."""
    try:
        raw = np.fromfile(path, np.uint8)
    except OSError as error:
        raise WhyUnknown(f"{path}: the picture cannot be read: {error.strerror}") from error
    found = cv2.imdecode(raw, cv2.IMREAD_UNCHANGED) if raw.size else None
    if found is None or found.dtype != np.uint8 or found.size > LARGEST_PX:
        raise WhyUnknown(f"{path}: expected a picture that was kept, of at most {LARGEST_PX} px")
    return np.asarray(found, np.uint8)


def _engine_why(found: Why, pixels: NDArray[np.uint8], longest_px: int) -> EngineWhy:
    shown, scale = shrunk(pixels, longest_px)
    top, left, bottom, right = (value * scale for value in found.place)
    outline(shown, [np.array([(left, top), (right, top), (right, bottom), (left, bottom)])], MARK)
    down, across, lower, righter = found.good_place
    return EngineWhy(
        place_px=(*found.place,),
        distance=found.distance,
        good_of=found.good_of,
        good_at_pct=(50 * (across + righter), 50 * (down + lower)),
        whole=picture_of(jpeg_of(shown)),
        worst=_shown(found.worst),
        good=_shown(found.good),
    )


def _shown(patch: Patch) -> Picture:
    pixels = pixels_of(patch.pixels) if isinstance(patch.pixels, bytes) else patch.pixels
    return picture_of(jpeg_of(patch_shown(pixels, patch.cell_px, patch.side_px)))


def _rule_why(view: str, marks: Measured, pixels: NDArray[np.uint8], longest_px: int) -> RuleWhy:
    shown, scale = shrunk(pixels, longest_px)
    outline(shown, [line * scale for line in marks.looked], LOOKED, closed=False)
    outline(shown, [line * scale for line in marks.lines], MARK, closed=False)
    value = marks.value if math.isfinite(marks.value) else None
    return RuleWhy(view=view, value=value, unit=marks.unit, whole=picture_of(jpeg_of(shown)))
