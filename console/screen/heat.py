"""An engine's anomaly map as a picture that is laid over the part's own, to the pixel.

Where the map lies on the frame the engine's host says (gonogo.ipc.map_place), for the engine that
is loaded; of a part that another one judged nobody knows it any more. Colours run from the lowest
to the highest value of this one map: they say where the engine looked, not how bad the part is.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from gonogo.base.errors import MapUnplaced, SegmentError
from gonogo.console.screen.archive import kept_of, pixels_of
from gonogo.console.screen.frames import shown_px
from gonogo.ipc.engine_queue import MailboxView
from gonogo.ipc.frame_ring import PLACES
from gonogo.ipc.map_place import place_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.console.screen.archive import Archive, FoundPart
    from gonogo.console.screen.frames import Shot
    from gonogo.ipc.map_place import MapPlace
    from gonogo.records.questions.pictures import Picture

LEVELS = 255
STRONGEST = 0.65  # of the colour over the picture: what lies below must still be seen


class Heat:
    """Of one station; `names` are those of its views."""

    def __init__(
        self, station: str, names: tuple[str, ...], archive: Archive, longest_px: int
    ) -> None:
        self._names, self._archive, self._longest_px = names, archive, longest_px
        with ExitStack() as stack:
            self._queues: list[MailboxView] = []
            for place in range(PLACES):
                with suppress(SegmentError):  # a station without an engine, or without a second one
                    queue = MailboxView.attach(station, place)
                    stack.callback(queue.close)
                    self._queues.append(queue)
            self._stack = stack.pop_all()

    def of_shot(self, shot: Shot, view: int) -> bytes:
        """PNG with an alpha channel, of the size of the shot's picture; MapUnplaced."""
        if shot.found is None:
            raise MapUnplaced("the engine made no map of this view of the part")
        place = self._place(shot.engine_id, view)
        return overlay(levels_of(shot.found), place, shot.frame_px, self._longest_px)

    def kept(self, run: str, serial: int, view: int) -> bytes:
        """The same of a part whose picture and map are kept; NoSuchPart, MapUnplaced."""
        found, name = self._archive.find(run, serial), self._names[view]
        picture = kept_of(found, name)
        levels = _levels_in(picture)
        height_px, width_px = pixels_of(picture).shape[:2]
        place = self._place(_engine_of(found, name), view)
        return overlay(levels, place, (height_px, width_px), self._longest_px)

    def close(self) -> None:
        """Unmap the queues; idempotent."""
        self._stack.close()

    def _place(self, engine_id: int, view: int) -> MapPlace:
        for queue in self._queues:
            place = place_of(queue, view)
            if place is not None and place.engine_id == engine_id:
                return place
        raise MapUnplaced(
            "the engine that judged this part is not loaded any more, and where its map lies on "
            "the picture is not known without it"
        )


def levels_of(found: NDArray[np.float32]) -> NDArray[np.uint8]:
    """A map as grey levels, its lowest value 0 and its highest 255; what is no number is that."""
    finite = np.isfinite(found)
    levels = np.ones(found.shape)
    if finite.any():
        low, high = float(found[finite].min()), float(found[finite].max())
        levels[finite] = (found[finite] - low) / ((high - low) or 1.0)
    return np.rint(levels * LEVELS).astype(np.uint8)


def overlay(
    levels: NDArray[np.uint8], place: MapPlace, frame_px: tuple[int, int], longest_px: int
) -> bytes:
    """PNG with alpha, of the size at which a frame is shown; each cell where it lies on it.

    What the engine does not see has no colour, and no cell is smoothed into its neighbour.
    """
    height_px, width_px = shown_px(frame_px, longest_px)
    rows = _cells(height_px, frame_px[0], (place.top_px, place.bottom_px), place.rows)
    columns = _cells(width_px, frame_px[1], (place.left_px, place.right_px), place.columns)
    seen = ((rows >= 0) & (rows < len(levels)))[:, None] & (
        (columns >= 0) & (columns < levels.shape[1])
    )[None, :]
    row = np.clip(rows, 0, len(levels) - 1)
    column = np.clip(columns, 0, levels.shape[1] - 1)
    level = np.where(seen, levels[row[:, None], column[None, :]], 0).astype(np.float64)
    drawn = np.zeros((height_px, width_px, 4), np.uint8)
    drawn[..., 1] = np.rint(LEVELS - level)  # from yellow to red; blue, green, red, alpha
    drawn[..., 2] = LEVELS
    drawn[..., 3] = np.rint(level * STRONGEST)
    _, data = cv2.imencode(".png", drawn)
    return np.asarray(data).tobytes()


def _cells(shown: int, frame: int, span_px: tuple[float, float], cells: float) -> NDArray[np.int64]:
    """Which cell lies under the middle of each pixel along an axis; outside of the map, none."""
    at_px = (np.arange(shown) + 0.5) * frame / shown
    start_px, end_px = span_px
    share = (at_px - start_px) / (end_px - start_px)
    # past the last cell that the engine sees there is none, though the map may hold a part of one
    return np.where((share >= 0) & (share < 1), np.floor(share * cells), -1).astype(np.int64)


def _levels_in(picture: Picture) -> NDArray[np.uint8]:
    raw = b""
    with suppress(OSError):
        raw = Path(picture.map).read_bytes() if picture.map else b""
    found = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_GRAYSCALE) if raw else None
    if found is None:
        raise MapUnplaced("no map of this view of the part is kept")
    return np.asarray(found, np.uint8)


def _engine_of(found: FoundPart, view: str) -> int:
    ids = [look.engine_id for look in found.about.looks if look.view == view and look.engine_id]
    return int(ids[0], 16) if ids else 0
