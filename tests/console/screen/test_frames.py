"""Pictures of the newest parts: copied as long as somebody looks, and never too many."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from gonogo.base.words import Score, ViewCapture
from gonogo.console.screen.frames import KEPT_MAX, WATCHED_NS, Frames, shown_px, smaller
from gonogo.records.pictures.ring import Copied
from gonogo.tests.fakes import entry_of, part_now

NOW_NS = 10**12
MAP = np.arange(6, dtype=np.float32).reshape(2, 3)


class Ring:
    """Gives a frame of a shade, and counts how often it was asked."""

    def __init__(self, *, whole: bool = True) -> None:
        self.taken = 0
        self._whole = whole

    def __call__(self, look: ViewCapture, serial: int, score: Score | None) -> Copied | None:
        """None where the ring has come round."""
        del look
        self.taken += 1
        pixels = np.full((40, 80, 3), serial % 256, np.uint8)
        return Copied(pixels, None if score is None else MAP) if self._whole else None


def keep(frames: Frames, serial: int, now_ns: int = NOW_NS, generation: int = 1) -> None:
    """A part with one view, scored by engine 7."""
    look = ViewCapture(0, 0, 1, generation=generation)
    entry = entry_of(serial)._replace(
        part=part_now(serial), looks=(look,), scores=(Score(0, 0.1, 1, 2, 7),)
    )
    frames.keep(entry, now_ns)


def test_frames_copies_nothing_while_nobody_looks() -> None:
    """And no more once nobody has asked for a while."""
    ring = Ring()
    frames = Frames([ring], 1000)
    keep(frames, 1)
    frames.watch(NOW_NS)
    keep(frames, 2, NOW_NS + WATCHED_NS)
    keep(frames, 3, NOW_NS + WATCHED_NS + 1)
    assert ring.taken == 1
    assert frames.views_of(2) == {0}
    assert frames.of(1, 0) is frames.of(3, 0) is None


def test_frames_copies_a_part_once() -> None:
    """However often the thread that follows comes by."""
    ring = Ring()
    frames = Frames([ring], 1000)
    frames.watch(NOW_NS)
    keep(frames, 1)
    keep(frames, 1)
    assert ring.taken == 1


def test_frames_makes_a_picture_of_the_size_of_a_page() -> None:
    """The frame's own size is kept beside it, with the map and whose it is."""
    frames = Frames([Ring()], 20)
    frames.watch(NOW_NS)
    keep(frames, 200)
    shot = frames.of(200, 0)
    assert shot is not None
    drawn = cv2.imdecode(np.frombuffer(shot.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert drawn is not None
    assert drawn.shape == (10, 20, 3)
    assert abs(int(drawn.mean()) - 200) < 4
    assert (shot.frame_px, shot.engine_id) == ((40, 80), 7)
    assert shot.found is MAP


def test_frames_shows_none_of_a_frame_that_is_gone_or_never_came() -> None:
    """The ring has come round, no frame came, or the view is none of this station."""
    for frames, generation in (
        (Frames([Ring(whole=False)], 9), 1), (Frames([Ring()], 9), 0), (Frames([], 9), 1),
    ):  # fmt: skip
        frames.watch(NOW_NS)
        keep(frames, 1, generation=generation)
        assert frames.views_of(1) == frozenset()


def test_frames_holds_so_many_and_the_newest_stay() -> None:
    """Memory is flat over any number of parts."""
    frames = Frames([Ring()], 20)
    frames.watch(NOW_NS)
    for serial in range(1, KEPT_MAX + 3):
        keep(frames, serial)
    assert frames.views_of(2) == frozenset()
    assert frames.views_of(3) == frames.views_of(KEPT_MAX + 2) == {0}


@pytest.mark.parametrize(
    ("frame_px", "longest_px", "expected"),
    [((480, 640), 1024, (480, 640)), ((3000, 4000), 1000, (750, 1000)), ((1, 5000), 100, (1, 100))],
)
def test_smaller_never_enlarges(
    frame_px: tuple[int, int], longest_px: int, expected: tuple[int, int]
) -> None:
    """The longer side is the one that counts, and no side becomes nothing."""
    assert shown_px(frame_px, longest_px) == expected
    assert smaller(np.zeros(frame_px, np.uint8), longest_px).shape == expected
