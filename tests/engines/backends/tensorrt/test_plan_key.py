"""A plan is good for one model on one box, and named so."""

from __future__ import annotations

import pytest

from gonogo.engines.backends.cuda.contract import DeviceFacts
from gonogo.engines.backends.tensorrt.plan_key import Box, key_of

ORIN = DeviceFacts("Orin", (8, 7), 12060, integrated=True, can_register=True, memory_bytes=1)
BOX = Box.of("10.3.0", ORIN, "0002")


@pytest.mark.parametrize(
    "other",
    [
        BOX._replace(tensorrt="10.3.1"),
        BOX._replace(device="Orin Nano"),
        BOX._replace(compute_capability=(8, 6)),
        BOX._replace(power_mode="0000"),
    ],
)
def test_key_differs_in_all_that_a_plan_is_bound_to(other: Box) -> None:
    """Version, device, compute capability, power mode."""
    assert key_of(b"model", other).name != key_of(b"model", BOX).name


def test_key_is_of_the_bytes_of_the_model() -> None:
    """The same bytes are the same model, wherever they lie; one more is another."""
    assert key_of(b"model", BOX).name == key_of(b"model", BOX).name
    assert key_of(b"model", BOX).name != key_of(b"model.", BOX).name


def test_box_is_told_in_words() -> None:
    """Without a mode where there is none."""
    assert BOX.in_words == "TensorRT 10.3.0 on Orin (compute 8.7, power mode 0002)"
    assert BOX._replace(power_mode="none").in_words == "TensorRT 10.3.0 on Orin (compute 8.7)"
