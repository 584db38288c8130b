"""The backend on a box that fails in every way: numbered, in order, and nothing left behind."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gonogo.base.errors import (
    AcceleratorLost,
    BackendError,
    CudaDriverAbsent,
    EngineTimeout,
    GonogoError,
    TensorRtMissing,
    TensorRtRefused,
    TensorRtVersion,
)
from gonogo.base.frame_shape import FrameShape
from gonogo.engines.backends.backend import Outputs, file_role_of, run_until_of
from gonogo.engines.backends.progress import told_to
from gonogo.engines.backends.tensorrt.backend import TrtBackend
from gonogo.engines.backends.tensorrt.package import package
from gonogo.ipc.frame_ring import FrameRing
from gonogo.testing import tiny_models
from gonogo.testing.backends import bound, noise
from gonogo.testing.memory import assert_keeps_nothing
from gonogo.tests.engines.backends.tensorrt.boxes import trt_box

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gonogo.tests.engines.backends.tensorrt.boxes import TrtBox

SOON_NS, NEVER_NS = 1, 2**62
KINDS: dict[str, dict[str, Any]] = {
    "in place": {},
    "by copies": {"integrated": False, "zero_copy": "never"},
    "nothing registered": {"can_register": False},
    "pycuda": {"way": "pycuda"},
}


@pytest.fixture(params=list(KINDS))
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TrtBox]:
    """Each way to run."""
    with trt_box(tmp_path, **KINDS[request.param]) as made:
        yield made


@pytest.fixture
def orin(tmp_path: Path) -> Iterator[TrtBox]:
    """In place, with graphs."""
    with trt_box(tmp_path) as made:
        yield made


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Its score is the brightest red."""
    return tiny_models.brightest(tmp_path / "m.onnx")


def test_backend_opens_the_form_that_was_made_for_it() -> None:
    """And honours deadlines itself."""
    assert file_role_of(TrtBackend) == "tensorrt"
    assert run_until_of.__doc__ is not None
    assert hasattr(TrtBackend, "run_until")


# -- what is not there ----------------------------------------------------------------


def test_backend_without_a_driver_constructs_nothing_of_tensorrt(orin: TrtBox, model: Path) -> None:
    """It would end the process: CUDA is asked first."""
    orin.gpu.init_code = 100
    with pytest.raises(CudaDriverAbsent.__mro__[1]):
        orin.open(model)
    assert orin.script.constructed == []


def test_backend_says_what_the_import_said(orin: TrtBox, model: Path) -> None:
    """CUDA is there, TensorRT is not whole; nothing stays open."""

    def broken(_: str) -> None:
        raise OSError("libnvinfer.so.10: cannot open shared object file")

    here = orin.here()._replace(package=lambda: package(broken))
    with pytest.raises(TensorRtMissing, match=r"GN370: .*libnvinfer"):
        TrtBackend(model, FrameShape(16, 16, 3), 1, here)
    orin.other("9.0.1")
    here = orin.here()._replace(package=lambda: package(lambda _: orin.trt))
    with pytest.raises(TensorRtVersion, match=r"GN371: TensorRT 9\.0\.1"):
        TrtBackend(model, FrameShape(16, 16, 3), 1, here)
    assert orin.gpu.leaks == []


# -- refusals of TensorRT ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "when"),
    [
        ("create_network", "load"),
        ("create_builder_config", "load"),
        ("create_execution_context", "bind"),
        ("set_tensor_address", "bind"),
        ("infer_shapes", "bind"),
        ("execute_async_v3", "bind"),
    ],
)
def test_backend_hears_every_refusal(box: TrtBox, model: Path, call: str, when: str) -> None:
    """Each None, False and list of names ends what was begun: nothing is executed after it."""
    if when == "load":
        box.script.refuses.add(call)
        with pytest.raises(TensorRtRefused, match=f"GN374: .*{call}"):
            box.open(model)
        return
    backend = box.open(model)
    box.script.refuses.add(call)
    with pytest.raises(TensorRtRefused, match=f"GN374: .*{call}"):
        bound(backend, noise())
    box.script.refuses.clear()
    outputs = bound(backend, noise())
    backend.run(0)
    assert outputs.score[0] == noise()[..., 2].max()
    backend.close()


def test_backend_hears_a_refusal_of_a_part(box: TrtBox, model: Path) -> None:
    """With plain launches; the parts after it are judged as if nothing had been."""
    box.script.no_capture = True
    backend = box.open(model)
    outputs = bound(backend, noise())
    box.script.refuses.add("execute_async_v3")
    with pytest.raises(TensorRtRefused, match="execute_async_v3"):
        backend.run(0)
    box.script.refuses.clear()
    backend.run(0)
    assert outputs.score[0] == noise()[..., 2].max()
    backend.close()


# -- graphs -------------------------------------------------------------------------------


def test_backend_launches_a_graph_a_part(orin: TrtBox, model: Path) -> None:
    """TensorRT is not asked again once a slot is bound."""
    backend = orin.open(model)
    bound(backend, noise())
    before = orin.gpu.calls["work"]
    backend.run(0)
    backend.run(0)
    assert orin.gpu.calls["cuGraphLaunch"] == 2
    assert orin.gpu.calls["work"] == before
    backend.close()


def test_backend_launches_plainly_where_nothing_can_be_captured(orin: TrtBox, model: Path) -> None:
    """Said once, however many slots there are; the scores are the same."""
    orin.script.no_capture = True
    said: list[str] = []
    with told_to(said.append):
        backend = orin.open(model)
        outputs = [bound(backend, noise(k), k) for k in range(3)]
    assert len([line for line in said if "no CUDA graph" in line]) == 1
    assert any("not permitted when stream is capturing" in line for line in said)
    for k in range(3):
        backend.run(k)
        assert outputs[k].score[0] == noise(k)[..., 2].max()
    assert orin.gpu.calls["cuGraphLaunch"] == 0
    backend.close()


@pytest.mark.parametrize("call", ["cuStreamEndCapture", "cuGraphInstantiate"])
def test_backend_launches_plainly_where_cuda_makes_no_graph(
    orin: TrtBox, model: Path, call: str
) -> None:
    """Whatever the driver's reason."""
    backend = orin.open(model)
    orin.gpu.fail_on(call, 900)
    outputs = bound(backend, noise())
    backend.run(0)
    assert outputs.score[0] == noise()[..., 2].max()
    assert orin.gpu.calls["cuGraphLaunch"] == 0
    backend.close()


def test_backend_captures_anew_a_slot_that_is_bound_again(orin: TrtBox, model: Path) -> None:
    """The old graph, its context and its registered memory are gone."""
    backend = orin.open(model)
    pixels = noise()
    bound(backend, pixels)
    backend.run(0)
    open_before = len(orin.gpu.leaks)
    for k in range(5):
        outputs = bound(backend, noise(k))
        backend.run(0)
        assert outputs.score[0] == noise(k)[..., 2].max()
    assert len(orin.gpu.leaks) == open_before
    backend.close()


# -- memory ---------------------------------------------------------------------------------


def test_backend_reads_and_writes_the_ring_itself(
    orin: TrtBox, tmp_path: Path, station: str
) -> None:
    """A grey frame of the model's size is the tensor; map and embedding are the result area's."""
    model = tiny_models.brightest(tmp_path / "m.onnx", image=(1, 1, 16, 16))
    frame = FrameShape(16, 16, 1)
    ring = FrameRing.create(station, 0, frame, 2)
    backend = orin.open(model, frame)
    for slot in ring.slots:
        result = slot.results[1]
        backend.bind(slot.index, slot.pixels, Outputs(result.score, result.map, result.embedding))
    slot = ring.slots[1]
    assert backend._slots[1].in_place
    assert backend._slots[1]._preprocess is None
    copies = orin.gpu.calls["cuMemcpyHtoDAsync"] + orin.gpu.calls["cuMemcpyDtoHAsync"]
    assert copies == 0
    slot.pixels[3, 4] = 99
    backend.run(1)
    assert slot.results[1].score[0] == 99
    assert slot.results[1].map[3 * 16 + 4] == 99
    backend.close()
    del slot, result
    ring.close()


def test_backend_uses_memory_in_place_wherever_results_lie(orin: TrtBox, model: Path) -> None:
    """In ordinary memory, at any address, the tensors have pages of their own beside it."""
    backend = orin.open(model)
    for k in range(6):
        bound(backend, noise(k), k)
    assert all(bound_slot.in_place for bound_slot in backend._slots.values())
    backend.close()


def test_backend_does_not_take_an_old_score_for_a_new_one(box: TrtBox, model: Path) -> None:
    """An inference that writes none leaves what is no number, also on the device."""
    backend = box.open(model)
    outputs = bound(backend, noise())
    backend.run(0)
    box.script.writes_no_score = True
    backend.run(0)
    assert np.isnan(outputs.score[0])
    backend.close()


def test_backend_keeps_nothing_of_a_part(orin: TrtBox, model: Path) -> None:
    """Its own objects: the stand-in's working is left out."""
    backend = orin.open(model)
    bound(backend, noise())
    slot = backend._slots[0]

    def host_side() -> None:
        slot.fill()
        slot.finish()

    assert_keeps_nothing(host_side)
    backend.close()


def test_backend_in_two_views_closes_one_without_the_other(box: TrtBox, model: Path) -> None:
    """They share the device's context; what is chosen is closed and opened while another serves."""
    for order in (0, 1):
        both = [box.open(model), box.open(model)]
        outputs = [bound(each, noise()) for each in both]
        both.pop(order).close()
        both[0].run(0)
        assert outputs[1 - order].score[0] == noise()[..., 2].max()
        both[0].close()


# -- deadlines ------------------------------------------------------------------------------


def test_backend_gives_up_at_the_deadline(box: TrtBox, model: Path) -> None:
    """Without waiting for the device; the next part is judged once the late one is done."""
    backend = box.open(model)
    outputs = [bound(backend, np.full((16, 16, 3), 10 * k + 10, np.uint8), k) for k in range(2)]
    box.gpu.stalled = True
    outputs[0].score[0] = np.nan
    with pytest.raises(EngineTimeout, match=r"GN311: .*slot 0"):
        backend.run_until(0, SOON_NS)
    assert np.isnan(outputs[0].score[0])
    box.gpu.stalled = False
    backend.run_until(1, NEVER_NS)
    assert outputs[1].score[0] == 20
    assert np.isnan(outputs[0].score[0]), "the late score is nobody's"
    backend.run_until(0, NEVER_NS)
    assert outputs[0].score[0] == 10
    backend.close()


def test_backend_gives_nothing_to_a_device_that_is_late(orin: TrtBox, model: Path) -> None:
    """Neither a part nor another binding; once it is hung it is lost."""
    backend = orin.open(model, options=orin.options._replace(hung_s=60.0, run_s=0.0))
    bound(backend, noise())
    orin.gpu.stalled = True
    with pytest.raises(EngineTimeout):
        backend.run_until(0, SOON_NS)
    launched = orin.gpu.calls["cuGraphLaunch"]
    with pytest.raises(BackendError, match="still works on an earlier frame"):
        backend.run_until(0, SOON_NS)
    with pytest.raises(BackendError, match="still works on an earlier frame"):
        bound(backend, noise())
    assert orin.gpu.calls["cuGraphLaunch"] == launched
    orin.gpu.stalled = False
    backend.run_until(0, NEVER_NS)
    backend.close()


def hung(box: TrtBox, model: Path) -> TrtBackend:
    """A backend whose device has been at work for too long."""
    backend = box.open(model, options=box.options._replace(hung_s=0.0))
    bound(backend, noise())
    box.gpu.stalled = True
    with pytest.raises(EngineTimeout):
        backend.run_until(0, SOON_NS)
    return backend


def test_backend_on_a_device_that_hangs_is_lost(orin: TrtBox, model: Path) -> None:
    """The process ends, and begins anew: nothing that the device may write to is released."""
    backend = hung(orin, model)
    with pytest.raises(AcceleratorLost, match=r"GN312: .*it hangs"):
        backend.run_until(0, time.monotonic_ns())
    before = orin.gpu.leaks
    backend.close()
    assert orin.gpu.leaks == before
    orin.gpu.process_ended()


def test_backend_that_hangs_as_it_is_bound_releases_nothing(orin: TrtBox, model: Path) -> None:
    """The first inference of a slot never ends."""
    backend = orin.open(model, options=orin.options._replace(first_s=0.0, hung_s=0.0))
    orin.gpu.stalled = True
    with pytest.raises(EngineTimeout, match="the first inference"):
        bound(backend, noise())
    backend.close()
    assert orin.gpu.leaks
    orin.gpu.process_ended()


# -- the device -----------------------------------------------------------------------------


@pytest.mark.parametrize("code", [719, 46, 702])
def test_backend_on_a_lost_device_says_so(box: TrtBox, model: Path, code: int) -> None:
    """Whatever TensorRT answers: the process ends and begins anew."""
    backend = box.open(model)
    bound(backend, noise())
    box.gpu.lose(code)
    with pytest.raises(AcceleratorLost, match="GN312"):
        backend.run(0)
    closed(backend)
    box.gpu.process_ended()


def closed(backend: TrtBackend) -> None:
    """Close it; a lost device may say so once more."""
    with contextlib.suppress(BackendError):
        backend.close()


@pytest.mark.parametrize("code", [2, 999])
@pytest.mark.parametrize("kind", list(KINDS))
def test_backend_releases_everything_whichever_call_fails(
    tmp_path: Path, model: Path, kind: str, code: int
) -> None:
    """Each call of the driver once, from loading over binding to a part: told, and nothing open."""
    with trt_box(tmp_path, **KINDS[kind]) as box:
        used(box, model)  # the plan is built, and the calls are counted
        before = box.gpu.total_calls
        used(box, model)
        calls = box.gpu.total_calls - before
        failed = 0
        for number in range(1, calls + 1):
            failed += fails(box, model, lambda n=number: box.gpu.fail_call(n, code))  # type: ignore[misc]
            assert box.gpu.leaks == [], f"call {number} of {calls}"
            assert box.gpu.violations == [], f"call {number} of {calls}"
            box.gpu._faults.clear()
        assert failed > calls // 2


def used(box: TrtBox, model: Path) -> None:
    """Loaded, bound, run, closed."""
    backend = box.open(model)
    try:
        bound(backend, noise())
        backend.run(0)
    finally:
        backend.close()


def fails(box: TrtBox, model: Path, order: Callable[[], None]) -> bool:
    """Whether it was told, by a number of ours; some faults are lived with."""
    order()
    try:
        used(box, model)
    except GonogoError:
        return True
    return False
