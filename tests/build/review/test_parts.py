"""Reading and scoring the first parts of a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ReviewError
from gonogo.build.review.parts import PARTS_MAX, read_picture, read_pictures, score_pictures
from gonogo.tests.build.parts import quiet
from gonogo.tests.build.review.reviewed import GOOD, save_pictures
from gonogo.tests.engines import tiny

if TYPE_CHECKING:
    from pathlib import Path


def test_pictures_are_scored_in_their_order(tmp_path: Path) -> None:
    """By name below the folder, each with its content's digest."""
    model = tiny.brightest(tmp_path / "m.onnx")
    found = read_pictures(save_pictures(tmp_path / "p" / "sub").parent, model, quiet)
    assert [one.name for one in found][:2] == ["sub/100.png", "sub/101.png"]
    assert len({one.sha256 for one in found}) == len(found)
    scores = score_pictures(model, "onnxruntime", found)
    assert scores[: len(GOOD)] == pytest.approx(GOOD)


def test_pictures_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    """Skipped, it might have been the bad part."""
    folder = save_pictures(tmp_path / "p")
    (folder / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    model = tiny.brightest(tmp_path / "m.onnx")
    with pytest.raises(ReviewError, match=r"torn\.png: .*save it again"):
        read_pictures(folder, model, quiet)
    with pytest.raises(ReviewError, match=r"none\.png"):
        read_picture(folder / "none.png")


def test_pictures_of_too_few_parts_are_refused(tmp_path: Path) -> None:
    """Four, or none at all."""
    model = tiny.brightest(tmp_path / "m.onnx")
    with pytest.raises(ReviewError, match=rf"4 pictures, expected 5 to {PARTS_MAX}"):
        read_pictures(save_pictures(tmp_path / "p", GOOD[:4]), model, quiet)
    with pytest.raises(ReviewError, match="no such folder"):
        read_pictures(tmp_path / "none", model, quiet)
