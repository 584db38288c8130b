"""A scratch and a dent in plain metal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.drivers.scene.appearance import HOLES, Appearance
from gonogo.drivers.scene.drawing import BOLT_CIRCLE, HOLE, RING
from gonogo.drivers.scene.flaws import draw_dent, draw_scratch
from gonogo.drivers.scene.section import Defect

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Draw = Callable[..., None]

SIDE_PX = 240
GREY = 150.0
WHERES = (0.0, 0.05, 0.3, 0.5, 0.62, 0.999)


def look(severity: float, where: float) -> Appearance:
    """A part with a flaw; what kind it is does not matter here."""
    return Appearance(Defect.SCRATCH, severity, where, 0.0, 0.0, 0.0, 1.0, 1.0, 1)


def drawn(draw: Draw, part: Appearance) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How far plain metal was changed, and how far each pixel is from the centre."""
    across = np.arange(SIDE_PX, dtype=np.float32) + np.float32(0.5 - SIDE_PX / 2)
    x, y = (np.ascontiguousarray(plane) for plane in np.meshgrid(across, across))
    metal = np.full((SIDE_PX, SIDE_PX), GREY, np.float32)
    draw(metal, x, y, SIDE_PX, part)
    return metal - np.float32(GREY), np.hypot(x, y)


@pytest.mark.parametrize("draw", [draw_scratch, draw_dent])
@pytest.mark.parametrize("where", WHERES)
def test_flaw_has_a_bright_and_a_dark_side_on_the_metal(draw: Draw, where: float) -> None:
    """Its middle lies between the plastic ring and the outer edge of the bolt holes."""
    change, radius = drawn(draw, look(0.5, where))
    assert change.max() > 25
    assert change.min() < -15
    weight = np.abs(change)
    middle = float((radius * weight).sum() / weight.sum())
    assert RING / 2 * SIDE_PX < middle < (BOLT_CIRCLE + HOLE) / 2 * SIDE_PX


@pytest.mark.parametrize("draw", [draw_scratch, draw_dent])
def test_flaw_grows_with_its_severity(draw: Draw) -> None:
    """More pixels, and deeper."""
    faint, _ = drawn(draw, look(0.0, 0.3))
    bad, _ = drawn(draw, look(1.0, 0.3))
    assert (np.abs(bad) > 10).sum() > (np.abs(faint) > 10).sum() > 0
    assert bad.max() > faint.max()


def test_dent_lies_between_two_holes() -> None:
    """Whatever `where` is: a hole would swallow it."""
    for where in np.linspace(0, 0.999, 40):
        change, _ = drawn(draw_dent, look(0.0, float(where)))
        at_y, at_x = np.unravel_index(int(np.abs(change).argmax()), change.shape)
        angle = np.arctan2(at_y - SIDE_PX / 2, at_x - SIDE_PX / 2) % (2 * np.pi)
        hole = (np.pi / HOLES + np.arange(HOLES) * 2 * np.pi / HOLES) % (2 * np.pi)
        apart = np.abs((angle - hole + np.pi) % (2 * np.pi) - np.pi).min()
        assert apart * 0.225 * SIDE_PX > HOLE / 2 * SIDE_PX * 0.5
