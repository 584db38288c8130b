"""`gonogo learn-view`: which frames of a view to trust, from good pictures of it alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import CameraError, OutputError, TrustLearnError
from gonogo.base.images import read_image
from gonogo.base.picture_folder import find_pictures, left_out_words, read_pictures
from gonogo.base.shm import file_safe
from gonogo.build.image_trust.damage import MEANT_FOR
from gonogo.build.image_trust.lesson import MAX_PICTURES, lesson_of
from gonogo.build.image_trust.optics_lesson import MEANT_FOR as DIRT
from gonogo.build.image_trust.optics_lesson import optics_lesson_of
from gonogo.commands.frames import view_index
from gonogo.config.view import fit_of
from gonogo.rules.image_trust.learnt_file import FILE
from gonogo.rules.image_trust.optics import SEEN

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.base.images import Fit
    from gonogo.build.image_trust.lesson import Outcome, Progress
    from gonogo.build.image_trust.optics_lesson import OpticsOutcome
    from gonogo.config.station import Station
    from gonogo.config.view import ViewSection


class Asked(NamedTuple):
    """The station file and its content, the view's name, good pictures, where to write (or None).

    Without a place it is what `[view.trust]` names, or VIEW.trust.json beside the station file.
    """

    path: Path
    station: Station
    view: str
    good: Path
    out: Path | None


def learn_view(asked: Asked, say: Callable[[str], None], progress: Progress) -> None:
    """Write what the view has learnt, and say which checks it has now and which not."""
    view = asked.station.view[view_index(asked.station, asked.view)]
    out = place(asked)
    _check_place(out)  # before a hundred pictures are damaged in ten ways each
    geometry, fit = view.camera.geometry, fit_of(view.camera)
    files = _readable(asked.good, geometry, fit, say)

    def read(number: int) -> NDArray[np.uint8]:
        return read_image(files[number], geometry, fit)

    lesson = lesson_of(geometry, read, len(files), progress)
    slow = optics_lesson_of(geometry, read, len(files), progress)
    more = {"view": view.name, "optics": slow.learnt}
    FILE.write(out, lesson.learnt.model_copy(update=more))
    for line in (*_told(lesson.outcomes), *_told_of_optics(slow.outcomes)):
        say(line)
    say(f"{out}: learnt from {lesson.learnt.pictures} pictures of {_words(geometry)}")
    if view.trust is None or view.trust.learnt != out:
        say(f'# in the [[view]] "{view.name}" of the station file:')
        say(f'[view.trust]\nlearnt = "{_named(asked, out)}"')


def _check_place(out: Path) -> None:
    if out.is_dir() or not out.parent.is_dir():
        raise OutputError(
            f"{out}: expected the name of a file in a folder that is there; make it first"
        )


def _readable(
    folder: Path, geometry: FrameShape, fit: Fit, say: Callable[[str], None]
) -> list[Path]:
    """The pictures that can be read, evenly over the folder; the others are named.

    TrustLearnError where there is none; the lesson says how many it takes.
    """
    try:
        found = find_pictures(folder, MAX_PICTURES)
    except CameraError as error:
        raise TrustLearnError(f"--good: {error.args[0]}") from error
    left_out = list(found.left_out)
    files = [each.path for each in read_pictures(found, geometry, fit, left_out)]
    for line in left_out_words(left_out):
        say(line)
    return files


def place(asked: Asked) -> Path:
    """Which file is written; StationFileError where there is no such view."""
    view = asked.station.view[view_index(asked.station, asked.view)]
    return (asked.out or _usual(asked, view)).absolute()


def _usual(asked: Asked, view: ViewSection) -> Path:
    if view.trust is not None:
        return view.trust.learnt
    return asked.path.parent / f"{file_safe(view.name)}.trust.json"


def _named(asked: Asked, out: Path) -> Path:
    """As the station file names it: relative paths start at its folder."""
    folder = asked.path.absolute().parent
    return out.relative_to(folder) if out.is_relative_to(folder) else out


def _told(outcomes: Sequence[Outcome]) -> list[str]:
    offered = [each for each in outcomes if each.offered]
    missing = [each for each in outcomes if not each.offered]
    lines = ["checks of this view:", *map(_line, offered)] if offered else ["no check of this view"]
    if missing:
        lines += ["not available here, because good parts vary more than that:"]
        lines += map(_line, missing)
    return lines


def _line(outcome: Outcome) -> str:
    n = outcome.pictures
    return (
        f"  {outcome.check}: found {outcome.found} of {n} ({MEANT_FOR[outcome.check]}), "
        f"{outcome.false_alarms} of {n} good ones taken for it"
    )


def _told_of_optics(outcomes: Sequence[OpticsOutcome]) -> list[str]:
    offered = [_optics_line(each) for each in outcomes if each.offered]
    missing = [_optics_line(each) for each in outcomes if not each.offered]
    lines = ["warnings of this view, between parts:", *offered] if offered else []
    if missing:
        lines += ["no such warning here, because good parts hide it or look like it:", *missing]
    return lines


def _optics_line(outcome: OpticsOutcome) -> str:
    why = f"; {outcome.why}" if outcome.why else ""
    return (
        f"  {outcome.check}: found {outcome.found} of {outcome.tried} ({DIRT[outcome.check]}) "
        f"after {SEEN} parts, {outcome.false_alarms} of {outcome.sequences} sequences of good "
        f"ones taken for it{why}"
    )


def _words(geometry: FrameShape) -> str:
    return f"{geometry.width_px} x {geometry.height_px} px"
