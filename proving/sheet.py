"""The bad parts that passed in a rehearsal, side by side in one picture."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import cv2
import numpy as np

from gonogo.base.errors import CameraError, ImageFileError
from gonogo.base.images import read_image
from gonogo.build.review.sheet import Shown, contact_sheet
from gonogo.drivers.cameras.catalogue import open_camera
from gonogo.drivers.cameras.replay import ReplaySection
from gonogo.proving.plcsim.truth import picture_of, truth_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.config.station import Station
    from gonogo.config.view import ViewSection
    from gonogo.proving.plcsim.row import Row

MOST = 50  # parts on one sheet
GRAB_S = 5.0  # far beyond any exposure


def sheet_of(station: Station, rows: Iterable[Row]) -> bytes | None:
    """A PNG with each bad part that passed, as its camera shows it; None where none did."""
    escaped: dict[str, tuple[Row, ViewSection]] = {}
    for row in rows:
        if row.outcome == "pass" and not row.good:
            view = _bad_view(station, row.part_id)
            escaped.setdefault(_name(view, row), (row, view))
    if not escaped:
        return None
    shown = [
        Shown(_frame(view, row.part_id), name, f"{row.label}, passed")
        for name, (row, view) in list(escaped.items())[:MOST]
    ]
    more = f", the first {MOST}" if len(escaped) > MOST else ""
    return contact_sheet(f"{len(escaped)} bad parts that passed{more}", shown)


def _bad_view(station: Station, part_id: int) -> ViewSection:
    """The view that shows what is wrong."""
    bad = (view for view in station.view if not truth_of(view.camera, part_id).good)
    return next(bad, station.view[0])


def _name(view: ViewSection, row: Row) -> str:
    path = picture_of(view.camera, row.part_id)
    return f"part {row.part_id}" if path is None else f"{path.parent.name}/{path.name}"


def _frame(view: ViewSection, part_id: int) -> NDArray[np.uint8]:
    """Of a view, uint8 (height, width, 3); black where there is none."""
    geometry = view.camera.geometry
    pixels = np.zeros(geometry.shape, np.uint8)
    with contextlib.suppress(CameraError, ImageFileError):
        path = picture_of(view.camera, part_id)
        if path is not None and isinstance(view.camera, ReplaySection):
            pixels = read_image(path, geometry, view.camera.fit)
        else:
            with contextlib.closing(open_camera(view.camera, view.name)) as camera:
                camera.grab(part_id, pixels, time.monotonic_ns() + round(GRAB_S * 1e9))
    if geometry.channels == 1:
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR), np.uint8)
    return pixels


def sheet_path(station: Station) -> Path:
    """Where it is written if nothing else is said: beside the records."""
    name = f"{station.station.name}.passed-wrongly.png"
    return station.records.path.with_name(name)
