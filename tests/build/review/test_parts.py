"""Reading and scoring the first parts of a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ReviewError
from gonogo.build.forms import CPU, TENSORRT
from gonogo.build.review.engine import Computed
from gonogo.build.review.parts import PARTS_MAX, read_picture, read_pictures, score_pictures
from gonogo.engines.backends.onnxruntime import OrtAsWritten
from gonogo.tests.build.parts import quiet
from gonogo.tests.build.review.reviewed import GOOD, save_pictures
from gonogo.tests.engines import tiny

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.base.frame_shape import FrameShape


def test_pictures_are_scored_in_their_order(tmp_path: Path) -> None:
    """By name below the folder, each with its content's digest."""
    model = tiny.brightest(tmp_path / "m.onnx")
    found = read_pictures(save_pictures(tmp_path / "p" / "sub").parent, model, quiet)
    assert [one.name for one in found][:2] == ["sub/100.png", "sub/101.png"]
    assert len({one.sha256 for one in found}) == len(found)
    scores = score_pictures(Computed(model, "onnxruntime"), found)
    assert scores[: len(GOOD)] == pytest.approx(GOOD)


def test_pictures_are_scored_by_the_form_as_it_is_proven(tmp_path: Path) -> None:
    """The tensorrt form with every Q and DQ as written, as its limits were drawn at the build."""
    opened: list[Path] = []

    def how(model: Path, geometry: FrameShape, threads: int) -> OrtAsWritten:
        opened.append(model)
        return OrtAsWritten(model, geometry, threads)

    model = tiny.brightest(tmp_path / "m.onnx")
    found = read_pictures(save_pictures(tmp_path / "p"), model, quiet)
    score_pictures(Computed(model, "onnxruntime", how), found)
    assert opened
    (use,) = TENSORRT.uses
    assert TENSORRT.how_in(use) is OrtAsWritten
    assert [CPU.how_in(use) for use in CPU.uses] == [None, None]


def test_pictures_that_cannot_be_read_are_refused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Skipped, it might have been the bad part. All are named, and what is no picture, too."""
    folder = save_pictures(tmp_path / "p")
    (folder / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "empty.png").touch()
    (folder / "notes.txt").touch()
    model = tiny.brightest(tmp_path / "m.onnx")
    with pytest.raises(ReviewError, match=r"(?s)empty\.png: .*torn\.png: .*save it again"):
        read_pictures(folder, model, quiet)
    assert "notes.txt ends in none of" in caplog.text
    with pytest.raises(ReviewError, match=r"none\.png"):
        read_picture(folder / "none.png")


def test_pictures_of_too_few_parts_are_refused(tmp_path: Path) -> None:
    """Four, or none at all."""
    model = tiny.brightest(tmp_path / "m.onnx")
    with pytest.raises(ReviewError, match=rf"4 pictures, expected 5 to {PARTS_MAX}"):
        read_pictures(save_pictures(tmp_path / "p", GOOD[:4]), model, quiet)
    with pytest.raises(ReviewError, match="no such folder"):
        read_pictures(tmp_path / "none", model, quiet)
