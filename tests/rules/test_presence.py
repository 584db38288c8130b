"""Presence rules against the slow reference, and on drawn components."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.base.errors import StationFileError
from gonogo.base.frame_shape import FrameShape
from gonogo.base.words import Status
from gonogo.rules.presence import PresenceRule
from gonogo.rules.presence_section import PresenceSection
from gonogo.tests.rules import reference

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHAPE = FrameShape(36, 44, 3)
TEMPLATE: dict[str, object] = {"method": "template", "image": "t.png"}


def rule(
    keys: dict[str, object], geometry: FrameShape = SHAPE, base: Path = Path()
) -> PresenceRule:
    """A presence rule named 'p' with a wide high limit."""
    section = PresenceSection.model_validate({"kind": "presence", "name": "p", "high": 1e9, **keys})
    if section.image is not None and (base / section.image).is_file():
        section.prepare(geometry, base, "exact", again=True)  # drawn by the test itself
    return PresenceRule(section, geometry, base)


def contrast(**keys: object) -> PresenceRule:
    """A rule of the contrast of a component 8 px wide."""
    return rule({"method": "intensity", "window_px": 8, **keys})


def random_frame(seed: int) -> NDArray[np.uint8]:
    """A smooth frame of random colours, so that windows differ."""
    frame = np.random.default_rng(seed).integers(0, 256, SHAPE.shape, np.uint8)
    return np.asarray(cv2.GaussianBlur(frame, (0, 0), 2), np.uint8)


def write(path: Path, image: NDArray[np.uint8]) -> None:
    """A learnt image, three channels."""
    path.write_bytes(cv2.imencode(".png", image)[1].tobytes())


@pytest.mark.parametrize("channel", ["green", "blue_red"])
@pytest.mark.parametrize("side", ["dark", "light"])
@pytest.mark.parametrize("seed", range(2))
def test_presence_intensity_matches_the_reference(seed: int, side: str, channel: str) -> None:
    """The contrast is what its definition gives in plain numpy."""
    frame = random_frame(seed)
    expected = reference.contrast(frame, channel, 4, dark=side == "dark")
    assert contrast(channel=channel, object_is=side).measure(frame) == pytest.approx(
        expected, rel=1e-3, abs=0.01
    )


def scene(*, present: bool, gains: tuple[float, float, float] = (1, 1, 1)) -> NDArray[np.uint8]:
    """A grey screw, or the dark hole it leaves, in brown wood, under any white balance."""
    frame = np.full(SHAPE.shape, (40, 90, 140), np.uint8)
    if present:
        cv2.circle(frame, (20, 18), 7, (80, 80, 80), -1)
    else:
        cv2.circle(frame, (20, 18), 3, (4, 5, 6), -1)
    tinted: NDArray[np.float64] = frame * np.array(gains)
    return np.clip(np.rint(tinted), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("gains", [(1, 1, 1), (1.8, 1, 0.7), (0.5, 0.8, 1.5), (0.4, 0.4, 0.4)])
def test_presence_blue_red_does_not_see_the_white_balance(
    gains: tuple[float, float, float],
) -> None:
    """Metal on wood reads about the same under any lamp; a hole reads about 0."""
    metal = contrast(channel="blue_red", low=100)
    assert metal.check(scene(present=True, gains=gains)).status is Status.PASS
    empty = metal.check(scene(present=False, gains=gains))
    assert empty.status is Status.FAIL
    assert empty.value < 15


def test_presence_intensity_wants_the_whole_window_filled() -> None:
    """A bright stripe narrower than half of the window weighs less than a third of a component."""
    stripe, whole = (np.full((36, 44), 100, np.uint8) for _ in range(2))
    stripe[:, 10:13] = 250
    whole[:, 10:18] = 250
    bright = rule({"method": "intensity", "window_px": 8}, FrameShape(36, 44, 1))
    assert 0 <= 3 * bright.measure(stripe) < bright.measure(whole)
    assert bright.measure(whole) > 140


def test_presence_intensity_of_bare_ground_is_about_zero() -> None:
    """Without any component, only the noise of the ground is measured."""
    ground = np.random.default_rng(4).integers(88, 92, SHAPE.shape, np.uint8)
    assert contrast().measure(ground) == pytest.approx(0, abs=2)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_presence_intensity_cannot_tell_in_an_even_frame(level: int) -> None:
    """A black, blank or saturated ROI is no picture of anything, present or not."""
    assert math.isnan(contrast().measure(np.full(SHAPE.shape, level, np.uint8)))


def test_presence_counts_blobs_between_two_areas() -> None:
    """Objects too small and too big are not counted."""
    frame = np.full((36, 44), 230, np.uint8)
    for x in (2, 12, 22):
        frame[4:10, x : x + 6] = 20
    frame[20, 20] = 20
    frame[24:36, 10:40] = 20
    segment = {"area_min_px": 10}
    keys: dict[str, object] = {"method": "blobs", "segment": segment, "area_max_px": 40, "low": 3}
    count = rule(keys, FrameShape(36, 44, 1))
    assert count.measure(frame) == 3
    assert count.unit == "count"
    assert count.check(np.full((36, 44), 100, np.uint8)).value == 0


@pytest.mark.parametrize("seed", range(3))
def test_presence_template_matches_the_reference(seed: int, tmp_path: Path) -> None:
    """The correlation is the best of all places, computed one by one."""
    frame = random_frame(seed)[..., :1].repeat(3, axis=2)
    patch = random_frame(seed + 50)[5:15, 8:20, :1].repeat(3, axis=2)
    write(tmp_path / "t.png", patch)
    value = rule(TEMPLATE, base=tmp_path).measure(frame)
    expected = 100 * reference.correlation(frame[..., 0], patch[..., 0]).max()
    assert value == pytest.approx(expected, abs=0.05)


def test_presence_template_finds_its_patch_anywhere(tmp_path: Path) -> None:
    """The patch itself, moved and darker, correlates fully."""
    patch = random_frame(1)[5:15, 8:20, :1].repeat(3, axis=2)
    write(tmp_path / "t.png", patch)
    frame = np.full(SHAPE.shape, 128, np.uint8)
    frame[20:30, 25:37] = patch // 2 + 30
    value = rule(TEMPLATE, base=tmp_path).measure(frame)
    assert value == pytest.approx(100, abs=0.5)


@pytest.mark.parametrize("seed", range(3))
def test_presence_golden_matches_the_reference(seed: int, tmp_path: Path) -> None:
    """The difference is the share of pixels outside the band at the best place."""
    good = random_frame(seed)[..., 0]
    band = np.stack([good - good // 8, good, good + (255 - good) // 8], axis=2)[4:-4, 4:-4]
    write(tmp_path / "g.png", band)
    keys: dict[str, object] = {"method": "golden", "image": "g.png", "search_px": 4, "tolerance": 5}
    golden = rule(keys, base=tmp_path)
    frame = np.roll(good, (2, -3), (0, 1))
    frame[10:18, 12:20] = 255
    value = golden.measure(frame[..., None].repeat(3, axis=2))
    assert value == pytest.approx(reference.outside_pct(frame, band, 5))
    assert value > 1
    assert golden.measure(good[..., None].repeat(3, axis=2)) == 0


@pytest.mark.parametrize("method", ["template", "golden"])
def test_presence_cannot_tell_in_a_flat_frame(method: str, tmp_path: Path) -> None:
    """A blank or saturated ROI correlates with nothing."""
    size = np.s_[4:-4, 4:-4]
    write(tmp_path / "x.png", random_frame(2)[size])
    flat = rule({"method": method, "image": "x.png", "search_px": 4}, base=tmp_path)
    for level in (0, 128, 255):
        assert math.isnan(flat.measure(np.full(SHAPE.shape, level, np.uint8)))


def test_presence_names_the_file_it_misses(tmp_path: Path) -> None:
    """A learnt image that is not there is found at start, with what makes it."""
    with pytest.raises(StationFileError, match=r"'p': image: .*t\.png.*gonogo prepare"):
        rule(TEMPLATE, base=tmp_path)
    (tmp_path / "t.png").write_bytes(b"no image")
    with pytest.raises(StationFileError, match="expected a learnt image"):
        rule(TEMPLATE, base=tmp_path)


@pytest.mark.parametrize("method", ["template", "golden"])
def test_presence_refuses_a_learnt_image_of_another_size(method: str, tmp_path: Path) -> None:
    """A learnt image that does not fit the ROI is found at start."""
    write(tmp_path / "x.png", np.zeros((60, 60, 3), np.uint8))
    with pytest.raises(StationFileError, match="got 60 x 60 px; make it again with gonogo prepare"):
        rule({"method": method, "image": "x.png"}, base=tmp_path)


def test_presence_refuses_what_does_not_fit_the_view() -> None:
    """Window and channel are checked against the frame at start."""
    with pytest.raises(StationFileError, match=r"window_px: expected at most .* 36 px, got 40 px"):
        rule({"method": "intensity", "window_px": 40})
    with pytest.raises(StationFileError, match="expected 'grey' for a grey camera"):
        rule({"method": "intensity", "window_px": 8, "channel": "blue_red"}, FrameShape(36, 44, 1))
