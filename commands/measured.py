"""`gonogo measure`: what each rule of a view, and its engine, sees on pictures."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import CameraError, ImageFileError, MeasureRefused
from gonogo.base.images import read_image
from gonogo.base.picture_folder import LeftOut, find_pictures, oddities, read_pictures
from gonogo.base.words import Score, VerdictKind, ViewCapture
from gonogo.commands.limits import named_view
from gonogo.commands.scorer import Scorer, scorer
from gonogo.config.view import fit_of, rules_of
from gonogo.rules.measured import result_of
from gonogo.rules.ruleset import open_all, open_gauge
from gonogo.runtime.decide import Policy, decide

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from gonogo.base.words import RuleResult
    from gonogo.commands.scorer import Scored
    from gonogo.config.station import Station
    from gonogo.config.view import ViewSection
    from gonogo.rules.marks import Mark
    from gonogo.rules.window import BoundRule

MOST = 100_000  # pictures: each is a line


class Seen(NamedTuple):
    """One picture: its frame, what each rule and the engine say of it, and what that comes to.

    `scored` None: the rules judge alone.
    """

    name: str
    frame: NDArray[np.uint8]
    results: tuple[RuleResult, ...]
    scored: Scored | None
    verdict: VerdictKind


class Eyes:
    """The rules of a view, or one of them, and its engine: opened once, asked of each picture."""

    def __init__(self, station: Station, view: str | None, rule: str | None) -> None:
        self.view: ViewSection = named_view(station, view)
        self.only = rule
        rules = rules_of(self.view)
        self.rules = [each for each in rules if rule in {None, each.name}]
        if rule is not None and not self.rules:
            raise MeasureRefused(
                f"--rule: expected one of {', '.join(each.name for each in rules) or 'none'}, got "
                f"{rule!r}"
            )
        # all that cannot be opened are told at once
        gauges = open_all(open_gauge, self.rules, self.view.camera.geometry, Path())
        self.gauges: tuple[BoundRule, ...] = gauges
        self._engineless = station.station.engineless
        self._stack = ExitStack()
        # one rule alone is no verdict: the engine is not asked
        found = "" if rule else self._stack.enter_context(scorer(station, self.view))
        self.engine = found if isinstance(found, Scorer) else None
        self.why_no_engine = found if isinstance(found, str) else ""

    def look(self, name: str, frame: NDArray[np.uint8]) -> Seen:
        """One frame, uint8 of the geometry of the view."""
        results = tuple(result_of(gauge, frame) for gauge in self.gauges)
        scored = None if self.engine is None else self.engine(frame)
        return Seen(name, frame, results, scored, self._verdict(results, scored))

    def marks(self, frame: NDArray[np.uint8]) -> list[list[Mark]]:
        """What each rule goes by."""
        return [gauge.marks(frame) for gauge in self.gauges]

    def close(self) -> None:
        """Unload the engine; idempotent."""
        self._stack.close()

    def _verdict(self, results: tuple[RuleResult, ...], scored: Scored | None) -> VerdictKind:
        """As the line decides it."""
        score = None if scored is None else Score(0, scored.score, 0, 0, 0)
        limits = None if self.engine is None else self.engine.limits
        policy = Policy((limits,), self._engineless)
        return decide([ViewCapture(0, 0, 0)], results, [score], policy, late=False).kind


def look_at(eyes: Eyes, picture: Path) -> Seen:
    """One picture; MeasureRefused where it cannot be read."""
    camera = eyes.view.camera
    try:
        return eyes.look(picture.name, read_image(picture, camera.geometry, fit_of(camera)))
    except ImageFileError as error:
        raise MeasureRefused(str(error.args[0])) from error


class Folder:
    """The pictures of a folder, one after the other; what is not looked at is in `left_out`."""

    def __init__(self, eyes: Eyes, folder: Path) -> None:
        try:
            self._found = find_pictures(folder, MOST)
        except CameraError as error:
            raise MeasureRefused(str(error.args[0])) from error
        self._eyes, self._folder = eyes, folder
        self.left_out: list[LeftOut] = list(self._found.left_out)
        self.notes = oddities(self._found.paths)

    def __iter__(self) -> Iterator[Seen]:
        camera, total = self._eyes.view.camera, len(self._found.paths)
        pictures = read_pictures(self._found, camera.geometry, fit_of(camera), self.left_out)
        nothing = True
        for picture in pictures:
            nothing = False
            name = picture.path.relative_to(self._folder).as_posix()
            yield self._eyes.look(name, picture.frame)
        if nothing:
            raise MeasureRefused(
                f"{self._folder}: none of {total} pictures can be measured: "
                f"{'; '.join(map(str, self.left_out[:5]))}"
            )
