"""Where outputs land: in the result area itself, or reduced into it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from gonogo.engines.backends.choose import result_arrays
from gonogo.engines.backends.model import Contract, Value
from gonogo.engines.backends.outputs import OutputBinding
from gonogo.ipc.frame_ring import MAP_MAX

SIDE = math.isqrt(MAP_MAX)
IMAGE = Value("image", (1, 3, 16, 16))


def contract(score: tuple[int, ...] = (1,), anomaly: tuple[int, ...] = (),
             embedding: int = 0) -> Contract:  # fmt: skip
    """Of a model with these outputs."""
    return Contract(
        Path("m.onnx"),
        IMAGE,
        np.uint8,
        Value("score", score),
        Value("anomaly_map", anomaly) if anomaly else None,
        Value("embedding", (1, embedding)) if embedding else None,
    )


def test_binding_has_the_memory_of_each_output_as_the_model_shapes_it() -> None:
    """64-byte aligned where it is ours; nothing for outputs that there are not."""
    binding = OutputBinding(contract((1, 2), (1, 4, 5), 7), result_arrays())
    shapes = {name: array.shape for name, array in binding.arrays.items()}
    assert shapes == {"score": (1, 2), "anomaly_map": (1, 4, 5), "embedding": (1, 7)}
    assert binding.arrays["score"].ctypes.data % 64 == 0
    assert list(OutputBinding(contract(), result_arrays()).arrays) == ["score"]


def test_map_and_embedding_land_in_the_result_area_itself() -> None:
    """Nothing is copied: what the runtime writes is where the line reads."""
    outputs = result_arrays()
    binding = OutputBinding(contract(anomaly=(1, 1, 2, 3), embedding=4), outputs)
    binding.arrays["anomaly_map"][...] = np.arange(6).reshape(1, 1, 2, 3)
    binding.arrays["embedding"][...] = 9
    assert outputs.anomaly_map[:7].tolist() == [0, 1, 2, 3, 4, 5, 0]
    assert outputs.embedding[:5].tolist() == [9, 9, 9, 9, 0]


def test_score_is_the_largest_of_several() -> None:
    """Of classes the worst counts."""
    outputs = result_arrays()
    binding = OutputBinding(contract((1, 3)), outputs)
    binding.arrays["score"][...] = (0.25, 0.75, 0.5)
    binding.finish()
    assert outputs.score[0] == 0.75


def test_score_that_was_not_written_is_no_old_one() -> None:
    """It is not a number, which the line takes for a failure."""
    outputs = result_arrays()
    binding = OutputBinding(contract(), outputs)
    binding.arrays["score"][...] = 0.5
    binding.clear()
    binding.finish()
    assert math.isnan(outputs.score[0])


def test_map_of_several_classes_is_the_worst_of_them() -> None:
    """Cell by cell."""
    outputs = result_arrays()
    binding = OutputBinding(contract(anomaly=(1, 2, 1, 3)), outputs)
    binding.arrays["anomaly_map"][0, :, 0] = [(1, 5, 2), (4, 0, 3)]
    binding.finish()
    assert outputs.anomaly_map[:3].tolist() == [4, 5, 3]


@pytest.mark.parametrize("edge", [0, 1])
def test_map_larger_than_its_room_keeps_its_largest_cells(edge: int) -> None:
    """Squares of cells become one; what is left over at the edge counts as well."""
    side, outputs = 2 * SIDE - edge, result_arrays()
    binding = OutputBinding(contract(anomaly=(1, side, side)), outputs)
    large = binding.arrays["anomaly_map"]
    large[0, 3, 4], large[0, -1, -1] = 7.0, 8.0
    binding.finish()
    found = outputs.anomaly_map.reshape(SIDE, SIDE)
    assert (found[1, 2], found[-1, -1]) == (7.0, 8.0)
    assert found.sum() == 15.0
