"""Golden frames: an engine proves that it is still itself, against its own first scores."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import BackendError
from gonogo.base.frame_shape import FrameShape
from gonogo.engines.serving.golden import COUNT, TOLERANCE, Golden, golden_frame, prove

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.engines.backends.backend import Outputs

GREY, COLOUR = FrameShape(40, 50, 1), FrameShape(40, 50, 3)


class MeanBackend:
    """Scores the mean of the frame that is bound to a slot; after so many runs it is mute."""

    def __init__(self) -> None:
        self.bound: dict[int, tuple[NDArray[np.uint8], Outputs]] = {}
        self.runs: list[int] = []
        self.mute_after = 1000  # runs

    def bind(self, slot: int, frame: NDArray[np.uint8], outputs: Outputs) -> None:
        """Remember the arrays."""
        self.bound[slot] = (frame, outputs)

    def run(self, slot: int) -> None:
        """Score what is there now."""
        self.runs.append(slot)
        frame, outputs = self.bound[slot]
        if len(self.runs) <= self.mute_after:
            outputs.score[0] = frame.mean()


def golden(first_slot: int = 8) -> tuple[Golden, MeanBackend]:
    """Golden frames behind so many slots."""
    backend = MeanBackend()
    return Golden(backend, first_slot, COLOUR), backend  # type: ignore[arg-type]  # of a kind


def test_golden_binds_two_frames_behind_the_ring_s_slots() -> None:
    """Where no camera writes; the frames stay those of their seeds."""
    _, backend = golden(first_slot=8)
    assert COUNT == 2
    assert list(backend.bound) == [8, 9]
    for seed, (frame, _) in enumerate(backend.bound.values()):
        assert np.array_equal(frame, golden_frame(COLOUR, seed))


def test_golden_scores_each_frame_anew() -> None:
    """One run a frame; the two differ, or they would prove little."""
    made, backend = golden()
    scores = made.scores()
    assert backend.runs == [8, 9]
    assert scores == tuple(golden_frame(COLOUR, seed).mean() for seed in (0, 1))
    assert scores[0] != scores[1]
    assert made.scores() == scores


def test_golden_takes_no_score_of_an_earlier_run() -> None:
    """A backend that writes nothing any more has no score, and proves nothing."""
    made, backend = golden()
    first = made.scores()
    backend.mute_after = 0
    now = made.scores()
    assert all(math.isnan(score) for score in now)
    with pytest.raises(BackendError, match="self-test: the golden frames score nan, nan"):
        Golden.compare(now, first)


@pytest.mark.parametrize(
    ("now", "good"),
    [
        ((10.0, 20.0), True),
        ((10.009, 20.0), True),
        ((10.0, 20.019), True),
        ((10.011, 20.0), False),
        ((10.0, 20.021), False),
        ((10.0, 19.979), False),
        ((20.0, 10.0), False),
        ((math.nan, 20.0), False),
        ((10.0, math.inf), False),
    ],
)
def test_golden_compares_each_score_with_the_first_one_of_its_frame(
    now: tuple[float, float], *, good: bool
) -> None:
    """Within a thousandth of it; one that is not is enough, and both are said."""
    if good:
        Golden.compare(now, (10.0, 20.0))
    else:
        with pytest.raises(BackendError, match=r"expected 10, 20 as at the first start"):
            Golden.compare(now, (10.0, 20.0))


@pytest.mark.parametrize(("now", "good"), [(0.0, True), (0.9e-9, True), (1.1e-9, False)])
def test_golden_compares_scores_near_to_zero_by_a_billionth(now: float, *, good: bool) -> None:
    """A thousandth of nothing is nothing."""
    if good:
        Golden.compare((now,), (0.0,))
    else:
        with pytest.raises(BackendError):
            Golden.compare((now,), (0.0,))


def test_golden_does_not_trust_infinity_that_was_there_from_the_first() -> None:
    """Equal to itself, and still no score."""
    with pytest.raises(BackendError):
        Golden.compare((math.inf,), (math.inf,))


def test_golden_wants_as_many_scores_as_there_were() -> None:
    """Fewer would compare some of them with nothing."""
    with pytest.raises(ValueError, match="zip"):
        Golden.compare((10.0,), (10.0, 20.0))
    assert TOLERANCE == 1e-3


def test_golden_frame_is_the_same_for_its_seed() -> None:
    """Blocks of 16 pixels, cut at the edge; seeds differ."""
    frame = golden_frame(GREY, 0)
    assert frame.shape == GREY.shape
    assert frame.dtype == np.uint8
    assert frame.flags.c_contiguous
    assert np.unique(frame[:16, :16]).size == 1
    assert np.unique(frame[16:32, 32:48]).size == 1
    assert frame[0, 15] != frame[0, 16]
    assert frame[15, 0] != frame[16, 0]
    assert np.array_equal(frame, golden_frame(GREY, 0))
    assert not np.array_equal(frame, golden_frame(GREY, 1))


def test_golden_frame_of_a_colour_camera_is_grey_in_three_channels() -> None:
    """The same picture in each; contiguous, for a backend binds it as it is."""
    frame = golden_frame(COLOUR, 0)
    assert frame.shape == COLOUR.shape
    assert frame.flags.c_contiguous
    for channel in range(3):
        assert np.array_equal(frame[..., channel], golden_frame(GREY, 0))


def test_golden_frame_takes_the_blocks_of_its_seed_row_by_row() -> None:
    """What an engine was compared with at its first start must come again at the next."""
    drawn = np.random.default_rng(1).integers(0, 256, (3, 4), np.uint8)
    assert np.array_equal(golden_frame(GREY, 1)[::16, ::16], drawn)


class Facts:
    """Takes whatever scores, and remembers them."""

    self_test_scores, tolerance = (1.0,), 0.01

    def __init__(self, *, good: bool) -> None:
        self.good = good
        self.seen: list[float] = []

    def passes(self, scores: list[float]) -> bool:
        """As it was told."""
        self.seen = list(scores)
        return self.good


@pytest.mark.parametrize("count", [1, 3])
def test_prove_scores_each_frame_by_itself(count: int) -> None:
    """One frame is enough; a run that writes no score has none, not that of the frame before."""
    backend, facts = MeanBackend(), Facts(good=True)
    frames = np.stack([golden_frame(COLOUR, seed) for seed in range(count)])
    assert prove(backend, 5, frames, facts) == tuple(frame.mean() for frame in frames)  # type: ignore[arg-type]  # of a kind
    assert backend.runs == [5] * count
    backend.mute_after = 1
    backend.runs.clear()
    prove(backend, 5, frames, facts)  # type: ignore[arg-type]  # of a kind
    assert [math.isnan(score) for score in facts.seen] == [False] + [True] * (count - 1)


def test_golden_frame_has_both_dark_and_bright_blocks() -> None:
    """All 256 grey levels may come; a large frame has nearly all of them."""
    frame = golden_frame(FrameShape(1600, 1600, 1), 0)
    assert (frame.min(), frame.max()) == (0, 255)
