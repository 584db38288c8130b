"""The resize against a slow numpy reference of Pillow's antialiased bilinear filter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo.base.frame_shape import FrameShape
from gonogo.engines.backends.fit import FILTERS, KINDS, SQUEEZE, Fit
from gonogo.engines.backends.preprocess import Preprocess, aligned
from gonogo.testing.memory import growth_of
from gonogo.tests.engines.backends.pillow import resized

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.engines.backends.fit import Filter, FitKind

TARGET = 64
PREPARED_PX, LARGER_PX = 32, 37  # as prepared_by_tools.py has them
NEAR = 3.0  # grey levels, root mean square: how near OpenCV comes to Pillow here
CROP = Fit("centre-crop")


def _photograph(
    height_px: int, width_px: int, channels: int = 3, seed: int = 1
) -> NDArray[np.uint8]:
    """Edges, gradients and sensor noise: what a frame consists of."""
    rng = np.random.default_rng(seed)
    shape = (height_px, width_px, channels)
    blocks = rng.integers(0, 256, (12, 12, channels), np.uint8)
    image = cv2.resize(blocks, (width_px, height_px), interpolation=cv2.INTER_NEAREST)
    soft = cv2.GaussianBlur(image.reshape(shape), (0, 0), 1.0).reshape(shape)
    noisy = soft + rng.normal(0, 3, shape)
    frame = np.clip(noisy, 0, 255).astype(np.uint8)
    return frame if channels == 3 else frame[:, :, 0].copy()


def _planes(
    frame: NDArray[np.uint8], channels: int = 3, side: tuple[int, int] = (TARGET, TARGET)
) -> NDArray[np.uint8]:
    depth = 1 if frame.ndim == 2 else 3
    geometry = FrameShape(frame.shape[0], frame.shape[1], depth)
    tensor = np.zeros((1, channels, *side), np.uint8)
    Preprocess(geometry, channels, *side).into(frame, tensor)
    return tensor


def _rms(tensor: NDArray[np.uint8], frame: NDArray[np.uint8]) -> float:
    expected = resized(frame, *tensor.shape[2:])[..., ::-1].transpose(2, 0, 1)
    return float(np.sqrt(((tensor[0] - expected) ** 2).mean()))


@pytest.mark.parametrize(
    ("height_px", "width_px", "limit"),
    [(270, 480, 1.5), (260, 200, 1.5), (100, 140, 2.5), (512, 612, 2.0), (75, 73, 3.0)],
)
def test_preprocess_is_near_the_reference(height_px: int, width_px: int, limit: float) -> None:
    """The distance to the reference stays within some grey levels, at every factor."""
    frame = _photograph(height_px, width_px)
    assert _rms(_planes(frame), frame) < limit


@pytest.mark.parametrize(("height_px", "width_px"), [(270, 480), (260, 200), (512, 612)])
def test_preprocess_is_nearer_than_opencv_alone(height_px: int, width_px: int) -> None:
    """Neither of OpenCV's own resizes comes as near to the reference when it shrinks much."""
    frame = _photograph(height_px, width_px)
    ours = _rms(_planes(frame), frame)
    for how in (cv2.INTER_LINEAR, cv2.INTER_AREA):
        small = cv2.resize(frame, (TARGET, TARGET), interpolation=how)
        assert ours < _rms(np.ascontiguousarray(small[..., ::-1].transpose(2, 0, 1)[None]), frame)


@pytest.mark.parametrize(("height_px", "width_px"), [(64, 64), (40, 50), (33, 64)])
def test_preprocess_enlarges_as_the_reference_does(height_px: int, width_px: int) -> None:
    """Without shrinking, the reference is plain bilinear: at most rounding apart."""
    frame = _photograph(height_px, width_px)
    assert _rms(_planes(frame), frame) < 1.0


def test_preprocess_keeps_a_frame_of_the_models_size() -> None:
    """Nothing but the layout changes: planes red, green, blue of a blue-green-red frame."""
    frame = _photograph(TARGET, TARGET)
    assert np.array_equal(_planes(frame)[0], frame[:, :, ::-1].transpose(2, 0, 1))


def test_preprocess_does_not_shift_odd_sizes() -> None:
    """A bright bar in the middle of an odd frame stays in the middle."""
    frame = np.zeros((521, 521, 3), np.uint8)
    frame[:, 240:281] = 255
    profile = _planes(frame)[0, 0].mean(axis=0, dtype=np.float64)
    centre = (profile * np.arange(TARGET)).sum() / profile.sum()
    assert centre == pytest.approx((TARGET - 1) / 2, abs=0.02)


def test_preprocess_repeats_grey_in_every_plane() -> None:
    """A grey frame fills all three planes alike."""
    tensor = _planes(_photograph(200, 300, channels=1))
    assert np.array_equal(tensor[0, 0], tensor[0, 1])
    assert np.array_equal(tensor[0, 0], tensor[0, 2])
    assert tensor.std() > 10


def test_preprocess_makes_luma_for_one_channel_models() -> None:
    """Colour frames become BT.601 luma: green weighs most."""
    frame = np.zeros((100, 100, 3), np.uint8)
    frame[:, :, 1] = 200
    assert np.unique(_planes(frame, channels=1)) == pytest.approx([0.587 * 200], abs=1)


def test_preprocess_feeds_floats_of_0_to_255() -> None:
    """A float32 tensor gets the same numbers as a uint8 one."""
    frame = _photograph(270, 480)
    tensor = np.zeros((1, 3, TARGET, TARGET), np.float32)
    Preprocess(FrameShape(270, 480, 3), 3, TARGET, TARGET).into(frame, tensor)
    assert np.array_equal(tensor, _planes(frame))


@pytest.mark.parametrize("fit", [SQUEEZE, CROP, Fit("letterbox", "linear"), Fit("letterbox")])
@pytest.mark.parametrize("channels", [1, 3])
def test_preprocess_allocates_nothing_per_frame(channels: int, fit: Fit) -> None:
    """A hundred frames leave no more behind than one, and peak far below the size of a tensor."""
    frame = _photograph(270, 480, channels)
    tensor = np.zeros((1, 3, TARGET, TARGET), np.float32)
    prepare = Preprocess(FrameShape(270, 480, channels), 3, TARGET, TARGET, fit)
    growth = growth_of(lambda: prepare.into(frame, tensor), few_bytes=1000)
    assert growth.kept_bytes < 1000
    assert growth.peak_bytes < TARGET * TARGET


@pytest.fixture(scope="module")
def prepared() -> dict[str, NDArray[np.uint8]]:
    """What training tools made of five pictures (prepared_by_tools.py)."""
    with np.load(Path(__file__).with_name("prepared_by_tools.npz")) as kept:
        return dict(kept)


def _ours(picture: NDArray[np.uint8], fit: Fit, taken_px: int = PREPARED_PX) -> NDArray[np.int64]:
    """By the very way of an engine, blue-green-red again."""
    tensor = np.zeros((1, 3, taken_px, taken_px), np.uint8)
    Preprocess(FrameShape(*picture.shape), 3, taken_px, taken_px, fit).into(picture, tensor)
    return np.asarray(tensor[0, ::-1].transpose(1, 2, 0), np.int64)


@pytest.mark.parametrize("number", range(5))
def test_preprocess_crops_as_ultralytics_and_torchvision_do(
    prepared: dict[str, NDArray[np.uint8]], number: int
) -> None:
    """Short side to the size and its middle; or to a larger size, of which the middle is cut."""
    picture = prepared[f"picture_{number}"]
    plain = _ours(picture, CROP) - prepared[f"crop_{number}"]
    assert np.sqrt((plain**2).mean()) < NEAR
    larger = _ours(picture, CROP, LARGER_PX)
    corner = (LARGER_PX - PREPARED_PX) // 2
    # 37 - 32 is odd: what the graph cuts may be a pixel beside the tool's corner
    likely = [
        larger[top : top + PREPARED_PX, left : left + PREPARED_PX]
        for top in (corner, corner + 1)
        for left in (corner, corner + 1)
    ]
    away = [np.sqrt(((each - prepared[f"resize_crop_{number}"]) ** 2).mean()) for each in likely]
    assert min(away) < NEAR


@pytest.mark.parametrize("number", range(5))
def test_preprocess_letterboxes_as_ultralytics_does(
    prepared: dict[str, NDArray[np.uint8]], number: int
) -> None:
    """Its bars to the pixel, its picture to a rounding of OpenCV's."""
    ours = _ours(prepared[f"picture_{number}"], Fit("letterbox", "linear"))
    assert np.abs(ours - prepared[f"letterbox_{number}"]).max() <= 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("how", FILTERS)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [(270, 480), (480, 270), (20, 90), (1, 1)])
def test_preprocess_takes_every_geometry_and_writes_the_same_each_time(
    kind: FitKind, how: Filter, channels: int, size: tuple[int, int]
) -> None:
    """Grey, portrait, smaller than the model, a single pixel: the second frame leaves no trace."""
    prepare = Preprocess(FrameShape(*size, channels), 3, 32, 48, Fit(kind, how))
    shape = size if channels == 1 else (*size, channels)
    rng, tensor = np.random.default_rng(2), np.zeros((1, 3, 32, 48), np.uint8)
    frames = [rng.integers(0, 256, shape, np.uint8) for _ in range(2)]
    seen = []
    for k in (0, 1, 0):
        prepare.into(frames[k], tensor)
        seen.append(tensor.copy())
    assert np.array_equal(seen[0], seen[2])
    assert not np.array_equal(seen[0], seen[1])
    # a frame of the model's size is what it was brought to before: brought there twice is once
    small = np.ascontiguousarray(seen[0][0, ::-1].transpose(1, 2, 0))
    Preprocess(FrameShape(32, 48, 3), 3, 32, 48, Fit(kind, how)).into(small, tensor)
    assert np.array_equal(tensor, seen[0])


@settings(max_examples=40)
@given(
    height_px=st.integers(16, 400),
    width_px=st.integers(16, 400),
    grey=st.integers(0, 255),
    colour=st.booleans(),
)
def test_preprocess_keeps_a_flat_frame_flat(
    height_px: int,
    width_px: int,
    grey: int,
    colour: bool,  # noqa: FBT001 - a drawn value
) -> None:
    """Whatever the geometry, an even frame comes out even and as bright: the taps sum to one."""
    shape = (height_px, width_px, 3) if colour else (height_px, width_px)
    tensor = _planes(np.full(shape, grey, np.uint8), side=(48, 32))
    assert np.abs(tensor.astype(int) - grey).max() <= 1


@given(rows=st.integers(1, 9), columns=st.integers(1, 9))
def test_aligned_starts_at_a_cache_line(rows: int, columns: int) -> None:
    """Memory starts at a multiple of 64 bytes, has the shape asked for and is zero."""
    array = aligned((rows, columns), np.float32)
    assert array.ctypes.data % 64 == 0
    assert array.shape == (rows, columns)
    assert not array.any()
