"""Answers to why: the engine's patches and the rules' marks of a picture that was kept.

In the process that may be slow (gonogo.console.why.process), or in a command's own.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import TYPE_CHECKING

import cv2
import numpy as np

from gonogo.base.errors import WhyUnknown
from gonogo.config.station import load_station
from gonogo.config.view import rules_of
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
from gonogo.engines.patches.asking import Asked
from gonogo.engines.patches.sources import Known, find, names
from gonogo.rules.marks import marks_of

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.config.station import Station
    from gonogo.console.why.asked import Question
    from gonogo.engines.patches.asking import Patch, Why
    from gonogo.rules.ruleset import RuleSection

OPEN_MAX = 2  # engines that are held open: that in service, and the one before
LARGEST_PX = 64_000_000  # of a picture that is read


class Working:
    """Of one station file; what was opened for one question serves the next."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._station = load_station(path)
        self._open: OrderedDict[int, Asked] = OrderedDict()

    def answer(self, question: Question) -> EngineWhy | RuleWhy:
        """WhyUnknown, PatchBankUnusable, and what a model or a rule says that does not fit."""
        pixels = read_picture(question.picture)
        if question.engine:
            found = self._engine(int(question.engine, 16)).why(pixels)
            return _engine_why(found, pixels, question.longest_px)
        rule = rule_of(self._station, question.view, question.rule)
        return _rule_why(rule, self._path.parent, pixels, question.longest_px)

    def _engine(self, engine_id: int) -> Asked:
        opened = self._open.pop(engine_id, None) or Asked(find(engine_id, known_of(self._station)))
        self._open[engine_id] = opened
        while len(self._open) > OPEN_MAX:
            self._open.popitem(last=False)
        return opened


def known_of(station: Station) -> Known:
    """Where the engines of a station are looked for, also those of its recipes' views."""
    models = [each.engine.model for each in station.view if each.engine is not None]
    return Known(station.engines, names(models))


def rule_of(station: Station, view: str, name: str) -> RuleSection:
    """The rule of that name in the view; WhyUnknown where the station file has it no more."""
    for each in station.view:
        if each.name == view:
            for rule in rules_of(each):
                if rule.name == name:
                    return rule
    raise WhyUnknown(
        f"view {view!r}: no rule {name!r} in the station file any more; what it measured then "
        "stands in the records, where it did is not known"
    )


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


def _rule_why(rule: RuleSection, base: Path, pixels: NDArray[np.uint8], longest_px: int) -> RuleWhy:
    marks = marks_of(rule, base, pixels)
    shown, scale = shrunk(pixels, longest_px)
    outline(shown, [line * scale for line in marks.looked], LOOKED, closed=False)
    outline(shown, [line * scale for line in marks.lines], MARK, closed=False)
    value = marks.value if math.isfinite(marks.value) else None
    return RuleWhy(rule=rule.name, value=value, unit=marks.unit, whole=picture_of(jpeg_of(shown)))
