"""Reading good parts: what is used, what is skipped by name, what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gonogo.base.errors import BuildError, TeachError
from gonogo.base.frame_shape import FrameShape
from gonogo.build.goodparts import MAX_PARTS, GoodImages, Shrink, collect, folder_images
from gonogo.engines.backends.fit import Fit
from gonogo.tests.build.parts import good_part, quiet, save_good

SIZE_PX = (32, 48)


def test_collect_makes_frames_of_one_size(tmp_path: Path) -> None:
    """Good parts, their variants and defaced ones are all of the size asked for."""
    parts = collect(GoodImages(folder_images(save_good(tmp_path, 6))), SIZE_PX, quiet)
    assert len(parts.good) == 6
    assert len(parts.variants) == 6 * parts.per_part
    assert len(parts.defaced) >= 6
    frames = [*parts.good, *parts.variants, *parts.defaced]
    assert {frame.shape for frame in frames} == {(32, 48, 3)}


def test_collect_takes_images_of_different_sizes() -> None:
    """Frames of several sizes, colour and grey, end up alike."""
    images = [good_part(k, 60 + 10 * k) for k in range(5)]
    images.append(np.ascontiguousarray(good_part(9)[:, :, 0]))
    parts = collect(GoodImages(images), SIZE_PX, quiet)
    assert {frame.shape for frame in parts.good} == {(32, 48, 3)}


def test_collect_names_and_skips_what_cannot_be_read(tmp_path: Path) -> None:
    """Broken files are counted and named in the note; the rest is used."""
    save_good(tmp_path, 6)
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "empty.jpg").write_bytes(b"")
    for geometry in (None, FrameShape(50, 60, 3)):
        parts = collect(GoodImages(folder_images(tmp_path), geometry), SIZE_PX, quiet)
        assert len(parts.good) == 6
        assert parts.note.startswith("2 files skipped: broken.png is cut off (truncated)")
        assert parts.note.endswith("empty.jpg is empty (0 bytes)")


def test_collect_refuses_too_few() -> None:
    """Four images are too few; the message says how many are needed."""
    with pytest.raises(TeachError, match=r"4 usable images.*at least 5"):
        collect(GoodImages([good_part(k) for k in range(4)]), SIZE_PX, quiet)


def test_collect_refuses_copies_of_one_image() -> None:
    """Ten copies of one photograph tell nothing of how good parts differ."""
    with pytest.raises(TeachError, match=r"all 10 images .* are the same"):
        collect(GoodImages([good_part(1)] * 10), SIZE_PX, quiet)


def test_collect_reports_progress_to_the_end() -> None:
    """The callback ends at done = total."""
    seen: list[tuple[str, int, int]] = []
    collect(GoodImages([good_part(k) for k in range(5)]), SIZE_PX, lambda *step: seen.append(step))
    assert seen[0] == ("reading good parts", 0, 5)
    assert seen[-1] == ("reading good parts", 5, 5)


def test_folder_images_spreads_over_a_large_folder(tmp_path: Path) -> None:
    """Of many files at most MAX_PARTS are used, from the first to the last."""
    for k in range(250):
        (tmp_path / f"{k:04}.png").write_bytes(b"")
    paths = folder_images(tmp_path)
    assert len(paths) <= MAX_PARTS
    assert paths[0].name == "0000.png"
    assert int(paths[-1].stem) > 240


def test_folder_images_names_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """A wrong path is a TeachError with that path."""
    with pytest.raises(TeachError, match="nowhere"):
        folder_images(tmp_path / "nowhere")


def test_shrink_gives_each_caller_an_array_of_its_own() -> None:
    """The buffer behind it is written again, what was returned is not."""
    shrink = Shrink(SIZE_PX)
    first = shrink(good_part(1))
    before = first.copy()
    shrink(good_part(2))
    assert np.array_equal(first, before)


def test_shrink_plants_defects_where_the_engine_looks() -> None:
    """Of a wide frame the middle alone: a defect beside it would be none for any score."""
    frame = np.full((60, 180, 3), 90, np.uint8)
    frame[::7] = 160  # what is transplanted must show
    shrink, rng = Shrink((32, 32), Fit("centre-crop")), np.random.default_rng(3)
    plain, places = shrink(frame), []
    for _ in range(20):
        defaced = shrink.deface(frame, rng)
        places.append(np.unique(np.nonzero(defaced != frame)[1]))
        assert not np.array_equal(shrink(defaced), plain)
    assert min(int(at.min()) for at in places) >= 60
    assert max(int(at.max()) for at in places) < 120
    assert np.array_equal(frame[1], np.full((180, 3), 90)), "the frame itself stays"


def test_shrink_has_the_fit_of_the_engine() -> None:
    """Bars of a letterbox are there, grey frames or not."""
    for frame in (np.full((30, 60), 9, np.uint8), np.full((30, 60, 3), 9, np.uint8)):
        small = Shrink((32, 32), Fit("letterbox", fill=200))(frame)
        assert small.shape == (32, 32, 3)
        assert np.unique(small[:8]).tolist() == [200]
        assert np.unique(small[8:24]).tolist() == [9]


def test_collect_names_the_parts_that_it_keeps(tmp_path: Path) -> None:
    """Files by their names, frames of a camera by their number."""
    save_good(tmp_path, 6)
    (tmp_path / "good_002.png").write_bytes(b"")
    parts = collect(GoodImages(folder_images(tmp_path)), SIZE_PX, quiet)
    assert parts.names == [f"good_{k:03}.png" for k in (0, 1, 3, 4, 5)]
    frames = collect(GoodImages([good_part(k) for k in range(5)]), SIZE_PX, quiet)
    assert frames.names[-1] == "part 5"


def test_folder_images_leaves_out_what_was_dropped(tmp_path: Path) -> None:
    """By name or path; a name that is not there is refused."""
    save_good(tmp_path, 6)
    kept = folder_images(tmp_path, [Path("good_001.png"), tmp_path / "good_005.png"])
    assert [path.name for path in kept] == [f"good_{k:03}.png" for k in (0, 2, 3, 4)]
    with pytest.raises(BuildError, match=r"--drop good_9\.png"):
        folder_images(tmp_path, [Path("good_9.png")])
