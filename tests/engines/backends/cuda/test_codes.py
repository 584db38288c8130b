"""What becomes of CUDA's numbers."""

from __future__ import annotations

import pytest

from gonogo.base.errors import AcceleratorLost, CudaError, CudaMemoryFull
from gonogo.engines.backends.cuda.codes import KNOWN, Known, code_of, not_opened, refusal


@pytest.mark.parametrize("code", KNOWN)
def test_code_is_found_again_by_its_text(code: int) -> None:
    """Which is all that pycuda tells: no two have the same."""
    assert code_of(KNOWN[code].text) == code


def test_refusal_has_the_name_the_number_and_the_text() -> None:
    """As CUDA says them, also for a number that is newer than this list."""
    assert "cuX: CUDA_ERROR_INVALID_VALUE (1): invalid argument" in str(refusal("cuX", 1))
    told = str(refusal("cuX", 4711, Known("CUDA_ERROR_NEW", "something new")))
    assert told == "GN360: cuX: CUDA_ERROR_NEW (4711): something new"
    assert "CUDA error 4711 (4711)" in str(refusal("cuX", 4711))
    error = refusal("cuX", 801)
    assert isinstance(error, CudaError)
    assert error.cuda_code == 801


@pytest.mark.parametrize("code", [46, 214, 700, 702, 709, 714, 716, 719, 999])
def test_refusal_that_no_further_call_survives_is_a_lost_device(code: int) -> None:
    """The process ends, and another one tries."""
    assert isinstance(refusal("cuX", code), AcceleratorLost)
    # before anything was opened it is a device that cannot be had
    assert not isinstance(not_opened("cuX", code), AcceleratorLost)


def test_memory_that_is_full_is_that_before_and_after() -> None:
    """What to do is the same."""
    assert isinstance(refusal("cuX", 2), CudaMemoryFull)
    assert isinstance(not_opened("cuX", 2), CudaMemoryFull)
