"""A heat map lies on its picture to the pixel, however the frame got to the model."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from gonogo.base.errors import MapUnplaced
from gonogo.base.frame_shape import FrameShape
from gonogo.console.screen.archive import Archive
from gonogo.console.screen.frames import Shot
from gonogo.console.screen.heat import Heat, levels_of, overlay
from gonogo.engines.backends.fit import Cut, Fit
from gonogo.engines.backends.placing import Sight, place
from gonogo.ipc.map_place import MapPlace, tell_place
from gonogo.records.dispositions.section import DispositionsSection
from gonogo.tests.console.screen.scene import ENGINE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.tests.console.screen.scene import Scene

MODEL_PX = (64, 64)
WIDE, TALL = FrameShape(120, 200, 1), FrameShape(200, 120, 1)
CUT = Cut(8, 16, 48, 32)
FITS = [
    Fit(kind, cut=cut)  # type: ignore[arg-type]  # one of the literals
    for kind, cut in itertools.product(("squeeze", "centre-crop", "letterbox"), (None, CUT))
]


def drawn(png: bytes) -> NDArray[Any]:
    """With its alpha."""
    found = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    assert found is not None
    return np.asarray(found)


def defect_map(geometry: FrameShape, fit: Fit, cells: int, at_px: tuple[int, int]) -> Any:  # noqa: ANN401 - numpy
    """What an engine that marks bright pixels gives of a frame with one bright square.

    Made the long way round, by what OpenCV does with the frame: nothing of where cells lie.
    """
    frame = np.zeros((geometry.height_px, geometry.width_px), np.uint8)
    top, left = at_px
    frame[top : top + 12, left : left + 12] = 255
    (rows, columns), (down, right) = place(geometry, MODEL_PX, fit)
    scaled = cv2.resize(frame, (columns, rows), interpolation=cv2.INTER_AREA)
    seen = np.zeros(MODEL_PX, np.uint8)
    to = seen[max(down, 0) :, max(right, 0) :]
    part = np.asarray(scaled)[max(-down, 0) :, max(-right, 0) :][: to.shape[0], : to.shape[1]]
    to[: part.shape[0], : part.shape[1]] = part
    if fit.cut is not None:
        cut = fit.cut
        seen = seen[cut.top_px :, cut.left_px :][: cut.height_px, : cut.width_px]
    side = (seen.shape[0] // cells, seen.shape[1] // cells)
    blocks = seen.reshape(cells, side[0], cells, side[1])
    return blocks.max(axis=(1, 3)).astype(np.float32)


@pytest.mark.parametrize("geometry", [WIDE, TALL], ids=["wide", "tall"])
@pytest.mark.parametrize("fit", FITS, ids=str)
def test_map_lies_on_the_defect_that_made_it(geometry: FrameShape, fit: Fit) -> None:
    """At several places: what is hot holds the whole defect, and no more than a cell beside it."""
    cells = 16
    sight = Sight(geometry, MODEL_PX, fit, (float(cells), float(cells)))
    where = MapPlace(ENGINE, *sight.map_edges, *sight.cells)
    frame_px = (geometry.height_px, geometry.width_px)
    cell_px = (
        (where.bottom_px - where.top_px) / cells, (where.right_px - where.left_px) / cells
    )  # fmt: skip
    box = sight.seen
    spots = itertools.product(
        (round(box.top) + 4, round((box.top + box.bottom) / 2), round(box.bottom) - 18),
        (round(box.left) + 4, round((box.left + box.right) / 2), round(box.right) - 18),
    )
    for top, left in spots:
        found = defect_map(geometry, fit, cells, (top, left))
        alpha = drawn(overlay(levels_of(found), where, frame_px, 1000))[..., 3]
        assert alpha.shape == frame_px
        rows, columns = np.nonzero(alpha > 40)
        assert rows.min() <= top + 1
        assert rows.max() >= top + 10
        assert columns.min() <= left + 1
        assert columns.max() >= left + 10
        assert rows.min() >= top - 1.5 * cell_px[0]
        assert rows.max() <= top + 12 + 1.5 * cell_px[0]
        assert columns.min() >= left - 1.5 * cell_px[1]
        assert columns.max() <= left + 12 + 1.5 * cell_px[1]


def test_map_of_a_smaller_picture_is_as_large_as_that_picture() -> None:
    """Both are laid over each other by the page as they come."""
    levels = np.full((4, 4), 255, np.uint8)
    png = overlay(levels, MapPlace(1, 0.0, 0.0, 120.0, 200.0, 4.0, 4.0), (120, 200), 50)
    assert drawn(png).shape == (30, 50, 4)


def test_map_has_no_colour_where_the_engine_does_not_look() -> None:
    """Beside a centre crop; and cells keep their edges."""
    levels = np.array([[0, 255], [255, 0]], np.uint8)
    alpha = drawn(overlay(levels, MapPlace(1, 0.0, 20.0, 40.0, 60.0, 2.0, 2.0), (40, 80), 999))[
        ..., 3
    ]
    assert not alpha[:, :20].any()
    assert not alpha[:, 60:].any()
    assert (alpha[:20, 40:60] == alpha[0, 40]).all()
    assert alpha[0, 40] > 0
    assert not alpha[:20, 20:40].any()


def test_map_with_cells_that_reach_over_the_edge_is_not_stretched() -> None:
    """Shared cells: 2.5 of them lie over the frame, the map holds three."""
    levels = np.array([[0, 0, 255]], np.uint8)
    alpha = drawn(overlay(levels, MapPlace(1, 0.0, 0.0, 10.0, 50.0, 1.0, 2.5), (10, 50), 99))[
        ..., 3
    ]
    assert (np.nonzero(alpha[0])[0] == np.arange(40, 50)).all()


def test_levels_run_from_the_lowest_to_the_highest_of_one_map() -> None:
    """What is no number is the highest; a map of one value has none."""
    found = levels_of(np.array([[1.0, 3.0], [2.0, np.nan]], np.float32))
    assert found.tolist() == [[0, 255], [128, 255]]
    assert levels_of(np.full((1, 2), 7.0, np.float32)).tolist() == [[0, 0]]
    assert levels_of(np.full((1, 1), np.inf, np.float32)).tolist() == [[255]]


def test_heat_shows_a_map_of_the_engine_that_is_loaded_alone(scene: Scene) -> None:
    """Where another one's map lies nobody knows; a view without a map has none."""
    archive = Archive(scene.records, DispositionsSection())
    heat = Heat(scene.station, ("top",), archive, 1000)
    shot = Shot(b"", (32, 48), np.eye(2, 3, dtype=np.float32), ENGINE)
    try:
        with pytest.raises(MapUnplaced, match="not loaded"):
            heat.of_shot(shot, 0)
        tell_place(scene.mailbox, 0, MapPlace(ENGINE, 0.0, 0.0, 32.0, 48.0, 2.0, 3.0))
        assert drawn(heat.of_shot(shot, 0)).shape == (32, 48, 4)
        with pytest.raises(MapUnplaced, match="not loaded"):
            heat.of_shot(shot._replace(engine_id=ENGINE + 1), 0)
        with pytest.raises(MapUnplaced, match="made no map"):
            heat.of_shot(shot._replace(found=None), 0)
    finally:
        heat.close()
