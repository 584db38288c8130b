"""Pictures of the newest parts, copied out of the frame rings and made small enough for a page.

Only as long as somebody looks, of one part in PACE_NS at most, and so many bytes altogether: a
screen that nobody has open copies nothing. The rings are mapped for reading, and nothing in
them is waited for; a frame that was overwritten meanwhile is not shown.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from gonogo.base.words import Score, ViewCapture
    from gonogo.ipc.journal_records import VerdictEntry
    from gonogo.records.pictures.ring import Copied

    Take = Callable[[ViewCapture, int, Score | None], Copied | None]

KEPT_MAX = 64  # pictures
KEPT_MAX_BYTES = 32 << 20
WATCHED_NS = 5_000_000_000  # after that long without a question nobody looks
_QUALITY = 85


class Shot(NamedTuple):
    """A picture for a page (JPEG), the frame's size in px, and the map of the engine that scored.

    `found` is float32 rows x columns, None without one.
    """

    jpeg: bytes
    frame_px: tuple[int, int]
    found: NDArray[np.float32] | None
    engine_id: int


class Frames:
    """Of one run; `takes`: what copies a frame of each view, by its number.

    `keep` is called by the thread that follows the journal, all else by any.
    """

    def __init__(self, takes: Sequence[Take], longest_px: int) -> None:
        self._takes, self._longest_px = takes, longest_px
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, int], Shot] = OrderedDict()
        self._bytes = 0
        self._tried = 0  # serial of the part that was copied last
        self._asked_ns = -WATCHED_NS

    def watch(self, now_ns: int) -> None:
        """Somebody looks."""
        self._asked_ns = now_ns

    def keep(self, entry: VerdictEntry, now_ns: int) -> None:
        """Copy what there is of a part, if anybody looks and it was not tried before."""
        if now_ns - self._asked_ns > WATCHED_NS or self._tried == entry.part.serial:
            return
        self._tried = entry.part.serial
        scores = {score.view: score for score in entry.scores if score is not None}
        for look in entry.looks:
            if not look.generation or look.view >= len(self._takes):
                continue
            score = scores.get(look.view)
            copied = self._takes[look.view](look, entry.part.serial, score)
            if copied is not None:
                engine_id = 0 if score is None else score.engine_id
                self._add((entry.part.serial, look.view), self._shot(copied, engine_id))

    def views_of(self, serial: int) -> frozenset[int]:
        """Of which views of a part there is a picture."""
        with self._lock:
            return frozenset(view for each, view in self._kept if each == serial)

    def of(self, serial: int, view: int) -> Shot | None:
        """The picture of a view of a part; None once it gave way to newer ones."""
        with self._lock:
            return self._kept.get((serial, view))

    def _shot(self, copied: Copied, engine_id: int) -> Shot:
        height_px, width_px = copied.pixels.shape[:2]
        jpeg = jpeg_of(copied.pixels, self._longest_px)
        return Shot(jpeg, (height_px, width_px), copied.map, engine_id)

    def _add(self, key: tuple[int, int], shot: Shot) -> None:
        with self._lock:
            self._kept[key] = shot
            self._bytes += len(shot.jpeg)
            while len(self._kept) > KEPT_MAX or self._bytes > KEPT_MAX_BYTES:
                _, gone = self._kept.popitem(last=False)
                self._bytes -= len(gone.jpeg)


def jpeg_of(pixels: NDArray[np.uint8], longest_px: int) -> bytes:
    """Uint8 H x W (x 3, BGR) as a JPEG, its longer side at most so many px."""
    quality = (cv2.IMWRITE_JPEG_QUALITY, _QUALITY)
    _, data = cv2.imencode(".jpg", smaller(pixels, longest_px), quality)
    return np.asarray(data).tobytes()


def smaller(pixels: NDArray[np.uint8], longest_px: int) -> NDArray[np.uint8]:
    """The same with its longer side at most so many px."""
    height_px, width_px = shown_px(pixels.shape[:2], longest_px)
    if (height_px, width_px) == pixels.shape[:2]:
        return pixels
    shrunk = cv2.resize(pixels, (width_px, height_px), interpolation=cv2.INTER_AREA)
    return np.asarray(shrunk, np.uint8)


def shown_px(frame_px: tuple[int, ...], longest_px: int) -> tuple[int, int]:
    """Height and width of a picture as it is shown, from those of its frame."""
    height_px, width_px = frame_px
    scale = min(1.0, longest_px / max(height_px, width_px))
    return max(1, round(height_px * scale)), max(1, round(width_px * scale))
