"""Which way to CUDA is taken, and what is said where there is none."""

from __future__ import annotations

import contextlib
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import (
    BackendError,
    CudaDeviceAbsent,
    CudaDriverAbsent,
    CudaDriverTooOld,
    CudaError,
    MissingExtra,
)
from gonogo.engines.backends.cuda.probe import AUTO, WAYS, open_cuda
from gonogo.tests.vendors.rigs import KINDS, simulated_rig

if TYPE_CHECKING:
    from collections.abc import Callable


def without(*names: str, error: type[Exception] = ModuleNotFoundError) -> Callable[[str], Any]:
    """An import that does not find these packages."""

    def load(name: str) -> Any:  # noqa: ANN401 - a module
        if name.partition(".")[0] in names:
            raise error(f"No module named '{name}'")
        return import_module(name)

    return load


def test_open_cuda_takes_cuda_bindings_first() -> None:
    """Where a box has both."""
    with simulated_rig("cuda-bindings on Jetson"):
        with contextlib.closing(open_cuda(AUTO, spin=True)) as cuda:
            assert cuda.name == "cuda-bindings"
            assert cuda.lacks == ()
        with contextlib.closing(open_cuda("pycuda", spin=True)) as cuda:
            assert cuda.name == "pycuda"


@pytest.mark.parametrize("error", [ImportError, ModuleNotFoundError, OSError])
def test_open_cuda_takes_pycuda_where_that_is_all_there_is(error: type[Exception]) -> None:
    """And says why, and what that lacks; also where a library of the other cannot be loaded."""
    with simulated_rig("pycuda on Jetson"):
        load = without("cuda", error=error)
        with contextlib.closing(open_cuda(AUTO, spin=True, load=load)) as cuda:
            assert cuda.name == "pycuda"
            assert cuda.lacks[0].startswith("cuda-bindings: No module named 'cuda")
            assert any("no graphs" in each for each in cuda.lacks)
            assert any("no priorities" in each for each in cuda.lacks)


def test_open_cuda_without_either_names_both_and_the_extra() -> None:
    """What a box without them reads."""
    with pytest.raises(MissingExtra, match=r"cuda-bindings: .*pycuda: .*gonogo\[jetson\]"):
        open_cuda(AUTO, spin=True, load=without("cuda", "pycuda"))
    with pytest.raises(MissingExtra, match=r"cuda-bindings: .*pip install 'gonogo\[jetson\]'"):
        open_cuda("cuda-bindings", spin=True, load=without("cuda"))
    with pytest.raises(MissingExtra, match="nvcc"):
        open_cuda("pycuda", spin=True, load=without("pycuda"))


def test_open_cuda_refuses_another_name() -> None:
    """With those that there are."""
    with pytest.raises(MissingExtra, match="expected one of auto, cuda-bindings, pycuda"):
        open_cuda("cupy", spin=True)


@pytest.mark.parametrize("way", WAYS)
def test_open_cuda_without_a_driver_says_so(way: str) -> None:
    """Nothing of the device is touched: not a crash, and not the other way."""
    kind = next(kind for kind in KINDS if kind.startswith(way))
    with simulated_rig(kind) as rig:
        rig.gpu.has_library = False
        with pytest.raises(CudaDriverAbsent, match=r"libcuda\.so\.1.*expected NVIDIA's driver"):
            rig.open()
        assert rig.gpu.total_calls == 0


def test_open_cuda_tells_a_pycuda_that_needs_a_driver_to_be_imported() -> None:
    """It is linked with the driver's library; one that was built for another one is told, too."""

    def load(name: str) -> Any:  # noqa: ANN401
        raise ImportError(f"{name}: {said}")

    said = "libcuda.so.1: cannot open shared object file"
    with pytest.raises(CudaDriverAbsent, match="JetPack"):
        open_cuda("pycuda", spin=True, load=load)
    said = "undefined symbol: cuGLGetDevices"
    with pytest.raises(CudaError, match="cuGLGetDevices; build it anew"):
        open_cuda("pycuda", spin=True, load=load)


REFUSED = [
    (100, CudaDeviceAbsent, "groups video and render"),
    (34, CudaDriverAbsent, "LD_LIBRARY_PATH"),
    (803, CudaDriverTooOld, "one installation"),
    (804, CudaDriverTooOld, "one installation"),
    (999, CudaError, "another program"),
]


@pytest.mark.parametrize(("code", "kind", "told"), REFUSED)
@pytest.mark.parametrize("rig_kind", KINDS)
def test_open_cuda_says_why_the_driver_refuses(
    rig_kind: str, code: int, kind: type[CudaError], told: str
) -> None:
    """Each with what to do; the next try is a new one."""
    with simulated_rig(rig_kind) as rig:
        rig.gpu.init_code = code
        with pytest.raises(kind, match=told) as caught:
            rig.open()
        assert type(caught.value) is kind
        rig.gpu.init_code = 0
        rig.open().close()


@pytest.mark.parametrize("kind", KINDS)
def test_open_cuda_without_a_device_says_so(kind: str) -> None:
    """A driver that counts none."""
    with simulated_rig(kind) as rig:
        rig.gpu.devices = 0
        with pytest.raises(CudaDeviceAbsent, match="nvidia-smi"):
            rig.open()


def test_open_cuda_refuses_a_driver_of_an_older_cuda() -> None:
    """And names the package for it; a newer driver will do."""
    with simulated_rig("cuda-bindings on Jetson") as rig:
        rig.gpu.driver = 11040
        with pytest.raises(CudaDriverTooOld, match=r"CUDA 11\.4,.*CUDA 12\.9;.*cuda-bindings<12'"):
            rig.open()
        for fits in (12060, 13020):
            rig.gpu.driver = fits
            rig.open().close()


@pytest.mark.parametrize("kind", KINDS)
def test_open_cuda_on_a_device_that_another_has_alone(kind: str) -> None:
    """A refusal of the context is no lost device; nothing stays open."""
    with simulated_rig(kind) as rig:
        rig.gpu.fail_on("cuDevicePrimaryCtxRetain", 46)
        with pytest.raises(CudaError, match="is another program using the device alone"):
            rig.open()


@pytest.mark.parametrize("kind", KINDS)
def test_every_refusal_has_a_number_and_the_name_of_the_call(kind: str) -> None:
    """Whichever call it is, and whatever it says."""
    with simulated_rig(kind) as rig:
        for number in range(1, 13):
            rig.gpu.fail_call(number, 712)
            try:
                rig.open().close()
            except BackendError as error:
                assert str(error).startswith("GN36")  # noqa: PT017 - each of them
                assert "cu" in str(error)  # noqa: PT017
