"""The figures of taught engines, for people."""

from __future__ import annotations

import cv2
import numpy as np

from gonogo.build.teachpage import BEFORE, page, picture
from gonogo.build.teachtable import Caught, Row

CAUGHT = Caught(0.25, 0.75, 0.0, 0.125)
ROWS = [
    Row("screws", "pretrained", 14, 6, 52, 0.99, CAUGHT, CAUGHT),
    Row("screws", "other", 0, 6, 52, 0.95),
]


def painted(png: bytes, colour: tuple[int, int, int]) -> int:
    """How many px of a picture have a colour."""
    seen = np.asarray(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR), int)
    return int((np.abs(seen - colour) <= 2).all(axis=2).sum())


def test_page_has_every_engine_and_every_figure() -> None:
    """Those without limits in the first table alone; what is seen, and what can be promised."""
    text = page(ROWS, "pictures/t.png")
    assert "| screws | pretrained | 14 parts | 6 / 52 | 0.990 |" in text
    assert "| screws | other | - | 6 / 52 | 0.950 |" in text
    assert "| screws | pretrained | 25.0 | 75.0 | 0.0 | 12.5 | 25.0 | 75.0 | 0.0 | 12.5 |" in text
    assert text.count("| screws | other") == 1
    assert "Light never seen before scores like a defect" in text
    assert "(pictures/t.png)" in text
    assert "149 parts" in text
    assert all(name in text for name in BEFORE)


def test_picture_shows_the_shares_as_bars() -> None:
    """A quarter of the scale dark, half of it light beside that, twice; none without limits."""
    dark, light = (painted(picture(ROWS), colour) for colour in ((60, 60, 190), (150, 190, 245)))
    assert 1.7 < light / dark < 2.1
    assert painted(picture(ROWS[1:]), (60, 60, 190)) == 0
