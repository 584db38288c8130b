"""A model asked about frames: the same answer by however many sessions."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import BackendError
from gonogo.build.judging import CHUNK, Judge, joined
from gonogo.engines.backends.onnxruntime import OrtBackend
from gonogo.tests.engines import tiny

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.base.frame_shape import FrameShape

FRAMES = [np.full((16, 16, 3), value % 250, np.uint8) for value in range(70)]


class Opened(OrtBackend):
    """Remembers all that were opened, and which of them were closed."""

    every: list[Opened] = []  # noqa: RUF012 - of one test at a time, which empties it
    fails_at = 1_000_000

    def __init__(self, model: Path, geometry: FrameShape, threads: int) -> None:
        """As it is asked."""
        super().__init__(model, geometry, threads)
        self.ran, self.closed = 0, False
        self.every.append(self)

    def run(self, slot: int) -> None:
        """Until it is told to fail."""
        self.ran += 1
        if self.ran > self.fails_at:
            raise BackendError("as it was told")
        super().run(slot)

    def close(self) -> None:
        """Remembered."""
        self.closed = True
        super().close()


def test_judge_answers_in_the_order_of_the_frames(tmp_path: Path) -> None:
    """However they are shared out, and says how far it is."""
    heard: list[tuple[int, int]] = []
    with Judge(tiny.brightest(tmp_path / "m.onnx"), "onnxruntime") as asked:
        said = asked(FRAMES, lambda *how_far: heard.append(how_far))
        again = asked(FRAMES[:3])
    assert said.scores.tolist() == [value % 250 for value in range(70)]
    assert said.maps[:, 0].tolist() == said.scores.tolist()
    assert again.scores.tolist() == [0, 1, 2]
    assert heard[0] == (0, 70)
    assert heard[-1] == (70, 70)
    assert len(heard) >= 2 + 70 // (CHUNK * 4) - 1


def test_judge_closes_every_session_where_a_frame_fails(tmp_path: Path) -> None:
    """The others end with the frame that they are at."""
    Opened.every.clear()
    Opened.fails_at = 5
    with (
        pytest.raises(BackendError, match="as it was told"),
        Judge(tiny.brightest(tmp_path / "m.onnx"), "onnxruntime", how=Opened) as asked,
    ):
        asked(FRAMES)
    assert Opened.every
    assert all(one.closed for one in Opened.every)


def slow(opening_s: float, frame_s: float) -> type[Opened]:
    """One that takes long to open, or over each frame."""

    class Slow(Opened):
        fails_at = 1_000_000

        def __init__(self, model: Path, geometry: FrameShape, threads: int) -> None:
            time.sleep(opening_s)
            super().__init__(model, geometry, threads)

        def run(self, slot: int) -> None:
            time.sleep(frame_s)
            super().run(slot)

    return Slow


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core: one session")
@pytest.mark.parametrize(("how", "several"), [(slow(0.0, 0.02), True), (slow(0.5, 0.0), False)])
def test_judge_opens_another_session_where_that_pays(
    tmp_path: Path, how: type[Opened], *, several: bool
) -> None:
    """Not one that takes longer to open than it saves."""
    Opened.every.clear()
    with Judge(tiny.brightest(tmp_path / "m.onnx"), "onnxruntime", how=how) as asked:
        said = asked(FRAMES[:40])
    assert said.scores.tolist() == list(range(40))
    assert (len(Opened.every) > 1) == several


def test_joined_keeps_the_order(tmp_path: Path) -> None:
    """Scores, maps and embeddings of one list after another."""
    with Judge(tiny.brightest(tmp_path / "m.onnx"), "onnxruntime") as asked:
        both = joined([asked(FRAMES[:4]), asked(FRAMES[4:9])])
        whole = asked(FRAMES[:9])
    assert all(np.array_equal(both[k], whole[k]) for k in range(3))
