"""`gonogo calibrate`: the scale of a view, from a board or a gauge, into one small file."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import CalibrationError, ImageFileError
from gonogo.base.images import read_image
from gonogo.base.shm import file_safe
from gonogo.commands.frames import open_source, view_index
from gonogo.rules.board import board_of, find_board
from gonogo.rules.calibration import write_calibration
from gonogo.rules.gauge import calibrate_by_gauge, gauge_rule
from gonogo.rules.scale import Fitted, Picture, calibrate_by_board

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.config.station import Station
    from gonogo.config.view import ViewSection

    Frames = Mapping[str, NDArray[np.uint8]]

WAIT_S = 60.0  # for a part, of a camera that needs one


class Order(NamedTuple):
    """How the scale is to be found: a board with its squares, or a gauge with its measure."""

    board: str | None = None
    square_mm: float | None = None
    gauge_mm: float | None = None
    measure: str = "width"


def calibrate(
    station: Station,
    view: str,
    pictures: Sequence[Path],
    order: Order,
    say: Callable[[str], None],
) -> Fitted:
    """The calibration of a view, by pictures or, without any, one frame; CalibrationError."""
    section = station.view[view_index(station, view)]
    if (order.board is None) == (order.gauge_mm is None):
        got = "neither" if order.board is None else "both"
        raise CalibrationError(f"expected --board 9x6 or --gauge-mm 72.0, got {got}")
    # before a camera is opened, or a picture read
    found_by = _by_gauge if order.board is None else _by_board
    return found_by(section, order, lambda: _frames(station, section, pictures, say))


def write(fitted: Fitted, station_file: Path, view: ViewSection, out: Path | None) -> list[str]:
    """Write the file where the station file looks for it, or to `out`; what to say of it."""
    usual, path = _usual(station_file, view), place(station_file, view, out)
    write_calibration(path, fitted.calibration)
    lines = [f"view '{view.name}': {fitted.calibration.in_words()}", *fitted.notes]
    lines.append(f"written to {path}")
    if path.absolute() != view.calibration:
        # beside the station file its name is enough
        told = path.name if path.absolute().parent == usual.parent else path.absolute()
        lines.append(f'for its [[view]] in the station file: calibration = "{told}"')
        lines.append('for its dimension rules: lengths_in = "mm" instead of mm_per_px')
    return lines


def place(station_file: Path, view: ViewSection, out: Path | None) -> Path:
    """Which file `write` writes."""
    return out or view.calibration or _usual(station_file, view)


def _usual(station_file: Path, view: ViewSection) -> Path:
    return station_file.absolute().parent / f"{file_safe(view.name)}.calibration.json"


def _frames(
    station: Station, view: ViewSection, pictures: Sequence[Path], say: Callable[[str], None]
) -> Frames:
    """Frames by name: image files of exactly the camera's size, or one of the camera."""
    if pictures:
        return _read(pictures, view.camera.geometry)
    with contextlib.closing(open_source(station, view.name, say, anew=True)) as source:
        frame = source.take(WAIT_S)
    say(f"view '{view.name}': one frame, {frame.said}")
    return {f"view '{view.name}' ({frame.said})": frame.pixels}


def _read(pictures: Sequence[Path], geometry: FrameShape) -> Frames:
    """All of them; ImageFileError names each that cannot be read, for it was given by its name."""
    frames: dict[str, NDArray[np.uint8]] = {}
    problems = []
    for path in pictures:
        found = _frame_or_why(path, geometry)
        if isinstance(found, str):
            problems.append(found)
        else:
            frames[str(path)] = found
    if problems:
        raise ImageFileError("\n".join(problems))
    return frames


def _frame_or_why(path: Path, geometry: FrameShape) -> NDArray[np.uint8] | str:
    try:
        return read_image(path, geometry, "exact")
    except ImageFileError as error:
        return str(error.args[0])


def _by_board(view: ViewSection, order: Order, frames: Callable[[], Frames]) -> Fitted:
    board = board_of(order.board or "", order.square_mm)
    found = [Picture(name, find_board(pixels, board, name)) for name, pixels in frames().items()]
    return calibrate_by_board(found, board, view.name, view.camera.geometry)


def _by_gauge(view: ViewSection, order: Order, frames: Callable[[], Frames]) -> Fitted:
    rule = gauge_rule(view.rule, order.measure, view.name)
    geometry, gauge_mm = view.camera.geometry, order.gauge_mm or 0.0
    found = calibrate_by_gauge(rule, frames(), gauge_mm, view.name, geometry)
    return Fitted(found, (f"measured by rule '{rule.name}'",))
