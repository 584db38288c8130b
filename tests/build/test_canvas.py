"""Boxes, lines and words on a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.build.canvas import INK, PAPER, Canvas, plain, width_px

if TYPE_CHECKING:
    from numpy.typing import NDArray

RED = (0, 0, 255)


def seen(canvas: Canvas) -> NDArray[np.uint8]:
    """What is on the picture, (rows, columns, 3)."""
    return np.asarray(cv2.imdecode(np.frombuffer(canvas.png(), np.uint8), cv2.IMREAD_COLOR))


def test_canvas_is_white_and_as_large_as_asked() -> None:
    """Nothing on it but paper."""
    pixels = seen(Canvas(40, 30))
    assert pixels.shape == (30, 40, 3)
    assert (pixels == PAPER).all()


def test_fill_covers_its_box_and_nothing_else() -> None:
    """To the pixel, where the box lies on whole ones."""
    canvas = Canvas(40, 30)
    canvas.fill((5, 10, 15, 20), RED)
    inside = (seen(canvas) == RED).all(axis=2)
    assert inside[10:20, 5:15].all()
    assert inside.sum() == 100


@pytest.mark.parametrize("size_px", [(3, 6), (300, 600)])
def test_paste_keeps_the_shape_of_a_picture(size_px: tuple[int, int]) -> None:
    """As large as its box takes, in the middle of it, be it larger or smaller."""
    canvas = Canvas(60, 60)
    canvas.paste((10, 10, 50, 50), np.full((*size_px, 3), RED, np.uint8))
    inside = (seen(canvas) == RED).all(axis=2)
    assert inside[20:40, 10:50].all()
    assert inside.sum() == 20 * 40


def test_hatch_leaves_paper_between_its_lines() -> None:
    """So that it differs from a filled box without its colour."""
    canvas = Canvas(60, 60)
    canvas.hatch((10, 10, 50, 50), RED)
    pixels = seen(canvas)
    inked = (pixels[10:50, 10:50] != PAPER).any(axis=2)
    assert 0.1 < inked.mean() < 0.6
    pixels[10:50, 10:50] = PAPER
    assert (pixels == PAPER).all()


def test_down_draws_whole_or_dashed() -> None:
    """The two limits differ in the stroke, not in the colour."""
    whole, dashed = Canvas(20, 100), Canvas(20, 100)
    whole.down(10, 10, 90, dashed=False)
    dashed.down(10, 10, 90, dashed=True)
    ink = [(seen(canvas)[:, 10] != PAPER).any(axis=1) for canvas in (whole, dashed)]
    assert ink[0][10:90].all()
    assert 0.3 < ink[1][10:90].mean() < 0.8
    assert not (ink[0][:8].any())
    assert not (ink[1][:8].any())


def test_across_draws_a_level_line() -> None:
    """As wide as asked."""
    canvas = Canvas(60, 20)
    canvas.across(10, 50, 10, INK, 4)
    inked = (seen(canvas) != PAPER).any(axis=2)
    assert 4 <= inked[:, 30].sum() <= 6
    assert not inked[:, :8].any()


@pytest.mark.parametrize(("align", "columns"), [(0.0, (50, 100)), (1.0, (0, 51))])
def test_write_begins_or_ends_at_its_place(align: float, columns: tuple[int, int]) -> None:
    """Labels of the left axis end at it, those of the heading begin there."""
    canvas = Canvas(100, 30)
    canvas.write((50, 20), "0.5", align=align)
    where = np.nonzero((seen(canvas) != PAPER).any(axis=(0, 2)))[0]
    assert len(where)
    assert columns[0] - 1 <= where.min() <= where.max() < columns[1]


def test_outline_leaves_the_inside_as_it_was() -> None:
    """A bar keeps its fill."""
    canvas = Canvas(40, 40)
    canvas.outline((10, 10, 30, 30), INK)
    inked = (seen(canvas) != PAPER).any(axis=2)
    assert inked[10, 10:30].all()
    assert not inked[13:27, 13:27].any()


def test_plain_shows_what_the_font_lacks_as_question_marks() -> None:
    """Printable ASCII stays; letters beyond it and control characters do not."""
    assert plain("bolt 1.2 ~") == "bolt 1.2 ~"
    assert plain("Schräubchen № 7 \x1b[31m\n") == "Schr?ubchen ? 7 ?[31m?"


def test_width_grows_with_the_text_and_its_size() -> None:
    """Of a text that the font lacks, that of its question marks."""
    assert 0 < width_px("1") < width_px("11") < width_px("11", 0.9)
    assert width_px("ää") == width_px("??")
