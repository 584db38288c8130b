"""What it takes to bring a frame into its slot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.drivers.cameras.copying import taken_ms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def test_taken_time_is_that_of_the_second_copy() -> None:
    """The first one warms up; both are of a frame as it is, into a slot as it is."""
    seen: list[tuple[int, tuple[int, ...]]] = []

    def copy(raw: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
        seen.append((raw.nbytes, out.shape))

    assert taken_ms(copy, 24, (2, 3)) >= 0.0
    assert seen == [(24, (2, 3))] * 2
