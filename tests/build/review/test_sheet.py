"""Pictures side by side, with their names and scores."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from gonogo.build.review.sheet import CELL_PX, COLUMNS, Shown, contact_sheet


def seen(png: bytes) -> np.ndarray:
    """What is on the sheet, (rows, columns, 3)."""
    return np.asarray(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR))


def plain(colour: tuple[int, int, int], height_px: int = 40, width_px: int = 40) -> np.ndarray:
    """A picture of one colour."""
    return np.full((height_px, width_px, 3), colour, np.uint8)


@pytest.mark.parametrize("count", [1, COLUMNS, COLUMNS + 1])
def test_contact_sheet_has_every_picture_as_large(count: int) -> None:
    """In rows, each of them blown up to its cell."""
    sheet = seen(contact_sheet("parts", [Shown(plain((0, 0, 200)), "a.png", "1")] * count))
    red = (np.abs(sheet.astype(int) - (0, 0, 200)) <= 2).all(axis=2)
    assert red.sum() == count * CELL_PX**2


def test_contact_sheet_keeps_the_shape_of_a_picture() -> None:
    """A wide one is not squeezed."""
    sheet = seen(contact_sheet("parts", [Shown(plain((200, 0, 0), 20, 80), "a.png", "1")]))
    blue = (np.abs(sheet.astype(int) - (200, 0, 0)) <= 2).all(axis=2)
    rows, columns = np.nonzero(blue)
    assert np.ptp(columns) + 1 == CELL_PX
    assert np.ptp(rows) + 1 == pytest.approx(CELL_PX // 4, abs=1)


def test_contact_sheet_takes_a_name_that_is_too_long() -> None:
    """Cut in its middle: the sheet is as wide as with a short one."""
    wide = seen(contact_sheet("p", [Shown(plain((9, 9, 9)), "x" * 400 + ".png", "1")]))
    short = seen(contact_sheet("p", [Shown(plain((9, 9, 9)), "x.png", "1")]))
    assert wide.shape == short.shape


def test_contact_sheet_of_nothing_is_a_sheet() -> None:
    """The title stands on it."""
    assert (seen(contact_sheet("parts", [])) < 128).any()
