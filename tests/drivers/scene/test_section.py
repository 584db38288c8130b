"""What the station file may say of simulated cameras and drawn parts."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gonogo.base.frame_shape import FrameShape
from gonogo.drivers.scene.order import Order
from gonogo.drivers.scene.section import Defect, SyntheticSection


def section(**changes: Any) -> SyntheticSection:  # noqa: ANN401 - any key
    """A drawn part of 640x480 px."""
    return SyntheticSection.model_validate(
        {"driver": "synthetic", "width_px": 640, "height_px": 480, **changes}
    )


def test_synthetic_section_shows_every_defect_in_an_order_of_its_own() -> None:
    """Left out: all kinds, a fifth of the parts, shuffled."""
    plain = section()
    assert (plain.defects, plain.defect_pct, plain.order) == (tuple(Defect), 20.0, Order.SHUFFLE)
    assert plain.geometry == FrameShape(480, 640, 3)
    assert section(pixel_format="mono8").geometry.channels == 1


def test_synthetic_camera_is_live_by_its_noise_and_holds_no_device() -> None:
    """Without noise a part looks the same to the bit each time that it comes round."""
    assert section().live
    assert not section(noise=0.0).live
    assert section().shareable


@pytest.mark.parametrize(
    "wrong",
    [
        {"width_px": 63}, {"height_px": 8193}, {"pool": 0}, {"pool": 65536}, {"defects": ()},
        {"defect_pct": 101.0}, {"noise": 12.1}, {"jitter_light_pct": 31.0}, {"rate_hz": 0.0},
        {"exposure_ms": -1.0}, {"seed": 1 << 63}, {"defects": ("crack",)}, {"blur": 1},
    ],
)  # fmt: skip
def test_synthetic_section_bounds_what_it_draws(wrong: dict[str, Any]) -> None:
    """By key."""
    (key,) = wrong
    with pytest.raises(ValidationError, match=key):
        section(**wrong)
